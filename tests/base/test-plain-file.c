/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-plain-file"

#include "da-plain-file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-error.h"
#include "da-test-util.h"

#define LIMIT 100

static void
assert_refused (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = da_plain_file_read (path, LIMIT, &error);

  g_assert_null (bytes);
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
assert_read (const char *path, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = da_plain_file_read (path, LIMIT, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
test_plain_file (void)
{
  g_autofree char *root = da_test_make_dir ();
  g_autofree char *file = g_build_filename (root, "file", NULL);
  g_autofree char *link = g_build_filename (root, "link", NULL);
  g_autofree char *pipe = g_build_filename (root, "pipe", NULL);
  g_autofree char *full = g_strnfill (LIMIT, 'x');
  g_autofree char *larger = g_strnfill (LIMIT + 1, 'x');

  g_assert_true (g_file_set_contents (file, "some\nbytes", -1, NULL));
  assert_read (file, "some\nbytes");
  g_assert_true (g_file_set_contents (file, "", -1, NULL));
  assert_read (file, "");
  g_assert_true (g_file_set_contents (file, full, -1, NULL));
  assert_read (file, full);
  g_assert_cmpint (symlink (file, link), ==, 0);
  assert_refused (link);
  /* Nobody writes to it, and nobody waits for that. */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  assert_refused (pipe);
  assert_refused (root);
  assert_refused ("/dev/zero");
  assert_refused ("/nowhere/at/all");
  g_assert_true (g_file_set_contents (file, larger, -1, NULL));
  assert_refused (file);
  da_test_remove_tree (root);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/base/plain-file/only-plain-ones-and-whole", test_plain_file);
  return g_test_run ();
}
