/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-conversation"

#include "da-conversation-store.h"

#include "da-attachment-files.h"
#include "da-clock.h"
#include "da-conversation-rows.h"
#include "da-error.h"

/* Load, title, delete, restore, purge. */

/* Conversations purged in one job; others get their turn in between. */
#define PURGE_SLICE 8
/* Events and text of a run are kept so long after its end, for those who read on. */
#define JOURNAL_DAYS 30

static gpointer
load_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  return da_rows_load (self, data, error);
}

void
da_store_load_conversation_async (DaStore             *self,
                                  const char          *id,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_assert (DA_IS_STORE (self));
  g_assert (id != NULL);

  da_store_submit (self, da_store_load_conversation_async, DA_STORE_READ, load_job, g_strdup (id),
                   g_free, g_object_unref, cancellable, callback, user_data);
}

DaConversation *
da_store_load_conversation_finish (DaStore       *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_load_conversation_async, error);
}

static gpointer
delete_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  const char *id = data;
  gint64 now = MAX (da_clock_now_ms (), 1);
  gboolean done;

  if (id != NULL)
    done = da_database_run (self->database, error,
      "UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at = 0", "it", now, id);
  else
    done = da_database_run (self->database, error,
      "UPDATE conversations SET deleted_at = ? WHERE deleted_at = 0", "i", now);
  return done ? DA_STORE_OK : NULL;
}

void
da_store_delete_conversation_async (DaStore             *self,
                                    const char          *id,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_assert (DA_IS_STORE (self));

  da_store_submit (self, da_store_delete_conversation_async, DA_STORE_WRITE, delete_job,
                   g_strdup (id), g_free, NULL, cancellable, callback, user_data);
}

gboolean
da_store_delete_conversation_finish (DaStore       *self,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_delete_conversation_async, error);
}

static gpointer
restore_job (DaStore   *self,
             gpointer   data,
             GError   **error)
{
  const char *id = data;

  if (!da_database_run (self->database, error,
                        "UPDATE conversations SET deleted_at = 0 WHERE id = ?", "t", id))
    return NULL;
  if (da_database_changes (self->database) > 0)
    return DA_STORE_OK;
  da_store_set_not_found (error, "conversation", id);
  return NULL;
}

void
da_store_restore_conversation_async (DaStore             *self,
                                     const char          *id,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  g_assert (DA_IS_STORE (self));
  g_assert (id != NULL);

  da_store_submit (self, da_store_restore_conversation_async, DA_STORE_WRITE, restore_job,
                   g_strdup (id), g_free, NULL, cancellable, callback, user_data);
}

gboolean
da_store_restore_conversation_finish (DaStore       *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_restore_conversation_async, error);
}

typedef struct {
  char     *id;
  char     *title;
  char     *source;
  gboolean  only_if_local;
} SetTitle;

static void
set_title_free (gpointer data)
{
  SetTitle *request = data;

  g_free (request->id);
  g_free (request->title);
  g_free (request->source);
  g_free (request);
}

static gpointer
set_title_job (DaStore   *self,
               gpointer   data,
               GError   **error)
{
  SetTitle *request = data;
  gint64 serial = da_rows_need (self, request->id, error);
  gint64 provisional = 0;

  if (serial == 0 ||
      !da_database_query_int (self->database, &provisional, error,
        "SELECT ifnull (title_source, 'default') IN ('default', 'local_generated') "
        "FROM conversations WHERE serial = ?", "i", serial))
    return NULL;
  if (request->only_if_local && !provisional)
    return DA_STORE_OK;
  return da_rows_set_title (self, serial, request->title, request->source, error) ? DA_STORE_OK
                                                                                 : NULL;
}

void
da_store_set_title_async (DaStore             *self,
                          const char          *id,
                          const char          *title,
                          const char          *source,
                          gboolean             only_if_local,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  SetTitle *request;

  g_assert (DA_IS_STORE (self));
  g_assert (id != NULL && title != NULL);

  request = g_new0 (SetTitle, 1);
  request->id = g_strdup (id);
  request->title = g_strdup (title);
  request->source = g_strdup (source);
  request->only_if_local = only_if_local;
  da_store_submit (self, da_store_set_title_async, DA_STORE_WRITE, set_title_job, request,
                   set_title_free, NULL, cancellable, callback, user_data);
}

gboolean
da_store_set_title_finish (DaStore       *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_set_title_async, error);
}

/* The purge goes on in slices until nothing is left: each is a job and a transaction of its own,
 * so that a person's request waits for one slice at most, and a crash loses no progress. */

static gpointer
purge_slice_job (DaStore   *self,
                 gpointer   data,
                 GError   **error)
{
  gint64 *before = data;
  g_autoptr (GArray) serials = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (DaStatement) statement = NULL;
  gint64 *left = g_new0 (gint64, 1);
  g_autofree gint64 *result = left;
  DaStep step;

  statement = da_database_query (self->database, error,
    "SELECT serial FROM conversations WHERE deleted_at > 0 AND deleted_at < ? LIMIT ?", "ii",
    *before, (gint64) PURGE_SLICE);
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      gint64 serial = da_statement_int (statement, 0);

      g_array_append_val (serials, serial);
    }
  if (step == DA_STEP_FAILED)
    return NULL;
  g_clear_pointer (&statement, da_statement_release);
  for (guint i = 0; i < serials->len; i++)
    if (!da_rows_erase (self, g_array_index (serials, gint64, i), error))
      return NULL;
  *left = serials->len == PURGE_SLICE;
  return g_steal_pointer (&result);
}

static gboolean
drop_old_journals (DaStore  *self,
                   gint64    before,
                   GError  **error)
{
  gint64 ended = before - JOURNAL_DAYS * G_GINT64_CONSTANT (86400000);
  static const char *const tables[] = {
    "DELETE FROM run_events WHERE run IN "
      "(SELECT serial FROM runs WHERE ended_at > 0 AND ended_at < ?)",
    "DELETE FROM run_text WHERE run IN "
      "(SELECT serial FROM runs WHERE ended_at > 0 AND ended_at < ?)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!da_database_run (self->database, error, tables[i], "i", ended))
      return FALSE;
  return TRUE;
}

static gpointer
purge_end_job (DaStore   *self,
               gpointer   data,
               GError   **error)
{
  gint64 *before = data;

  /* Words of deleted messages stay in the index's old segments until those are merged. */
  if (!drop_old_journals (self, *before, error) ||
      !da_database_run (self->database, error,
                        "INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', 200)",
                        "") ||
      !da_attachment_files_sweep (self, error))
    return NULL;
  return DA_STORE_OK;
}

static void purge_step (GTask *task);

static gint64 *
copy_before (GTask *task)
{
  return g_memdup2 (g_task_get_task_data (task), sizeof (gint64));
}

static void
on_purge_ended (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!da_store_submit_boolean (DA_STORE (source), result, on_purge_ended, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_purge_slice (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree gint64 *left = NULL;
  DaStore *self = DA_STORE (source);

  left = da_store_submit_pointer (self, result, on_purge_slice, &error);
  if (left == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (*left)
    {
      purge_step (g_steal_pointer (&task));
      return;
    }
  da_store_submit (self, on_purge_ended, DA_STORE_WRITE_JOURNAL, purge_end_job,
                   copy_before (task), g_free, NULL, NULL, on_purge_ended, g_object_ref (task));
}

/* Takes @task. What is purged was out of the list already, so the list does not change. */
static void
purge_step (GTask *task)
{
  da_store_submit (g_task_get_source_object (task), on_purge_slice, DA_STORE_WRITE_JOURNAL,
                   purge_slice_job, copy_before (task), g_free, g_free, NULL, on_purge_slice, task);
}

void
da_store_purge_async (DaStore             *self,
                      gint64               before_ms,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_assert (DA_IS_STORE (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, da_store_purge_async);
  g_task_set_task_data (task, g_memdup2 (&before_ms, sizeof before_ms), g_free);
  purge_step (g_steal_pointer (&task));
}

gboolean
da_store_purge_finish (DaStore       *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_purge_async, error);
}
