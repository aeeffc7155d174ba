/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-engine-conversations.h"

G_BEGIN_DECLS

typedef enum {
  DA_CONVERSATION_SECTION_PINNED,
  DA_CONVERSATION_SECTION_RECENT,
  DA_CONVERSATION_SECTION_ARCHIVED,
  DA_CONVERSATION_SECTION_FOUND,
} DaConversationSection;

/**
 * DaConversationList:
 *
 * A GListModel of DaConversation without messages: the pinned ones, then the others, last activity
 * first, without those that are archived; or the archived ones; or what a search found. Read from
 * the store a page at a time and kept true by the engine's "conversation-changed". Used by the
 * window; main thread; holds the engine. It never writes but through the two setters below.
 *
 * Properties (notify): "query" (string), "archived" (boolean), "loading" (boolean), "has-more"
 * (boolean), "n-items" (uint). Signals: "failed" (GError): the store could not be read.
 */
#define DA_TYPE_CONVERSATION_LIST (da_conversation_list_get_type ())
G_DECLARE_FINAL_TYPE (DaConversationList, da_conversation_list, DA, CONVERSATION_LIST, GObject)

/* Starts to load at once; the engine must have been started. */
DaConversationList   *da_conversation_list_new          (DaEngine           *engine);
/* Words to search for; NULL or blank: the list again. The old items stay until the answer is
 * there. All conversations are searched, or the archived ones when those are shown. */
void                  da_conversation_list_set_query    (DaConversationList *self,
                                                         const char         *query);
/* (transfer none): "" when it is the list. */
const char           *da_conversation_list_get_query    (DaConversationList *self);
/* TRUE: the archived conversations instead of the others. */
void                  da_conversation_list_set_archived (DaConversationList *self,
                                                         gboolean            archived);
/* Whether it shows the archived ones. */
gboolean              da_conversation_list_get_archived (DaConversationList *self);
/* Whether an answer of the store is awaited. */
gboolean              da_conversation_list_get_loading  (DaConversationList *self);
/* Reads the next page, if there is one and none is under way. */
void                  da_conversation_list_load_more    (DaConversationList *self);
/* Whether the store has older ones that have not been read. */
gboolean              da_conversation_list_get_has_more (DaConversationList *self);
/* Which part of the list a conversation of it belongs to. */
DaConversationSection da_conversation_list_section_of   (DaConversationList *self,
                                                         DaConversation     *conversation);
/* (transfer none) (nullable): the item with @id, and where it is in @position (nullable). */
DaConversation       *da_conversation_list_find         (DaConversationList *self,
                                                         const char         *id,
                                                         guint              *position);

/* Whether @id is among the pinned. */
gboolean              da_conversation_list_is_pinned    (DaConversationList *self,
                                                         const char         *id);
/* Whether @id is among the archived. */
gboolean              da_conversation_list_is_archived  (DaConversationList *self,
                                                         const char         *id);
/* Written to the settings that phones read too; the list follows these. Pinning takes out of the
 * archive and the other way round. */
void                  da_conversation_list_set_pinned   (DaConversationList *self,
                                                         const char         *id,
                                                         gboolean            pinned);
/* See da_conversation_list_set_pinned(). */
void                  da_conversation_list_archive      (DaConversationList *self,
                                                         const char         *id,
                                                         gboolean            archived);

G_END_DECLS
