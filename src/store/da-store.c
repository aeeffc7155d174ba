/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store"

#include "da-store.h"

#include "da-clock.h"
#include "da-conversation-store.h"
#include "da-error.h"
#include "da-search-index.h"
#include "da-store-private.h"
#include "da-store-recovery.h"

/* The database, its thread and the attachments folder. The engine makes one and closes it last.
 * Lives on the main thread; the jobs of the other files here run on the worker and touch nothing
 * but the connection and their own copies. It never calls back while the caller is still in a
 * verb, and never answers from the worker. */

/* Tidying up comes so long after the first write since the last one. */
#define TIDY_MS 1000
/* The log is written back at so many pages (of 4 KiB) once nobody has written for a while, and at
 * so many in any case: it takes long enough to be felt by the one who writes next. */
#define LOG_PAGES 800
#define LOG_PAGES_MAX 8000
#define QUIET_US (G_USEC_PER_SEC / 2)

typedef struct {
  DaStoreMode    mode;
  DaStoreFunc    func;
  gpointer       data;
  GDestroyNotify data_free;
  GDestroyNotify result_free;
} Job;

G_DEFINE_FINAL_TYPE (DaStore, da_store, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->data_free != NULL)
    job->data_free (job->data);
  g_free (job);
}

void
da_store_set_not_found (GError     **error,
                        const char  *what,
                        const char  *id)
{
  g_set_error (error, DA_ERROR, DA_ERROR_NOT_FOUND, "There is no %s \"%s\"", what, id);
}

static gpointer
run_in_transaction (DaStore  *self,
                    Job      *job,
                    GError  **error)
{
  gpointer result;

  if (!da_database_begin (self->database, job->mode == DA_STORE_WRITE, error))
    return NULL;
  result = job->func (self, job->data, error);
  if (result == NULL)
    {
      da_database_rollback (self->database);
      return NULL;
    }
  if (!da_database_commit (self->database, error))
    {
      if (job->result_free != NULL)
        job->result_free (result);
      return NULL;
    }
  if (job->mode != DA_STORE_WRITE_JOURNAL)
    __atomic_add_fetch (&self->generation, 1, __ATOMIC_SEQ_CST);
  return result;
}

/* Whoever waited has been told; the next durable write of the same run tells if this went wrong. */
static void
make_durable (DaStore *self)
{
  g_autoptr (GError) error = NULL;

  if (!da_database_sync (self->database, &error))
    g_warning ("The log of the database was not synced: %s", error->message);
}

static void
run_job (GTask        *task,
         gpointer      source,
         gpointer      task_data,
         GCancellable *cancellable)
{
  DaStore *self = source;
  Job *job = task_data;
  g_autoptr (GError) error = NULL;
  gboolean is_soon = FALSE;
  gboolean is_full = FALSE;
  gpointer result = NULL;

  if (self->database == NULL)
    g_set_error_literal (&error, DA_ERROR, DA_ERROR_UNAVAILABLE, "The database is not open");
  else if (job->mode == DA_STORE_READ)
    result = job->func (self, job->data, &error);
  else
    result = run_in_transaction (self, job, &error);
  is_soon = result != NULL && job->mode == DA_STORE_WRITE_SOON;

  if (result == NULL)
    {
      g_assert (error != NULL);
      is_full = g_error_matches (error, DA_ERROR, DA_ERROR_NO_SPACE);
      if (g_error_matches (error, DA_ERROR, DA_ERROR_CORRUPT))
        {
          g_critical ("%s; it is checked at the next start", error->message);
          da_store_recovery_doubt (self);
        }
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else if (job->result_free != NULL)
    {
      g_task_return_pointer (task, result, job->result_free);
    }
  else
    {
      g_task_return_boolean (task, TRUE);
    }
  if (is_soon)
    make_durable (self);
  /* Room in the log may be all that is missing on a full disk. */
  if (self->database != NULL &&
      (is_full || da_database_log_pages (self->database) > LOG_PAGES_MAX))
    da_database_checkpoint (self->database);
}

/* What nobody waits for: the search index and the checkpoint of the log. It comes a moment after
 * the writes, once for all of them. */
static gpointer
tidy_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  gboolean more;

  if (self->index_due && !da_search_index_slice (self, &more, error))
    return NULL;
  if (GPOINTER_TO_INT (data) && da_database_log_pages (self->database) > LOG_PAGES)
    da_database_checkpoint (self->database);
  return DA_STORE_OK;
}

static void
on_tidied (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!da_store_submit_boolean (DA_STORE (source), result, tidy_job, &error))
    g_info ("The search index was not brought up to date: %s", error->message);
}

static gboolean
on_tidy_time (gpointer user_data)
{
  DaStore *self = user_data;
  gboolean is_quiet = da_clock_monotonic_us () - self->last_write_us >= QUIET_US;

  da_store_submit (self, tidy_job, DA_STORE_READ, tidy_job, GINT_TO_POINTER (is_quiet), NULL, NULL,
                   NULL, on_tidied, NULL);
  if (!is_quiet)
    return G_SOURCE_CONTINUE;
  self->tidy_source = 0;
  return G_SOURCE_REMOVE;
}

void
da_store_submit (DaStore             *self,
                 gpointer             source_tag,
                 DaStoreMode          mode,
                 DaStoreFunc          func,
                 gpointer             data,
                 GDestroyNotify       data_free,
                 GDestroyNotify       result_free,
                 GCancellable        *cancellable,
                 GAsyncReadyCallback  callback,
                 gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, source_tag);
  /* Once it has run, a write is told as it went, whatever was cancelled meanwhile. */
  g_task_set_check_cancellable (task, mode == DA_STORE_READ);
  job->mode = mode;
  job->func = func;
  job->data = data;
  job->data_free = data_free;
  job->result_free = result_free;
  g_task_set_task_data (task, job, job_free);
  da_worker_push (self->worker, task, run_job);
  if (mode != DA_STORE_READ)
    self->last_write_us = da_clock_monotonic_us ();
  if (mode != DA_STORE_READ && self->tidy_source == 0 && !g_atomic_int_get (&self->is_closing))
    self->tidy_source = g_timeout_add (TIDY_MS, on_tidy_time, self);
}

gpointer
da_store_submit_pointer (DaStore       *self,
                         GAsyncResult  *result,
                         gpointer       source_tag,
                         GError       **error)
{
  g_assert (DA_IS_STORE (self));
  g_assert (g_task_is_valid (result, self));
  g_assert (g_async_result_is_tagged (result, source_tag));

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
da_store_submit_boolean (DaStore       *self,
                         GAsyncResult  *result,
                         gpointer       source_tag,
                         GError       **error)
{
  g_assert (DA_IS_STORE (self));
  g_assert (g_task_is_valid (result, self));
  g_assert (g_async_result_is_tagged (result, source_tag));

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
open_job (GTask        *task,
          gpointer      source,
          gpointer      task_data,
          GCancellable *cancellable)
{
  DaStore *self = source;
  g_autoptr (GError) error = NULL;

  g_assert (self->database == NULL);

  if (!da_store_recovery_open (self, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

void
da_store_open_async (DaStore             *self,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_assert (DA_IS_STORE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_store_open_async);
  g_task_set_check_cancellable (task, FALSE);
  da_worker_push (self->worker, task, open_job);
}

gboolean
da_store_open_finish (DaStore       *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_assert (g_task_is_valid (result, self));

  if (!da_store_submit_boolean (self, result, da_store_open_async, error))
    return FALSE;
  da_store_recovery_start_check (self);
  return TRUE;
}

const char *
da_store_get_recovery_notice (DaStore *self)
{
  g_assert (DA_IS_STORE (self));

  return self->notice;
}

guint64
da_store_get_generation (DaStore *self)
{
  g_assert (DA_IS_STORE (self));

  return __atomic_load_n (&self->generation, __ATOMIC_SEQ_CST);
}

static void
close_job (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  da_store_recovery_close (source);
  g_task_return_boolean (task, TRUE);
}

void
da_store_close (DaStore *self)
{
  g_autoptr (GTask) task = NULL;

  g_assert (DA_IS_STORE (self));

  if (self->worker == NULL || g_atomic_int_get (&self->is_closing))
    return;
  g_atomic_int_set (&self->is_closing, TRUE);
  g_clear_handle_id (&self->tidy_source, g_source_remove);
  da_store_recovery_stop_check (self);
  task = g_task_new (self, NULL, NULL, NULL);
  g_task_set_source_tag (task, da_store_close);
  da_worker_push (self->worker, task, close_job);
  da_worker_stop (self->worker);
}

static void
da_store_dispose (GObject *object)
{
  DaStore *self = DA_STORE (object);

  da_store_close (self);
  g_clear_object (&self->worker);
  g_clear_object (&self->check_worker);

  G_OBJECT_CLASS (da_store_parent_class)->dispose (object);
}

static void
da_store_finalize (GObject *object)
{
  DaStore *self = DA_STORE (object);

  g_assert (self->database == NULL);
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->attachments_dir, g_free);
  g_clear_pointer (&self->notice, g_free);
  g_mutex_clear (&self->check_lock);

  G_OBJECT_CLASS (da_store_parent_class)->finalize (object);
}

static void
da_store_class_init (DaStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_store_dispose;
  object_class->finalize = da_store_finalize;
}

static void
da_store_init (DaStore *self)
{
  g_mutex_init (&self->check_lock);
  /* A restart must not repeat a number: a client may hold it as an ETag. */
  self->generation = (guint64) g_get_real_time ();
  self->worker = da_worker_new ("da-store");
}

DaStore *
da_store_new (const char *data_dir)
{
  DaStore *self = g_object_new (DA_TYPE_STORE, NULL);

  g_assert (data_dir != NULL);

  self->data_dir = g_canonicalize_filename (data_dir, NULL);
  self->path = g_build_filename (self->data_dir, "dotagents.db", NULL);
  self->attachments_dir = g_build_filename (self->data_dir, "attachments", NULL);
  return self;
}
