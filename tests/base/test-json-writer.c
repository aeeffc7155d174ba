/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-json-writer"

#include "da-json-writer.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "da-json.h"
#include "da-test-util.h"

static void
test_nesting_and_commas (void)
{
  const char *words[] = { "x", "y", NULL };
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autofree char *text = NULL;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "s", "t");
  da_json_writer_int (writer, "i", -5);
  da_json_writer_boolean (writer, "b", TRUE);
  da_json_writer_null (writer, "n");
  da_json_writer_begin_array (writer, "a");
  da_json_writer_int (writer, NULL, 1);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_end_object (writer);
  da_json_writer_begin_array (writer, NULL);
  da_json_writer_end_array (writer);
  da_json_writer_end_array (writer);
  da_json_writer_strv (writer, "v", words);
  da_json_writer_strv (writer, "w", NULL);
  da_json_writer_raw (writer, "r", "[{\"z\":0}]");
  da_json_writer_end_object (writer);
  text = da_json_writer_free_to_string (writer);

  g_assert_cmpstr (text, ==, "{\"s\":\"t\",\"i\":-5,\"b\":true,\"n\":null,\"a\":[1,{},[]],"
                             "\"v\":[\"x\",\"y\"],\"w\":[],\"r\":[{\"z\":0}]}");
}

static void
test_null_strings (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autofree char *text = NULL;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_opt_string (writer, "gone", NULL);
  da_json_writer_opt_raw (writer, "gone too", NULL);
  da_json_writer_string (writer, "null", NULL);
  da_json_writer_raw (writer, "raw", NULL);
  da_json_writer_node (writer, "node", NULL);
  da_json_writer_opt_string (writer, "there", "");
  da_json_writer_end_object (writer);
  text = da_json_writer_free_to_string (writer);

  g_assert_cmpstr (text, ==, "{\"null\":null,\"raw\":null,\"node\":null,\"there\":\"\"}");
}

static void
test_root_may_be_anything (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autoptr (GBytes) bytes = NULL;

  da_json_writer_string_len (writer, NULL, "abcdef", 3);
  bytes = da_json_writer_free_to_bytes (writer);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "\"abc\"", 5);
}

static void
test_borrowed_buffer_is_appended_to (void)
{
  g_autoptr (GString) buffer = g_string_new ("data: ");
  DaJsonWriter *writer = da_json_writer_new_on (buffer);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_end_object (writer);
  da_json_writer_free (writer);
  g_assert_cmpstr (buffer->str, ==, "data: {}");
}

static void
test_escapes (void)
{
  static const struct { const char *text; gssize length; const char *quoted; } cases[] = {
    { "", -1, "\"\"" },
    { "plain", -1, "\"plain\"" },
    { "\"\\/", -1, "\"\\\"\\\\/\"" },
    { "\n\r\t", -1, "\"\\n\\r\\t\"" },
    { "\x01\x1f\x7f\b\f", -1, "\"\\u0001\\u001f\\u007f\\u0008\\u000c\"" },
    { "a\0b", 3, "\"a\\u0000b\"" },
    { "\u2028x\u2029", -1, "\"\\u2028x\\u2029\"" },
    { "\u2027\u202a\u20a8", -1, "\"\u2027\u202a\u20a8\"" },
    { "Grüße 🙂", -1, "\"Grüße 🙂\"" },
    { "a\xff" "b", -1, "\"a\uFFFD" "b\"" },
    { "\x80\xbf", -1, "\"\uFFFD\uFFFD\"" },
    { "\xc0\xaf", -1, "\"\uFFFD\uFFFD\"" },
    { "\xed\xa0\x80", -1, "\"\uFFFD\uFFFD\uFFFD\"" },
    { "\xf4\x90\x80\x80", -1, "\"\uFFFD\uFFFD\uFFFD\uFFFD\"" },
    { "cut \xe2\x82", -1, "\"cut \uFFFD\uFFFD\"" },
    { "🙂", 3, "\"\uFFFD\uFFFD\uFFFD\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) buffer = g_string_new (NULL);

      da_json_append_quoted (buffer, cases[i].text, cases[i].length);
      g_assert_cmpstr (buffer->str, ==, cases[i].quoted);
    }
}

/* Every code point, through the writer and the door, is the same text again. */
static void
test_every_character_comes_back (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) quoted = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  for (gunichar c = 1; c <= 0x10FFFF; c++)
    {
      if (c < 0xD800 || c > 0xDFFF)
        g_string_append_unichar (text, c);
    }
  da_json_append_quoted (quoted, text->str, (gssize) text->len);
  node = da_json_parse (quoted->str, quoted->len, G_MAXSIZE, &error);
  g_assert_no_error (error);
  g_assert_true (strcmp (json_node_get_string (node), text->str) == 0);
}

/* Any bytes at all become a valid document on one line. */
static void
test_any_bytes_become_valid (void)
{
  guint64 state = 7;

  for (guint round = 0; round < 20000; round++)
    {
      char bytes[24];
      gssize length = da_test_pseudo_random (&state, sizeof bytes);
      g_autoptr (GString) quoted = g_string_new (NULL);
      g_autofree char *repaired = NULL;
      g_autoptr (JsonNode) node = NULL;

      for (gssize i = 0; i < length; i++)
        bytes[i] = (char) (da_test_pseudo_random (&state, 2) == 0
                           ? 1 + da_test_pseudo_random (&state, 0xFF)
                           : 0xC0 + da_test_pseudo_random (&state, 0x40));
      da_json_append_quoted (quoted, bytes, length);
      g_assert_true (g_utf8_validate (quoted->str, (gssize) quoted->len, NULL));
      node = da_json_parse (quoted->str, quoted->len, G_MAXSIZE, NULL);
      g_assert_nonnull (node);
      repaired = g_utf8_make_valid (bytes, length);
      g_assert_cmpstr (json_node_get_string (node), ==, repaired);
    }
}

static void
test_numbers (void)
{
  static const double doubles[] = {
    0.1, 1.0 / 3, 5, -2.5, 1e21, 1e-7, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, 123456789012345678.0,
    0.30000000000000004,
  };
  static const gint64 ints[] = { 0, 7, -1, G_MAXINT64, G_MININT64, 1000000 };

  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    {
      DaJsonWriter *writer = da_json_writer_new (0);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) node = NULL;

      da_json_writer_double (writer, NULL, doubles[i]);
      text = da_json_writer_free_to_string (writer);
      node = da_json_parse (text, strlen (text), 100, NULL);
      g_assert_nonnull (node);
      g_assert_true (json_node_get_double (node) == doubles[i]);
    }

  for (guint i = 0; i < G_N_ELEMENTS (ints); i++)
    {
      DaJsonWriter *writer = da_json_writer_new (0);
      g_autofree char *text = NULL;
      g_autofree char *wanted = g_strdup_printf ("%" G_GINT64_FORMAT, ints[i]);

      da_json_writer_int (writer, NULL, ints[i]);
      text = da_json_writer_free_to_string (writer);
      g_assert_cmpstr (text, ==, wanted);
    }
}

static void
assert_double (double      value,
               const char *wanted)
{
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autofree char *text = NULL;

  da_json_writer_double (writer, NULL, value);
  text = da_json_writer_free_to_string (writer);
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_doubles_are_short (void)
{
  assert_double (0.1, "0.1");
  assert_double (0.7, "0.7");
  assert_double (1.0, "1");
  assert_double (0.0, "0");
  assert_double (-0.0, "0");
  assert_double (NAN, "null");
  assert_double (INFINITY, "null");
  assert_double (-INFINITY, "null");
}

static void
test_deep_nesting (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autoptr (GString) wanted = g_string_new (NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 100; i++)
    {
      da_json_writer_begin_array (writer, i == 0 ? NULL : "a");
      da_json_writer_begin_object (writer, NULL);
      g_string_append (wanted, i == 0 ? "[{" : "\"a\":[{");
    }
  for (guint i = 0; i < 100; i++)
    {
      da_json_writer_end_object (writer);
      da_json_writer_int (writer, NULL, i);
      da_json_writer_end_array (writer);
      g_string_append_printf (wanted, "},%u]", i);
    }
  text = da_json_writer_free_to_string (writer);
  g_assert_cmpstr (text, ==, wanted->str);
}

static void
test_node_is_written_as_it_was (void)
{
  const char *sample = "{\"b\":[1,2.5,\"x\",null,true,{\"a\":{}}],\"\":[]}";
  g_autoptr (JsonNode) node = da_json_parse (sample, strlen (sample), 1000, NULL);
  DaJsonWriter *writer = da_json_writer_new (0);
  g_autofree char *text = NULL;
  g_autofree char *wanted = g_strdup_printf ("[%s,%s]", sample, sample);

  da_json_writer_begin_array (writer, NULL);
  da_json_writer_node (writer, NULL, node);
  da_json_writer_node (writer, NULL, node);
  da_json_writer_end_array (writer);
  text = da_json_writer_free_to_string (writer);
  g_assert_cmpstr (text, ==, wanted);
}

static void
misuse_name_in_array (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);

  da_json_writer_begin_array (writer, NULL);
  da_json_writer_int (writer, "name", 1);
}

static void
misuse_no_name_in_object (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, NULL, 1);
}

static void
misuse_wrong_end (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_end_array (writer);
}

static void
misuse_two_roots (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);

  da_json_writer_int (writer, NULL, 1);
  da_json_writer_int (writer, NULL, 2);
}

static void
misuse_unfinished (void)
{
  DaJsonWriter *writer = da_json_writer_new (0);

  da_json_writer_begin_object (writer, NULL);
  g_free (da_json_writer_free_to_string (writer));
}

static void
test_misuse_asserts (gconstpointer data)
{
  void (*misuse) (void) = data;

  if (g_test_subprocess ())
    {
      misuse ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) g_test_add_func ("/base/json-writer/" path, func)
#define MISUSE(path, func) \
  g_test_add_data_func ("/base/json-writer/misuse/" path, (gconstpointer) func, test_misuse_asserts)
  ADD ("nesting-and-commas", test_nesting_and_commas);
  ADD ("null-strings", test_null_strings);
  ADD ("root-may-be-anything", test_root_may_be_anything);
  ADD ("borrowed-buffer-is-appended-to", test_borrowed_buffer_is_appended_to);
  ADD ("escapes", test_escapes);
  ADD ("every-character-comes-back", test_every_character_comes_back);
  ADD ("any-bytes-become-valid", test_any_bytes_become_valid);
  ADD ("numbers-come-back", test_numbers);
  ADD ("doubles-are-short", test_doubles_are_short);
  ADD ("deep-nesting", test_deep_nesting);
  ADD ("node-is-written-as-it-was", test_node_is_written_as_it_was);
  MISUSE ("name-in-array", misuse_name_in_array);
  MISUSE ("no-name-in-object", misuse_no_name_in_object);
  MISUSE ("wrong-end", misuse_wrong_end);
  MISUSE ("two-roots", misuse_two_roots);
  MISUSE ("unfinished", misuse_unfinished);

  return g_test_run ();
}
