/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-redact"

#include "da-redact.h"

#include <string.h>

#include "da-test-util.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
assert_redacted (const char *text,
                 const char *wanted)
{
  g_autofree char *redacted = da_redact (text);

  g_assert_cmpstr (redacted, ==, wanted);
}

static void
test_shapes (void)
{
  static const struct { const char *text; const char *redacted; } cases[] = {
    { "Authorization: Bearer abcdef123456", "Authorization: Bearer ***" },
    { "authorization: bearer   abcdef123456, next", "authorization: bearer   ***, next" },
    { "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***" },
    { "key sk-abcdefghijklmnop is wrong", "key *** is wrong" },
    { "sk-proj-abc_DEF-0123456789", "***" },
    { "(gsk_abcdefghijklmnopqrstuv)", "(***)" },
    { "AIzaSyA1234567890abcdefghijklmnopqrstuv", "***" },
    { "apiKey=hello", "apiKey=***" },
    { "dotagents://config?baseUrl=http%3A%2F%2Fx&apiKey=abc%20d&model=m",
      "dotagents://config?baseUrl=http%3A%2F%2Fx&apiKey=***&model=m" },
    { "GET /v1/x?key=abc&limit=5", "GET /v1/x?key=***&limit=5" },
    { "GET /v1/x?limit=5&access_token=abc HTTP/1.1",
      "GET /v1/x?limit=5&access_token=*** HTTP/1.1" },
    { "client_secret=abc;password='hunter2 '", "client_secret=***;password='*** '" },
    { "{\"apiKey\":\"abc\",\"b\":1}", "{\"apiKey\":\"***\",\"b\":1}" },
    { "{\"openaiApiKey\" : \"abc\"}", "{\"openaiApiKey\" : \"***\"}" },
    { "{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"***\\\"}" },
    { "the key " HEX64 " was refused", "the key *** was refused" },
    { "x" HEX64, "x" HEX64 },
    { "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end", "*** end" },
    { "two: sk-aaaaaaaaaaaa and sk-bbbbbbbbbbbb", "two: *** and ***" },
    { "DOTAGENTS_API_KEY=abc", "DOTAGENTS_API_KEY=***" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_redacted (cases[i].text, cases[i].redacted);
}

static void
test_prose_stays (void)
{
  static const char *const texts[] = {
    "", "plain text", "the token: none left", "keyboard=us", "max_tokens=500", "monkey=1",
    "a bearer of news", "Bearer", "Bearer ", "basic idea", "ask-me-anything-today",
    "task-1234567890", "key=", "apiKey=\"\"", "{\"key\":null}", "sk-", "sk-1", "0123456789abcdef",
    "conv_1795335204446_x", "Grüße 🙂 = ok", "https://example.org/v1/models?limit=5",
    "\"token\" is a word", "secret",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_redacted (texts[i], texts[i]);
  g_assert_null (da_redact (NULL));
}

static void
test_known_values (void)
{
  da_redact_register ("correct horse");
  da_redact_register ("battery");
  assert_redacted ("a correct horse and a battery, correct horse", "a *** and a ***, ***");
  assert_redacted ("correct horsecorrect horse", "******");
  assert_redacted ("incorrect hors", "incorrect hors");
  da_redact_unregister ("correct horse");
  assert_redacted ("correct horse battery", "correct horse ***");
  da_redact_unregister ("battery");
  da_redact_unregister ("never registered");
  assert_redacted ("correct horse battery", "correct horse battery");
}

static void
test_registering_twice_needs_two_removals (void)
{
  da_redact_register ("pa55word");
  da_redact_register ("pa55word");
  da_redact_unregister ("pa55word");
  assert_redacted ("is pa55word", "is ***");
  da_redact_unregister ("pa55word");
  assert_redacted ("is pa55word", "is pa55word");
}

static void
test_short_values_are_not_registered (void)
{
  da_redact_register ("abc");
  da_redact_register ("");
  da_redact_register (NULL);
  assert_redacted ("abcdef abc", "abcdef abc");
}

static void
test_whole_text_may_be_secret (void)
{
  da_redact_register (HEX64);
  assert_redacted (HEX64, "***");
  assert_redacted ("glued" HEX64 "glued", "glued***glued");
  da_redact_unregister (HEX64);
}

static void
test_any_bytes (void)
{
  guint64 state = 3;
  static const char *const pieces[] = {
    "key", "=", "\"", ":", "\\", " ", "Bearer", "sk-", "token", "'", "&", "abcdefghijk", "\xff",
    "ü", HEX64, "eyJ", "\n",
  };

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *once = NULL;
      g_autofree char *twice = NULL;

      for (guint i = 0; i < 12; i++)
        g_string_append (text, pieces[da_test_pseudo_random (&state, G_N_ELEMENTS (pieces))]);
      once = da_redact (text->str);
      twice = da_redact (once);
      g_assert_null (strstr (once, " " HEX64));
      g_assert_nonnull (twice);
    }
}

static gpointer
register_often (gpointer data)
{
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *secret = g_strdup_printf ("thread-%p-%u", data, i % 10);
      g_autofree char *redacted = NULL;

      da_redact_register (secret);
      redacted = da_redact (secret);
      g_assert_cmpstr (redacted, ==, "***");
      da_redact_unregister (secret);
    }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("redact", register_often, (gpointer) (i * 0x10000000 + 0x10000000));
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/redact/shapes-of-keys-are-hidden", test_shapes);
  g_test_add_func ("/base/redact/prose-stays", test_prose_stays);
  g_test_add_func ("/base/redact/known-values-are-hidden", test_known_values);
  g_test_add_func ("/base/redact/registering-twice-needs-two-removals",
                   test_registering_twice_needs_two_removals);
  g_test_add_func ("/base/redact/short-values-are-not-registered",
                   test_short_values_are_not_registered);
  g_test_add_func ("/base/redact/whole-text-may-be-secret", test_whole_text_may_be_secret);
  g_test_add_func ("/base/redact/any-bytes-are-fine", test_any_bytes);
  g_test_add_func ("/base/redact/threads-may-register", test_threads);

  return g_test_run ();
}
