/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secrets-file"

#include "da-secrets.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-error.h"
#include "da-macros.h"
#include "secrets-test-util.h"

#define N_CONCURRENT 40

typedef struct {
  char      *folder;
  char      *path;
  DaSecrets *secrets;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = make_folder ();
  fixture->path = g_build_filename (fixture->folder, "secrets.json", NULL);
  fixture->secrets = da_secrets_new_file (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  da_atomic_file_fail_nth (0, 0);
  assert_finalized (fixture->secrets);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static int
get_mode (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return (int) (info.st_mode & 07777);
}

static char *
read_file (const char *path)
{
  g_autoptr(GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
write_file (const char *path, const char *text, int mode)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, (mode_t) mode), ==, 0);
}

/* (transfer full) (nullable): the one file whose name starts with that of the secrets' file. */
static char *
find_aside (Fixture *fixture)
{
  g_autoptr(GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  char *found = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (!g_str_equal (name, "secrets.json"))
      {
        g_assert_null (found);
        found = g_build_filename (fixture->folder, name, NULL);
      }
  return found;
}

static void
test_survives_a_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr(DaSecrets) later = NULL;

  g_assert_cmpint (da_secrets_get_kind (fixture->secrets), ==, DA_SECRETS_KIND_FILE);
  assert_secret (fixture->secrets, "preset:a", NULL);
  assert_store (fixture->secrets, "preset:a", "value \"one\"\n\t\\ ü 🔑");
  assert_store (fixture->secrets, "preset:b", "value two");
  later = da_secrets_new_file (fixture->path);
  assert_secret (later, "preset:a", "value \"one\"\n\t\\ ü 🔑");
  assert_clear (later, "preset:a");
  assert_secret (fixture->secrets, "preset:a", NULL);
  assert_secret (fixture->secrets, "preset:b", "value two");
}

static void
test_is_private (Fixture *fixture, gconstpointer data)
{
  mode_t old = umask (0);

  assert_store (fixture->secrets, "preset:a", "a-value");
  umask (old);
  g_assert_cmpint (get_mode (fixture->path), ==, 0600);
}

static void
test_looking_up_makes_no_file (Fixture *fixture, gconstpointer data)
{
  assert_secret (fixture->secrets, "preset:a", NULL);
  assert_clear (fixture->secrets, "preset:a");
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_a_readable_file_is_made_private (Fixture *fixture, gconstpointer data)
{
  write_file (fixture->path, "{\"secrets\":{\"preset:a\":\"seen-value\"}}", 0644);
  g_test_expect_message ("da-secrets-document", G_LOG_LEVEL_WARNING,
                         "*could be read by other people (mode 0644)*");
  assert_secret (fixture->secrets, "preset:a", "seen-value");
  g_test_assert_expected_messages ();
  g_assert_cmpint (get_mode (fixture->path), ==, 0600);
  assert_secret (fixture->secrets, "preset:a", "seen-value");
  assert_store (fixture->secrets, "preset:a", "new-value");
  g_assert_cmpint (get_mode (fixture->path), ==, 0600);
}

static void
test_foreign_members_are_kept (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  write_file (fixture->path,
              "{\"note\":[1,2.5,null],\"secrets\":{\"x\":\"1\",\"odd\":{\"k\":true}}}", 0600);
  assert_secret (fixture->secrets, "odd", NULL);
  assert_store (fixture->secrets, "preset:a", "a-value");
  assert_secret (fixture->secrets, "x", "1");
  text = read_file (fixture->path);
  g_assert_nonnull (strstr (text, "\"note\""));
  g_assert_nonnull (strstr (text, "2.5"));
  g_assert_nonnull (strstr (text, "\"odd\""));
}

/* Each of these is refused, changed by nobody, and kept when somebody stores anew. */
static void
test_a_damaged_file_is_never_emptied (Fixture *fixture, gconstpointer data)
{
  static const char * const damaged[] = {
    "",
    "\n",
    "{",
    "{\"secrets\":{\"preset:a\":\"half a val",
    "{\"secrets\":[]}",
    "{\"secrets\":null}",
    "{}",
    "[]",
    "null",
    "{\"secrets\":{\"preset:a\":\"1\",\"preset:a\":\"2\"}}",
    "{'secrets':{}}",
    "{\"secrets\":{}} trailing",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *aside = NULL;
      g_autofree char *kept = NULL;
      Answer answer = { 0 };

      write_file (fixture->path, damaged[i], 0600);
      for (int again = 0; again < 2; again++)
        assert_lookup_error (fixture->secrets, "preset:a", DA_ERROR, DA_ERROR_CORRUPT);
      begin_clear (fixture->secrets, "preset:a", &answer);
      answer_wait (&answer);
      g_assert_error (answer.error, DA_ERROR, DA_ERROR_CORRUPT);
      g_assert_null (strstr (answer.error->message, "half a val"));
      answer_clear (&answer);
      text = read_file (fixture->path);
      g_assert_cmpstr (text, ==, damaged[i]);

      g_test_expect_message ("da-secrets-file", G_LOG_LEVEL_WARNING, "*is kept as*");
      assert_store (fixture->secrets, "preset:a", "entered-again");
      g_test_assert_expected_messages ();
      assert_secret (fixture->secrets, "preset:a", "entered-again");
      aside = find_aside (fixture);
      g_assert_nonnull (aside);
      kept = read_file (aside);
      g_assert_cmpstr (kept, ==, damaged[i]);
      g_assert_cmpint (get_mode (aside), ==, 0600);
      g_assert_cmpint (g_unlink (aside), ==, 0);
    }
}

static void
test_asides_do_not_replace_each_other (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GDir) dir = NULL;
  int n = 0;

  for (int i = 0; i < 3; i++)
    {
      write_file (fixture->path, "broken", 0600);
      g_test_expect_message ("da-secrets-file", G_LOG_LEVEL_WARNING, "*is kept as*");
      assert_store (fixture->secrets, "preset:a", "a-value");
      g_test_assert_expected_messages ();
    }
  dir = g_dir_open (fixture->folder, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpint (n, ==, 4);
}

static void
test_too_long_a_file_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (1024 * 1024, ' ');
  g_autofree char *text = g_strconcat ("{\"secrets\":{}}", filler, NULL);

  write_file (fixture->path, text, 0600);
  assert_lookup_error (fixture->secrets, "preset:a", DA_ERROR, DA_ERROR_CORRUPT);
}

static void
test_stores_at_the_same_time_all_arrive (Fixture *fixture, gconstpointer data)
{
  g_autoptr(DaSecrets) second = da_secrets_new_file (fixture->path);
  Answer answers[N_CONCURRENT] = { 0 };

  for (int i = 0; i < N_CONCURRENT; i++)
    {
      g_autofree char *id = g_strdup_printf ("preset:%d", i);
      g_autofree char *value = g_strdup_printf ("value number %d", i);

      begin_store (i % 2 == 0 ? fixture->secrets : second, id, value, &answers[i]);
    }
  for (int i = 0; i < N_CONCURRENT; i++)
    {
      answer_wait (&answers[i]);
      g_assert_no_error (answers[i].error);
      answer_clear (&answers[i]);
    }
  for (int i = 0; i < N_CONCURRENT; i++)
    {
      g_autofree char *id = g_strdup_printf ("preset:%d", i);
      g_autofree char *value = g_strdup_printf ("value number %d", i);

      assert_secret (fixture->secrets, id, value);
    }
}

/* Every step of the write fails once; the file is the old one or the new one, never another. */
static void
test_each_failing_step_leaves_the_old_file (Fixture *fixture, gconstpointer data)
{
  static const int faults[] = { ENOSPC, EDQUOT, EIO, EROFS };

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      gboolean is_full = faults[i] == ENOSPC || faults[i] == EDQUOT;
      gboolean done = FALSE;
      guint failed = 0;

      da_atomic_file_fail_nth (0, 0);
      assert_store (fixture->secrets, "preset:a", "old-value");
      assert_store (fixture->secrets, "preset:b", "kept-value");
      for (guint nth = 1; !done; nth++)
        {
          Answer answer = { 0 };

          g_assert_cmpuint (nth, <, 20);
          da_atomic_file_fail_nth (nth, faults[i]);
          begin_store (fixture->secrets, "preset:a", "new-value", &answer);
          answer_wait (&answer);
          done = answer.error == NULL;
          da_atomic_file_fail_nth (0, 0);
          if (!done)
            {
              failed++;
              if (is_full)
                g_assert_error (answer.error, DA_ERROR, DA_ERROR_NO_SPACE);
              else
                g_assert_true (answer.error->domain == G_IO_ERROR);
              g_assert_null (strstr (answer.error->message, "new-value"));
            }
          answer_clear (&answer);
          begin_lookup (fixture->secrets, "preset:a", NULL, &answer);
          answer_wait (&answer);
          g_assert_no_error (answer.error);
          if (done)
            g_assert_cmpstr (answer.secret, ==, "new-value");
          else
            g_assert_true (g_str_equal (answer.secret, "old-value")
                           || g_str_equal (answer.secret, "new-value"));
          answer_clear (&answer);
          assert_secret (fixture->secrets, "preset:b", "kept-value");
          g_assert_null (find_aside (fixture));
        }
      g_assert_cmpuint (failed, >=, 3);
    }
}

static void
test_full_disk_keeps_a_damaged_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  write_file (fixture->path, "precious but broken", 0600);
  for (guint nth = 1; nth <= 6; nth++)
    {
      da_atomic_file_fail_nth (nth, ENOSPC);
      assert_store_error (fixture->secrets, "preset:a", "a-value", DA_ERROR, DA_ERROR_NO_SPACE);
      da_atomic_file_fail_nth (0, 0);
    }
  text = read_file (fixture->path);
  g_assert_cmpstr (text, ==, "precious but broken");
}

static void
test_what_cannot_be_read_is_an_error (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "plain", NULL);
  g_autofree char *beneath = g_build_filename (file, "secrets.json", NULL);
  g_autoptr(DaSecrets) blocked = da_secrets_new_file (beneath);

  /* A folder in place of the file, a file in place of a folder: these stop root too. */
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  assert_lookup_error (fixture->secrets, "preset:a", G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  assert_store_error (fixture->secrets, "preset:a", "v", G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);

  write_file (file, "x", 0600);
  assert_lookup_error (blocked, "preset:a", G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  assert_store_error (blocked, "preset:a", "v", G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
}

static void
test_a_pipe_does_not_hold_the_worker (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder, "other.json", NULL);
  g_autoptr(DaSecrets) secrets = da_secrets_new_file (other);

  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  assert_lookup_error (fixture->secrets, "preset:a", G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  assert_secret (secrets, "preset:a", NULL);
}

static void
test_a_link_is_followed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "elsewhere", NULL);
  g_autofree char *text = NULL;
  struct stat info;

  write_file (target, "{\"secrets\":{}}", 0600);
  g_assert_cmpint (symlink ("elsewhere", fixture->path), ==, 0);
  assert_store (fixture->secrets, "preset:a", "a-value");
  g_assert_cmpint (lstat (fixture->path, &info), ==, 0);
  g_assert_true (S_ISLNK (info.st_mode));
  text = read_file (target);
  g_assert_nonnull (strstr (text, "a-value"));
}

static void
test_a_missing_folder_is_made (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (fixture->folder, "not", "yet", NULL);
  g_autofree char *path = g_build_filename (folder, "secrets.json", NULL);
  g_autoptr(DaSecrets) secrets = da_secrets_new_file (path);

  assert_secret (secrets, "preset:a", NULL);
  assert_store (secrets, "preset:a", "a-value");
  assert_secret (secrets, "preset:a", "a-value");
  g_assert_cmpint (get_mode (folder), ==, 0700);
}

static void
test_dropped_while_working (Fixture *fixture, gconstpointer data)
{
  DaSecrets *secrets = da_secrets_new_file (fixture->path);
  Answer answer = { 0 };

  begin_store (secrets, "preset:a", "a-value", &answer);
  g_object_unref (secrets);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  answer_clear (&answer);
  assert_secret (fixture->secrets, "preset:a", "a-value");
}

#define ADD(name, func) \
  g_test_add ("/secrets/file/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();

  ADD ("survives-a-restart", test_survives_a_restart);
  ADD ("is-private", test_is_private);
  ADD ("looking-up-makes-no-file", test_looking_up_makes_no_file);
  ADD ("a-readable-file-is-made-private", test_a_readable_file_is_made_private);
  ADD ("foreign-members-are-kept", test_foreign_members_are_kept);
  ADD ("a-damaged-file-is-never-emptied", test_a_damaged_file_is_never_emptied);
  ADD ("asides-do-not-replace-each-other", test_asides_do_not_replace_each_other);
  ADD ("too-long-a-file-is-refused", test_too_long_a_file_is_refused);
  ADD ("stores-at-the-same-time-all-arrive", test_stores_at_the_same_time_all_arrive);
  ADD ("each-failing-step-leaves-the-old-file", test_each_failing_step_leaves_the_old_file);
  ADD ("full-disk-keeps-a-damaged-file", test_full_disk_keeps_a_damaged_file);
  ADD ("what-cannot-be-read-is-an-error", test_what_cannot_be_read_is_an_error);
  ADD ("a-pipe-does-not-hold-the-worker", test_a_pipe_does_not_hold_the_worker);
  ADD ("a-link-is-followed", test_a_link_is_followed);
  ADD ("a-missing-folder-is-made", test_a_missing_folder_is_made);
  ADD ("dropped-while-working", test_dropped_while_working);
  return g_test_run ();
}
