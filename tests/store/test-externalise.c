/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-attachment-externalise.h"

#include <gio/gio.h>
#include <string.h>

/* "\x89PNG\r\n\x1a\n" and "GIF89a" in base64. */
#define PNG "iVBORw0KGgo="
#define GIF "R0lGODlh"

static char *
keep (const DaAttachmentType  *type,
      const guint8            *bytes,
      gsize                    length,
      gpointer                 user_data,
      GError                 **error)
{
  guint *n = user_data;

  if (n == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
      return NULL;
    }
  (*n)++;
  return g_strdup_printf ("%" G_GSIZE_FORMAT ".%s", length, type->extension);
}

static const struct {
  const char *text;
  const char *expected;    /* NULL: unchanged */
} rows[] = {
  { "no picture", NULL },
  { "![cat](data:image/png;base64," PNG ")", "![cat](assets://conversation-image/c%401/8.png)" },
  { "a ![x](data:image/gif;base64," GIF ") b ![y](data:image/png;base64," PNG ") c",
    "a ![x](assets://conversation-image/c%401/6.gif) b "
    "![y](assets://conversation-image/c%401/8.png) c" },
  { "![a [b] c](data:image/png;base64," PNG ")",
    "![a [b] c](assets://conversation-image/c%401/8.png)" },
  { "![](data:image/png;base64," PNG " \"title\")",
    "![](assets://conversation-image/c%401/8.png \"title\")" },
  { "![x](DATA:image/PNG;charset=utf-8;BASE64," PNG ")",
    "![x](assets://conversation-image/c%401/8.png)" },
  { "![x](data:image/png;base64,iVBORw0KGgo)", "![x](assets://conversation-image/c%401/8.png)" },
  /* Malformed, of another kind, or not a picture: stays. */
  { "[x](data:image/png;base64," PNG ")", NULL },
  { "![x](data:image/svg+xml;base64," PNG ")", NULL },
  { "![x](data:image/png," PNG ")", NULL },
  { "![x](data:image/png;base64,)", NULL },
  { "![x](data:image/png;base64,iVBOR*0KGgo=)", NULL },
  { "![x](data:image/png;base64,iVBORw0KG)", NULL },
  { "![x](data:image/png;base64,iVBO=w0KGgo=)", NULL },
  { "![x](data:image/png;base64," GIF ")", NULL },
  { "![x](data:image/png;base64," PNG, NULL },
  { "![x](data:video/mp4;base64," PNG ")", NULL },
  { "![x](data:text/html;base64," PNG ")", NULL },
  { "![x](https://example.org/a.png)", NULL },
};

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *out = NULL;
      guint n = 0;

      g_assert_true (da_attachment_externalise (rows[i].text, "c@1", keep, &n, &out, &error));
      g_assert_cmpstr (out, ==, rows[i].expected != NULL ? rows[i].expected : rows[i].text);
      g_assert_cmpint (n > 0, ==, rows[i].expected != NULL);
    }
}

static void
test_failure (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;

  g_assert_false (da_attachment_externalise (rows[1].text, "c", keep, NULL, &out, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_null (out);
}

static void
test_base64 (void)
{
  guint8 bytes[300];

  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    bytes[i] = (guint8) (i * 37);
  for (gsize length = 1; length <= G_N_ELEMENTS (bytes); length++)
    {
      g_autofree char *text = g_base64_encode (bytes, length);
      g_autofree guint8 *back = NULL;
      gsize got = 0;

      back = da_base64_decode_bounded (text, strlen (text), length, &got);
      g_assert_nonnull (back);
      g_assert_cmpmem (back, got, bytes, length);
      g_assert_null (da_base64_decode_bounded (text, strlen (text), length - 1, &got));
    }
}

static void
test_hostile (void)
{
  static const char *const pieces[] = {
    "](data:image/png;base64,", "![x](data:image/png;base64,AAAA", "![", "](data:image/",
    "](data:image/a,",
  };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autofree char *out = NULL;
      gint64 start = g_get_monotonic_time ();
      guint n = 0;

      while (text->len < 1024 * 1024)
        g_string_append (text, pieces[i]);
      g_assert_true (da_attachment_externalise (text->str, "c", keep, &n, &out, &error));
      g_assert_cmpuint (n, ==, 0);
      g_assert_cmpstr (out, ==, text->str);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
    }
}

static void
test_readdress (void)
{
  g_autofree char *got = da_attachment_readdress (
    "![a](assets://conversation-image/a%40b/1.png) [v](assets://conversation-video/a%40b/2.mp4) "
    "![o](assets://conversation-image/other/1.png)", "a@b", "new");

  g_assert_cmpstr (got, ==,
    "![a](assets://conversation-image/new/1.png) [v](assets://conversation-video/new/2.mp4) "
    "![o](assets://conversation-image/other/1.png)");
  g_assert_null (da_attachment_readdress (NULL, "a", "b"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/store/externalise/pictures-move-and-the-rest-stays", test_rows);
  g_test_add_func ("/store/externalise/a-failing-write-is-told", test_failure);
  g_test_add_func ("/store/externalise/base64-is-decoded-within-bounds", test_base64);
  g_test_add_func ("/store/externalise/a-hostile-text-costs-its-length", test_hostile);
  g_test_add_func ("/store/externalise/addresses-follow-a-copy", test_readdress);
  return g_test_run ();
}
