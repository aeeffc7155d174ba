/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-chat-request"

#include "da-chat-request.h"

#include "da-error.h"
#include "da-json.h"
#include "da-llm-request.h"

#include <string.h>

static DaChatRequest *
parse (const char *text, GError **error)
{
  g_autoptr(GError) json_error = NULL;
  g_autoptr(JsonNode) node = da_json_parse (text, strlen (text), 1 << 20, &json_error);

  g_assert_no_error (json_error);
  return da_chat_request_parse (node, error);
}

static void
assert_refused (const char *text, const char *needle)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) request = parse (text, &error);

  g_assert_null (request);
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, needle));
}

static void
test_last_user_message_is_the_prompt (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) request =
    parse ("{\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
           "{\"role\":\"USER\",\"content\":\" first \"},{\"role\":\"assistant\",\"content\":\"a\"},"
           "{\"role\":\"user\",\"content\":\"  second  \"},{\"role\":\"user\",\"content\":\"  \"}],"
           "\"stream\":true,\"conversation_id\":\"conv_1\"}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (request->prompt, ==, "second");
  g_assert_cmpuint (request->messages->len, ==, 4);
  g_assert_true (request->stream);
  g_assert_true (request->store);
  g_assert_cmpstr (request->conversation_id, ==, "conv_1");
}

static void
test_parts_join_and_images_become_markdown (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) request =
    parse ("{\"messages\":[{\"role\":\"user\",\"content\":["
           "{\"type\":\"text\",\"text\":\"what is\"},\"this\","
           "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}},"
           "{\"type\":\"input_audio\"},{\"content\":\"here\"}]}]}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (request->prompt, ==,
                   "what is this\n\n![image](data:image/png;base64,AA==) here");
}

static void
test_prompt_and_input_are_fallbacks (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) a = parse ("{\"prompt\":\"p\",\"input\":\"i\"}", &error);
  g_autoptr(DaChatRequest) b = parse ("{\"messages\":[],\"input\":{\"text\":\"i\"}}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (a->prompt, ==, "p");
  g_assert_cmpstr (b->prompt, ==, "i");
}

static void
test_what_cannot_be_used_is_refused (void)
{
  g_autoptr(GError) error = NULL;

  assert_refused ("[]", "object");
  assert_refused ("{}", "messages");
  assert_refused ("{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]}", "user message");
  assert_refused ("{\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", "user message");
  assert_refused ("{\"prompt\":\"x\",\"n\":2}", "\"n\"");
  assert_refused ("{\"prompt\":\"x\",\"conversation_id\":\"../x\"}", "");
  g_assert_null (da_chat_request_parse (NULL, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
}

static void
test_sampling_fields_are_passed_on_and_ours_are_not (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) request =
    parse ("{\"prompt\":\"x\",\"temperature\":0.5,\"max_tokens\":10,\"stop\":null,\"user\":\"u\","
           "\"tools\":[{\"type\":\"function\"}],\"stream_options\":{\"include_usage\":true},"
           "\"store\":false,\"model\":\"m\",\"conversation_id\":7,\"profile_id\":\"\"}", &error);

  g_assert_no_error (error);
  g_assert_true (json_object_has_member (request->extra, "temperature"));
  g_assert_true (json_object_has_member (request->extra, "tools"));
  g_assert_false (json_object_has_member (request->extra, "stop"));
  g_assert_false (json_object_has_member (request->extra, "user"));
  g_assert_false (json_object_has_member (request->extra, "store"));
  g_assert_true (request->include_usage);
  g_assert_false (request->store);
  g_assert_null (request->conversation_id);
  g_assert_null (request->profile_id);
  g_assert_cmpstr (request->model, ==, "m");
}

static void
test_tool_turns_of_a_client_are_kept (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaChatRequest) request =
    parse ("{\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"},"
           "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\","
           "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
           "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"sunny\"}]}", &error);
  DaLlmMessage *call;
  DaLlmMessage *result;

  g_assert_no_error (error);
  g_assert_cmpuint (request->messages->len, ==, 3);
  call = g_ptr_array_index (request->messages, 1);
  result = g_ptr_array_index (request->messages, 2);
  g_assert_nonnull (strstr (call->tool_calls, "\"c1\""));
  g_assert_cmpstr (result->tool_call_id, ==, "c1");
  g_assert_cmpstr (result->content, ==, "sunny");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/chat-request/last-user-message-is-the-prompt",
                   test_last_user_message_is_the_prompt);
  g_test_add_func ("/engine/chat-request/parts-join-and-images-become-markdown",
                   test_parts_join_and_images_become_markdown);
  g_test_add_func ("/engine/chat-request/prompt-and-input-are-fallbacks",
                   test_prompt_and_input_are_fallbacks);
  g_test_add_func ("/engine/chat-request/what-cannot-be-used-is-refused",
                   test_what_cannot_be_used_is_refused);
  g_test_add_func ("/engine/chat-request/sampling-fields-are-passed-on-and-ours-are-not",
                   test_sampling_fields_are_passed_on_and_ours_are_not);
  g_test_add_func ("/engine/chat-request/tool-turns-of-a-client-are-kept",
                   test_tool_turns_of_a_client_are_kept);
  return g_test_run ();
}
