/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"

G_BEGIN_DECLS

/* One conversation: its messages, the answer in the making whoever asked for it, and the composer.
 * Properties (notify): "title" (string), "conversation-id" (string, nullable until the first
 * message). Signals: "gone": the conversation is not stored (any more); "unsent" (strings:
 * conversation-id or "", draft, reason): a message could not be sent, and the page is in no window
 * any more. It asks its window for the rest by actions: win.toast, win.open-conversation. */
#define DA_TYPE_CHAT_PAGE (da_chat_page_get_type ())
G_DECLARE_FINAL_TYPE (DaChatPage, da_chat_page, DA, CHAT_PAGE, GtkWidget)

/* @conversation_id NULL: a new one, that begins with the first message. */
GtkWidget  *da_chat_page_new                 (DaEngine   *engine,
                                              const char *conversation_id);
const char *da_chat_page_get_conversation_id (DaChatPage *self);
/* (transfer none): "" until a stored conversation has been read. */
const char *da_chat_page_get_title           (DaChatPage *self);
void        da_chat_page_focus_composer      (DaChatPage *self);
/* (transfer full): what is not sent yet, as da_composer_dup_draft() has it. */
char       *da_chat_page_dup_draft           (DaChatPage *self);
void        da_chat_page_set_draft           (DaChatPage *self,
                                              const char *text);
/* Stops the answer in the making. */
void        da_chat_page_stop                (DaChatPage *self);

G_END_DECLS
