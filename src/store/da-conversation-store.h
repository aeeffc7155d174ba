/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-store.h"

G_BEGIN_DECLS

/* Conversations and messages: verbs on DaStore. */

typedef struct {
  guint       limit;         /* 0: all */
  gint64      before;        /* the cursor: only those with updated_at < this (0: no bound) */
  const char *device_id;     /* (nullable) only those of one device */
} DaConversationQuery;

/* (element-type DaConversation): newest activity first, without messages, deleted ones left out. */
void             da_store_list_conversations_async   (DaStore *self,
                                                      const DaConversationQuery *query,
                                                      GCancellable *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
GPtrArray       *da_store_list_conversations_finish  (DaStore *self, GAsyncResult *result,
                                                      GError **error);
/* A number that grows with every change of any conversation: the ETag of the list. No I/O. */
guint64          da_store_get_generation             (DaStore *self);

/* With its messages. DA_ERROR_NOT_FOUND. */
void             da_store_load_conversation_async    (DaStore *self, const char *id,
                                                      GCancellable *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
DaConversation  *da_store_load_conversation_finish   (DaStore *self, GAsyncResult *result,
                                                      GError **error);

/* Stores @conversation with @conversation->messages; inline data images are moved to attachments
 * first. DA_ERROR_CONFLICT when the id exists. Completes with what is stored now. */
void             da_store_create_conversation_async  (DaStore *self, DaConversation *conversation,
                                                      GCancellable *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
DaConversation  *da_store_create_conversation_finish (DaStore *self, GAsyncResult *result,
                                                      GError **error);

/**
 * DaConversationPut: a phone's PUT (contract 10 4.4 and 10.3). Members that were absent stay
 * NULL / -1 / FALSE.
 */
typedef struct {
  gboolean    has_client_session_id;
  const char *client_session_id;      /* NULL clears */
  const char *title;
  const char *title_source;
  gint64      updated_at;             /* 0: now */
  GPtrArray  *messages;               /* (nullable) (element-type DaMessage) */
} DaConversationPut;

/* Upsert. A list that is a projection of the stored one (same user texts in order) keeps the stored
 * messages; further user messages and what follows them are appended; a finished answer is never
 * shortened or dropped. Unknown id without messages: DA_ERROR_INVALID. Completes with what is
 * stored now, updated_at as the client gave it. */
void             da_store_put_conversation_async     (DaStore *self, const char *id,
                                                      const DaConversationPut *put,
                                                      GCancellable *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
DaConversation  *da_store_put_conversation_finish    (DaStore *self, GAsyncResult *result,
                                                      GError **error);

/* Copies messages 0..@index (or up to @message_id when that is not NULL), contract 10 4.4. */
void             da_store_branch_conversation_async  (DaStore *self, const char *id, guint index,
                                                      const char *message_id,
                                                      GCancellable *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer user_data);
DaConversation  *da_store_branch_conversation_finish (DaStore *self, GAsyncResult *result,
                                                      GError **error);

/* Marks deleted (undo: da_store_restore_conversation_async()); da_store_purge_async() removes it,
 * with its attachments when nobody else uses them. @id NULL: all. Idempotent. */
void             da_store_delete_conversation_async   (DaStore *self, const char *id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean         da_store_delete_conversation_finish  (DaStore *self, GAsyncResult *result,
                                                       GError **error);
void             da_store_restore_conversation_async  (DaStore *self, const char *id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean         da_store_restore_conversation_finish (DaStore *self, GAsyncResult *result,
                                                       GError **error);
/* Removes what was deleted before @before_ms (Unix ms), and orphaned attachments. */
void             da_store_purge_async                 (DaStore *self, gint64 before_ms,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean         da_store_purge_finish                (DaStore *self, GAsyncResult *result,
                                                       GError **error);

/* Sets title and source; with @only_if_local only while the source is default/local_generated. */
void             da_store_set_title_async             (DaStore *self, const char *id,
                                                       const char *title, const char *source,
                                                       gboolean only_if_local,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean         da_store_set_title_finish            (DaStore *self, GAsyncResult *result,
                                                       GError **error);

typedef struct {
  char  *conversation_id;
  char  *title;
  char  *message_id;    /* NULL when the title matched */
  DaRole role;
  char  *snippet;       /* plain text; matches between U+0002 and U+0003 */
  gint64 timestamp;
} DaSearchHit;

void             da_search_hit_free                   (DaSearchHit *hit);
/* Full-text search over titles and messages, best first. @query is plain words of a person: it is
 * quoted for FTS5, never interpreted; the last word matches as a prefix. */
void             da_store_search_async                (DaStore *self, const char *query,
                                                       guint limit,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
GPtrArray       *da_store_search_finish               (DaStore *self, GAsyncResult *result,
                                                       GError **error);

G_END_DECLS
