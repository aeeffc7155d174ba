/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-chat-frames.h"

#include <string.h>

#include "da-json.h"

static DaChatFrames
make_frames (gboolean with_usage)
{
  DaChatFrames frames;

  da_chat_frames_init (&frames, "run_1_abc", 1700000000, with_usage);
  da_chat_frames_set_model (&frames, "m\"1");
  return frames;
}

/* The one data line of a frame, parsed; anything else aborts. */
static JsonNode *
parse_frame (const char *frame)
{
  g_autoptr (GError) error = NULL;
  gsize length = strlen (frame);
  JsonNode *node;

  g_assert_true (g_str_has_prefix (frame, "data: "));
  g_assert_true (g_str_has_suffix (frame, "\n\n"));
  /* One line on the wire, LF only. */
  g_assert_true (memchr (frame, '\n', length) == frame + length - 2);
  g_assert_null (memchr (frame, '\r', length));
  node = da_json_parse (frame + 6, length - 8, length, &error);
  g_assert_no_error (error);
  return node;
}

static JsonObject *
get_choice (JsonNode *node)
{
  JsonObject *root = json_node_get_object (node);
  JsonArray *choices = da_json_get_array (root, "choices");

  g_assert_cmpstr (da_json_get_string (root, "id"), ==, "chatcmpl-1_abc");
  g_assert_cmpstr (da_json_get_string (root, "object"), ==, "chat.completion.chunk");
  g_assert_cmpint (da_json_get_int (root, "created", 0), ==, 1700000000);
  g_assert_cmpstr (da_json_get_string (root, "model"), ==, "m\"1");
  g_assert_cmpuint (json_array_get_length (choices), ==, 1);
  g_assert_cmpint (da_json_get_int (da_json_array_get_object (choices, 0), "index", -1), ==, 0);
  return da_json_array_get_object (choices, 0);
}

static void
test_delta (void)
{
  static const char text[] = "a\"b\\c\nd\r\t\xe2\x80\xa8\xf0\x9f\x98\x80\x01";
  DaChatFrames frames = make_frames (FALSE);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *choice;

  da_chat_frames_delta (&frames, out, text, strlen (text));
  node = parse_frame (out->str);
  choice = get_choice (node);
  g_assert_cmpstr (da_json_get_string (da_json_get_object (choice, "delta"), "content"), ==, text);
  g_assert_true (json_object_get_null_member (choice, "finish_reason"));
  g_assert_false (json_object_has_member (json_node_get_object (node), "type"));
  g_assert_false (json_object_has_member (json_node_get_object (node), "usage"));
  da_chat_frames_clear (&frames);
}

static void
test_heartbeat (void)
{
  DaChatFrames frames = make_frames (TRUE);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *choice, *root;

  da_chat_frames_heartbeat (&frames, out);
  node = parse_frame (out->str);
  root = json_node_get_object (node);
  choice = get_choice (node);
  g_assert_cmpuint (json_object_get_size (da_json_get_object (choice, "delta")), ==, 0);
  g_assert_true (json_object_get_null_member (choice, "finish_reason"));
  g_assert_cmpstr (da_json_get_string (root, "type"), ==, "heartbeat");
  g_assert_false (json_object_has_member (root, "data"));
  /* As OpenAI does when usage was asked for. */
  g_assert_true (json_object_get_null_member (root, "usage"));
  da_chat_frames_clear (&frames);
}

static DaChatProgress
make_progress (void)
{
  DaChatProgress progress = {
    .session_id = "session_1",
    .run_number = 3,
    .conversation_id = "conv_1",
    .state = "running",
    .prompt = "question",
  };

  return progress;
}

static void
test_first_progress (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root, *data, *delta;

  progress.is_first = TRUE;
  da_chat_frames_progress (&frames, out, &progress);
  node = parse_frame (out->str);
  root = json_node_get_object (node);
  delta = da_json_get_object (get_choice (node), "delta");
  g_assert_cmpstr (da_json_get_string (delta, "role"), ==, "assistant");
  g_assert_cmpstr (da_json_get_string (delta, "content"), ==, "");
  g_assert_cmpstr (da_json_get_string (root, "type"), ==, "progress");
  data = da_json_get_object (root, "data");
  g_assert_cmpstr (da_json_get_string (data, "sessionId"), ==, "session_1");
  g_assert_cmpint (da_json_get_int (data, "runId", 0), ==, 3);
  g_assert_cmpstr (da_json_get_string (data, "conversationId"), ==, "conv_1");
  g_assert_cmpint (da_json_get_int (data, "currentIteration", -1), ==, 0);
  g_assert_true (json_object_get_null_member (data, "maxIterations"));
  g_assert_cmpuint (json_array_get_length (da_json_get_array (data, "steps")), ==, 0);
  g_assert_false (da_json_get_boolean (data, "isComplete", TRUE));
  g_assert_cmpstr (da_json_get_string (data, "conversationState"), ==, "running");
  g_assert_cmpint (da_json_get_int (data, "sessionStartIndex", -1), ==, 0);
  g_assert_false (json_object_has_member (data, "streamingContent"));
  g_assert_false (json_object_has_member (data, "conversationHistory"));
  g_assert_false (json_object_has_member (data, "retryInfo"));
  da_chat_frames_clear (&frames);
}

static void
test_text_so_far (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *data, *content;

  progress.text = "so far, and more";
  progress.text_length = 6;
  progress.retry = "{\"isRetrying\":true}";
  progress.step = "{\"id\":\"step_1\"}";
  da_chat_frames_progress (&frames, out, &progress);
  node = parse_frame (out->str);
  g_assert_cmpuint (json_object_get_size (da_json_get_object (get_choice (node), "delta")), ==, 0);
  data = da_json_get_object (json_node_get_object (node), "data");
  content = da_json_get_object (data, "streamingContent");
  g_assert_cmpstr (da_json_get_string (content, "text"), ==, "so far");
  g_assert_true (da_json_get_boolean (content, "isStreaming", FALSE));
  g_assert_true (da_json_get_boolean (da_json_get_object (data, "retryInfo"), "isRetrying", FALSE));
  g_assert_cmpuint (json_array_get_length (da_json_get_array (data, "steps")), ==, 1);
  da_chat_frames_clear (&frames);
}

static DaConversation *
make_conversation (guint n)
{
  DaConversation *conversation = da_conversation_new ("conv_1");

  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);
      DaMessage *message = da_message_new (i % 2 == 0 ? DA_ROLE_USER : DA_ROLE_ASSISTANT, text);

      if (i == 1)
        message->tool_calls = g_strdup ("[{\"name\":\"t\",\"arguments\":{}}]");
      g_ptr_array_add (conversation->messages, message);
    }
  return conversation;
}

static void
test_last_progress (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  g_autoptr (DaConversation) conversation = make_conversation (149);
  g_autoptr (DaMessage) answer = da_message_new (DA_ROLE_ASSISTANT, "the answer");
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *data, *item;
  JsonArray *history;

  progress.is_complete = TRUE;
  progress.state = "complete";
  progress.with_history = TRUE;
  progress.conversation = conversation;
  progress.answer = answer;
  da_chat_frames_progress (&frames, out, &progress);
  node = parse_frame (out->str);
  data = da_json_get_object (json_node_get_object (node), "data");
  history = da_json_get_array (data, "conversationHistory");
  g_assert_true (da_json_get_boolean (data, "isComplete", FALSE));
  g_assert_cmpstr (da_json_get_string (data, "conversationState"), ==, "complete");
  g_assert_cmpstr (da_json_get_string (data, "finalContent"), ==, "the answer");
  g_assert_cmpuint (json_array_get_length (history), ==, 120);
  g_assert_cmpint (da_json_get_int (data, "conversationHistoryStartIndex", -1), ==, 30);
  g_assert_cmpint (da_json_get_int (data, "conversationHistoryTotalCount", -1), ==, 150);
  item = da_json_array_get_object (history, 0);
  g_assert_cmpstr (da_json_get_string (item, "content"), ==, "message 30");
  g_assert_cmpstr (da_json_get_string (item, "role"), ==, "user");
  item = da_json_array_get_object (history, 119);
  g_assert_cmpstr (da_json_get_string (item, "content"), ==, "the answer");
  g_assert_cmpint (da_json_get_int (item, "timestamp", 0), ==, answer->timestamp);
  da_chat_frames_clear (&frames);
}

static void
test_done (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  g_autoptr (DaConversation) conversation = make_conversation (149);
  g_autoptr (DaMessage) answer = da_message_new (DA_ROLE_ASSISTANT, "the answer");
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *data, *item, *choice;
  JsonArray *history;

  progress.conversation = conversation;
  progress.answer = answer;
  da_chat_frames_done (&frames, out, "length", "the answer", &progress);
  node = parse_frame (out->str);
  choice = get_choice (node);
  g_assert_cmpstr (da_json_get_string (choice, "finish_reason"), ==, "length");
  g_assert_cmpuint (json_object_get_size (da_json_get_object (choice, "delta")), ==, 0);
  g_assert_cmpstr (da_json_get_string (json_node_get_object (node), "type"), ==, "done");
  data = da_json_get_object (json_node_get_object (node), "data");
  g_assert_cmpstr (da_json_get_string (data, "content"), ==, "the answer");
  g_assert_cmpstr (da_json_get_string (data, "conversation_id"), ==, "conv_1");
  g_assert_cmpstr (da_json_get_string (data, "model"), ==, "m\"1");
  history = da_json_get_array (data, "conversation_history");
  g_assert_cmpuint (json_array_get_length (history), ==, 150);
  item = da_json_array_get_object (history, 1);
  g_assert_cmpuint (json_array_get_length (da_json_get_array (item, "toolCalls")), ==, 1);
  g_assert_false (json_object_has_member (item, "displayContent"));
  g_assert_false (json_object_has_member (item, "id"));
  da_chat_frames_clear (&frames);
}

static void
test_nothing_stored (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *history;

  da_chat_frames_done (&frames, out, "stop", "", &progress);
  node = parse_frame (out->str);
  history = da_json_get_array (da_json_get_object (json_node_get_object (node), "data"),
                               "conversation_history");
  g_assert_cmpuint (json_array_get_length (history), ==, 1);
  g_assert_cmpstr (da_json_get_string (da_json_array_get_object (history, 0), "content"), ==,
                   "question");
  da_chat_frames_clear (&frames);
}

static void
test_usage (void)
{
  DaChatFrames frames = make_frames (TRUE);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root, *usage;

  da_chat_frames_usage (&frames, out, 11, 31);
  node = parse_frame (out->str);
  root = json_node_get_object (node);
  usage = da_json_get_object (root, "usage");
  g_assert_cmpuint (json_array_get_length (da_json_get_array (root, "choices")), ==, 0);
  g_assert_cmpint (da_json_get_int (usage, "prompt_tokens", 0), ==, 11);
  g_assert_cmpint (da_json_get_int (usage, "completion_tokens", 0), ==, 31);
  g_assert_cmpint (da_json_get_int (usage, "total_tokens", 0), ==, 42);
  da_chat_frames_clear (&frames);
}

static void
test_error_and_end (void)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root, *error;

  da_chat_frames_error (out, "no \"luck\"", NULL);
  node = parse_frame (out->str);
  root = json_node_get_object (node);
  error = da_json_get_object (root, "error");
  g_assert_cmpstr (da_json_get_string (root, "type"), ==, "error");
  g_assert_cmpstr (da_json_get_string (da_json_get_object (root, "data"), "message"), ==,
                   "no \"luck\"");
  g_assert_cmpstr (da_json_get_string (error, "message"), ==, "no \"luck\"");
  g_assert_cmpstr (da_json_get_string (error, "type"), ==, "server_error");
  g_assert_true (json_object_get_null_member (error, "code"));

  g_string_truncate (out, 0);
  da_chat_frames_end (out);
  g_assert_cmpstr (out->str, ==, "event: done\ndata: [DONE]\n\n");
}

static void
test_tool_calls (void)
{
  DaChatFrames frames = make_frames (FALSE);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *calls;
  JsonObject *second;

  da_chat_frames_tool_calls (&frames, out,
                             "[{\"id\":\"a\",\"type\":\"function\",\"function\":"
                             "{\"name\":\"f\",\"arguments\":\"{}\"}},"
                             "{\"id\":\"b\",\"type\":\"function\",\"function\":"
                             "{\"name\":\"g\",\"arguments\":\"{}\"}}]");
  node = parse_frame (out->str);
  calls = da_json_get_array (da_json_get_object (get_choice (node), "delta"), "tool_calls");
  g_assert_cmpuint (json_array_get_length (calls), ==, 2);
  second = da_json_array_get_object (calls, 1);
  g_assert_cmpint (da_json_get_int (second, "index", -1), ==, 1);
  g_assert_cmpstr (da_json_get_string (second, "id"), ==, "b");
  g_assert_cmpstr (da_json_get_string (da_json_get_object (second, "function"), "name"), ==, "g");
  da_chat_frames_clear (&frames);
}

static void
test_completion (void)
{
  DaChatFrames frames = make_frames (FALSE);
  DaChatProgress progress = make_progress ();
  DaJsonWriter *writer = da_json_writer_new (256);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root, *choice, *message;

  da_chat_frames_completion (&frames, writer, "tool_calls", "", "[{\"id\":\"a\"}]", 1, 2,
                             &progress);
  text = da_json_writer_free_to_string (writer);
  node = da_json_parse (text, strlen (text), strlen (text), NULL);
  root = json_node_get_object (node);
  choice = da_json_array_get_object (da_json_get_array (root, "choices"), 0);
  message = da_json_get_object (choice, "message");
  g_assert_cmpstr (da_json_get_string (root, "object"), ==, "chat.completion");
  g_assert_cmpstr (da_json_get_string (choice, "finish_reason"), ==, "tool_calls");
  g_assert_cmpstr (da_json_get_string (message, "role"), ==, "assistant");
  g_assert_true (json_object_get_null_member (message, "content"));
  g_assert_cmpuint (json_array_get_length (da_json_get_array (message, "tool_calls")), ==, 1);
  g_assert_cmpint (da_json_get_int (da_json_get_object (root, "usage"), "total_tokens", 0), ==, 3);
  g_assert_cmpstr (da_json_get_string (root, "conversation_id"), ==, "conv_1");
  g_assert_nonnull (da_json_get_array (root, "conversation_history"));
  da_chat_frames_clear (&frames);
}

static void
test_words (void)
{
  g_assert_cmpstr (da_chat_finish_reason ("stop"), ==, "stop");
  g_assert_cmpstr (da_chat_finish_reason ("length"), ==, "length");
  g_assert_cmpstr (da_chat_finish_reason ("tool_calls"), ==, "tool_calls");
  g_assert_cmpstr (da_chat_finish_reason ("content_filter"), ==, "content_filter");
  g_assert_cmpstr (da_chat_finish_reason ("cancelled"), ==, "stop");
  g_assert_cmpstr (da_chat_finish_reason (NULL), ==, "stop");
}

static void
test_whole_characters (void)
{
  static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  static const gsize whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };

  for (gsize n = 0; n < G_N_ELEMENTS (whole); n++)
    g_assert_cmpuint (da_chat_whole_characters (text, n), ==, whole[n]);
  /* What is not UTF-8 is not held back for ever. */
  g_assert_cmpuint (da_chat_whole_characters ("\x80\x80\x80\x80\x80", 5), ==, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/chat-frames/a-delta-is-a-plain-chunk", test_delta);
  g_test_add_func ("/server/chat-frames/a-heartbeat-has-no-data", test_heartbeat);
  g_test_add_func ("/server/chat-frames/the-first-progress-names-role-and-conversation",
                   test_first_progress);
  g_test_add_func ("/server/chat-frames/a-progress-has-the-text-so-far", test_text_so_far);
  g_test_add_func ("/server/chat-frames/the-last-progress-has-a-window-of-the-history",
                   test_last_progress);
  g_test_add_func ("/server/chat-frames/done-has-the-whole-history", test_done);
  g_test_add_func ("/server/chat-frames/what-is-not-stored-has-a-history-too", test_nothing_stored);
  g_test_add_func ("/server/chat-frames/usage-comes-without-choices", test_usage);
  g_test_add_func ("/server/chat-frames/an-error-is-read-by-both-kinds-of-client",
                   test_error_and_end);
  g_test_add_func ("/server/chat-frames/tool-calls-of-a-stream-are-numbered", test_tool_calls);
  g_test_add_func ("/server/chat-frames/an-unstreamed-answer-has-calls-and-usage", test_completion);
  g_test_add_func ("/server/chat-frames/finish-reasons-are-those-sdks-know", test_words);
  g_test_add_func ("/server/chat-frames/no-character-is-cut", test_whole_characters);
  return g_test_run ();
}
