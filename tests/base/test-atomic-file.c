/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-atomic-file"

#include "da-atomic-file.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-error.h"
#include "da-test-util.h"
#include "da-worker.h"

/* write, fsync, rename, fsync folder */
#define STEPS 4

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->folder = da_test_make_dir ();
  self->path = g_build_filename (self->folder, "file.json", NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  da_atomic_file_fail_nth (0, 0);
  da_test_remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static void
assert_content (const char *path,
                const char *wanted)
{
  g_autofree char *text = da_test_read_file (path, NULL);

  g_assert_cmpstr (text, ==, wanted);
}

static guint
count_entries (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static int
mode_of (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
test_new_file (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (da_atomic_file_write (self->path, "one", 3, 0600, &error));
  g_assert_no_error (error);
  assert_content (self->path, "one");
  g_assert_cmpint (mode_of (self->path), ==, 0600);
  g_assert_cmpuint (count_entries (self->folder), ==, 1);
}

static void
test_mode_is_kept (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (da_atomic_file_write (self->path, "one", 3, 0644, &error));
  g_assert_cmpint (mode_of (self->path), ==, 0644);
  g_assert_cmpint (chmod (self->path, 0640), ==, 0);
  g_assert_true (da_atomic_file_write (self->path, "second", 6, 0600, &error));
  g_assert_no_error (error);
  assert_content (self->path, "second");
  g_assert_cmpint (mode_of (self->path), ==, 0640);
  g_assert_cmpuint (count_entries (self->folder), ==, 1);
}

static void
test_empty_file (Fixture       *self,
                 gconstpointer  data)
{
  g_assert_true (da_atomic_file_write (self->path, "one", 3, 0600, NULL));
  g_assert_true (da_atomic_file_write (self->path, NULL, 0, 0600, NULL));
  assert_content (self->path, "");
}

static void
test_link_is_followed (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *link = g_build_filename (self->folder, "link", NULL);
  g_autofree char *second = g_build_filename (self->folder, "second", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("file.json", link), ==, 0);
  g_assert_cmpint (symlink (link, second), ==, 0);

  /* First to a target that is not there yet, then over it. */
  g_assert_true (da_atomic_file_write (second, "one", 3, 0600, &error));
  g_assert_no_error (error);
  assert_content (self->path, "one");
  g_assert_true (da_atomic_file_write (link, "two", 3, 0600, &error));
  assert_content (self->path, "two");
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (second, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpuint (count_entries (self->folder), ==, 3);
}

static void
test_link_loop (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("file.json", self->path), ==, 0);
  g_assert_false (da_atomic_file_write (self->path, "one", 3, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_LINKS);
}

static void
test_other_kinds_are_refused (Fixture       *self,
                              gconstpointer  data)
{
  g_autofree char *missing = g_build_filename (self->folder, "none", "file", NULL);
  g_autofree char *fifo = g_build_filename (self->folder, "fifo", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (da_atomic_file_write (self->folder, "x", 1, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);
  g_assert_false (da_atomic_file_write (missing, "x", 1, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_false (da_atomic_file_write (fifo, "x", 1, 0600, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (count_entries (self->folder), ==, 1);
}

/* Whichever step fails, the old file is whole, nothing else lies around, and the next try works. */
static void
test_each_step_may_fail (Fixture       *self,
                         gconstpointer  data)
{
  for (guint exists = 0; exists < 2; exists++)
    {
      for (guint step = 1; step <= STEPS; step++)
        {
          g_autoptr (GError) error = NULL;

          g_remove (self->path);
          if (exists)
            g_assert_true (da_atomic_file_write (self->path, "old", 3, 0600, NULL));

          da_atomic_file_fail_nth (step, step % 2 == 0 ? ENOSPC : EIO);
          g_assert_false (da_atomic_file_write (self->path, "new", 3, 0600, &error));
          if (step % 2 == 0)
            g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
          else
            g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
          g_assert_nonnull (strstr (error->message, "file.json"));

          g_assert_cmpuint (count_entries (self->folder), ==, exists);
          if (exists)
            assert_content (self->path, "old");

          g_assert_true (da_atomic_file_write (self->path, "new", 3, 0600, NULL));
          assert_content (self->path, "new");
          g_assert_cmpuint (count_entries (self->folder), ==, 1);
        }
    }

  /* One more than there are steps: that write succeeds, the next one's first step fails. */
  da_atomic_file_fail_nth (STEPS + 1, EDQUOT);
  g_assert_true (da_atomic_file_write (self->path, "a", 1, 0600, NULL));
  g_assert_false (da_atomic_file_write (self->path, "b", 1, 0600, NULL));
  assert_content (self->path, "a");
}

/* A real refusal of the kernel in the middle of the writing, not only the seam's. */
static void
test_file_size_limit (Fixture       *self,
                      gconstpointer  data)
{
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;
  struct rlimit old;
  struct rlimit tight = { .rlim_cur = 4096 };
  gboolean written;

  g_assert_true (da_atomic_file_write (self->path, "old", 3, 0600, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  tight.rlim_max = old.rlim_max;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &tight), ==, 0);
  written = da_atomic_file_write (self->path, large, strlen (large), 0600, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  g_assert_false (written);
  g_assert_nonnull (error);
  assert_content (self->path, "old");
  g_assert_cmpuint (count_entries (self->folder), ==, 1);
}

/* A reader sees one whole version or the other, never none and never a mixture. */
static gpointer
read_often (gpointer user_data)
{
  Fixture *self = user_data;

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *text = da_test_read_file (self->path, NULL);

      g_assert_cmpuint (strlen (text), ==, 50000);
      g_assert_cmpuint (strspn (text, (char[]) { text[0], '\0' }), ==, 50000);
    }
  return NULL;
}

static void
test_readers_see_whole_versions (Fixture       *self,
                                 gconstpointer  data)
{
  GThread *reader;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *text = g_strnfill (50000, (char) ('a' + i % 26));

      g_assert_true (da_atomic_file_write (self->path, text, 50000, 0600, NULL));
      if (i == 0)
        reader = g_thread_new ("reader", read_often, self);
    }
  g_thread_join (reader);
}

static void
test_async (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("later", 5);
  g_autoptr (GAsyncResult) good = NULL;
  g_autoptr (GAsyncResult) bad = NULL;
  g_autoptr (GError) error = NULL;

  da_atomic_file_write_async (self->path, bytes, 0600, NULL, da_test_async_cb, &good);
  g_assert_null (good);
  da_test_run_async (&good);
  g_assert_true (da_atomic_file_write_finish (good, &error));
  g_assert_no_error (error);
  assert_content (self->path, "later");

  da_atomic_file_fail_nth (1, ENOSPC);
  da_atomic_file_write_async (self->path, bytes, 0600, NULL, da_test_async_cb, &bad);
  da_test_run_async (&bad);
  g_assert_false (da_atomic_file_write_finish (bad, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) \
  g_test_add ("/base/atomic-file/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("new-file-has-the-mode", test_new_file);
  ADD ("mode-of-an-existing-file-is-kept", test_mode_is_kept);
  ADD ("empty-file", test_empty_file);
  ADD ("link-is-followed", test_link_is_followed);
  ADD ("link-loop-is-an-error", test_link_loop);
  ADD ("other-kinds-are-refused", test_other_kinds_are_refused);
  ADD ("each-step-may-fail", test_each_step_may_fail);
  ADD ("file-size-limit-leaves-the-old-file", test_file_size_limit);
  ADD ("readers-see-whole-versions", test_readers_see_whole_versions);
  ADD ("async-writes-and-reports", test_async);

  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
