/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-stream"

#include "da-llm-stream.h"

#include <string.h>

#include "da-fake-llm.h"
#include "da-json-writer.h"
#include "da-random.h"

static void
on_event (const DaLlmEvent *event,
          gpointer          user_data)
{
  g_assert_true (g_utf8_validate (event->text, (gssize) event->length, NULL));
  if (event->type == DA_LLM_EVENT_TEXT)
    g_string_append_len (user_data, event->text, (gssize) event->length);
}

/* Feeds @bytes in pieces of @step; "text|reason" or "text|!kind". */
static char *
read_in_steps (const char *bytes,
               gsize       length,
               gsize       step)
{
  GString *text = g_string_new (NULL);
  g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", on_event, text);
  g_autoptr (DaLlmResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize at = 0; at < length; at += step)
    {
      gsize n = MIN (step, length - at);
      g_autofree char *piece = g_memdup2 (bytes + at, n);

      da_llm_stream_feed (stream, piece, n);
    }
  result = da_llm_stream_finish (stream, NULL, &error);
  if (result)
    g_string_append_printf (text, "|%s", result->finish_reason);
  else
    g_string_append_printf (text, "|!%s", da_llm_error_kind (error));
  return g_string_free (text, FALSE);
}

#define A "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
#define B "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define WHOLE "{\"choices\":[{\"message\":{\"content\":\"ab\"},\"finish_reason\":\"stop\"}]}"

static const struct { const char *bytes; const char *expected; } cases[] = {
  { A B STOP DONE, "ab|stop" },
  { A B STOP, "ab|stop" },
  { A B DONE, "ab|stop" },
  { A B, "ab|!network" },
  { "", "|!network" },
  { "\n\n\n", "|!network" },
  { DONE, "|!bad_answer" },
  { ": hi\n\n" A ":\n" B "\r\n" STOP DONE, "ab|stop" },
  { "\xef\xbb\xbf" A STOP, "a|stop" },
  { "data:{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}", "a|stop" },
  { A "data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"fini", "a|!network" },
  { A "data: garbage\n\n" B STOP DONE, "a|!bad_answer" },
  { A "data: {\"error\":{\"message\":\"x\",\"code\":500}}\n\n" B DONE, "a|!server" },
  { A "event: error\ndata: {\"error\":{\"message\":\"x\",\"code\":500}}\n\n", "a|!server" },
  { A "data: \n\ndata:\n\n" STOP DONE, "a|stop" },
  { A STOP DONE B "data: garbage\n\n", "a|stop" },
  { A STOP "data: garbage\n\n", "a|!bad_answer" },
  { "data: {\"choices\":[{\"delta\":\r\ndata: {\"content\":\"a\"}}]}\r\n\r\n" STOP, "a|stop" },
  { WHOLE, "ab|stop" },
  { "  \n " WHOLE "\n", "ab|stop" },
  { "\xef\xbb\xbf" WHOLE, "ab|stop" },
  { "{\"choices\":[]}", "|!bad_answer" },
  { "{\"error\":{\"message\":\"no\",\"code\":401}}", "|!auth" },
  { "{\"choices\":[{\"message\"", "|!bad_answer" },
  { "[1,2]", "|!bad_answer" },
  { "<html>Please sign in</html>", "|!bad_answer" },
  { "upstream connect error", "|!network" },
};

static void
test_cases_at_every_split (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = strlen (cases[i].bytes);

      for (gsize step = 1; step <= length + 1; step++)
        {
          g_autofree char *got = read_in_steps (cases[i].bytes, length, step);

          if (g_strcmp0 (got, cases[i].expected) != 0)
            g_error ("case %u in steps of %" G_GSIZE_FORMAT ": %s, not %s\n%s", i, step, got,
                     cases[i].expected, cases[i].bytes);
        }
    }
}

/* The text in every writing system, one event for each code point, split at every byte. */
static void
test_every_script_at_every_split (void)
{
  const char *text = da_fake_llm_every_script_text ();
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_autofree char *expected = g_strconcat (text, "|stop", NULL);

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      g_string_append (bytes, "data: {\"choices\":[{\"delta\":{\"content\":");
      da_json_append_quoted (bytes, p, g_utf8_next_char (p) - p);
      g_string_append (bytes, "}}]}\n\n");
    }
  g_string_append (bytes, STOP DONE);
  for (gsize step = 1; step < 200; step++)
    {
      g_autofree char *got = read_in_steps (bytes->str, bytes->len, step);

      g_assert_cmpstr (got, ==, expected);
    }
}

static void
test_states (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", on_event, text);

  g_assert_cmpint (da_llm_stream_feed (stream, A, strlen (A)), ==, DA_LLM_STREAM_MORE);
  g_assert_cmpint (da_llm_stream_feed (stream, STOP, strlen (STOP)), ==, DA_LLM_STREAM_TAIL);
  g_assert_cmpint (da_llm_stream_feed (stream, DONE, strlen (DONE)), ==, DA_LLM_STREAM_DONE);
  g_assert_cmpint (da_llm_stream_feed (stream, B, strlen (B)), ==, DA_LLM_STREAM_DONE);
  g_assert_cmpstr (text->str, ==, "a");
}

static void
test_cut (void)
{
  static const struct { const char *bytes; gboolean is_whole; } parts[] = {
    { A, FALSE }, { A STOP, TRUE }, { A STOP DONE, TRUE }, { "{\"choi", FALSE }, { WHOLE, TRUE },
  };
  g_autoptr (GError) cut = da_llm_error_new (DA_LLM_ERROR_NETWORK, 0, -1, FALSE, "cut");

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", NULL, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (DaLlmResult) result = NULL;

      da_llm_stream_feed (stream, parts[i].bytes, strlen (parts[i].bytes));
      result = da_llm_stream_finish (stream, cut, &error);
      g_assert_cmpint (result != NULL, ==, parts[i].is_whole);
      if (!parts[i].is_whole)
        g_assert_error (error, DA_LLM_ERROR, DA_LLM_ERROR_NETWORK);
    }
}

static void
test_too_long (void)
{
  static const char *const starts[] = { "data: {\"x\":\"", "{\"x\":\"", "data" };
  g_autofree char *block = g_malloc (1 << 20);

  memset (block, 'x', 1 << 20);
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", NULL, NULL);
      g_autoptr (GError) error = NULL;
      guint n = 0;

      da_llm_stream_feed (stream, starts[i], strlen (starts[i]));
      while (da_llm_stream_feed (stream, block, 1 << 20) != DA_LLM_STREAM_FAILED)
        g_assert_cmpuint (++n, <=, 8);
      g_assert_null (da_llm_stream_finish (stream, NULL, &error));
      g_assert_error (error, DA_LLM_ERROR, DA_LLM_ERROR_BAD_ANSWER);
    }
}

/* Noise over a good stream: whatever happens, no crash, valid text, a verdict. */
static void
test_noise (void)
{
  static const char good[] = ": c\n\n" A B "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"i"
                                           "ndex\":0,"
                             "\"id\":\"x\",\"function\":{\"name\":\"f\","
                             "\"arguments\":\"{\\u00e4}\"}}]}}]}"
                             "\n\n" STOP DONE;

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *bytes = g_strdup (good);
      g_autofree char *got = NULL;

      for (guint j = da_random_uint (8); j > 0; j--)
        bytes[da_random_uint (sizeof good - 1)] = (char) da_random_uint (256);
      got = read_in_steps (bytes, sizeof good - 1, 1 + da_random_uint (40));
      g_assert_nonnull (strchr (got, '|'));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/stream/framings-at-every-split", test_cases_at_every_split);
  g_test_add_func ("/llm/stream/every-script-at-every-split", test_every_script_at_every_split);
  g_test_add_func ("/llm/stream/says-how-far-it-is", test_states);
  g_test_add_func ("/llm/stream/a-cut-counts-only-before-the-end", test_cut);
  g_test_add_func ("/llm/stream/too-long-pieces-are-refused", test_too_long);
  g_test_add_func ("/llm/stream/noise-is-survived", test_noise);
  return g_test_run ();
}
