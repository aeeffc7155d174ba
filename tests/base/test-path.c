/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-path"

#include "da-path.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-error.h"
#include "da-test-util.h"

typedef struct {
  char *outside;   /* the folder around root */
  char *root;
} Fixture;

static char *
child (const char *folder,
       const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
make_link (const char *folder,
           const char *name,
           const char *target)
{
  g_autofree char *path = child (folder, name);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autofree char *made = da_test_make_dir ();
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;
  g_autofree char *secret = NULL;

  self->outside = realpath (made, NULL);
  self->root = child (self->outside, "root");
  folder = child (self->root, "folder");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  file = child (folder, "file");
  da_test_write_file (file, "in");
  secret = child (self->outside, "secret");
  da_test_write_file (secret, "out");
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  da_test_remove_tree (self->outside);
  free (self->outside);
  g_free (self->root);
}

static void
assert_resolves (Fixture    *self,
                 const char *relative,
                 const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = da_path_resolve_beneath (self->root, relative, &error);
  g_autofree char *absolute = child (self->root, wanted);

  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, absolute);
}

static void
assert_refused (Fixture    *self,
                const char *relative)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = da_path_resolve_beneath (self->root, relative, &error);

  g_assert_cmpstr (path, ==, NULL);
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
}

static void
test_inside (Fixture       *self,
             gconstpointer  data)
{
  assert_resolves (self, "folder", "folder");
  assert_resolves (self, "folder/file", "folder/file");
  assert_resolves (self, "new", "new");
  assert_resolves (self, "folder/new", "folder/new");
  assert_resolves (self, "folder/..new", "folder/..new");
  assert_resolves (self, "...", "...");
}

static void
test_words_that_leave (Fixture       *self,
                       gconstpointer  data)
{
  static const char *const words[] = {
    "", "/", "/etc/passwd", "..", ".", "../secret", "folder/../../secret", "folder/..",
    "folder/../x",
    "./folder", "folder//file", "folder/", "folder/.", "//folder", "gone/file",
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    assert_refused (self, words[i]);
}

static void
test_links_that_leave (Fixture       *self,
                       gconstpointer  data)
{
  make_link (self->root, "to-secret", "../secret");
  make_link (self->root, "to-secret-absolute", "/etc/passwd");
  make_link (self->root, "to-outside", "..");
  make_link (self->root, "to-nowhere", "../not-there");
  make_link (self->root, "loop", "loop");
  make_link (self->root, "to-root", ".");
  assert_refused (self, "to-secret");
  assert_refused (self, "to-secret-absolute");
  assert_refused (self, "to-outside");
  assert_refused (self, "to-outside/secret");
  assert_refused (self, "to-outside/new");
  assert_refused (self, "to-nowhere");
  assert_refused (self, "loop");
  assert_refused (self, "loop/x");
  assert_refused (self, "to-root");
}

static void
test_links_that_stay (Fixture       *self,
                      gconstpointer  data)
{
  make_link (self->root, "alias", "folder");
  make_link (self->root, "file-alias", "folder/file");
  assert_resolves (self, "alias/file", "folder/file");
  assert_resolves (self, "alias/new", "folder/new");
  assert_resolves (self, "file-alias", "folder/file");
  assert_resolves (self, "alias", "folder");
}

/* "/tmp/x/root" is not above "/tmp/x/root-other". */
static void
test_sibling_with_the_same_beginning (Fixture       *self,
                                      gconstpointer  data)
{
  g_autofree char *sibling = child (self->outside, "root-other");

  g_assert_cmpint (g_mkdir (sibling, 0700), ==, 0);
  make_link (self->root, "other", "../root-other");
  assert_refused (self, "other");
  assert_refused (self, "other/x");
}

static void
test_root_may_be_a_link (Fixture       *self,
                         gconstpointer  data)
{
  g_autofree char *link = child (self->outside, "link");
  g_autofree char *wanted = child (self->root, "folder/file");
  g_autofree char *path = NULL;

  make_link (self->outside, "link", "root");
  path = da_path_resolve_beneath (link, "folder/file", NULL);
  g_assert_cmpstr (path, ==, wanted);
}

static void
test_good_ids (void)
{
  static const char *const ids[] = {
    "conv_1795335204446_abc123xyz", "whatsapp_491701234567@s.whatsapp.net", "a", "A-b_c.d@e",
    "indexes", "metadata.json.x", "com10", "com", "lpt", "console", "con1", "nul-x", "-", "_", "@",
    ".hidden", "0",
  };
  g_autofree char *longest = g_strnfill (200, 'x');
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_assert_true (da_path_check_id (ids[i], &error));
      g_assert_no_error (error);
    }
  g_assert_true (da_path_check_id (longest, &error));
}

static void
test_bad_ids (void)
{
  static const struct { const char *id; const char *part; } ids[] = {
    { NULL, "empty" }, { "", "empty" }, { "  \t", "empty" }, { "a..b", "“..”" }, { "..", "“..”" },
    { "a/b", "“/”" }, { "a\\b", "“\\”" }, { ".", "end in a dot" }, { "a.", "end in a dot" },
    { "a ", "a space" }, { "index", "reserved name" }, { "INDEX", "reserved name" },
    { "Metadata", "reserved name" }, { "con", "device" }, { "CON.txt", "device" },
    { "nul.a.b", "device" }, { "aux", "device" }, { "prn", "device" }, { "com0", "device" },
    { "com9.x", "device" }, { "LPT1", "device" }, { "a b", "letters" }, { "ä", "letters" },
    { "a:b", "letters" }, { "a\nb", "letters" }, { "a%2fb", "letters" }, { "a\xff", "letters" },
  };
  g_autofree char *too_long = g_strnfill (201, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (da_path_check_id (ids[i].id, &error));
      g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, ids[i].part));
    }
  g_assert_false (da_path_check_id (too_long, NULL));
}

static int
mode_of (const char *path)
{
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static void
test_private_folder (Fixture       *self,
                     gconstpointer  data)
{
  g_autofree char *deep = child (self->outside, "a/b/c");
  g_autofree char *middle = child (self->outside, "a/b");
  g_autofree char *file = child (self->outside, "secret");
  g_autofree char *below_file = child (self->outside, "secret/x");
  g_autoptr (GError) error = NULL;

  g_assert_true (da_path_ensure_private (deep, &error));
  g_assert_no_error (error);
  g_assert_cmpint (mode_of (deep), ==, 0700);
  g_assert_cmpint (mode_of (middle), ==, 0700);

  g_assert_cmpint (chmod (deep, 0755), ==, 0);
  g_assert_true (da_path_ensure_private (deep, &error));
  g_assert_cmpint (mode_of (deep), ==, 0700);

  g_assert_false (da_path_ensure_private (below_file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_clear_error (&error);

  g_assert_false (da_path_ensure_private (file, &error));
  g_assert_nonnull (error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) \
  g_test_add ("/base/path/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("inside-is-resolved", test_inside);
  ADD ("words-that-leave-are-refused", test_words_that_leave);
  ADD ("links-that-leave-are-refused", test_links_that_leave);
  ADD ("links-that-stay-are-followed", test_links_that_stay);
  ADD ("sibling-with-the-same-beginning-is-outside", test_sibling_with_the_same_beginning);
  ADD ("root-may-be-a-link", test_root_may_be_a_link);
  ADD ("private-folder", test_private_folder);
  g_test_add_func ("/base/path/good-ids", test_good_ids);
  g_test_add_func ("/base/path/bad-ids-say-which-rule", test_bad_ids);

  return g_test_run ();
}
