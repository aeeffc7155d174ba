/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-database.h"

#include <glib/gstdio.h>
#include <string.h>

#include "da-error.h"
#include "da-migrations.h"
#include "da-test-util.h"

typedef struct {
  char       *dir;
  char       *path;
  DaDatabase *database;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->dir = da_test_make_dir ();
  fixture->path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->database = da_database_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_true (da_database_exec (fixture->database,
                                   "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT",
                                   &error));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  da_database_fail_nth (0, 0);
  da_database_free (fixture->database);
  da_test_remove_tree (fixture->dir);
  g_free (fixture->path);
  g_free (fixture->dir);
}

static gboolean
insert (Fixture  *fixture,
        gint64    number,
        GError  **error)
{
  return da_database_run (fixture->database, error, "INSERT INTO t (a, b) VALUES (?, 'x')", "i",
                          number);
}

static gint64
count (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gint64 n = -1;

  da_database_query_int (fixture->database, &n, &error, "SELECT count(*) FROM t", "");
  g_assert_no_error (error);
  return n;
}

static gint64
pragma (Fixture    *fixture,
        const char *name)
{
  g_autofree char *sql = g_strconcat ("PRAGMA ", name, NULL);
  g_autoptr (GError) error = NULL;
  gint64 value = -1;

  da_database_query_int (fixture->database, &value, &error, sql, "");
  g_assert_no_error (error);
  return value;
}

static void
test_settings (Fixture       *fixture,
               gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaStatement) mode = NULL;

  g_assert_cmpint (pragma (fixture, "synchronous"), ==, 2);
  g_assert_cmpint (pragma (fixture, "foreign_keys"), ==, 1);
  g_assert_cmpint (pragma (fixture, "secure_delete"), ==, 2);
  g_assert_cmpint (pragma (fixture, "cache_size"), >=, -4096);
  mode = da_database_query (fixture->database, &error, "PRAGMA journal_mode", "");
  g_assert_cmpint (da_statement_step (mode, &error), ==, DA_STEP_ROW);
  g_assert_cmpstr (da_statement_text (mode, 0), ==, "wal");
}

static void
test_values (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaStatement) row = NULL;
  const void *bytes;
  gsize length;

  g_assert_true (da_database_run (fixture->database, &error, "INSERT INTO t VALUES (?, ?, ?)",
                                  "itb", G_MAXINT64, "tëxt", "\0\1\2", (gsize) 3));
  g_assert_true (da_database_run (fixture->database, &error, "INSERT INTO t VALUES (?, ?, ?)",
                                  "itb", G_MININT64, NULL, NULL, (gsize) 0));
  row = da_database_query (fixture->database, &error, "SELECT a, b, c FROM t ORDER BY rowid", "");
  g_assert_cmpint (da_statement_step (row, &error), ==, DA_STEP_ROW);
  g_assert_cmpint (da_statement_int (row, 0), ==, G_MAXINT64);
  g_assert_cmpstr (da_statement_text (row, 1), ==, "tëxt");
  bytes = da_statement_bytes (row, 2, &length);
  g_assert_cmpmem (bytes, length, "\0\1\2", 3);
  g_assert_cmpint (da_statement_step (row, &error), ==, DA_STEP_ROW);
  g_assert_cmpint (da_statement_int (row, 0), ==, G_MININT64);
  g_assert_null (da_statement_text (row, 1));
  da_statement_bytes (row, 2, &length);
  g_assert_cmpuint (length, ==, 0);
  g_assert_cmpint (da_statement_step (row, &error), ==, DA_STEP_DONE);
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaStatement) outer = NULL;
  const char *sql = "SELECT a FROM t ORDER BY a";
  guint n = 0;

  for (gint64 i = 0; i < 3; i++)
    g_assert_true (insert (fixture, i, &error));
  outer = da_database_query (fixture->database, &error, sql, "");
  while (da_statement_step (outer, &error) == DA_STEP_ROW)
    {
      g_autoptr (DaStatement) inner = da_database_query (fixture->database, &error, sql, "");

      while (da_statement_step (inner, &error) == DA_STEP_ROW)
        n++;
    }
  g_assert_cmpuint (n, ==, 9);
}

static void
test_errors (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  gint64 value = 0;

  g_assert_false (da_database_run (fixture->database, &error, "NONSENSE", ""));
  g_assert_error (error, DA_ERROR, DA_ERROR_INTERNAL);
  g_clear_error (&error);
  g_assert_true (insert (fixture, 1, &error));
  g_assert_false (insert (fixture, 1, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INTERNAL);
  g_clear_error (&error);
  g_assert_false (da_database_query_int (fixture->database, &value, &error,
                                         "SELECT a FROM t WHERE a = 7", ""));
  g_assert_no_error (error);
  g_assert_true (insert (fixture, 2, &error));
}

static void
test_transactions (Fixture       *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (da_database_begin (fixture->database, TRUE, &error));
  g_assert_true (insert (fixture, 1, &error));
  da_database_rollback (fixture->database);
  g_assert_cmpint (count (fixture), ==, 0);
  g_assert_true (da_database_begin (fixture->database, FALSE, &error));
  g_assert_cmpint (pragma (fixture, "synchronous"), ==, 1);
  g_assert_true (insert (fixture, 1, &error));
  g_assert_true (da_database_commit (fixture->database, &error));
  g_assert_true (da_database_begin (fixture->database, TRUE, &error));
  g_assert_cmpint (pragma (fixture, "synchronous"), ==, 2);
  g_assert_true (da_database_commit (fixture->database, &error));
  g_assert_cmpint (count (fixture), ==, 1);
  da_database_rollback (fixture->database);
}

static void
test_checkpoint (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (insert (fixture, 1, &error));
  g_assert_cmpint (da_database_log_pages (fixture->database), >, 0);
  da_database_checkpoint (fixture->database);
  g_assert_cmpint (da_database_log_pages (fixture->database), ==, 0);
  g_assert_cmpint (count (fixture), ==, 1);
}

static void
test_fail_nth (Fixture       *fixture,
               gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  da_database_fail_nth (2, DA_ERROR_NO_SPACE);
  g_assert_true (insert (fixture, 1, &error));
  g_assert_true (da_database_fail_pending ());
  g_assert_false (insert (fixture, 2, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
  g_assert_false (da_database_fail_pending ());
  g_clear_error (&error);
  g_assert_true (insert (fixture, 3, &error));
  g_assert_cmpint (count (fixture), ==, 2);
}

static gpointer
interrupt_thread (gpointer data)
{
  Fixture *fixture = data;

  da_database_interrupt (fixture->database);
  return NULL;
}

static void
test_interrupt (Fixture       *fixture,
                gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaStatement) endless = NULL;
  GThread *thread;
  DaStep step;

  endless = da_database_query (fixture->database, &error,
    "WITH RECURSIVE n (x) AS (VALUES (0) UNION ALL SELECT x + 1 FROM n) "
    "SELECT x FROM n WHERE x % 1000 = 0", "");
  g_assert_no_error (error);
  g_assert_cmpint (da_statement_step (endless, &error), ==, DA_STEP_ROW);
  thread = g_thread_new ("interrupt", interrupt_thread, fixture);
  do
    step = da_statement_step (endless, &error);
  while (step == DA_STEP_ROW);
  g_thread_join (thread);
  g_assert_cmpint (step, ==, DA_STEP_FAILED);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_migrations (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "fresh.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaDatabase) database = da_database_open (path, &error);
  gint64 version = 0;

  g_assert_true (da_migrations_apply (database, &error));
  g_assert_no_error (error);
  g_assert_true (da_database_query_int (database, &version, &error, "PRAGMA user_version", ""));
  g_assert_cmpint (version, ==, da_migrations_newest ());
  g_assert_true (da_migrations_apply (database, &error));
  g_assert_no_error (error);
}

/* Whatever step fails, the schema is one of the versions, and the next start goes on from there. */
static void
test_migrations_fail (Fixture       *fixture,
                      gconstpointer  user_data)
{
  for (guint nth = 1; nth < 100; nth++)
    {
      g_autofree char *name = g_strdup_printf ("fresh-%u.db", nth);
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (DaDatabase) database = da_database_open (path, &error);
      gboolean done;

      g_assert_no_error (error);
      da_database_fail_nth (nth, DA_ERROR_NO_SPACE);
      done = da_migrations_apply (database, &error);
      if (da_database_fail_pending ())
        {
          g_assert_true (done);
          g_assert_cmpuint (nth, >, 4);
          da_database_fail_nth (0, 0);
          return;
        }
      g_assert_false (done);
      g_assert_cmpint (error->code, ==, DA_ERROR_NO_SPACE);
      g_clear_error (&error);
      g_assert_true (da_migrations_apply (database, &error));
      g_assert_no_error (error);
    }
  g_assert_not_reached ();
}

#define add(path, func) g_test_add ((path), Fixture, NULL, set_up, (func), tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  add ("/store/database/it-is-set-up-to-be-durable", test_settings);
  add ("/store/database/values-come-back", test_values);
  add ("/store/database/a-query-may-run-inside-itself", test_nested);
  add ("/store/database/errors-have-kinds-and-leave-it-usable", test_errors);
  add ("/store/database/transactions-are-whole", test_transactions);
  add ("/store/database/the-log-is-written-back-on-demand", test_checkpoint);
  add ("/store/database/the-nth-step-can-be-made-to-fail", test_fail_nth);
  add ("/store/database/another-thread-can-interrupt", test_interrupt);
  add ("/store/database/migrations-run-once", test_migrations);
  add ("/store/database/a-failed-migration-is-done-the-next-time", test_migrations_fail);
  return g_test_run ();
}
