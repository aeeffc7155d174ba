/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-scan"

#include "da-llm-scan.h"

#include <string.h>

#include "da-json.h"

/* TRUE when the scanner takes the whole of it for one JSON document. */
static gboolean
is_taken (const char *text,
          gsize       length)
{
  /* A copy of the exact size: reading behind it is an error that sanitizers see. */
  g_autofree char *copy = g_memdup2 (text, length);
  DaLlmScan scan;

  da_llm_scan_init (&scan, copy, length);
  da_llm_scan_skip (&scan, NULL);
  return da_llm_scan_finish (&scan);
}

static const char *const good[] = {
  "{}", "[]", "\"\"", "0", "-0", "1.5", "-1e9", "2E-3", "1e+5", "true", "false", "null",
  " { \"a\" : [ 1 , 2 , { } ] , \"b\" : null } ", "[[],[]]", "[[[]]]", "{\"a\":{\"a\":{}}}",
  "\"\\u00e4\\n\\\"\\\\\\/\\b\\f\\r\\t\"", "[\"a\",\"b\"]", "{\"\":\"\"}", "[1,[2],{\"x\":3}]",
};

static const char *const bad[] = {
  "", " ", "{", "}", "[", "]", "{]", "[}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
  "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{a:1}", "{'a':1}", "\"", "\"a", "\"\\x\"", "\"\\u12\"",
  "\"\\u12g4\"", "\"\\", "\"\\u", "01", "1.", ".5", "+1", "-", "1e", "1e+", "--1", "0x10", "tru",
  "True", "nul", "nan", "NaN", "Infinity", "{} {}", "[] 1", "1 1", "// c\n1", "/* c */ 1",
  "\"a\nb\"", "\"a\tb\"", "var x = 1", "{\"a\":1 \"b\":2}", "[1]]", "{}}",
};

static void
test_agrees_with_the_door (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (JsonNode) node = da_json_parse (good[i], strlen (good[i]), 1000, NULL);

      if (!is_taken (good[i], strlen (good[i])) || !node)
        g_error ("refused: %s", good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) node = da_json_parse (bad[i], strlen (bad[i]), 1000, NULL);

      if (is_taken (bad[i], strlen (bad[i])) || node)
        g_error ("taken: %s", bad[i]);
    }
}

static void
test_no_prefix_is_a_document (void)
{
  static const char document[] =
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\u00e4\\\"b\"},\"x\":[1.5e3,true,"
    "null]}]}";

  g_assert_true (is_taken (document, strlen (document)));
  for (gsize n = 0; n < strlen (document); n++)
    g_assert_false (is_taken (document, n));
}

static void
test_depth (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < DA_JSON_MAX_DEPTH; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < DA_JSON_MAX_DEPTH; i++)
    g_string_append_c (deep, ']');
  g_assert_true (is_taken (deep->str, deep->len));
  g_string_prepend_c (deep, '[');
  g_string_append_c (deep, ']');
  g_assert_false (is_taken (deep->str, deep->len));

  g_string_truncate (deep, 0);
  for (guint i = 0; i < 200000; i++)
    g_string_append (deep, i % 2 ? "[" : "{\"a\":");
  g_assert_false (is_taken (deep->str, deep->len));
}

static void
test_ints (void)
{
  static const struct { const char *text; gboolean is_int; gint64 value; } cases[] = {
    { "0", TRUE, 0 }, { "7", TRUE, 7 }, { "-12", TRUE, -12 }, { "12.0", TRUE, 12 },
    { "1e3", TRUE, 1000 }, { "9000000000000", TRUE, G_GINT64_CONSTANT (9000000000000) },
    { "1e300", FALSE, 0 }, { "99999999999999999999999999", FALSE, 0 }, { "null", FALSE, 0 },
    { "\"7\"", FALSE, 0 }, { "[7]", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 value = 42;
      DaLlmScan scan;

      da_llm_scan_init (&scan, cases[i].text, strlen (cases[i].text));
      g_assert_cmpint (da_llm_scan_int (&scan, &value), ==, cases[i].is_int);
      g_assert_cmpint (value, ==, cases[i].is_int ? cases[i].value : 42);
      g_assert_true (da_llm_scan_finish (&scan));
    }
}

/* @pieces: insides of JSON strings. */
static char *
join (const char *const *pieces)
{
  DaLlmText text = { 0 };
  GString *out = g_string_new (NULL);

  for (guint i = 0; pieces[i]; i++)
    {
      DaLlmSpan span = { pieces[i], strlen (pieces[i]), strchr (pieces[i], '\\') != NULL };

      da_llm_text_append (&text, out, &span);
      g_assert_true (g_utf8_validate (out->str, (gssize) out->len, NULL));
    }
  da_llm_text_finish (&text, out);
  g_assert_true (g_utf8_validate (out->str, (gssize) out->len, NULL));
  return g_string_free (out, FALSE);
}

#define BAD "\xef\xbf\xbd"

static void
test_pieces (void)
{
  static const struct { const char *pieces[6]; const char *whole; } cases[] = {
    { { "plain", NULL }, "plain" },
    { { "", "", NULL }, "" },
    { { "\\n\\t\\\"\\\\\\/\\b\\f\\r", NULL }, "\n\t\"\\/\b\f\r" },
    { { "\\u00e4\\u4e2d", NULL }, "ä中" },
    { { "\\ud83d\\ude00", NULL }, "😀" },
    { { "\\ud83d", "\\ude00", NULL }, "😀" },
    { { "\\ud83d", "", "\\ude00!", NULL }, "😀!" },
    { { "\\ud83d", NULL }, BAD },
    { { "\\ude00", NULL }, BAD },
    { { "\\ud83d", "a", NULL }, BAD "a" },
    { { "\\ud83d\\ud83d\\ude00", NULL }, BAD "😀" },
    { { "\\ud83d\\n", NULL }, BAD "\n" },
    { { "\\u0000", NULL }, BAD },
    { { "\xf0\x9f", "\x98\x80", NULL }, "😀" },
    { { "\xf0", "\x9f", "\x98", "\x80", NULL }, "😀" },
    { { "a\xc3", "\xa4" "b", NULL }, "aäb" },
    { { "\xe4\xb8", "\xad\xe4", "\xb8\xad", NULL }, "中中" },
    { { "\xf0\x9f", "x", NULL }, BAD "x" },
    { { "\xf0\x9f", "\\n", NULL }, BAD "\n" },
    { { "\xf0\x9f", "\xf0\x9f\x98\x80", NULL }, BAD "😀" },
    { { "\xff\xfe", NULL }, BAD BAD },
    { { "\xc0\x80", NULL }, BAD BAD },
    { { "\xe4\xb8", NULL }, BAD },
    { { "\x80", "ok", NULL }, BAD "ok" },
    { { "\xed\xa0\x80", NULL }, BAD BAD BAD },
    { { "\\ud83d", "\xf0\x9f\x98\x80", NULL }, BAD "😀" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *whole = join (cases[i].pieces);

      g_assert_cmpstr (whole, ==, cases[i].whole);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/scan/agrees-with-the-door", test_agrees_with_the_door);
  g_test_add_func ("/llm/scan/no-prefix-is-a-document", test_no_prefix_is_a_document);
  g_test_add_func ("/llm/scan/deep-nesting-is-refused", test_depth);
  g_test_add_func ("/llm/scan/integers-are-read", test_ints);
  g_test_add_func ("/llm/scan/split-characters-are-joined", test_pieces);
  return g_test_run ();
}
