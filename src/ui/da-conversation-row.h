/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-conversation.h"
#include "da-session.h"

G_BEGIN_DECLS

typedef enum {
  DA_CONVERSATION_ROW_PLAIN    = 0,
  DA_CONVERSATION_ROW_PINNED   = 1 << 0,
  DA_CONVERSATION_ROW_ARCHIVED = 1 << 1,
  DA_CONVERSATION_ROW_FOUND    = 1 << 2,   /* its preview is what a search found */
} DaConversationRowFlags;

#define DA_TYPE_CONVERSATION_ROW (da_conversation_row_get_type ())
G_DECLARE_FINAL_TYPE (DaConversationRow, da_conversation_row, DA, CONVERSATION_ROW, GtkListBoxRow)

/* As da_conversation_row_set_conversation(). */
GtkWidget      *da_conversation_row_new              (DaConversation         *conversation,
                                                      DaConversationRowFlags  flags,
                                                      const char             *device_name);
/* @device_name (nullable): who began it, when that was not this computer. The session is set
 * apart. */
void            da_conversation_row_set_conversation (DaConversationRow      *self,
                                                      DaConversation         *conversation,
                                                      DaConversationRowFlags  flags,
                                                      const char             *device_name);
DaConversation *da_conversation_row_get_conversation (DaConversationRow      *self);
/* (nullable): its marks follow the session. */
void            da_conversation_row_set_session      (DaConversationRow      *self,
                                                      DaSession              *session);
/* (transfer full): without the signs of Markdown and the addresses of links, which in one line are
 * only noise. */
char           *da_conversation_row_plain            (const char             *text);
/* (transfer full): Pango markup of a snippet, what matched in bold; the rest escaped. */
char           *da_conversation_row_markup           (const char             *snippet);
/* (transfer full): the menu of what can be done with a conversation. */
GMenuModel     *da_conversation_menu_new             (const char             *id,
                                                      DaConversationRowFlags  flags);

G_END_DECLS
