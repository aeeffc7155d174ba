/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-markdown"

#include "da-markdown-blocks.h"

#include <string.h>

#include <pango/pango.h>

#include "da-test-util.h"
#include "ui-sample.h"

static DaMarkdownBlock *
block_at (GPtrArray *blocks, guint i)
{
  g_assert_cmpuint (i, <, blocks->len);
  return g_ptr_array_index (blocks, i);
}

static void
assert_markup_parses (GPtrArray *blocks)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      DaMarkdownBlock *block = g_ptr_array_index (blocks, i);
      g_autofree char *plain = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(GString) bare = NULL;

      if (block->kind != DA_MARKDOWN_PARAGRAPH && block->kind != DA_MARKDOWN_HEADING)
        continue;
      /* GtkLabel takes the anchors out before Pango sees the rest. */
      bare = g_string_new (block->text);
      for (char *at; (at = strstr (bare->str, "<a ")) != NULL;)
        g_string_erase (bare, at - bare->str, strchr (at, '>') - at + 1);
      g_string_replace (bare, "</a>", "", 0);
      pango_parse_markup (bare->str, -1, 0, NULL, &plain, NULL, &error);
      g_assert_no_error (error);
    }
}

static void
test_links (void)
{
  static const struct {
    const char *uri;
    gboolean allowed;
  } cases[] = {
    { "https://example.org/", TRUE },
    { "http://127.0.0.1:3210/v1", TRUE },
    { "HTTPS://EXAMPLE.ORG", TRUE },
    { "mailto:someone@example.org", TRUE },
    { "javascript:alert(1)", FALSE },
    { "file:///etc/passwd", FALSE },
    { "data:text/html,x", FALSE },
    { "dotagents://config?baseUrl=x", FALSE },
    { "smb://host/share", FALSE },
    { "ms-office:x", FALSE },
    { "https:", FALSE },
    { "https://", FALSE },
    { "https:/example.org", FALSE },
    { "//example.org", FALSE },
    { "example.org", FALSE },
    { "", FALSE },
    { " https://example.org", FALSE },
    { "https://example.org/\u202egpj.exe", FALSE },
    { "https://example.org/\u200b", FALSE },
    { "https://example.org/\n", FALSE },
    { "https://example.org/a b", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].uri);
      g_assert_cmpint (da_markdown_link_allowed (cases[i].uri), ==, cases[i].allowed);
    }
}

static void
test_forbidden_link_is_plain (void)
{
  g_autoptr(GPtrArray) blocks = da_markdown_parse ("[go](javascript:alert(1)) <file:///x>", -1,
                                                   DA_MARKDOWN_FLAGS_NONE);

  g_assert_cmpuint (blocks->len, ==, 1);
  g_assert_null (strstr (block_at (blocks, 0)->text, "<a"));
  g_assert_false (block_at (blocks, 0)->has_link);
  g_assert_true (g_str_has_prefix (block_at (blocks, 0)->text, "go"));
}

static void
test_link_tells_its_address (void)
{
  g_autoptr(GPtrArray) blocks = da_markdown_parse ("[https://bank.example](https://evil.example)",
                                                   -1, DA_MARKDOWN_FLAGS_NONE);

  g_assert_cmpstr (block_at (blocks, 0)->text, ==,
                   "<a href=\"https://evil.example\" title=\"https://evil.example\">"
                   "https://bank.example</a>");
}

static void
test_html_is_text (void)
{
  g_autoptr(GPtrArray) blocks = da_markdown_parse ("<b>x</b> & <img src=x> <span size=\"1\">", -1,
                                                   DA_MARKDOWN_FLAGS_NONE);

  g_assert_cmpstr (block_at (blocks, 0)->text, ==,
                   "&lt;b&gt;x&lt;/b&gt; &amp; &lt;img src=x&gt; &lt;span size=&quot;1&quot;&gt;");
}

static void
test_blocks (void)
{
  g_autoptr(GPtrArray) blocks = da_markdown_parse (ui_sample_markdown, -1,
                                                   DA_MARKDOWN_FLAGS_NONE);
  static const DaMarkdownKind kinds[] = {
    DA_MARKDOWN_HEADING, DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH,
    DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH,
    DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_PARAGRAPH, DA_MARKDOWN_CODE, DA_MARKDOWN_TABLE,
    DA_MARKDOWN_RULE, DA_MARKDOWN_PARAGRAPH,
  };

  g_assert_cmpuint (blocks->len, ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < blocks->len; i++)
    g_assert_cmpint (block_at (blocks, i)->kind, ==, kinds[i]);
  g_assert_cmpuint (block_at (blocks, 0)->level, ==, 2);
  g_assert_cmpstr (block_at (blocks, 2)->marker, ==, "1.");
  g_assert_cmpstr (block_at (blocks, 4)->marker, ==, "•");
  g_assert_cmpuint (block_at (blocks, 4)->indent, ==, 2);
  g_assert_cmpstr (block_at (blocks, 7)->marker, ==, "☑");
  g_assert_cmpuint (block_at (blocks, 9)->quote, ==, 1);
  g_assert_cmpstr (block_at (blocks, 10)->detail, ==, "python");
  g_assert_true (g_str_has_prefix (block_at (blocks, 11)->text, "Name  │ Amount │ Note\n──────┼─"));
  assert_markup_parses (blocks);
}

static void
test_picture_stands_alone (void)
{
  g_autoptr(GPtrArray) blocks = da_markdown_parse ("before ![a *cat*](data:image/png;base64,AA==) "
                                                   "behind", -1, DA_MARKDOWN_FLAGS_NONE);

  g_assert_cmpuint (blocks->len, ==, 3);
  g_assert_cmpstr (block_at (blocks, 0)->text, ==, "before");
  g_assert_cmpint (block_at (blocks, 1)->kind, ==, DA_MARKDOWN_PICTURE);
  g_assert_cmpstr (block_at (blocks, 1)->text, ==, "a cat");
  g_assert_cmpstr (block_at (blocks, 1)->detail, ==, "data:image/png;base64,AA==");
  g_assert_cmpstr (block_at (blocks, 2)->text, ==, "behind");
}

static void
test_breaks_of_a_person (void)
{
  g_autoptr(GPtrArray) kept = da_markdown_parse ("a\nb", -1, DA_MARKDOWN_KEEP_BREAKS);
  g_autoptr(GPtrArray) joined = da_markdown_parse ("a\nb", -1, DA_MARKDOWN_FLAGS_NONE);

  g_assert_cmpstr (block_at (kept, 0)->text, ==, "a\nb");
  g_assert_cmpstr (block_at (joined, 0)->text, ==, "a b");
}

/* Reads a text piece by piece as the view does, and compares with reading it whole. */
static void
assert_same_in_pieces (const char *text, gsize step)
{
  g_autoptr(GPtrArray) whole = da_markdown_parse (text, -1, DA_MARKDOWN_FLAGS_NONE);
  g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func (
    (GDestroyNotify) da_markdown_block_free);
  gsize length = strlen (text);
  gsize fixed = 0;

  for (gsize end = MIN (step, length);; end = MIN (end + step, length))
    {
      g_autofree char *so_far = g_strndup (text + fixed, end - fixed);
      gsize stable = da_markdown_stable (so_far, end - fixed);

      if (stable > 0)
        g_ptr_array_extend_and_steal (pieces, da_markdown_parse (so_far, (gssize) stable,
                                                                 DA_MARKDOWN_FLAGS_NONE));
      fixed += stable;
      if (end == length)
        break;
    }
  g_ptr_array_extend_and_steal (pieces, da_markdown_parse (text + fixed, -1,
                                                           DA_MARKDOWN_FLAGS_NONE));
  g_assert_cmpuint (pieces->len, ==, whole->len);
  for (guint i = 0; i < whole->len; i++)
    g_assert_true (da_markdown_block_equal (block_at (pieces, i), block_at (whole, i)));
}

static void
test_pieces_are_the_whole (void)
{
  static const char *const texts[] = {
    "one\n\ntwo\n\nthree",
    "```\na\n\nb\n\n```\n\nend",
    "~~~\n```\n\nx\n~~~\n\nend",
    "````\n```\n\nstill code\n````\n\nend",
    "- a\n\n- b\n\n  more of b\n\nend",
    "1. a\n\n2. b\n\nend\n\n3. c",
    "> a\n\n> b\n\nend",
    "never closed\n\n```c\nint main;\n\nreturn;",
  };

  for (gsize step = 1; step < 40; step++)
    {
      assert_same_in_pieces (ui_sample_markdown, step);
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        assert_same_in_pieces (texts[i], step);
    }
}

static void
test_any_bytes_give_valid_markup (void)
{
  static const char *const bits[] = {
    "*", "**", "_", "`", "```", "\n", "\n\n", "- ", "1. ", "> ", "[", "](", ")", "![", "<", ">",
    "&", "&amp;", "&#0;", "&#x110000;", "&nbsp;", "|", "|-", "~~", "# ", "http://a.b", "a", " ",
    "\"", "'", "\\", "\001", "ü", "🙂", "<a href=\"x\">", "javascript:", "https://x.y", "---\n",
  };
  guint64 state = 42;

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(GPtrArray) blocks = NULL;
      guint n = da_test_pseudo_random (&state, 24);

      for (guint i = 0; i < n; i++)
        g_string_append (text, bits[da_test_pseudo_random (&state, G_N_ELEMENTS (bits))]);
      blocks = da_markdown_parse (text->str, -1, DA_MARKDOWN_FLAGS_NONE);
      assert_markup_parses (blocks);
      g_assert_cmpuint (da_markdown_stable (text->str, text->len), <=, text->len);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/ui/markdown/only-web-and-mail-links-are-allowed", test_links);
  g_test_add_func ("/ui/markdown/a-forbidden-link-is-plain-text", test_forbidden_link_is_plain);
  g_test_add_func ("/ui/markdown/a-link-tells-its-address", test_link_tells_its_address);
  g_test_add_func ("/ui/markdown/html-is-text", test_html_is_text);
  g_test_add_func ("/ui/markdown/blocks-are-told-apart", test_blocks);
  g_test_add_func ("/ui/markdown/a-picture-stands-alone", test_picture_stands_alone);
  g_test_add_func ("/ui/markdown/line-ends-of-a-person-are-kept", test_breaks_of_a_person);
  g_test_add_func ("/ui/markdown/read-in-pieces-it-is-the-whole", test_pieces_are_the_whole);
  g_test_add_func ("/ui/markdown/any-bytes-give-valid-markup", test_any_bytes_give_valid_markup);
  return g_test_run ();
}
