/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-database.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-migrations.h"
#include "store-fixture.h"

static char *
database_path (Fixture *fixture)
{
  return g_build_filename (fixture->dir, "dotagents.db", NULL);
}

static void
fill (Fixture *fixture)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", "a:hello", NULL);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", i);
      g_autoptr (DaConversation) made = fixture_create (fixture, id, messages);
    }
}

static void
shut (Fixture *fixture)
{
  fixture_close (g_steal_pointer (&fixture->store));
}

static void
expect_critical (const char *pattern)
{
  g_test_expect_message ("da-store-recovery", G_LOG_LEVEL_CRITICAL, pattern);
}

/* (transfer full): the paths of all files that were set aside, without what SQLite keeps beside
 * them. */
static GPtrArray *
list_aside (Fixture *fixture)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->dir, 0, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, "dotagents.db.corrupt-") && !g_str_has_suffix (name, "-wal") &&
        !g_str_has_suffix (name, "-shm"))
      g_ptr_array_add (paths, g_build_filename (fixture->dir, name, NULL));
  return paths;
}

/* (transfer full): the one file that is there now and was not in @before. */
static char *
find_new_aside (Fixture   *fixture,
                GPtrArray *before)
{
  g_autoptr (GPtrArray) now = list_aside (fixture);
  char *found = NULL;

  for (guint i = 0; i < now->len; i++)
    {
      if (g_ptr_array_find_with_equal_func (before, now->pdata[i], g_str_equal, NULL))
        continue;
      g_assert_null (found);
      found = g_strdup (now->pdata[i]);
    }
  g_assert_nonnull (found);
  g_assert_cmpuint (now->len, ==, before->len + 1);
  return found;
}

static void
assert_none_aside (Fixture *fixture)
{
  g_autoptr (GPtrArray) all = list_aside (fixture);

  g_assert_cmpuint (all->len, ==, 0);
}

static void
overwrite (const char *path,
           goffset     offset,
           gsize       length)
{
  g_autofree char *noise = g_strnfill (length, 'Z');
  int fd = g_open (path, O_WRONLY | O_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, noise, length, offset), ==, length);
  close (fd);
}

/* (transfer full): the path it has now. */
static char *
assert_set_aside (Fixture *fixture)
{
  g_autoptr (GPtrArray) before = list_aside (fixture);
  g_autofree char *told = NULL;
  g_autoptr (GPtrArray) list = NULL;
  char *aside;
  const char *notice;

  expect_critical ("*was damaged*kept as*");
  fixture_reopen (fixture);
  g_test_assert_expected_messages ();
  aside = find_new_aside (fixture, before);
  notice = da_store_get_recovery_notice (fixture->store);
  g_assert_nonnull (notice);
  /* The comma, as the name may be the beginning of another one's. */
  told = g_strdup_printf ("kept as %s,", aside);
  g_assert_nonnull (strstr (notice, told));
  list = fixture_list (fixture, 0, 0, NULL);
  g_assert_cmpuint (list->len, ==, 0);
  return aside;
}

static void
test_garbage (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *aside = NULL;
  g_autofree char *kept = NULL;

  shut (fixture);
  da_test_write_file (path, "this is no database, but somebody's text\n");
  aside = assert_set_aside (fixture);
  kept = da_test_read_file (aside, NULL);
  g_assert_cmpstr (kept, ==, "this is no database, but somebody's text\n");

  /* The new one is a real one, and the notice is of this start only. */
  fixture_reopen (fixture);
  g_assert_null (da_store_get_recovery_notice (fixture->store));
}

static void
test_damaged (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *aside = NULL;

  fill (fixture);
  shut (fixture);
  /* Every page but the first: the header is fine, the rest is not. */
  overwrite (path, 4096, 20 * 4096);
  aside = assert_set_aside (fixture);
}

static void
test_truncated (Fixture       *fixture,
                gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *aside = NULL;

  fill (fixture);
  shut (fixture);
  g_assert_no_errno (truncate (path, 5 * 4096));
  aside = assert_set_aside (fixture);
}

static void
test_twice (Fixture       *fixture,
            gconstpointer  user_data)
{
  static const char *const texts[] = { "the first of two garbages", "the second of two garbages" };
  g_autofree char *path = database_path (fixture);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      shut (fixture);
      da_test_write_file (path, texts[i]);
      g_ptr_array_add (paths, assert_set_aside (fixture));
    }
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *kept = da_test_read_file (paths->pdata[i], NULL);

      g_assert_cmpstr (kept, ==, texts[i]);
    }
  all = list_aside (fixture);
  g_assert_cmpuint (all->len, ==, 2);
}

static void
test_foreign (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *aside = NULL;
  g_autoptr (GError) error = NULL;
  DaDatabase *foreign;

  shut (fixture);
  g_unlink (path);
  foreign = da_database_open (path, &error);
  g_assert_true (da_database_exec (foreign, "CREATE TABLE theirs (x); "
                                   "INSERT INTO theirs VALUES (1)", &error));
  da_database_free (foreign);
  aside = assert_set_aside (fixture);
}

static void
test_newer (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *known = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  DaDatabase *database;

  fill (fixture);
  shut (fixture);
  database = da_database_open (path, &error);
  g_assert_true (da_database_exec (database, "PRAGMA user_version = 9999", &error));
  da_database_free (database);

  g_assert_null (fixture_open_dir (fixture->dir, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "9999"));
  g_assert_nonnull (strstr (error->message, "newer"));
  assert_none_aside (fixture);
  g_clear_error (&error);

  database = da_database_open (path, &error);
  known = g_strdup_printf ("PRAGMA user_version = %d", (int) da_migrations_newest ());
  g_assert_true (da_database_exec (database, known, &error));
  da_database_free (database);
  fixture_reopen (fixture);
  list = fixture_list (fixture, 0, 0, NULL);
  g_assert_cmpuint (list->len, ==, 100);
}

static void
test_locked (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) after = NULL;
  DaDatabase *other;
  gint64 start;

  /* Another connection is another process to SQLite. */
  other = da_database_open (path, &error);
  g_assert_no_error (error);
  g_assert_true (da_database_begin (other, TRUE, &error));
  start = g_get_monotonic_time ();
  g_assert_null (fixture_begin (fixture->store, "run_1", "conv_1", TRUE, messages, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_BUSY);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 4 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 8 * G_USEC_PER_SEC);
  g_clear_error (&error);
  da_database_rollback (other);
  da_database_free (other);

  after = fixture_begin (fixture->store, "run_1", "conv_1", TRUE, messages, &error);
  g_assert_no_error (error);
}

static void
test_interrupted (Fixture       *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (GPtrArray) question = fixture_messages ("u:tell me", NULL);
  g_autoptr (DaConversation) one = NULL;
  g_autoptr (DaConversation) two = NULL;
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (DaConversation) silent = NULL;
  g_autoptr (DaRunJournal) journal = NULL;
  g_autoptr (GError) error = NULL;
  DaMessage *message;
  DaRunEvent *event;

  one = fixture_begin (fixture->store, "run_1", "conv_1", TRUE, question, &error);
  two = fixture_begin (fixture->store, "run_2", "conv_2", TRUE, question, &error);
  g_assert_true (fixture_append (fixture->store, "run_1", 1, 9, "Once upon", &error));
  /* Cut inside an ä. */
  g_assert_true (fixture_append (fixture->store, "run_1", 2, 14, " a M\xc3", &error));
  fixture_reopen (fixture);

  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (loaded->messages->len, ==, 2);
  message = loaded->messages->pdata[1];
  g_assert_true (g_str_has_prefix (message->content, "Once upon a M"));
  g_assert_true (g_utf8_validate (message->content, -1, NULL));
  g_assert_cmpint (message->role, ==, DA_ROLE_ASSISTANT);
  g_assert_cmpstr (message->finish_reason, ==, "interrupted");
  g_assert_cmpstr (message->run_id, ==, "run_1");
  g_assert_cmpint (message->timestamp, ==, 1002);

  journal = fixture_load_run (fixture->store, "run_1", 2, &error);
  g_assert_no_error (error);
  g_assert_cmpint (journal->run->state, ==, DA_RUN_STATE_INTERRUPTED);
  g_assert_cmpint (journal->run->ended_at, >, 0);
  g_assert_cmpuint (journal->events->len, ==, 1);
  event = journal->events->pdata[0];
  g_assert_cmpuint (event->number, ==, 3);
  g_assert_cmpint (event->type, ==, DA_RUN_EVENT_FAILED);

  /* Nothing said, nothing stored; and a second start does nothing again. */
  silent = fixture_load (fixture, "conv_2", &error);
  g_assert_cmpuint (silent->messages->len, ==, 1);
  fixture_reopen (fixture);
  g_clear_object (&loaded);
  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_cmpuint (loaded->messages->len, ==, 2);
}

static void
test_private (Fixture       *fixture,
              gconstpointer  user_data)
{
  static const char *const names[] = { "dotagents.db", "dotagents.db-wal", "dotagents.db-shm" };
  struct stat info;

  fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);

      g_assert_no_errno (stat (path, &info));
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    }
  {
    g_autofree char *folder = g_build_filename (fixture->dir, "attachments", NULL);

    g_assert_no_errno (stat (folder, &info));
    g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  }
}

static void
test_closed_clean (Fixture       *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *mark = g_strconcat (path, ".clean", NULL);

  fill (fixture);
  g_assert_false (g_file_test (mark, G_FILE_TEST_EXISTS));
  shut (fixture);
  g_assert_true (g_file_test (mark, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
}

static void
test_no_folder (void)
{
  g_autofree char *dir = da_test_make_dir ();
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autofree char *below = g_build_filename (file, "data", NULL);
  g_autoptr (GError) error = NULL;

  da_main_thread_mark ();
  da_test_write_file (file, "x");
  g_assert_null (fixture_open_dir (below, &error));
  g_assert_nonnull (error);
  da_test_remove_tree (dir);
}

static void
test_large (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autofree char *path = database_path (fixture);
  g_autofree char *mark = g_strconcat (path, ".clean", NULL);
  g_autofree char *doubt = g_strconcat (path, ".check", NULL);
  g_autofree char *text = g_strnfill (200000, 'x');
  g_autofree char *content = g_strconcat ("u:", text, NULL);
  g_autoptr (GPtrArray) messages = fixture_messages (content, NULL);
  g_autofree char *aside = NULL;
  struct stat info;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", i);
      g_autoptr (DaConversation) made = fixture_create (fixture, id, messages);
    }
  shut (fixture);
  g_assert_no_errno (stat (path, &info));
  g_assert_cmpint (info.st_size, >, 9 * 1024 * 1024);

  /* A large file is checked beside the work, and set aside at the next start. Damaged is a page
   * in the middle: an overflow page that nothing at the start reads. */
  overwrite (path, info.st_size / 4096 / 2 * 4096, 4);
  g_unlink (mark);
  expect_critical ("*damaged*set aside at the next start*");
  fixture_reopen (fixture);
  while (!g_file_test (doubt, G_FILE_TEST_EXISTS))
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
  g_assert_nonnull (da_store_get_recovery_notice (fixture->store));
  assert_none_aside (fixture);
  aside = assert_set_aside (fixture);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/recovery/a-file-that-is-no-database-is-kept-aside", test_garbage);
  fixture_add ("/store/recovery/a-damaged-database-is-kept-aside", test_damaged);
  fixture_add ("/store/recovery/a-truncated-database-is-kept-aside", test_truncated);
  fixture_add ("/store/recovery/two-damaged-files-have-two-names", test_twice);
  fixture_add ("/store/recovery/another-programs-database-is-kept-aside", test_foreign);
  fixture_add ("/store/recovery/a-large-file-is-checked-beside-the-work", test_large);
  fixture_add ("/store/recovery/a-newer-schema-is-refused-and-left-alone", test_newer);
  fixture_add ("/store/recovery/a-lock-of-another-process-is-busy-after-five-seconds", test_locked);
  fixture_add ("/store/recovery/interrupted-runs-keep-what-was-said", test_interrupted);
  fixture_add ("/store/recovery/files-are-private", test_private);
  fixture_add ("/store/recovery/a-clean-end-leaves-its-mark-and-no-log", test_closed_clean);
  g_test_add_func ("/store/recovery/a-folder-that-cannot-be-made-is-told", test_no_folder);
  return g_test_run ();
}
