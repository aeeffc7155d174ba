/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-message"

#include "da-message.h"

#include "da-clock.h"

static void
test_new_message (void)
{
  gint64 before = da_clock_now_ms ();
  DaMessage *message = da_message_new (DA_ROLE_ASSISTANT, "Grüße");
  g_autoptr (DaMessage) other = da_message_new (DA_ROLE_USER, NULL);

  g_assert_true (g_str_has_prefix (message->id, "msg_"));
  g_assert_cmpstr (message->id, !=, other->id);
  g_assert_cmpint (message->role, ==, DA_ROLE_ASSISTANT);
  g_assert_cmpstr (message->content, ==, "Grüße");
  g_assert_cmpstr (other->content, ==, "");
  g_assert_cmpint (message->timestamp, >=, before);
  g_assert_cmpint (message->sequence, ==, -1);
  g_assert_null (message->tool_calls);
  g_assert_false (message->is_summary);
  message->tool_calls = g_strdup ("[]");
  message->run_id = g_strdup ("run_1");
  g_assert_finalize_object (message);
}

static void
test_content_is_repaired (void)
{
  g_autoptr (DaMessage) message = da_message_new (DA_ROLE_USER, "a\xff" "b\xe2\x82");

  g_assert_true (g_utf8_validate (message->content, -1, NULL));
  g_assert_true (g_str_has_prefix (message->content, "a\uFFFD" "b"));
}

static void
test_roles (void)
{
  static const struct { const char *text; DaRole role; } known[] = {
    { "user", DA_ROLE_USER },     { "assistant", DA_ROLE_ASSISTANT }, { "tool", DA_ROLE_TOOL },
    { "system", DA_ROLE_SYSTEM }, { "Developer", DA_ROLE_SYSTEM },    { "USER", DA_ROLE_USER },
  };
  static const char *const unknown[] = { NULL, "", "bot", "user ", "function" };
  DaRole role;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_assert_true (da_role_from_string (known[i].text, &role));
      g_assert_cmpint (role, ==, known[i].role);
      g_assert_true (da_role_from_string (da_role_to_string (role), &role));
      g_assert_cmpint (role, ==, known[i].role);
    }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    g_assert_false (da_role_from_string (unknown[i], &role));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/values/message/new-message-has-id-and-time", test_new_message);
  g_test_add_func ("/values/message/content-is-repaired", test_content_is_repaired);
  g_test_add_func ("/values/message/roles-have-words", test_roles);

  return g_test_run ();
}
