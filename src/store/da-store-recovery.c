/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-recovery"

#include "da-store-recovery.h"

#include <errno.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-clock.h"
#include "da-error.h"
#include "da-migrations.h"
#include "da-path.h"
#include "da-search-index.h"

/* A start must not grow with what is stored. A file up to this size is checked at once after an
 * unclean end (some 30 ms at most); a larger one afterwards, on a connection of its own. */
#define CHECK_INLINE_BYTES (8 * 1024 * 1024)

static const char file_magic[16] = "SQLite format 3";

static char *
side_path (DaStore    *self,
           const char *suffix)
{
  return g_strconcat (self->path, suffix, NULL);
}

/* What the clean mark says: a file that somebody else touched since has another stamp. */
static char *
describe_file (DaStore *self)
{
  struct stat info;

  if (stat (self->path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld\n",
                          (gint64) info.st_size, (gint64) info.st_mtim.tv_sec,
                          info.st_mtim.tv_nsec);
}

/* Reads and removes the mark, so that a crash from now on leaves none. */
static gboolean
take_clean_mark (DaStore *self)
{
  g_autofree char *mark_path = side_path (self, ".clean");
  g_autofree char *mark = NULL;
  g_autofree char *now = describe_file (self);

  if (!g_file_get_contents (mark_path, &mark, NULL, NULL))
    return FALSE;
  g_unlink (mark_path);
  return g_strcmp0 (mark, now) == 0;
}

/* 0 for a file that is missing or empty. */
static goffset
file_size (DaStore *self)
{
  struct stat info;

  return stat (self->path, &info) == 0 ? info.st_size : 0;
}

static gboolean
check_header (DaStore  *self,
              GError  **error)
{
  char header[16] = { 0 };
  FILE *file;
  gsize got;

  if (file_size (self) == 0)
    return TRUE;
  file = g_fopen (self->path, "re");
  /* A file that cannot be opened is no damaged one; opening it tells why. */
  if (file == NULL)
    return TRUE;
  got = fread (header, 1, sizeof header, file);
  fclose (file);
  if (got == sizeof header && memcmp (header, file_magic, sizeof header) == 0)
    return TRUE;
  g_set_error_literal (error, DA_ERROR, DA_ERROR_CORRUPT, "The file is no database");
  return FALSE;
}

static gboolean
quick_check (DaDatabase  *database,
             GError     **error)
{
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;

  statement = da_database_query (database, error, "PRAGMA quick_check(1)", "");
  if (statement == NULL)
    return FALSE;
  step = da_statement_step (statement, error);
  if (step == DA_STEP_FAILED)
    return FALSE;
  if (step == DA_STEP_ROW && g_strcmp0 (da_statement_text (statement, 0), "ok") == 0)
    return TRUE;
  g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT, "The database is damaged: %s",
               step == DA_STEP_ROW ? da_statement_text (statement, 0) : "no answer");
  return FALSE;
}

static gboolean
try_open (DaStore   *self,
          gboolean   was_clean,
          GError   **error)
{
  g_autoptr (DaDatabase) database = NULL;
  g_autofree char *doubt = side_path (self, ".check");
  gboolean must_check = g_file_test (doubt, G_FILE_TEST_EXISTS);
  goffset size = file_size (self);

  if (!check_header (self, error))
    return FALSE;
  database = da_database_open (self->path, error);
  if (database == NULL || !da_migrations_apply (database, error))
    return FALSE;
  if (size > 0 && (must_check || (!was_clean && size <= CHECK_INLINE_BYTES)) &&
      !quick_check (database, error))
    return FALSE;
  g_unlink (doubt);
  /* Left open for da_store_recovery_start_check(). */
  self->suspect = size > CHECK_INLINE_BYTES && !was_clean && !must_check;
  self->database = g_steal_pointer (&database);
  return TRUE;
}

/* (transfer full): "<database>.corrupt-<date>", with a number when there is one already. */
static char *
choose_aside_path (DaStore *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (da_clock_now_ms () / 1000);
  g_autofree char *date = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *base = g_strconcat (self->path, ".corrupt-", date, NULL);
  char *path = g_strdup (base);

  for (guint i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_free (path);
      path = g_strdup_printf ("%s-%u", base, i);
    }
  return path;
}

static gboolean
move_aside (DaStore       *self,
            const GError  *reason,
            GError       **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autofree char *aside = choose_aside_path (self);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = side_path (self, suffixes[i]);
      g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && (errno != ENOENT || i == 0))
        {
          int errsv = errno;

          g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT,
                       "%s, and %s cannot be set aside: %s", reason->message, from,
                       g_strerror (errsv));
          return FALSE;
        }
    }
  g_free (self->notice);
  self->notice = g_strdup_printf ("The conversation database was damaged (%s). It was kept as %s, "
                                  "and an empty one was started.", reason->message, aside);
  g_critical ("%s", self->notice);
  return TRUE;
}

static gboolean
open_or_replace (DaStore  *self,
                 GError  **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean was_clean = take_clean_mark (self);
  g_autofree char *doubt = side_path (self, ".check");

  if (try_open (self, was_clean, &reason))
    return TRUE;
  if (!g_error_matches (reason, DA_ERROR, DA_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (!move_aside (self, reason, error))
    return FALSE;
  g_unlink (doubt);
  return try_open (self, TRUE, error);
}

/* In one transaction. On a full disk it is left for a later start, so that all can be read now. */
static gboolean
end_open_runs (DaStore  *self,
               GError  **error)
{
  g_autoptr (GError) local = NULL;
  gboolean more;

  if (da_database_begin (self->database, TRUE, &local))
    {
      if (!da_store_recovery_end_runs (self, &local))
        da_database_rollback (self->database);
      else if (da_database_commit (self->database, &local) &&
               da_search_index_slice (self, &more, &local))
        return TRUE;
    }
  if (g_error_matches (local, DA_ERROR, DA_ERROR_NO_SPACE))
    {
      g_info ("%s: interrupted runs are not marked yet", local->message);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
da_store_recovery_open (DaStore  *self,
                        GError  **error)
{
  if (!da_path_ensure_private (self->data_dir, error) ||
      !da_path_ensure_private (self->attachments_dir, error) ||
      !open_or_replace (self, error))
    return FALSE;
  if (end_open_runs (self, error))
    return TRUE;
  g_clear_pointer (&self->database, da_database_free);
  return FALSE;
}

void
da_store_recovery_close (DaStore *self)
{
  g_autofree char *mark_path = side_path (self, ".clean");
  g_autofree char *doubt = side_path (self, ".check");
  g_autofree char *mark = NULL;
  g_autoptr (GError) error = NULL;
  gboolean more;

  if (self->database == NULL)
    return;
  if (self->index_due && !da_search_index_slice (self, &more, &error))
    {
      g_info ("The search index is brought up to date at the next start: %s", error->message);
      g_clear_error (&error);
    }
  g_clear_pointer (&self->database, da_database_free);
  if (self->suspect)
    return;
  mark = describe_file (self);
  if (mark != NULL && !g_file_test (doubt, G_FILE_TEST_EXISTS) &&
      !da_atomic_file_write (mark_path, mark, strlen (mark), 0600, &error))
    g_info ("No clean mark, so the next start checks the database: %s", error->message);
}

void
da_store_recovery_doubt (DaStore *self)
{
  g_autofree char *doubt = side_path (self, ".check");

  g_file_set_contents (doubt, "", 0, NULL);
}

/* The check of a large file: it only reads, so writes go on beside it. A file found damaged is
 * marked, and set aside at the next start; what can be read stays readable until then. */

static void
set_check_database (DaStore    *self,
                    DaDatabase *database)
{
  g_mutex_lock (&self->check_lock);
  self->check_database = database;
  if (database != NULL && g_atomic_int_get (&self->is_closing))
    da_database_interrupt (database);
  g_mutex_unlock (&self->check_lock);
}

static void
check_job (GTask        *task,
           gpointer      source,
           gpointer      task_data,
           GCancellable *cancellable)
{
  DaStore *self = source;
  g_autoptr (DaDatabase) database = NULL;
  g_autoptr (GError) error = NULL;
  gboolean sound = FALSE;

  database = da_database_open_readonly (self->path, &error);
  if (database != NULL)
    {
      set_check_database (self, database);
      sound = quick_check (database, &error);
      set_check_database (self, NULL);
    }
  if (sound)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gpointer
clear_suspect (DaStore   *self,
               gpointer   data,
               GError   **error)
{
  self->suspect = FALSE;
  return DA_STORE_OK;
}

static void
on_checked (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  DaStore *self = DA_STORE (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      da_store_submit (self, on_checked, DA_STORE_READ, clear_suspect, NULL, NULL, NULL, NULL, NULL,
                       NULL);
      return;
    }
  if (!g_error_matches (error, DA_ERROR, DA_ERROR_CORRUPT))
    return;
  g_critical ("%s. It is set aside at the next start.", error->message);
  g_free (self->notice);
  self->notice = g_strdup_printf ("%s. It will be set aside, and an empty one started, when the "
                                  "program is started again; export what you need before.",
                                  error->message);
  da_store_recovery_doubt (self);
}

void
da_store_recovery_start_check (DaStore *self)
{
  g_autoptr (GTask) task = NULL;

  /* The open job is over, and no other has been pushed yet. */
  if (!self->suspect || self->check_worker != NULL)
    return;
  self->check_worker = da_worker_new ("da-store-check");
  task = g_task_new (self, NULL, on_checked, NULL);
  g_task_set_source_tag (task, da_store_recovery_start_check);
  da_worker_push (self->check_worker, task, check_job);
}

void
da_store_recovery_stop_check (DaStore *self)
{
  if (self->check_worker == NULL)
    return;
  g_mutex_lock (&self->check_lock);
  if (self->check_database != NULL)
    da_database_interrupt (self->check_database);
  g_mutex_unlock (&self->check_lock);
  da_worker_stop (self->check_worker);
}
