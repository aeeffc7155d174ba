/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-sse-parser"

#include "da-sse-parser.h"

#include <string.h>

#include "da-error.h"

/* Events as "name=data|", with the default name empty. */
static void
note_event (const char *event,
            const char *data,
            gsize       length,
            gpointer    user_data)
{
  GString *log = user_data;

  g_assert_cmpint (data[length], ==, '\0');
  g_assert_true (event == NULL || event[0] != '\0');
  g_string_append (log, event != NULL ? event : "");
  g_string_append_c (log, '=');
  g_string_append_len (log, data, (gssize) length);
  g_string_append_c (log, '|');
}

static char *
decode (const char *stream,
        gsize       length,
        gsize       piece)
{
  GString *log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (1000, note_event, log);

  for (gsize at = 0; at < length; at += piece)
    {
      g_autoptr (GError) error = NULL;
      gsize now = MIN (piece, length - at);
      /* Its own block, so that a sanitizer sees any read behind the chunk. */
      g_autofree char *chunk = g_memdup2 (stream + at, now);

      g_assert_true (da_sse_parser_feed (parser, chunk, now, &error));
      g_assert_no_error (error);
    }
  return g_string_free (log, FALSE);
}

static const struct { const char *stream; const char *events; } streams[] = {
  { "data: hello\n\n", "=hello|" },
  { "data:hello\n\n", "=hello|" },
  { "data:  hello\n\n", "= hello|" },
  { "data: a\ndata: b\n\n", "=a\nb|" },
  { "data: a\r\n\r\ndata: b\r\n\r\n", "=a|=b|" },
  { "data: a\r\rdata: b\r\r", "=a|=b|" },
  { "data: a\n\r\ndata: b\r\n\n", "=a|=b|" },
  { "\xEF\xBB\xBF" "data: a\n\n", "=a|" },
  { "\xEF\xBB\xBF\xEF\xBB\xBF" "data: a\n\ndata: b\n\n", "=b|" },
  { "data: a\n\n\xEF\xBB\xBF" "data: b\n\n", "=a|" },
  { ": comment\n\n:\n\ndata: a\n\n", "=a|" },
  { "event: done\ndata: [DONE]\n\n", "done=[DONE]|" },
  { "event: x\n\ndata: a\n\n", "=a|" },
  { "event: x\nevent: y\ndata: a\n\n", "y=a|" },
  { "event: x\nevent\ndata: a\n\n", "=a|" },
  { "event: x\ndata: a\n\ndata: b\n\n", "x=a|=b|" },
  { "data\n\n", "=|" },
  { "data:\n\n", "=|" },
  { "data\ndata\n\n", "=\n|" },
  { "data: \n\n", "=|" },
  { "id: 1\nretry: 5\nother: x\n\n", "" },
  { "id: 1\ndata: a\nretry\n\n", "=a|" },
  { "Data: a\n\nDATA: b\n\n dAta: c\n\n", "" },
  { " data: a\n\n", "" },
  { "data: a:b: c\n\n", "=a:b: c|" },
  { "data: unfinished\n", "" },
  { "data: unfinished", "" },
  { "\n\n\r\r\n", "" },
  { "data: {\"a\":\"ü🙂\"}\n\n", "={\"a\":\"ü🙂\"}|" },
  { "datax: a\ndat: b\n\n", "" },
};

static void
test_streams (gconstpointer data)
{
  gsize piece = GPOINTER_TO_SIZE (data);

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      const char *stream = streams[i].stream;
      g_autofree char *events = decode (stream, strlen (stream), piece);

      g_assert_cmpstr (events, ==, streams[i].events);
    }
}

static void
test_every_split_is_the_same (void)
{
  const char *stream = "\xEF\xBB\xBF: hi\r\nevent: a\r\ndata: 1\r\ndata: 2\r\n\r\rdata: ü\n\r\n"
                       "event: end\ndata\n\n";
  g_autofree char *whole = decode (stream, strlen (stream), strlen (stream));

  g_assert_cmpstr (whole, ==, "a=1\n2|=ü|end=|");
  for (gsize piece = 1; piece < strlen (stream); piece++)
    {
      g_autofree char *split = decode (stream, strlen (stream), piece);

      g_assert_cmpstr (split, ==, whole);
    }
}

static void
test_nul_is_data (void)
{
  g_autofree char *events = decode ("data: a\0b\n\n", 11, 3);

  g_assert_cmpmem (events, 5, "=a\0b|", 5);
}

static void
test_event_limit (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (10, note_event, log);
  g_autoptr (GError) error = NULL;

  g_assert_true (da_sse_parser_feed (parser, "data: 0123456789\n\n", 18, &error));
  g_assert_cmpstr (log->str, ==, "=0123456789|");
  g_assert_true (da_sse_parser_feed (parser, "data: 01234\ndata: 6789\n\n", 24, &error));
  g_assert_no_error (error);

  g_assert_false (da_sse_parser_feed (parser, "data: 01234\ndata: 67890\n\n", 25, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_TOO_LARGE);
  g_clear_error (&error);

  /* Dead for good. */
  g_assert_false (da_sse_parser_feed (parser, "data: a\n\n", 9, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_TOO_LARGE);
  g_assert_cmpstr (log->str, ==, "=0123456789|=01234\n6789|");
}

/* Neither a line without end, nor a comment, nor a name may collect memory. */
static void
test_endless_lines (gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (1000, note_event, log);
  g_autoptr (GError) error = NULL;
  gboolean alive = da_sse_parser_feed (parser, data, strlen (data), NULL);
  guint rounds = 0;

  while (alive && rounds++ < 10000)
    alive = da_sse_parser_feed (parser, "xxxxxxxxxx", 10, &error);
  g_assert_cmpuint (rounds, <, 105);
  g_assert_error (error, DA_ERROR, DA_ERROR_TOO_LARGE);
  g_assert_cmpstr (log->str, ==, "");
}

static void
test_many_empty_data_lines (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (1000, note_event, log);
  guint rounds = 0;

  while (da_sse_parser_feed (parser, "data\n", 5, NULL) && rounds < 5000)
    rounds++;
  g_assert_cmpuint (rounds, <=, 1001);
}

/* Big events come through whole, and the next small one too. */
static void
test_big_event (void)
{
  g_autofree char *big = g_strnfill (3 * 1024 * 1024, 'x');
  g_autofree char *stream = g_strdup_printf ("data: %s\n\ndata: small\n\n", big);
  g_autofree char *wanted = g_strdup_printf ("=%s|=small|", big);
  gsize length = strlen (stream);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (4 * 1024 * 1024, note_event, log);

  for (gsize at = 0; at < length; at += 8192)
    g_assert_true (da_sse_parser_feed (parser, stream + at, MIN (8192, length - at), NULL));
  g_assert_true (strcmp (log->str, wanted) == 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_data_func ("/base/sse-parser/streams-in-one-piece", GSIZE_TO_POINTER (10000),
                        test_streams);
  g_test_add_data_func ("/base/sse-parser/streams-byte-by-byte", GSIZE_TO_POINTER (1),
                        test_streams);
  g_test_add_data_func ("/base/sse-parser/streams-by-threes", GSIZE_TO_POINTER (3), test_streams);
  g_test_add_func ("/base/sse-parser/every-split-is-the-same", test_every_split_is_the_same);
  g_test_add_func ("/base/sse-parser/nul-is-data", test_nul_is_data);
  g_test_add_func ("/base/sse-parser/too-large-an-event-ends-it", test_event_limit);
  g_test_add_data_func ("/base/sse-parser/endless/data", "data: ", test_endless_lines);
  g_test_add_data_func ("/base/sse-parser/endless/comment", ": ", test_endless_lines);
  g_test_add_data_func ("/base/sse-parser/endless/name", "event: ", test_endless_lines);
  g_test_add_data_func ("/base/sse-parser/endless/unknown-field", "", test_endless_lines);
  g_test_add_func ("/base/sse-parser/endless/empty-data-lines", test_many_empty_data_lines);
  g_test_add_func ("/base/sse-parser/big-event-is-whole", test_big_event);

  return g_test_run ();
}
