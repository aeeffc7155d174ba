/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-conversation-summary.h"

#include "store-fixture.h"

static void
test_shorten (void)
{
  static const struct {
    const char *text;
    guint       characters;
    const char *expected;
  } rows[] = {
    { "", 5, "" },
    { "  a \n\t b  ", 5, "a b" },
    { "abcde", 5, "abcde" },
    { "abcdef", 5, "abcde…" },
    { "äöü€😀x", 5, "äöü€😀…" },
    { "ab  cd", 4, "ab c…" },
    { "a\u00a0b", 9, "a b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *got = da_summary_shorten (rows[i].text, rows[i].characters, "…");

      g_assert_cmpstr (got, ==, rows[i].expected);
    }
}

static void
test_preview (void)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:one", "a:two", "u:three", "a:four", NULL);
  g_autofree char *preview = da_summary_preview (messages);
  g_autofree char *last = da_summary_last_message (messages);

  g_assert_cmpstr (preview, ==, "user: one | assistant: two | user: three");
  g_assert_cmpstr (last, ==, "four");
}

static void
test_long (void)
{
  g_autofree char *letters = g_strnfill (600, 'x');
  g_autofree char *content = g_strconcat ("u:", letters, NULL);
  g_autoptr (GPtrArray) messages = fixture_messages (content, content, content, NULL);
  g_autofree char *preview = da_summary_preview (messages);
  g_autofree char *last = da_summary_last_message (messages);

  g_assert_cmpuint (g_utf8_strlen (preview, -1), ==, 203);
  g_assert_true (g_str_has_suffix (preview, "..."));
  g_assert_cmpuint (g_utf8_strlen (last, -1), ==, 501);
}

static void
test_invisible (void)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", "a:", "t:[respond_to_user] ok", NULL);
  DaMessage *call = messages->pdata[1];
  g_autofree char *last = NULL;
  g_autofree char *alone = NULL;
  g_autoptr (GPtrArray) tools = fixture_messages ("t:[mark_work_complete] yes", NULL);

  call->tool_calls = g_strdup ("[{\"name\":\"respond_to_user\",\"arguments\":{}}]");
  g_assert_false (da_summary_is_visible (call));
  g_assert_false (da_summary_is_visible (messages->pdata[2]));
  last = da_summary_last_message (messages);
  g_assert_cmpstr (last, ==, "hi");

  /* Nothing visible: then all. */
  alone = da_summary_last_message (tools);
  g_assert_cmpstr (alone, ==, "[mark_work_complete] yes");

  g_free (call->tool_calls);
  call->tool_calls = g_strdup ("[{\"name\":\"ls\",\"arguments\":{}}]");
  g_assert_true (da_summary_is_visible (call));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/store/summary/texts-are-collapsed-and-cut-at-characters", test_shorten);
  g_test_add_func ("/store/summary/the-preview-has-the-first-three-messages", test_preview);
  g_test_add_func ("/store/summary/long-messages-are-cut", test_long);
  g_test_add_func ("/store/summary/answer-tools-are-not-shown", test_invisible);
  return g_test_run ();
}
