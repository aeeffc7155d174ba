/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-export"

#include "da-export.h"

#include <string.h>

#include "da-engine-conversations.h"
#include "da-export-pictures.h"
#include "da-json.h"
#include "da-test-util.h"
#include "da-worker.h"
#include "ui-sample.h"

static DaConversation *
sample (const char *title)
{
  DaConversation *conversation = da_conversation_new ("conv_1");
  DaMessage *call = da_message_new (DA_ROLE_ASSISTANT, "Done: \"quoted\"\n");

  g_free (conversation->title);
  conversation->title = g_strdup (title);
  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  call->tool_calls = g_strdup ("[{\"name\":\"read\",\"arguments\":{\"path\":\"a\"}}]");
  g_ptr_array_add (conversation->messages, da_message_new (DA_ROLE_USER, "Do it"));
  g_ptr_array_add (conversation->messages, call);
  return conversation;
}

static void
test_json (void)
{
  g_autoptr(DaConversation) conversation = sample ("A title");
  g_autofree char *text = da_export_json (conversation);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) root = da_json_parse (text, strlen (text), 1 << 20, &error);
  JsonObject *object;
  JsonArray *messages;

  g_assert_no_error (error);
  object = json_node_get_object (root);
  g_assert_cmpstr (json_object_get_string_member (object, "id"), ==, "conv_1");
  g_assert_cmpstr (json_object_get_string_member (object, "title"), ==, "A title");
  messages = json_object_get_array_member (object, "messages");
  g_assert_cmpuint (json_array_get_length (messages), ==, 2);
  object = json_array_get_object_element (messages, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "role"), ==, "assistant");
  g_assert_cmpstr (json_object_get_string_member (object, "content"), ==, "Done: \"quoted\"\n");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "toolCalls")),
                    ==, 1);
}

static void
test_markdown (void)
{
  g_autoptr(DaConversation) conversation = sample ("A title");
  g_autofree char *text = da_export_markdown (conversation);

  g_assert_true (g_str_has_prefix (text, "# A title\n\n## You\n"));
  g_assert_nonnull (strstr (text, "Do it\n"));
  g_assert_nonnull (strstr (text, "\"name\":\"read\""));
}

static void
test_file_names (void)
{
  static const struct {
    const char *title;
    const char *name;
  } cases[] = {
    { "Plan", "Plan.md" },
    { "../../etc/passwd", "-.-..-etc-passwd.md" },
    { "a/b:c*d", "a-b-c-d.md" },
    { "line\nend", "line-end.md" },
    { "", "Conversation.md" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(DaConversation) conversation = sample (cases[i].title);
      g_autofree char *name = da_export_file_name (conversation, ".md");

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static char *
with_pictures (DaEngine *engine, const char *text)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char *all;

  da_export_pictures_async (engine, text, da_test_async_cb, &result);
  da_test_run_async (&result);
  all = da_export_pictures_finish (result, &error);
  g_assert_no_error (error);
  return all;
}

/* What leaves the program can be read without it. */
static void
test_pictures_come_along (void)
{
  static const guchar png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 1, 2, 3, 4 };
  g_autofree char *root = da_test_make_dir ();
  g_autofree char *base64 = g_base64_encode (png, sizeof png);
  g_autofree char *content = g_strdup_printf ("a ![x](data:image/png;base64,%s) b ![y](data:image/"
                                              "png;base64,%s) c", base64, base64);
  DaEngine *engine = ui_sample_engine (root);
  g_autoptr(DaConversation) given = da_conversation_new ("conv_p");
  g_autoptr(DaConversation) kept = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *markdown = NULL;
  g_autofree char *all = NULL;
  g_autofree char *json = NULL;
  g_autofree char *all_json = NULL;
  g_autofree char *gone = NULL;
  const char *none = "![x](assets://conversation-image/conv_p/gone.png) "
                     "assets://conversation-image/";

  given->messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (given->messages, da_message_new (DA_ROLE_USER, content));
  da_engine_create_conversation_async (engine, given, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  kept = da_engine_create_conversation_finish (engine, result, &error);
  g_assert_no_error (error);
  markdown = da_export_markdown (kept);
  json = da_export_json (kept);
  g_assert_nonnull (strstr (markdown, "assets://"));

  all = with_pictures (engine, markdown);
  g_assert_null (strstr (all, "assets://"));
  g_assert_nonnull (strstr (all, content));
  all_json = with_pictures (engine, json);
  g_assert_null (strstr (all_json, "assets:"));
  g_assert_nonnull (strstr (all_json, base64));
  gone = with_pictures (engine, none);
  g_assert_cmpstr (gone, ==, none);
  g_clear_object (&result);
  ui_sample_engine_stop (engine);
  da_test_remove_tree (root);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  g_test_add_func ("/ui/export/json-is-read-back", test_json);
  g_test_add_func ("/ui/export/markdown-has-all", test_markdown);
  g_test_add_func ("/ui/export/file-names-stay-in-their-folder", test_file_names);
  g_test_add_func ("/ui/export/pictures-come-along", test_pictures_come_along);
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
