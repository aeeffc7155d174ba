/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-conversation"

#include "da-conversation.h"

#include <string.h>

static void
test_new_conversation (void)
{
  DaConversation *made = da_conversation_new (NULL);
  g_autoptr (DaConversation) given = da_conversation_new ("whatsapp_1@s.whatsapp.net");

  g_assert_true (g_str_has_prefix (made->id, "conv_"));
  g_assert_cmpstr (given->id, ==, "whatsapp_1@s.whatsapp.net");
  g_assert_cmpstr (made->title, ==, "");
  g_assert_cmpstr (made->last_message, ==, "");
  g_assert_cmpstr (made->preview, ==, "");
  g_assert_cmpint (made->created_at, >, 0);
  g_assert_cmpint (made->created_at, ==, made->updated_at);
  g_assert_cmpint (made->last_message_at, ==, 0);
  g_assert_null (made->messages);

  made->messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (made->messages, da_message_new (DA_ROLE_USER, "x"));
  g_assert_finalize_object (made);
}

static void
test_titles (void)
{
  g_autofree char *fifty = g_strnfill (50, 'x');
  g_autofree char *fifty_one = g_strnfill (51, 'x');
  g_autofree char *cut = g_strconcat (fifty, "...", NULL);
  const struct { const char *text; const char *title; } cases[] = {
    { "Hello", "Hello" },
    { "  Hello \n", "Hello" },
    { fifty, fifty },
    { fifty_one, cut },
    { "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü🙂",
      "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü..." },
    { "![a cat](https://example.org/cat.png)", "a cat" },
    { "look: ![a cat](data:image/png;base64,AAAA) and ![a dog](x)!", "look: a cat and a dog!" },
    { "![](x)", "Image" },
    { "![](x) ![ ](y)", "Image" },
    { "", "Image" },
    { NULL, "Image" },
    { "wow! [link](x)", "wow! [link](x)" },
    { "![unfinished](x", "![unfinished](x" },
    { "![unfinished", "![unfinished" },
    { ") ![unfinished](x", ") ![unfinished](x" },
    { "![a]()", "a" },
    { "!![a](b)", "!a" },
    { "bad \xff byte", "bad \uFFFD byte" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *title = da_conversation_title_from (cases[i].text);

      g_assert_cmpstr (title, ==, cases[i].title);
    }
}

/* A hostile text of openings that never close must not take quadratic time. */
static void
test_title_of_a_large_text (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *title = NULL;
  gint64 began = g_get_monotonic_time ();

  for (guint i = 0; i < 300000; i++)
    g_string_append (text, "![a](");
  title = da_conversation_title_from (text->str);
  g_assert_cmpuint (g_utf8_strlen (title, -1), <=, 53);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_USEC_PER_SEC);
}

static void
test_title_sources (void)
{
  static const char *const good[] = {
    "default", "local_generated", "server_generated", "manual", "system",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (da_conversation_title_source_valid (good[i]));
  g_assert_false (da_conversation_title_source_valid ("Default"));
  g_assert_false (da_conversation_title_source_valid (""));
  g_assert_false (da_conversation_title_source_valid (NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/values/conversation/new-conversation", test_new_conversation);
  g_test_add_func ("/values/conversation/titles", test_titles);
  g_test_add_func ("/values/conversation/title-of-a-large-text", test_title_of_a_large_text);
  g_test_add_func ("/values/conversation/title-sources", test_title_sources);

  return g_test_run ();
}
