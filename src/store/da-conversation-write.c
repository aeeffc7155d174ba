/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-conversation"

#include "da-conversation-store.h"

#include "da-attachment-externalise.h"
#include "da-attachment-files.h"
#include "da-clock.h"
#include "da-conversation-reconcile.h"
#include "da-conversation-rows.h"
#include "da-error.h"
#include "da-json-writer.h"
#include "da-random.h"

/* Create, put, branch: what makes conversations and adds to them. */

static void
default_title (DaConversation *conversation,
               GPtrArray      *messages)
{
  gboolean given = conversation->title != NULL && conversation->title[0] != '\0';

  if (conversation->title_source == NULL)
    conversation->title_source = g_strdup (given ? "local_generated" : "default");
  if (given || messages->len == 0)
    return;
  g_free (conversation->title);
  conversation->title = da_conversation_title_from (DA_MESSAGE (messages->pdata[0])->content);
}

/* What is stored, but with the activity time the client gave: it compares that with its own, and
 * another one would set off a round of syncing (contract 10 10.3). */
static DaConversation *
load_as_given (DaStore     *self,
               const char  *id,
               gint64       updated_at,
               GError     **error)
{
  DaConversation *conversation = da_rows_load (self, id, error);

  if (conversation != NULL)
    conversation->updated_at = updated_at;
  return conversation;
}

static gpointer
create_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  DaConversation *create = data;
  gint64 serial;

  default_title (create, create->messages);
  serial = da_rows_insert (self, create, error);
  if (serial == 0 ||
      !da_rows_append (self, serial, create->id, create->messages, FALSE, error))
    return NULL;
  return load_as_given (self, create->id, create->updated_at, error);
}

void
da_store_create_conversation_async (DaStore             *self,
                                    DaConversation      *conversation,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_assert (DA_IS_STORE (self));
  g_assert (DA_IS_CONVERSATION (conversation));

  da_store_submit (self, da_store_create_conversation_async, DA_STORE_WRITE, create_job,
                   da_rows_copy_conversation (conversation), g_object_unref, g_object_unref,
                   cancellable, callback, user_data);
}

DaConversation *
da_store_create_conversation_finish (DaStore       *self,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_create_conversation_async, error);
}

typedef struct {
  char     *id;
  gboolean  has_client_session_id;
  char     *client_session_id;
  char     *title;
  char     *title_source;
  gint64    updated_at;
  GPtrArray *messages;   /* (nullable) */
} Put;

static void
put_free (gpointer data)
{
  Put *put = data;

  g_free (put->id);
  g_free (put->client_session_id);
  g_free (put->title);
  g_free (put->title_source);
  g_clear_pointer (&put->messages, g_ptr_array_unref);
  g_free (put);
}

/* A phone that has not heard of a better title yet would put its own first words over it; the app
 * itself ranks titles so (contract 10 4.8, "Title rule"). */
static gboolean
is_provisional (const char *source)
{
  return source == NULL || g_str_equal (source, "default") ||
         g_str_equal (source, "local_generated");
}

static gboolean
put_title (DaStore         *self,
           gint64           serial,
           DaConversation  *stored,
           Put             *put,
           GError         **error)
{
  const char *source = put->title_source;

  if (put->title == NULL && source == NULL)
    return TRUE;
  if (source != NULL && !da_conversation_title_source_valid (source))
    source = NULL;
  if (put->title == NULL)
    {
      if (!is_provisional (stored->title_source) && put->title_source != NULL &&
          source != NULL && is_provisional (source))
        return TRUE;
      return da_rows_set_title (self, serial, stored->title, source, error);
    }
  if (source == NULL)
    source = "manual";
  if (!is_provisional (stored->title_source) && is_provisional (source))
    return TRUE;
  return da_rows_set_title (self, serial, put->title, source, error);
}

static gboolean
has_runs (DaStore   *self,
          gint64     serial,
          gboolean  *out,
          GError   **error)
{
  g_autoptr (GError) local = NULL;
  gint64 run;

  *out = da_database_query_int (self->database, &run, &local,
    "SELECT serial FROM runs WHERE conversation = ? LIMIT 1", "i", serial);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
put_pictures (DaStore     *self,
              gint64       serial,
              const char  *id,
              GPtrArray   *pictures,
              GError     **error)
{
  for (guint i = 0; i < pictures->len; i++)
    {
      DaReconciledPicture *picture = pictures->pdata[i];
      g_autofree char *shown = NULL;

      if (!da_attachment_files_move_pictures (self, serial, id, picture->display_content, &shown,
                                              error) ||
          !da_database_run (self->database, error,
                            "UPDATE messages SET display_content = ? "
                            "WHERE conversation = ? AND id = ?", "tit",
                            shown, serial, picture->message_id))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_messages (DaStore         *self,
              gint64           serial,
              DaConversation  *stored,
              GPtrArray       *incoming,
              GError         **error)
{
  g_autoptr (DaReconciliation) change = NULL;
  gboolean ours;

  if (!has_runs (self, serial, &ours, error))
    return FALSE;
  change = da_conversation_reconcile (stored->messages, incoming, ours);
  return da_rows_append (self, serial, stored->id, change->append, FALSE, error) &&
         put_pictures (self, serial, stored->id, change->pictures, error);
}

static gboolean
put_existing (DaStore  *self,
              gint64    serial,
              Put      *put,
              GError  **error)
{
  g_autoptr (DaConversation) stored = da_rows_load (self, put->id, error);

  if (stored == NULL || !put_title (self, serial, stored, put, error))
    return FALSE;
  if (put->has_client_session_id &&
      !da_database_run (self->database, error,
                        "UPDATE conversations SET client_session_id = ? WHERE serial = ?", "ti",
                        put->client_session_id, serial))
    return FALSE;
  if (put->messages != NULL && !put_messages (self, serial, stored, put->messages, error))
    return FALSE;
  return da_rows_touch (self, serial, put->updated_at, error);
}

static gboolean
put_new (DaStore  *self,
         Put      *put,
         GError  **error)
{
  g_autoptr (DaConversation) conversation = NULL;
  gint64 serial;

  if (put->messages == NULL || put->messages->len == 0)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "There is no conversation \"%s\", and none can be made without messages",
                   put->id);
      return FALSE;
    }
  conversation = da_conversation_new (put->id);
  g_free (conversation->title);
  conversation->title = g_strdup (put->title != NULL ? put->title : "");
  if (da_conversation_title_source_valid (put->title_source))
    conversation->title_source = g_strdup (put->title_source);
  conversation->client_session_id = g_strdup (put->client_session_id);
  conversation->updated_at = put->updated_at;
  default_title (conversation, put->messages);
  serial = da_rows_insert (self, conversation, error);
  return serial != 0 && da_rows_append (self, serial, put->id, put->messages, FALSE, error);
}

static gpointer
put_job (DaStore   *self,
         gpointer   data,
         GError   **error)
{
  Put *put = data;
  g_autoptr (GError) local = NULL;
  gint64 serial = da_rows_find (self, put->id, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (put->updated_at <= 0)
    put->updated_at = da_clock_now_ms ();
  if (!(serial != 0 ? put_existing (self, serial, put, error) : put_new (self, put, error)))
    return NULL;
  return load_as_given (self, put->id, put->updated_at, error);
}

void
da_store_put_conversation_async (DaStore                  *self,
                                 const char               *id,
                                 const DaConversationPut  *put,
                                 GCancellable             *cancellable,
                                 GAsyncReadyCallback       callback,
                                 gpointer                  user_data)
{
  Put *copy;

  g_assert (DA_IS_STORE (self));
  g_assert (id != NULL && put != NULL);

  copy = g_new0 (Put, 1);
  copy->id = g_strdup (id);
  copy->has_client_session_id = put->has_client_session_id;
  copy->client_session_id = g_strdup (put->client_session_id);
  copy->title = g_strdup (put->title);
  copy->title_source = g_strdup (put->title_source);
  copy->updated_at = put->updated_at;
  copy->messages = put->messages != NULL ? da_rows_copy_messages (put->messages) : NULL;
  da_store_submit (self, da_store_put_conversation_async, DA_STORE_WRITE, put_job, copy, put_free,
                   g_object_unref, cancellable, callback, user_data);
}

DaConversation *
da_store_put_conversation_finish (DaStore       *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_put_conversation_async, error);
}

typedef struct {
  char  *id;
  guint  index;
  char  *message_id;   /* (nullable) */
} Branch;

static void
branch_free (gpointer data)
{
  Branch *branch = data;

  g_free (branch->id);
  g_free (branch->message_id);
  g_free (branch);
}

static gboolean
find_branch_index (DaStore  *self,
                   gint64    serial,
                   Branch   *branch,
                   gint64   *index,
                   GError  **error)
{
  g_autoptr (GError) local = NULL;
  gboolean found;

  if (branch->message_id != NULL)
    found = da_database_query_int (self->database, index, &local,
      "SELECT sequence FROM messages WHERE conversation = ? AND id = ?", "it", serial,
      branch->message_id);
  else
    found = da_database_query_int (self->database, index, &local,
      "SELECT sequence FROM messages WHERE conversation = ? AND sequence = ?", "ii", serial,
      (gint64) branch->index);
  if (found)
    return TRUE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, DA_ERROR, DA_ERROR_NOT_FOUND,
                         "The conversation has no such message");
  return FALSE;
}

static DaConversation *
make_branch_head (DaConversation *source,
                  gint64          index)
{
  DaConversation *branch = da_conversation_new (NULL);
  g_autoptr (DaJsonWriter) writer = da_json_writer_new (128);

  g_free (branch->title);
  branch->title = g_strconcat ("Branch: ", source->title, NULL);
  branch->title_source = g_strdup ("system");
  branch->profile_id = g_strdup (source->profile_id);
  branch->device_id = g_strdup (source->device_id);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "sourceConversationId", source->id);
  da_json_writer_int (writer, "sourceMessageIndex", index);
  da_json_writer_int (writer, "branchedAt", branch->created_at);
  da_json_writer_end_object (writer);
  branch->branch_source = da_json_writer_free_to_string (g_steal_pointer (&writer));
  return branch;
}

static DaMessage *
copy_for_branch (DaMessage  *from,
                 const char *from_id,
                 const char *to_id)
{
  DaMessage *copy = g_object_new (DA_TYPE_MESSAGE, NULL);

  copy->id = da_random_id ("msg");
  copy->role = from->role;
  copy->content = da_attachment_readdress (from->content, from_id, to_id);
  copy->display_content = da_attachment_readdress (from->display_content, from_id, to_id);
  copy->timestamp = from->timestamp;
  copy->tool_calls = g_strdup (from->tool_calls);
  copy->tool_results = g_strdup (from->tool_results);
  copy->finish_reason = g_strdup (from->finish_reason);
  copy->is_summary = from->is_summary;
  return copy;
}

static gpointer
branch_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  Branch *branch = data;
  g_autoptr (DaConversation) source = NULL;
  g_autoptr (DaConversation) head = NULL;
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 from = da_rows_need (self, branch->id, error);
  gint64 index = 0, to;

  if (from == 0 || !find_branch_index (self, from, branch, &index, error))
    return NULL;
  source = da_rows_load (self, branch->id, error);
  if (source == NULL)
    return NULL;
  head = make_branch_head (source, index);
  for (guint i = 0; i < source->messages->len && i <= index; i++)
    g_ptr_array_add (copies, copy_for_branch (source->messages->pdata[i], source->id, head->id));
  to = da_rows_insert (self, head, error);
  if (to == 0 ||
      !da_database_run (self->database, error,
                        "INSERT INTO conversation_attachments (conversation, name) "
                        "SELECT ?, name FROM conversation_attachments WHERE conversation = ?",
                        "ii", to, from) ||
      !da_rows_append (self, to, head->id, copies, FALSE, error))
    return NULL;
  return da_rows_load (self, head->id, error);
}

void
da_store_branch_conversation_async (DaStore             *self,
                                    const char          *id,
                                    guint                index,
                                    const char          *message_id,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  Branch *branch;

  g_assert (DA_IS_STORE (self));
  g_assert (id != NULL);

  branch = g_new0 (Branch, 1);
  branch->id = g_strdup (id);
  branch->index = index;
  branch->message_id = g_strdup (message_id);
  da_store_submit (self, da_store_branch_conversation_async, DA_STORE_WRITE, branch_job, branch,
                   branch_free, g_object_unref, cancellable, callback, user_data);
}

DaConversation *
da_store_branch_conversation_finish (DaStore       *self,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_branch_conversation_async, error);
}
