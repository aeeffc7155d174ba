/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-json"

#include "da-json.h"

#include <string.h>

#include "da-macros.h"
#include "da-test-util.h"
#include "da-worker.h"

#define LIMIT (64 * 1024 * 1024)

static JsonNode *
parse (const char  *text,
       GError     **error)
{
  return da_json_parse (text, strlen (text), LIMIT, error);
}

static void
test_malformed_sample (gconstpointer data)
{
  static const struct { const char *folder; DaJsonError code; } folders[] = {
    { "/syntax/", DA_JSON_ERROR_SYNTAX },     { "/encoding/", DA_JSON_ERROR_ENCODING },
    { "/depth/", DA_JSON_ERROR_DEPTH },       { "/range/", DA_JSON_ERROR_RANGE },
    { "/key/", DA_JSON_ERROR_KEY },
  };
  const char *path = data;
  gsize length;
  g_autofree char *text = da_test_read_file (path, &length);
  /* Exactly as long as the sample, so that a sanitizer sees any read behind it. */
  g_autofree char *exact = g_memdup2 (text, MAX (length, 1));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = da_json_parse (exact, length, LIMIT, &error);
  gboolean known = FALSE;

  g_assert_null (node);
  g_assert_nonnull (error);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      if (strstr (path, folders[i].folder) == NULL)
        continue;
      known = TRUE;
      g_assert_error (error, DA_JSON_ERROR, (int) folders[i].code);
    }
  g_assert_true (known);

  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 120);
  g_assert_true (g_str_has_prefix (error->message, "Line "));
}

static void
test_wellformed_sample (gconstpointer data)
{
  gsize length;
  g_autofree char *text = da_test_read_file (data, &length);
  g_autofree char *exact = g_memdup2 (text, MAX (length, 1));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = da_json_parse (exact, length, LIMIT, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  g_assert_true (json_node_is_immutable (node));

  /* Both written forms read back as the same value. */
  for (int pretty = 0; pretty < 2; pretty++)
    {
      g_autofree char *written = da_json_to_string (node, pretty);
      g_autoptr (JsonNode) again = parse (written, &error);

      g_assert_no_error (error);
      g_assert_true (json_node_equal (node, again));
      g_assert_true (g_utf8_validate (written, -1, NULL));
      if (!pretty)
        g_assert_null (strpbrk (written, "\r\n"));
    }
}

/* The samples as a peer that hangs up would leave them: every prefix is refused or complete, and
 * none is read beyond its end. */
static void
test_every_prefix (void)
{
  const char *text = "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\\n\"],"
                     "\"b\":{\"c\":null,\"d\":true}}";

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *exact = g_memdup2 (text, MAX (length, 1));
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = da_json_parse (exact, length, LIMIT, &error);

      g_assert_null (node);
      g_assert_nonnull (error);
    }
}

static void
assert_message (const char *text,
                const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse (text, &error);

  g_assert_null (node);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_messages_say_where (void)
{
  assert_message ("[1,\n 2,]", "Line 2, column 4: expected a value");
  assert_message ("[\"äöü\" 1]", "Line 1, column 8: expected a comma or “]”");
  assert_message ("{\"a\":1,\n\n\"a\":2}", "Line 3, column 1: a member occurs twice");
  assert_message ("{\"a\":1 x}", "Line 1, column 8: expected a comma or “}”");
  assert_message ("{\"a\":1", "Line 1, column 7: the text ends too early");
  assert_message ("\"\\ud800\"", "Line 1, column 2: a surrogate escape without its other half");
  assert_message ("{} x", "Line 1, column 4: more text after the end of the document");
  assert_message ("", "Line 1, column 1: the text is empty");
  assert_message ("9223372036854775808", "Line 1, column 1: the number is too large");
}

static void
test_values_are_exact (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse ("[9223372036854775807,-9223372036854775808,0.1,1e2,-0,"
                                     "\"\\u0041\\ud83d\\ude00\\/\",\"\"]", &error);
  JsonArray *array;

  g_assert_no_error (error);
  array = json_node_get_array (node);
  g_assert_cmpint (json_array_get_int_element (array, 0), ==, G_MAXINT64);
  g_assert_cmpint (json_array_get_int_element (array, 1), ==, G_MININT64);
  g_assert_true (json_array_get_double_element (array, 2) == 0.1);
  g_assert_true (json_array_get_double_element (array, 3) == 100.0);
  g_assert_cmpint (json_array_get_int_element (array, 4), ==, 0);
  g_assert_cmpstr (json_array_get_string_element (array, 5), ==, "A😀/");
  g_assert_cmpstr (json_array_get_string_element (array, 6), ==, "");
}

static void
test_order_of_members_is_kept (void)
{
  const char *text = "{\"z\":1,\"a\":2,\"m\":{\"y\":3,\"b\":4}}";
  g_autoptr (JsonNode) node = parse (text, NULL);
  g_autofree char *written = da_json_to_string (node, FALSE);

  g_assert_cmpstr (written, ==, text);
}

static void
test_pretty_form (void)
{
  g_autoptr (JsonNode) node = parse ("{\"a\":[1,{}],\"b\":[],\"c\":{\"d\":null}}", NULL);
  g_autofree char *written = da_json_to_string (node, TRUE);

  g_assert_cmpstr (written, ==,
                   "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": {\n"
                   "    \"d\": null\n  }\n}");
}

static void
test_size_limit (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) fits = da_json_parse ("[1,2]", 5, 5, &error);
  g_autoptr (JsonNode) too_long = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (fits);
  too_long = da_json_parse ("[1,2] ", 6, 5, &error);
  g_assert_null (too_long);
  g_assert_error (error, DA_JSON_ERROR, DA_JSON_ERROR_SIZE);
}

static GString *
make_members (guint count)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "%s\"key%u\":%u", i > 0 ? "," : "", i, i);
  return g_string_append_c (text, '}');
}

static void
test_many_members (void)
{
  g_autoptr (GError) error = NULL;
  GString *most = make_members (DA_JSON_MAX_MEMBERS);
  GString *more = make_members (DA_JSON_MAX_MEMBERS + 1);
  g_autoptr (JsonNode) node = parse (most->str, &error);
  g_autoptr (JsonNode) refused = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, DA_JSON_MAX_MEMBERS);
  refused = parse (more->str, &error);
  g_assert_null (refused);
  g_assert_error (error, DA_JSON_ERROR, DA_JSON_ERROR_SIZE);
  g_string_free (most, TRUE);
  g_string_free (more, TRUE);
}

/* 100,000 keys spread over objects: accepted, and the memory is the tree's. */
static void
test_hundred_thousand_keys (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < 100; i++)
    {
      GString *object = make_members (1000);

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", object->str);
      g_string_free (object, TRUE);
    }
  g_string_append_c (text, ']');
  node = parse (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 100);
}

static void
test_many_values (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("[0");
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) refused = NULL;

  /* The array itself is one of them. */
  for (guint i = 2; i < DA_JSON_MAX_VALUES; i++)
    g_string_append (text, ",0");
  g_string_append_c (text, ']');
  node = parse (text->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);

  text->str[text->len - 1] = ',';
  g_string_append (text, "0]");
  refused = parse (text->str, &error);
  g_assert_null (refused);
  g_assert_error (error, DA_JSON_ERROR, DA_JSON_ERROR_SIZE);
}

static void
test_ten_megabyte_string (void)
{
  const gsize size = 10 * 1024 * 1024;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_malloc (size + 2);
  g_autoptr (JsonNode) node = NULL;
  gsize before;
  gsize grown;

  memset (text, 'x', size + 2);
  text[0] = text[size + 1] = '"';
  before = da_test_resident_bytes ();
  node = da_json_parse (text, size + 2, LIMIT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (json_node_get_string (node)), ==, size);
  grown = da_test_resident_bytes ();
  grown -= MIN (before, grown);
  g_test_message ("resident memory grew by %" G_GSIZE_FORMAT " bytes", grown);
  g_assert_true (DA_TEST_SANITIZED || grown < 20 * 1024 * 1024);
}

/* Member names that all have one g_str_hash(): "Ez" and "FY" collide, so do all their rows. Some
 * may occur; thousands are an attack and take seconds to insert. */
static void
test_colliding_names_are_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; i < 2000; i++)
    {
      g_string_append (text, i > 0 ? ",\"" : "\"");
      for (guint bit = 0; bit < 13; bit++)
        g_string_append (text, (i >> bit) & 1 ? "Ez" : "FY");
      g_string_append (text, "\":1");
    }
  g_string_append_c (text, '}');
  node = parse (text->str, &error);
  g_assert_null (node);
  g_assert_error (error, DA_JSON_ERROR, DA_JSON_ERROR_KEY);
}

static void
test_async_small_answers_later (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"a\":1}", 7);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  da_json_parse_async (bytes, LIMIT, NULL, da_test_async_cb, &result);
  g_assert_null (result);
  da_test_run_async (&result);
  node = da_json_parse_finish (result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
}

static gboolean
start_inside_callback (gpointer user_data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("[1]", 3);
  GAsyncResult **result = user_data;

  da_json_parse_async (bytes, LIMIT, NULL, da_test_async_cb, result);
  g_assert_null (*result);
  return G_SOURCE_REMOVE;
}

static void
test_async_from_a_callback_answers_later (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_idle_add (start_inside_callback, &result);
  da_test_run_async (&result);
  node = da_json_parse_finish (result, NULL);
  g_assert_nonnull (node);
}

static gboolean
count_cb (gpointer user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_async_large_keeps_the_loop_free (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint turns = 0;
  guint source;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "\"some text\",");
  g_string_append (text, "1]");
  bytes = g_bytes_new (text->str, text->len);
  source = g_idle_add_full (G_PRIORITY_LOW, count_cb, &turns, NULL);
  da_json_parse_async (bytes, LIMIT, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_source_remove (source);
  node = da_json_parse_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 100001);
  g_assert_cmpuint (turns, >, 0);
}

static void
test_async_reports_errors (void)
{
  g_autofree char *text = g_strnfill (DA_JSON_INLINE_BYTES + 10, '[');
  g_autoptr (GBytes) large = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) small = g_bytes_new_static ("{", 1);
  GBytes *both[] = { small, large };
  int codes[] = { DA_JSON_ERROR_SYNTAX, DA_JSON_ERROR_DEPTH };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = NULL;

      da_json_parse_async (both[i], LIMIT, NULL, da_test_async_cb, &result);
      da_test_run_async (&result);
      node = da_json_parse_finish (result, &error);
      g_assert_null (node);
      g_assert_error (error, DA_JSON_ERROR, codes[i]);
    }
}

static void
test_async_can_be_cancelled (void)
{
  g_autofree char *text = g_strnfill (DA_JSON_INLINE_BYTES + 10, '[');
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_cancellable_cancel (cancellable);
  da_json_parse_async (bytes, LIMIT, cancellable, da_test_async_cb, &result);
  da_test_run_async (&result);
  node = da_json_parse_finish (result, &error);
  g_assert_null (node);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
add_samples (const char   *folder,
             const char   *label,
             GTestDataFunc func)
{
  g_autofree char *path = g_build_filename (DA_TEST_DATA, folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;
  guint count = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *test_path = g_strdup_printf ("%s%s", label, name);

      *strrchr (test_path, '.') = '\0';
      g_test_add_data_func_full (test_path, g_build_filename (path, name, NULL), func, g_free);
      count++;
    }
  g_assert_cmpuint (count, >, 3);
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();

  add_samples ("malformed/json/syntax", "/base/json/refuses/syntax/", test_malformed_sample);
  add_samples ("malformed/json/encoding", "/base/json/refuses/encoding/", test_malformed_sample);
  add_samples ("malformed/json/depth", "/base/json/refuses/depth/", test_malformed_sample);
  add_samples ("malformed/json/range", "/base/json/refuses/range/", test_malformed_sample);
  add_samples ("malformed/json/key", "/base/json/refuses/key/", test_malformed_sample);
  add_samples ("json", "/base/json/accepts/", test_wellformed_sample);
  g_test_add_func ("/base/json/every-prefix-is-refused", test_every_prefix);
  g_test_add_func ("/base/json/messages-say-where", test_messages_say_where);
  g_test_add_func ("/base/json/values-are-exact", test_values_are_exact);
  g_test_add_func ("/base/json/order-of-members-is-kept", test_order_of_members_is_kept);
  g_test_add_func ("/base/json/pretty-form-has-two-spaces", test_pretty_form);
  g_test_add_func ("/base/json/longer-than-allowed-is-refused", test_size_limit);
  g_test_add_func ("/base/json/too-many-members-are-refused", test_many_members);
  g_test_add_func ("/base/json/hundred-thousand-keys-are-read", test_hundred_thousand_keys);
  g_test_add_func ("/base/json/too-many-values-are-refused", test_many_values);
  g_test_add_func ("/base/json/ten-megabyte-string-costs-little", test_ten_megabyte_string);
  g_test_add_func ("/base/json/colliding-names-are-refused", test_colliding_names_are_refused);
  g_test_add_func ("/base/json/async/small-text-answers-later", test_async_small_answers_later);
  g_test_add_func ("/base/json/async/from-a-callback-answers-later",
                   test_async_from_a_callback_answers_later);
  g_test_add_func ("/base/json/async/large-text-keeps-the-loop-free",
                   test_async_large_keeps_the_loop_free);
  g_test_add_func ("/base/json/async/errors-arrive", test_async_reports_errors);
  g_test_add_func ("/base/json/async/can-be-cancelled", test_async_can_be_cancelled);

  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
