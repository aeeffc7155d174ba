/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-json-fields"

#include "da-json.h"

#include <string.h>

static const char sample[] =
  "{\"text\":\"hello\",\"empty\":\"\",\"yes\":true,\"no\":false,\"seven\":7,"
  "\"big\":9007199254740993,\"whole\":5.0,\"half\":0.5,\"huge\":1e300,"
  "\"list\":[{\"a\":1},2],\"map\":{\"x\":1},\"nil\":null}";

typedef struct {
  JsonNode   *root;
  JsonObject *object;
  GError     *error;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->root = da_json_parse (sample, strlen (sample), 4096, &self->error);
  g_assert_no_error (self->error);
  self->object = da_json_need_object (self->root, &self->error);
  g_assert_no_error (self->error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_error (&self->error);
  g_clear_pointer (&self->root, json_node_unref);
}

static void
assert_field_error (Fixture    *self,
                    gboolean    result,
                    const char *message)
{
  g_assert_false (result);
  g_assert_error (self->error, DA_JSON_ERROR, DA_JSON_ERROR_FIELD);
  g_assert_cmpstr (self->error->message, ==, message);
  g_clear_error (&self->error);
}

static void
test_need_reads (Fixture       *self,
                 gconstpointer  data)
{
  const char *text;
  gboolean flag;
  gint64 number;
  JsonArray *array;

  g_assert_true (da_json_need_string (self->object, "text", &text, &self->error));
  g_assert_cmpstr (text, ==, "hello");
  g_assert_true (da_json_need_string (self->object, "empty", &text, &self->error));
  g_assert_cmpstr (text, ==, "");
  g_assert_true (da_json_need_boolean (self->object, "yes", &flag, &self->error));
  g_assert_true (flag);
  g_assert_true (da_json_need_boolean (self->object, "no", &flag, &self->error));
  g_assert_false (flag);
  g_assert_true (da_json_need_int (self->object, "seven", 7, 7, &number, &self->error));
  g_assert_cmpint (number, ==, 7);
  g_assert_true (da_json_need_int (self->object, "big", 0, G_MAXINT64, &number, &self->error));
  g_assert_cmpint (number, ==, G_GINT64_CONSTANT (9007199254740993));
  g_assert_true (da_json_need_int (self->object, "whole", 0, 10, &number, &self->error));
  g_assert_cmpint (number, ==, 5);
  g_assert_true (da_json_need_array (self->object, "list", &array, &self->error));
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
}

static void
test_need_names_what_is_missing (Fixture       *self,
                                 gconstpointer  data)
{
  const char *text = "kept";
  gboolean flag = TRUE;
  gint64 number = 3;
  JsonArray *array = NULL;

  assert_field_error (self, da_json_need_string (self->object, "gone", &text, &self->error),
                      "“gone” is missing");
  assert_field_error (self, da_json_need_string (self->object, "nil", &text, &self->error),
                      "“nil” is missing");
  assert_field_error (self, da_json_need_boolean (self->object, "gone", &flag, &self->error),
                      "“gone” is missing");
  assert_field_error (self, da_json_need_int (self->object, "gone", 0, 9, &number, &self->error),
                      "“gone” is missing");
  assert_field_error (self, da_json_need_array (self->object, "gone", &array, &self->error),
                      "“gone” is missing");
  g_assert_cmpstr (text, ==, "kept");
  g_assert_cmpint (number, ==, 3);
}

static void
test_wrong_types_are_named (Fixture       *self,
                            gconstpointer  data)
{
  const char *text = "kept";
  gboolean flag = TRUE;
  gint64 number = 3;
  JsonArray *array = NULL;
  JsonObject *object = NULL;

  assert_field_error (self, da_json_take_string (self->object, "seven", &text, &self->error),
                      "“seven” must be a string");
  assert_field_error (self, da_json_take_string (self->object, "list", &text, &self->error),
                      "“list” must be a string");
  assert_field_error (self, da_json_take_boolean (self->object, "text", &flag, &self->error),
                      "“text” must be true or false");
  assert_field_error (self, da_json_take_boolean (self->object, "seven", &flag, &self->error),
                      "“seven” must be true or false");
  assert_field_error (self, da_json_take_int (self->object, "half", 0, 9, &number, &self->error),
                      "“half” must be a whole number");
  assert_field_error (self, da_json_take_int (self->object, "huge", 0, 9, &number, &self->error),
                      "“huge” must be a whole number");
  assert_field_error (self, da_json_take_int (self->object, "text", 0, 9, &number, &self->error),
                      "“text” must be a whole number");
  assert_field_error (self, da_json_take_array (self->object, "map", &array, &self->error),
                      "“map” must be an array");
  assert_field_error (self, da_json_take_object (self->object, "list", &object, &self->error),
                      "“list” must be an object");
  g_assert_cmpstr (text, ==, "kept");
  g_assert_cmpint (number, ==, 3);
  g_assert_true (flag);
  g_assert_null (array);
  g_assert_null (object);
}

static void
test_ranges_are_named (Fixture       *self,
                       gconstpointer  data)
{
  gint64 number = 3;

  assert_field_error (self, da_json_take_int (self->object, "seven", 8, 9, &number, &self->error),
                      "“seven” must be from 8 to 9");
  assert_field_error (self, da_json_take_int (self->object, "seven", 8, G_MAXINT64, &number,
                                              &self->error),
                      "“seven” must be at least 8");
  assert_field_error (self, da_json_take_int (self->object, "seven", G_MININT64, 6, &number,
                                              &self->error),
                      "“seven” must be at most 6");
  g_assert_cmpint (number, ==, 3);
}

static void
test_take_leaves_absent_alone (Fixture       *self,
                               gconstpointer  data)
{
  const char *names[] = { "gone", "nil" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = "kept";
      gboolean flag = TRUE;
      gint64 number = 3;
      JsonArray *array = NULL;
      JsonObject *object = NULL;

      g_assert_true (da_json_take_string (self->object, names[i], &text, &self->error));
      g_assert_true (da_json_take_boolean (self->object, names[i], &flag, &self->error));
      g_assert_true (da_json_take_int (self->object, names[i], 8, 9, &number, &self->error));
      g_assert_true (da_json_take_array (self->object, names[i], &array, &self->error));
      g_assert_true (da_json_take_object (self->object, names[i], &object, &self->error));
      g_assert_no_error (self->error);
      g_assert_cmpstr (text, ==, "kept");
      g_assert_true (flag);
      g_assert_cmpint (number, ==, 3);
    }
}

static void
test_root_must_be_an_object (void)
{
  const char *texts[] = { "[]", "1", "null", "\"{}\"" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = da_json_parse (texts[i], strlen (texts[i]), 100, NULL);

      g_assert_nonnull (node);
      g_assert_null (da_json_need_object (node, &error));
      g_assert_error (error, DA_JSON_ERROR, DA_JSON_ERROR_FIELD);
    }
}

static void
test_lenient_getters (Fixture       *self,
                      gconstpointer  data)
{
  JsonArray *list = da_json_get_array (self->object, "list");

  g_assert_cmpstr (da_json_get_string (self->object, "text"), ==, "hello");
  g_assert_null (da_json_get_string (self->object, "seven"));
  g_assert_null (da_json_get_string (self->object, "nil"));
  g_assert_cmpint (da_json_get_int (self->object, "seven", -1), ==, 7);
  g_assert_cmpint (da_json_get_int (self->object, "half", -1), ==, -1);
  g_assert_cmpint (da_json_get_int (self->object, "text", -1), ==, -1);
  g_assert_true (da_json_get_double (self->object, "half", 0) == 0.5);
  g_assert_true (da_json_get_double (self->object, "seven", 0) == 7.0);
  g_assert_true (da_json_get_double (self->object, "yes", 2.5) == 2.5);
  g_assert_true (da_json_get_boolean (self->object, "yes", FALSE));
  g_assert_true (da_json_get_boolean (self->object, "seven", TRUE));
  g_assert_nonnull (da_json_get_object (self->object, "map"));
  g_assert_null (da_json_get_object (self->object, "list"));
  g_assert_null (da_json_get_array (self->object, "map"));
  g_assert_cmpint (da_json_get_int (da_json_array_get_object (list, 0), "a", 0), ==, 1);
  g_assert_null (da_json_array_get_object (list, 1));
  g_assert_null (da_json_array_get_object (list, 2));
  g_assert_null (da_json_array_get_object (NULL, 0));
  g_assert_null (da_json_get_string (NULL, "text"));
  g_assert_cmpint (da_json_get_int (NULL, "seven", 4), ==, 4);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

#define ADD(path, func) \
  g_test_add ("/base/json-fields/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("need-reads-every-type", test_need_reads);
  ADD ("need-names-what-is-missing", test_need_names_what_is_missing);
  ADD ("wrong-types-are-named", test_wrong_types_are_named);
  ADD ("ranges-are-named", test_ranges_are_named);
  ADD ("take-leaves-absent-alone", test_take_leaves_absent_alone);
  ADD ("lenient-getters-take-a-wrong-type-as-absent", test_lenient_getters);
  g_test_add_func ("/base/json-fields/root-must-be-an-object", test_root_must_be_an_object);

  return g_test_run ();
}
