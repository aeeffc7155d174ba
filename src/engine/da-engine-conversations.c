/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-conversations"

#include "da-engine-conversations.h"

#include "da-attachment-store.h"
#include "da-conversation-store.h"
#include "da-engine-private.h"
#include "da-error.h"
#include "da-message-queue-private.h"

/*
 * The store's verbs, as server and window see them: the same work, and the news of it. One closure
 * for all: finish the store's call, tell who watches, hand on the result.
 */

typedef struct {
  char *id;               /* (nullable) whose change is told; NULL with tell: several */
  gboolean tell;
} Verb;

static void
verb_free (gpointer data)
{
  Verb *self = data;

  g_free (self->id);
  g_free (self);
}

static GTask *
verb_new (DaEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data, gpointer tag, const char *id, gboolean tell)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Verb *verb = g_new0 (Verb, 1);

  g_task_set_source_tag (task, tag);
  verb->id = g_strdup (id);
  verb->tell = tell;
  g_task_set_task_data (task, verb, verb_free);
  return task;
}

static void
verb_done (GTask *task, gpointer result, GDestroyNotify destroy, GError *error)
{
  DaEngine *self = g_task_get_source_object (task);
  Verb *verb = g_task_get_task_data (task);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (verb->tell)
    _da_engine_conversation_changed (self, verb->id);
  g_task_return_pointer (task, result, destroy);
}

guint64
da_engine_get_generation (DaEngine *self)
{
  return da_store_get_generation (self->store);
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *list = da_store_list_conversations_finish (DA_STORE (source), result, &error);

  verb_done (task, list, (GDestroyNotify) g_ptr_array_unref, error);
}

void
da_engine_list_conversations_async (DaEngine                   *self,
                                    const DaConversationFilter *filter,
                                    GCancellable               *cancellable,
                                    GAsyncReadyCallback         callback,
                                    gpointer                    user_data)
{
  DaConversationQuery query = {
    .limit = filter != NULL ? filter->limit : 0,
    .before = filter != NULL ? filter->before : 0,
    .device_id = filter != NULL ? filter->device_id : NULL,
  };

  da_store_list_conversations_async (self->store, &query, cancellable, list_cb,
                                     verb_new (self, cancellable, callback, user_data,
                                               da_engine_list_conversations_async, NULL, FALSE));
}

GPtrArray *
da_engine_list_conversations_finish (DaEngine      *self,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
load_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaConversation *conversation = da_store_load_conversation_finish (DA_STORE (source), result,
                                                                    &error);

  verb_done (task, conversation, g_object_unref, error);
}

void
da_engine_load_conversation_async (DaEngine            *self,
                                   const char          *id,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  da_store_load_conversation_async (self->store, id, cancellable, load_cb,
                                    verb_new (self, cancellable, callback, user_data,
                                              da_engine_load_conversation_async, id, FALSE));
}

DaConversation *
da_engine_load_conversation_finish (DaEngine      *self,
                                    GAsyncResult  *result,
                                    GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
create_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaConversation *conversation = da_store_create_conversation_finish (DA_STORE (source), result,
                                                                      &error);

  verb_done (task, conversation, g_object_unref, error);
}

void
da_engine_create_conversation_async (DaEngine            *self,
                                     DaConversation      *conversation,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  da_store_create_conversation_async (self->store, conversation, cancellable, create_cb,
                                      verb_new (self, cancellable, callback, user_data,
                                                da_engine_create_conversation_async,
                                                conversation->id, TRUE));
}

DaConversation *
da_engine_create_conversation_finish (DaEngine      *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
put_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaConversation *conversation = da_store_put_conversation_finish (DA_STORE (source), result,
                                                                   &error);

  verb_done (task, conversation, g_object_unref, error);
}

void
da_engine_put_conversation_async (DaEngine                   *self,
                                  const char                 *id,
                                  const DaConversationUpdate *update,
                                  GCancellable               *cancellable,
                                  GAsyncReadyCallback         callback,
                                  gpointer                    user_data)
{
  DaConversationPut put = {
    .has_client_session_id = update->has_client_session_id,
    .client_session_id = update->client_session_id,
    .title = update->title,
    .title_source = update->title_source,
    .updated_at = update->updated_at,
    .messages = update->messages,
  };

  da_store_put_conversation_async (self->store, id, &put, cancellable, put_cb,
                                   verb_new (self, cancellable, callback, user_data,
                                             da_engine_put_conversation_async, id, TRUE));
}

DaConversation *
da_engine_put_conversation_finish (DaEngine      *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
branch_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaConversation *conversation = da_store_branch_conversation_finish (DA_STORE (source), result,
                                                                      &error);
  Verb *verb = g_task_get_task_data (task);

  if (conversation != NULL)
    verb->id = g_strdup (conversation->id);
  verb_done (task, conversation, g_object_unref, error);
}

void
da_engine_branch_conversation_async (DaEngine            *self,
                                     const char          *id,
                                     guint                index,
                                     const char          *message_id,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  da_store_branch_conversation_async (self->store, id, index, message_id, cancellable, branch_cb,
                                      verb_new (self, cancellable, callback, user_data,
                                                da_engine_branch_conversation_async, NULL, TRUE));
}

DaConversation *
da_engine_branch_conversation_finish (DaEngine      *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
delete_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  gboolean done = da_store_delete_conversation_finish (DA_STORE (source), result, &error);

  verb_done (task, GINT_TO_POINTER (done), NULL, error);
}

static void
stop_sessions_of (DaEngine *self, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);

      if (session == NULL
          || (id != NULL && g_strcmp0 (da_session_get_conversation_id (session), id) != 0))
        continue;
      _da_engine_drop_queue (self, session);
      if (da_session_get_status (session) == DA_SESSION_ACTIVE)
        {
          g_auto(GStrv) paused = da_engine_stop_session (self, da_session_get_id (session));

          g_debug ("stopped a session whose conversation is deleted");
        }
    }
}

void
da_engine_delete_conversation_async (DaEngine            *self,
                                     const char          *id,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  stop_sessions_of (self, id);
  da_store_delete_conversation_async (self->store, id, cancellable, delete_cb,
                                      verb_new (self, cancellable, callback, user_data,
                                                da_engine_delete_conversation_async, id, TRUE));
}

gboolean
da_engine_delete_conversation_finish (DaEngine      *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

static void
restore_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  gboolean done = da_store_restore_conversation_finish (DA_STORE (source), result, &error);

  verb_done (task, GINT_TO_POINTER (done), NULL, error);
}

void
da_engine_restore_conversation_async (DaEngine            *self,
                                      const char          *id,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  da_store_restore_conversation_async (self->store, id, cancellable, restore_cb,
                                       verb_new (self, cancellable, callback, user_data,
                                                 da_engine_restore_conversation_async, id, TRUE));
}

gboolean
da_engine_restore_conversation_finish (DaEngine      *self,
                                       GAsyncResult  *result,
                                       GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

static void
rename_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  gboolean done = da_store_set_title_finish (DA_STORE (source), result, &error);

  verb_done (task, GINT_TO_POINTER (done), NULL, error);
}

void
da_engine_rename_conversation_async (DaEngine            *self,
                                     const char          *id,
                                     const char          *title,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  da_store_set_title_async (self->store, id, title, "manual", FALSE, cancellable, rename_cb,
                            verb_new (self, cancellable, callback, user_data,
                                      da_engine_rename_conversation_async, id, TRUE));
}

gboolean
da_engine_rename_conversation_finish (DaEngine      *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

/* Search and assets: the store's structs become the engine's, so that nobody above sees the
 * store. */

void
da_conversation_hit_free (DaConversationHit *hit)
{
  g_free (hit->conversation_id);
  g_free (hit->title);
  g_free (hit->message_id);
  g_free (hit->snippet);
  g_free (hit);
}

static void
search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) hits = da_store_search_finish (DA_STORE (source), result, &error);
  GPtrArray *out;

  if (hits == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  out = g_ptr_array_new_with_free_func ((GDestroyNotify) da_conversation_hit_free);
  for (guint i = 0; i < hits->len; i++)
    {
      DaSearchHit *hit = g_ptr_array_index (hits, i);
      DaConversationHit *copy = g_new0 (DaConversationHit, 1);

      copy->conversation_id = g_steal_pointer (&hit->conversation_id);
      copy->title = g_steal_pointer (&hit->title);
      copy->message_id = g_steal_pointer (&hit->message_id);
      copy->snippet = g_steal_pointer (&hit->snippet);
      copy->role = hit->role;
      copy->timestamp = hit->timestamp;
      g_ptr_array_add (out, copy);
    }
  verb_done (task, out, (GDestroyNotify) g_ptr_array_unref, NULL);
}

void
da_engine_search_async (DaEngine            *self,
                        const char          *query,
                        guint                limit,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  da_store_search_async (self->store, query, limit, cancellable, search_cb,
                         verb_new (self, cancellable, callback, user_data, da_engine_search_async,
                                   NULL, FALSE));
}

GPtrArray *
da_engine_search_finish (DaEngine      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
da_asset_parse (const char  *address,
                char       **out_conversation_id,
                char       **out_file_name)
{
  g_auto(GStrv) parts = NULL;
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;

  if (!g_str_has_prefix (address, DA_ASSET_SCHEME))
    return FALSE;
  parts = g_strsplit (address + strlen (DA_ASSET_SCHEME), "/", 3);
  if (g_strv_length (parts) != 2)
    return FALSE;
  id = g_uri_unescape_string (parts[0], NULL);
  name = g_uri_unescape_string (parts[1], NULL);
  if (id == NULL || name == NULL)
    return FALSE;
  *out_conversation_id = g_steal_pointer (&id);
  *out_file_name = g_steal_pointer (&name);
  return TRUE;
}

void
da_asset_free (DaAsset *asset)
{
  g_free (asset->path);
  g_free (asset->content_type);
  g_free (asset);
}

static void
asset_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaAttachment *found = da_store_find_attachment_finish (DA_STORE (source), result, &error);
  DaAsset *asset = NULL;

  if (found != NULL)
    {
      asset = g_new0 (DaAsset, 1);
      asset->path = g_steal_pointer (&found->path);
      asset->content_type = g_steal_pointer (&found->content_type);
      asset->size = found->size;
      da_attachment_free (found);
    }
  verb_done (task, asset, (GDestroyNotify) da_asset_free, error);
}

void
da_engine_find_asset_async (DaEngine            *self,
                            const char          *conversation_id,
                            const char          *file_name,
                            gboolean             video,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = verb_new (self, cancellable, callback, user_data, da_engine_find_asset_async, NULL,
                          FALSE);

  if (!da_attachment_check_name (file_name, video))
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, "That is not an asset's name");
      g_object_unref (task);
      return;
    }
  da_store_find_attachment_async (self->store, conversation_id, file_name, cancellable, asset_cb,
                                  task);
}

DaAsset *
da_engine_find_asset_finish (DaEngine      *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
