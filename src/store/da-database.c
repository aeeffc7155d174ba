/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-database"

#include "da-database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-clock.h"
#include "da-error.h"

/* Pages are read through SQLite's own cache, not mapped: mapped pages would count against the
 * memory budget (P4), and a file that shrinks under a map kills the process. */
#define CACHE_KIB 3072
/* The log is cut back to this after a checkpoint. */
#define WAL_LIMIT_BYTES (4 * 1024 * 1024)
#define BUSY_STEP_MS 10

struct _DaStatement {
  DaDatabase   *database;
  sqlite3_stmt *handle;
  gboolean      cached;
  gboolean      busy;
};

struct _DaDatabase {
  sqlite3    *handle;
  GHashTable *statements;     /* SQL text -> DaStatement */
  gint64      busy_since;     /* monotonic, us; 0 when not waiting */
  int         interrupted;    /* atomic */
  gboolean    relaxed;        /* the open transaction is not durable */
  int         wal_pages;      /* in the log after the last commit */
};

/* Fault injection, set by tests only. */
static guint fail_after;
static int fail_code;

void
da_database_fail_nth (guint nth,
                      int   code)
{
  g_atomic_int_set (&fail_code, code);
  g_atomic_int_set (&fail_after, nth);
}

gboolean
da_database_fail_pending (void)
{
  return g_atomic_int_get (&fail_after) > 0;
}

static gboolean
fails_now (GError **error)
{
  guint left = g_atomic_int_get (&fail_after);

  if (G_LIKELY (left == 0))
    return FALSE;
  g_atomic_int_set (&fail_after, left - 1);
  if (left > 1)
    return FALSE;
  g_set_error_literal (error, DA_ERROR, g_atomic_int_get (&fail_code), "A fault made by a test");
  return TRUE;
}

static gboolean
is_no_space (DaDatabase *self,
             int         rc)
{
  int errsv;

  if ((rc & 0xff) == SQLITE_FULL)
    return TRUE;
  if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CANTOPEN)
    return FALSE;
  errsv = self->handle != NULL ? sqlite3_system_errno (self->handle) : errno;
  return errsv == ENOSPC || errsv == EDQUOT;
}

static void
set_error (DaDatabase  *self,
           int          rc,
           GError     **error)
{
  const char *text = self->handle != NULL ? sqlite3_errmsg (self->handle) : sqlite3_errstr (rc);

  if (is_no_space (self, rc))
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_NO_SPACE,
                           "There is no space left on the disk of the database");
      return;
    }
  switch (rc & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error_literal (error, DA_ERROR, DA_ERROR_BUSY,
                           "The database is locked by another process");
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT, "The database is damaged: %s", text);
      break;
    case SQLITE_TOOBIG:
      g_set_error_literal (error, DA_ERROR, DA_ERROR_TOO_LARGE, "A text is too long to be stored");
      break;
    case SQLITE_INTERRUPT:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Interrupted");
      break;
    case SQLITE_READONLY:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY,
                           "The database cannot be written: it is read-only");
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                   "The database cannot be opened: %s", text);
      break;
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The database failed: %s", text);
      break;
    default:
      g_set_error (error, DA_ERROR, DA_ERROR_INTERNAL, "The database refused: %s", text);
      break;
    }
}

/* SQLite's own handler cannot be told to stop waiting at shutdown. */
static int
on_busy (void *user_data,
         int   count)
{
  DaDatabase *self = user_data;
  gint64 now = da_clock_monotonic_us ();

  if (count == 0)
    self->busy_since = now;
  if (g_atomic_int_get (&self->interrupted) ||
      now - self->busy_since >= DA_DATABASE_BUSY_MS * G_GINT64_CONSTANT (1000))
    return 0;
  sqlite3_sleep (BUSY_STEP_MS);
  return 1;
}

/* Instead of SQLite's own checkpoint inside the commit that fills the log: see
 * da_database_checkpoint(). */
static int
on_wal_commit (void       *user_data,
               sqlite3    *handle,
               const char *name,
               int         pages)
{
  DaDatabase *self = user_data;

  self->wal_pages = pages;
  return SQLITE_OK;
}

static void
statement_destroy (gpointer data)
{
  DaStatement *statement = data;

  g_assert (!statement->busy);
  sqlite3_finalize (statement->handle);
  g_free (statement);
}

static DaDatabase *
open_with (const char  *path,
           int          flags,
           const char  *setup,
           GError     **error)
{
  g_autoptr (DaDatabase) self = g_new0 (DaDatabase, 1);
  int rc;

  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, statement_destroy);
  rc = sqlite3_open_v2 (path, &self->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc != SQLITE_OK)
    {
      set_error (self, rc, error);
      return NULL;
    }
  sqlite3_extended_result_codes (self->handle, 1);
  sqlite3_busy_handler (self->handle, on_busy, self);
  sqlite3_wal_hook (self->handle, on_wal_commit, self);
  /* (Not an untrusted schema: FTS5 of Debian 12 must not be used by triggers then.) */
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  if (!da_database_exec (self, setup, error))
    return NULL;
  return g_steal_pointer (&self);
}

DaDatabase *
da_database_open (const char  *path,
                  GError     **error)
{
  g_autofree char *setup = NULL;
  int fd;

  g_assert (path != NULL);

  /* SQLite gives the log and its index the mode of the file itself. */
  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      int errsv = errno;

      if (errsv == ENOSPC || errsv == EDQUOT)
        g_set_error_literal (error, DA_ERROR, DA_ERROR_NO_SPACE,
                             "There is no space left on the disk of the database");
      else
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
                     "%s cannot be opened: %s", path, g_strerror (errsv));
      return NULL;
    }
  fchmod (fd, 0600);
  close (fd);

  setup = g_strdup_printf ("PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = FULL;"
                           "PRAGMA foreign_keys = ON;"
                           "PRAGMA secure_delete = FAST;"
                           "PRAGMA temp_store = MEMORY;"
                           "PRAGMA cache_size = -%d;"
                           "PRAGMA mmap_size = 0;"
                           "PRAGMA journal_size_limit = %d;",
                           CACHE_KIB, WAL_LIMIT_BYTES);
  return open_with (path, SQLITE_OPEN_READWRITE, setup, error);
}

DaDatabase *
da_database_open_readonly (const char  *path,
                           GError     **error)
{
  return open_with (path, SQLITE_OPEN_READONLY, "PRAGMA cache_size = -1024;", error);
}

void
da_database_free (DaDatabase *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->statements, g_hash_table_unref);
  if (self->handle != NULL)
    {
      int rc = sqlite3_close (self->handle);

      g_warn_if_fail (rc == SQLITE_OK);
    }
  g_free (self);
}

void
da_database_interrupt (DaDatabase *self)
{
  g_atomic_int_set (&self->interrupted, TRUE);
  sqlite3_interrupt (self->handle);
}

gboolean
da_database_exec (DaDatabase  *self,
                  const char  *sql,
                  GError     **error)
{
  int rc;

  if (fails_now (error))
    return FALSE;
  rc = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);
  if (rc == SQLITE_OK)
    return TRUE;
  set_error (self, rc, error);
  return FALSE;
}

/* A statement that is in use already (a query inside the rows of the same query) gets a twin. */
static DaStatement *
statement_get (DaDatabase  *self,
               const char  *sql,
               GError     **error)
{
  DaStatement *statement = g_hash_table_lookup (self->statements, sql);
  gboolean cached = statement == NULL;
  sqlite3_stmt *handle = NULL;
  int rc;

  if (statement != NULL && !statement->busy)
    {
      statement->busy = TRUE;
      return statement;
    }
  rc = sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
  if (rc != SQLITE_OK)
    {
      set_error (self, rc, error);
      return NULL;
    }
  statement = g_new0 (DaStatement, 1);
  statement->database = self;
  statement->handle = handle;
  statement->cached = cached;
  statement->busy = TRUE;
  if (cached)
    g_hash_table_insert (self->statements, g_strdup (sql), statement);
  return statement;
}

static gboolean
statement_bind (DaStatement  *self,
                const char   *types,
                va_list       args,
                GError      **error)
{
  g_assert ((int) strlen (types) == sqlite3_bind_parameter_count (self->handle));

  for (int i = 0; types[i] != '\0'; i++)
    {
      int rc = SQLITE_MISUSE;

      if (types[i] == 't')
        {
          /* Callers keep their texts until the statement is released, so nothing is copied. */
          rc = sqlite3_bind_text (self->handle, i + 1, va_arg (args, const char *), -1,
                                  SQLITE_STATIC);
        }
      else if (types[i] == 'i')
        {
          rc = sqlite3_bind_int64 (self->handle, i + 1, va_arg (args, gint64));
        }
      else if (types[i] == 'b')
        {
          const void *bytes = va_arg (args, const void *);
          gsize length = va_arg (args, gsize);

          rc = sqlite3_bind_blob64 (self->handle, i + 1, length > 0 ? bytes : "", length,
                                    SQLITE_STATIC);
        }
      else
        {
          g_assert_not_reached ();
        }
      if (rc != SQLITE_OK)
        {
          set_error (self->database, rc, error);
          return FALSE;
        }
    }
  return TRUE;
}

static DaStatement *
query_valist (DaDatabase  *self,
              const char  *sql,
              const char  *types,
              va_list      args,
              GError     **error)
{
  g_autoptr (DaStatement) statement = statement_get (self, sql, error);

  if (statement == NULL || !statement_bind (statement, types, args, error))
    return NULL;
  return g_steal_pointer (&statement);
}

DaStatement *
da_database_query (DaDatabase  *self,
                   GError     **error,
                   const char  *sql,
                   const char  *types,
                   ...)
{
  DaStatement *statement;
  va_list args;

  va_start (args, types);
  statement = query_valist (self, sql, types, args, error);
  va_end (args);
  return statement;
}

gboolean
da_database_run (DaDatabase  *self,
                 GError     **error,
                 const char  *sql,
                 const char  *types,
                 ...)
{
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;
  va_list args;

  va_start (args, types);
  statement = query_valist (self, sql, types, args, error);
  va_end (args);
  if (statement == NULL)
    return FALSE;
  do
    step = da_statement_step (statement, error);
  while (step == DA_STEP_ROW);
  return step == DA_STEP_DONE;
}

gboolean
da_database_query_int (DaDatabase  *self,
                       gint64      *out,
                       GError     **error,
                       const char  *sql,
                       const char  *types,
                       ...)
{
  g_autoptr (DaStatement) statement = NULL;
  va_list args;

  va_start (args, types);
  statement = query_valist (self, sql, types, args, error);
  va_end (args);
  if (statement == NULL || da_statement_step (statement, error) != DA_STEP_ROW)
    return FALSE;
  *out = da_statement_int (statement, 0);
  return TRUE;
}

gint64
da_database_changes (DaDatabase *self)
{
  return sqlite3_changes64 (self->handle);
}

gint64
da_database_last_serial (DaDatabase *self)
{
  return sqlite3_last_insert_rowid (self->handle);
}

DaStep
da_statement_step (DaStatement  *self,
                   GError      **error)
{
  int rc;

  if (fails_now (error))
    return DA_STEP_FAILED;
  rc = sqlite3_step (self->handle);
  if (rc == SQLITE_ROW)
    return DA_STEP_ROW;
  if (rc == SQLITE_DONE)
    return DA_STEP_DONE;
  set_error (self->database, rc, error);
  return DA_STEP_FAILED;
}

gint64
da_statement_int (DaStatement *self,
                  int          column)
{
  return sqlite3_column_int64 (self->handle, column);
}

double
da_statement_double (DaStatement *self,
                     int          column)
{
  return sqlite3_column_double (self->handle, column);
}

const char *
da_statement_text (DaStatement *self,
                   int          column)
{
  return (const char *) sqlite3_column_text (self->handle, column);
}

char *
da_statement_dup_text (DaStatement *self,
                       int          column)
{
  return g_strdup (da_statement_text (self, column));
}

const void *
da_statement_bytes (DaStatement *self,
                    int          column,
                    gsize       *length)
{
  const void *bytes = sqlite3_column_blob (self->handle, column);

  *length = sqlite3_column_bytes (self->handle, column);
  return bytes;
}

void
da_statement_release (DaStatement *self)
{
  if (self == NULL)
    return;
  self->busy = FALSE;
  if (!self->cached)
    {
      statement_destroy (self);
      return;
    }
  sqlite3_reset (self->handle);
  sqlite3_clear_bindings (self->handle);
}

/* SQLite reads this pragma when it is compiled, so it cannot be a kept statement. */
static gboolean
set_durable (DaDatabase  *self,
             gboolean     durable,
             GError     **error)
{
  if (self->relaxed == !durable)
    return TRUE;
  if (!da_database_exec (self, durable ? "PRAGMA synchronous = FULL"
                                       : "PRAGMA synchronous = NORMAL", error))
    return FALSE;
  self->relaxed = !durable;
  return TRUE;
}

gboolean
da_database_begin (DaDatabase  *self,
                   gboolean     durable,
                   GError     **error)
{
  g_assert (sqlite3_get_autocommit (self->handle));

  return set_durable (self, durable, error) &&
         da_database_run (self, error, "BEGIN IMMEDIATE", "");
}

gboolean
da_database_commit (DaDatabase  *self,
                    GError     **error)
{
  if (da_database_run (self, error, "COMMIT", ""))
    return TRUE;
  da_database_rollback (self);
  return FALSE;
}

gboolean
da_database_sync (DaDatabase  *self,
                  GError     **error)
{
  sqlite3_file *log = NULL;
  int rc;

  rc = sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (rc == SQLITE_OK && log != NULL && log->pMethods != NULL)
    rc = log->pMethods->xSync (log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (rc == SQLITE_OK)
    return TRUE;
  set_error (self, rc, error);
  return FALSE;
}

int
da_database_log_pages (DaDatabase *self)
{
  return self->wal_pages;
}

void
da_database_checkpoint (DaDatabase *self)
{
  int rc = sqlite3_wal_checkpoint_v2 (self->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

  /* Nothing is lost: the log grows until the next one. */
  if (rc != SQLITE_OK)
    g_info ("The log could not be written back: %s", sqlite3_errmsg (self->handle));
  self->wal_pages = 0;
}

void
da_database_rollback (DaDatabase *self)
{
  int rc;

  /* A full disk or an I/O error has rolled back by itself. */
  if (sqlite3_get_autocommit (self->handle))
    return;
  rc = sqlite3_exec (self->handle, "ROLLBACK", NULL, NULL, NULL);
  if (rc != SQLITE_OK)
    g_warning ("A transaction could not be rolled back: %s", sqlite3_errmsg (self->handle));
}
