/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-export"

#include "da-export.h"

#include <string.h>

#include "da-json.h"
#include "da-test-util.h"

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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/ui/export/json-is-read-back", test_json);
  g_test_add_func ("/ui/export/markdown-has-all", test_markdown);
  g_test_add_func ("/ui/export/file-names-stay-in-their-folder", test_file_names);
  return g_test_run ();
}
