/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* The conversations of the engine's store, for server and window. Contract 10 section 4; the rules
 * are in da-conversation-store.h. All lists: (transfer full). */

typedef struct {
  guint       limit;
  gint64      before;
  const char *device_id;
} DaConversationFilter;

guint64         da_engine_get_generation              (DaEngine *self);
/* (element-type DaConversation): newest activity first. @filter (nullable): all. */
void            da_engine_list_conversations_async    (DaEngine *self,
                                                       const DaConversationFilter *filter,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
GPtrArray      *da_engine_list_conversations_finish   (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
/* With its messages. DA_ERROR_NOT_FOUND. */
void            da_engine_load_conversation_async     (DaEngine *self, const char *id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
DaConversation *da_engine_load_conversation_finish    (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
/* DA_ERROR_CONFLICT when the id exists. Completes with what is stored now. */
void            da_engine_create_conversation_async   (DaEngine *self, DaConversation *conversation,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
DaConversation *da_engine_create_conversation_finish  (DaEngine *self, GAsyncResult *result,
                                                       GError **error);

typedef struct {
  gboolean    has_client_session_id;
  const char *client_session_id;
  const char *title;
  const char *title_source;
  gint64      updated_at;
  GPtrArray  *messages;      /* (nullable) (element-type DaMessage) */
} DaConversationUpdate;

/* Upsert by the phone's rules (contract 10 10.3). Completes with what is stored now. */
void            da_engine_put_conversation_async      (DaEngine *self, const char *id,
                                                       const DaConversationUpdate *update,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
DaConversation *da_engine_put_conversation_finish     (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
/* A new conversation with the messages up to @index, or up to @message_id when that is given. */
void            da_engine_branch_conversation_async   (DaEngine *self, const char *id, guint index,
                                                       const char *message_id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
DaConversation *da_engine_branch_conversation_finish  (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
/* @id NULL: all. A running session of it is stopped first. Undo: restore, for as many minutes as
 * the setting conversationUndoMinutes says. */
void            da_engine_delete_conversation_async   (DaEngine *self, const char *id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean        da_engine_delete_conversation_finish  (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
void            da_engine_restore_conversation_async  (DaEngine *self, const char *id,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean        da_engine_restore_conversation_finish (DaEngine *self, GAsyncResult *result,
                                                       GError **error);
void            da_engine_rename_conversation_async   (DaEngine *self,
                                                       const char *id, const char *title,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
gboolean        da_engine_rename_conversation_finish  (DaEngine *self, GAsyncResult *result,
                                                       GError **error);

typedef struct {
  char  *conversation_id;
  char  *title;
  char  *message_id;     /* (nullable) */
  DaRole role;
  char  *snippet;        /* matches between U+0002 and U+0003 */
  gint64 timestamp;
} DaConversationHit;

void            da_conversation_hit_free              (DaConversationHit *hit);
/* Full-text search over titles and messages, best first. */
void            da_engine_search_async                (DaEngine *self,
                                                       const char *query, guint limit,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
/* (element-type DaConversationHit) */
GPtrArray      *da_engine_search_finish               (DaEngine *self, GAsyncResult *result,
                                                       GError **error);

typedef struct {
  char    *path;           /* absolute; open with O_NOFOLLOW */
  char    *content_type;
  guint64  size;
} DaAsset;

void            da_asset_free                         (DaAsset *asset);

/* How a message names a picture of a conversation: this, the conversation, a slash, the file. */
#define DA_ASSET_SCHEME "assets://conversation-image/"
/* @out_conversation_id, @out_file_name: (transfer full), set when TRUE. */
gboolean        da_asset_parse                        (const char *address,
                                                       char **out_conversation_id,
                                                       char **out_file_name);
/* DA_ERROR_INVALID for a malformed name, DA_ERROR_NOT_FOUND. */
void            da_engine_find_asset_async            (DaEngine *self, const char *conversation_id,
                                                       const char *file_name, gboolean video,
                                                       GCancellable *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer user_data);
DaAsset        *da_engine_find_asset_finish           (DaEngine *self, GAsyncResult *result,
                                                       GError **error);

G_END_DECLS
