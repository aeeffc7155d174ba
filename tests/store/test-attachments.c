/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-clock.h"
#include "da-error.h"
#include "store-fixture.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaAttachment, da_attachment_free)

#define PNG_BYTES "\x89PNG\r\n\x1a\n"
#define PNG "iVBORw0KGgo="
/* sha256 of the eight bytes above. */
#define PNG_NAME "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6.png"

static DaAttachment *
find (Fixture     *fixture,
      const char  *id,
      const char  *name,
      GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_find_attachment_async (fixture->store, id, name, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_find_attachment_finish (fixture->store, result, error);
}

static char *
add (Fixture     *fixture,
     const char  *id,
     const char  *type,
     const char  *bytes,
     gsize        length,
     GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) data = g_bytes_new (bytes, length);

  da_store_add_attachment_async (fixture->store, id, type, data, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_add_attachment_finish (fixture->store, result, error);
}

static void
make_conversation (Fixture    *fixture,
                   const char *id,
                   const char *text)
{
  g_autoptr (GPtrArray) messages = fixture_messages (text, NULL);
  g_autoptr (DaConversation) made = fixture_create (fixture, id, messages);
}

static void
test_names (void)
{
  static const struct {
    const char *name;
    gboolean    image;
    gboolean    video;
  } rows[] = {
    { "0123456789abcdef.png", TRUE, FALSE },
    { "0123456789abcdef.jpeg", TRUE, FALSE },
    { "0123456789abcdef.avif", TRUE, FALSE },
    { "0123456789abcdef.mp4", FALSE, TRUE },
    { "0123456789abcdef.ogv", FALSE, TRUE },
    { "0123456789abcde.png", FALSE, FALSE },
    { "0123456789ABCDEF.png", FALSE, FALSE },
    { "0123456789abcdef.PNG", FALSE, FALSE },
    { "0123456789abcdef.svg", FALSE, FALSE },
    { "0123456789abcdef", FALSE, FALSE },
    { "0123456789abcdef.", FALSE, FALSE },
    { "0123456789abcdef.png.png", FALSE, FALSE },
    { "../0123456789abcdef.png", FALSE, FALSE },
    { "0123456789abcdef/.png", FALSE, FALSE },
    { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0.png", FALSE, FALSE },
    { "", FALSE, FALSE },
    { NULL, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (da_attachment_check_name (rows[i].name, FALSE), ==, rows[i].image);
      g_assert_cmpint (da_attachment_check_name (rows[i].name, TRUE), ==, rows[i].video);
    }
}

static void
test_inline (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (DaAttachment) found = NULL;
  g_autofree char *bytes = NULL;
  struct stat info;
  gsize length;

  make_conversation (fixture, "conv_1", "u:see ![x](data:image/png;base64," PNG ")");
  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_cmpstr (DA_MESSAGE (loaded->messages->pdata[0])->content, ==,
                   "see ![x](assets://conversation-image/conv_1/" PNG_NAME ")");
  found = find (fixture, "conv_1", PNG_NAME, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->content_type, ==, "image/png");
  g_assert_cmpuint (found->size, ==, 8);
  g_assert_no_errno (stat (found->path, &info));
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  bytes = da_test_read_file (found->path, &length);
  g_assert_cmpmem (bytes, length, PNG_BYTES, 8);
}

static void
test_refusals (Fixture       *fixture,
               gconstpointer  user_data)
{
  static const char *const bad[] = {
    "../dotagents.db", "..", "/etc/passwd", "x/" PNG_NAME, "./" PNG_NAME, PNG_NAME ".txt", "",
  };
  g_autoptr (GError) error = NULL;

  make_conversation (fixture, "conv_1", "u:![x](data:image/png;base64," PNG ")");
  make_conversation (fixture, "conv_2", "u:hi");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (find (fixture, "conv_1", bad[i], &error));
      g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
      g_clear_error (&error);
    }
  /* There, but of another conversation; and of none. */
  g_assert_null (find (fixture, "conv_2", PNG_NAME, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (find (fixture, "../conv_1", PNG_NAME, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (fixture_delete (fixture, "conv_1", &error));
  g_assert_null (find (fixture, "conv_1", PNG_NAME, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
test_links (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "attachments", PNG_NAME, NULL);
  g_autofree char *outside = g_build_filename (fixture->dir, "outside", NULL);
  g_autofree char *inside = g_build_filename (fixture->dir, "attachments", "inside", NULL);
  const char *const targets[] = { outside, inside, "/nonexistent" };
  g_autoptr (GError) error = NULL;
  g_autofree char *again = NULL;
  g_autofree char *kept = NULL;
  struct stat info;

  make_conversation (fixture, "conv_1", "u:![x](data:image/png;base64," PNG ")");
  da_test_write_file (outside, "secret");
  da_test_write_file (inside, "inside");
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_unlink (path);
      g_assert_no_errno (symlink (targets[i], path));
      g_assert_null (find (fixture, "conv_1", PNG_NAME, &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
  /* Written again it is a file, and what the link pointed at is as before. */
  g_unlink (path);
  g_assert_no_errno (symlink (outside, path));
  again = add (fixture, "conv_1", "image/png", PNG_BYTES, 8, &error);
  g_assert_no_error (error);
  g_assert_no_errno (lstat (path, &info));
  g_assert_true (S_ISREG (info.st_mode));
  kept = da_test_read_file (outside, NULL);
  g_assert_cmpstr (kept, ==, "secret");

  g_unlink (path);
  g_assert_no_errno (g_mkdir (path, 0700));
  g_assert_null (find (fixture, "conv_1", PNG_NAME, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_rmdir (path);
}

static void
test_add (Fixture       *fixture,
          gconstpointer  user_data)
{
  static const struct {
    const char *type;
    const char *bytes;
    gsize       length;
    const char *extension;   /* NULL: refused */
  } rows[] = {
    { "image/png", PNG_BYTES, 8, ".png" },
    { "IMAGE/PNG; charset=binary", PNG_BYTES, 8, ".png" },
    { "image/jpeg", "\xff\xd8\xff\xe0", 4, ".jpg" },
    { "image/gif", "GIF89a", 6, ".gif" },
    { "image/webp", "RIFF\4\0\0\0WEBP", 12, ".webp" },
    { "image/avif", "\0\0\0\x1c" "ftypmif1\0\0\0\0mif1avif" "miaf", 28, ".avif" },
    { "image/bmp", "BM\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 26, ".bmp" },
    { "video/mp4", "\0\0\0\x18" "ftypisom", 12, ".mp4" },
    { "video/webm", "\x1a\x45\xdf\xa3", 4, ".webm" },
    { "video/quicktime", "\0\0\0\x08moov", 8, ".mov" },
    { "video/ogg", "OggS", 4, ".ogv" },
    { "image/png", "GIF89a", 6, NULL },
    { "image/png", "", 0, NULL },
    { "image/jpeg", "\xff\xd8", 2, NULL },
    { "image/svg+xml", "<svg/>", 6, NULL },
    { "text/html", "<html>", 6, NULL },
    { "video/mp4", "<html><script>", 14, NULL },
    { "", "x", 1, NULL },
  };

  make_conversation (fixture, "conv_1", "u:hi");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DaAttachment) found = NULL;
      g_autofree char *name = add (fixture, "conv_1", rows[i].type, rows[i].bytes, rows[i].length,
                                   &error);

      if (rows[i].extension == NULL)
        {
          g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
          continue;
        }
      g_assert_no_error (error);
      g_assert_true (g_str_has_suffix (name, rows[i].extension));
      found = find (fixture, "conv_1", name, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (found->size, ==, rows[i].length);
    }
}

static void
test_add_unknown (Fixture       *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->dir, "attachments", PNG_NAME, NULL);

  g_assert_null (add (fixture, "conv_1", "image/png", PNG_BYTES, 8, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_branch (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) branch = NULL;
  g_autoptr (DaAttachment) found = NULL;
  g_autofree char *expected = NULL;

  make_conversation (fixture, "conv_1", "u:![x](data:image/png;base64," PNG ")");
  branch = fixture_branch (fixture, "conv_1", 0, NULL, &error);
  g_assert_no_error (error);
  expected = g_strdup_printf ("![x](assets://conversation-image/%s/" PNG_NAME ")", branch->id);
  g_assert_cmpstr (DA_MESSAGE (branch->messages->pdata[0])->content, ==, expected);

  /* The picture outlives the conversation it came from. */
  g_assert_true (fixture_delete (fixture, "conv_1", &error));
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () + 1));
  found = find (fixture, branch->id, PNG_NAME, &error);
  g_assert_no_error (error);
}

static void
test_sweep (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "attachments", PNG_NAME, NULL);
  g_autofree char *foreign = g_build_filename (fixture->dir, "attachments", "notes.txt", NULL);
  g_autoptr (GError) error = NULL;

  da_test_write_file (foreign, "mine");
  make_conversation (fixture, "conv_1", "u:![x](data:image/png;base64," PNG ")");
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () + 1));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (fixture_delete (fixture, "conv_1", &error));
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () - 1000));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () + 1));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (foreign, G_FILE_TEST_EXISTS));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/store/attachments/only-names-of-the-contract-are-names", test_names);
  fixture_add ("/store/attachments/inline-pictures-become-files", test_inline);
  fixture_add ("/store/attachments/traversal-and-foreign-conversations-are-refused", test_refusals);
  fixture_add ("/store/attachments/links-are-not-followed", test_links);
  fixture_add ("/store/attachments/bytes-must-be-what-they-are-called", test_add);
  fixture_add ("/store/attachments/an-unknown-conversation-keeps-nothing", test_add_unknown);
  fixture_add ("/store/attachments/a-branch-has-its-own-reference", test_branch);
  fixture_add ("/store/attachments/orphans-are-swept-and-foreign-files-stay", test_sweep);
  return g_test_run ();
}
