/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-codec"

#include "da-llm-codec.h"

#include <string.h>

#include "da-json.h"

/* Writing */

static char *
write_request (DaLlmRequest   *request,
               DaLlmWireFlags  flags)
{
  g_autoptr (GBytes) bytes = da_llm_codec_write_request (request, flags);
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = da_json_parse (data, length, 1 << 20, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return g_strndup (data, length);
}

static void
add (DaLlmRequest *request,
     DaRole        role,
     const char   *content)
{
  g_ptr_array_add (request->messages, da_llm_message_new (role, content));
}

static void
test_write_plain (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  g_autofree char *text = NULL;

  add (request, DA_ROLE_SYSTEM, "Be brief.");
  add (request, DA_ROLE_USER, "Hi");
  text = write_request (request, DA_LLM_WIRE_STREAM_OPTIONS);
  g_assert_cmpstr (text, ==,
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                   "{\"role\":\"user\",\"content\":\"Hi\"}],\"stream\":true,"
                   "\"stream_options\":{\"include_usage\":true}}");
}

static void
test_write_unstreamed (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  g_autofree char *text = NULL;

  add (request, DA_ROLE_USER, "Hi");
  request->stream = FALSE;
  text = write_request (request, DA_LLM_WIRE_STREAM_OPTIONS);
  g_assert_cmpstr (text, ==,
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
}

/* contract 10 section 8 */
static void
test_write_systems (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  g_autofree char *text = NULL;

  add (request, DA_ROLE_USER, "Hi");
  add (request, DA_ROLE_SYSTEM, "One");
  add (request, DA_ROLE_SYSTEM, "");
  add (request, DA_ROLE_ASSISTANT, "Hello");
  add (request, DA_ROLE_SYSTEM, "Two");
  request->stream = FALSE;
  text = write_request (request, 0);
  g_assert_cmpstr (text, ==,
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"system\","
                   "\"content\":\"One\\n\\nTwo\"},"
                   "{\"role\":\"user\",\"content\":\"Hi\"},"
                   "{\"role\":\"assistant\",\"content\":\"Hello\"},"
                   "{\"role\":\"user\",\"content\":\"Please continue.\"}]}");
}

static void
test_write_tools (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  DaLlmMessage *call = da_llm_message_new (DA_ROLE_ASSISTANT, NULL);
  DaLlmMessage *answer = da_llm_message_new (DA_ROLE_TOOL, "18 degrees");
  DaLlmMessage *parts = da_llm_message_new (DA_ROLE_USER, "unused");
  g_autofree char *text = NULL;

  call->tool_calls = g_strdup ("[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
                               "{\"name\":\"f\",\"arguments\":\"{}\"}}]");
  answer->tool_call_id = g_strdup ("c1");
  parts->parts = g_strdup ("[{\"type\":\"text\",\"text\":\"look\"}]");
  g_ptr_array_add (request->messages, call);
  g_ptr_array_add (request->messages, answer);
  g_ptr_array_add (request->messages, parts);
  request->stream = FALSE;
  request->tools = da_json_parse ("[{\"type\":\"function\"}]", 21, 100, NULL);
  text = write_request (request, 0);
  g_assert_cmpstr (text, ==,
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":null,"
                   "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
                   "{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
                   "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"18 degrees\"},"
                   "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"look\"}]}],"
                   "\"tools\":[{\"type\":\"function\"}],\"tool_choice\":\"auto\"}");
}

static void
test_write_extra (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  const char *given = "{\"temperature\":0.5,\"stop\":[\"x\"],\"n\":4,\"model\":\"evil\","
                      "\"stream\":false,"
                      "\"messages\":[],\"stream_options\":{},\"reasoning_effort\":\"low\"}";
  g_autoptr (JsonNode) node = da_json_parse (given, strlen (given), 1000, NULL);
  g_autofree char *text = NULL;

  add (request, DA_ROLE_USER, "Hi");
  request->extra = json_object_ref (json_node_get_object (node));
  request->reasoning_effort = g_strdup ("high");
  request->conversation_id = g_strdup ("conv_1");
  text = write_request (request, DA_LLM_WIRE_CACHE_KEY);
  g_assert_cmpstr (text, ==,
                   "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                   "\"stream\":true,\"reasoning_effort\":\"high\",\"prompt_cache_key\":\"conv_1\","
                   "\"temperature\":0.5,\"stop\":[\"x\"]}");
}

static void
test_write_repairs_text (void)
{
  g_autoptr (DaLlmRequest) request = da_llm_request_new ("m");
  g_autofree char *text = NULL;

  add (request, DA_ROLE_USER, "a\xff\xed\xa0\x80z");
  request->stream = FALSE;
  text = write_request (request, 0);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (strstr (text, "\xef\xbf\xbd"));
}

/* Reading */

typedef struct {
  GString *log;
} Log;

static void
on_event (const DaLlmEvent *event,
          gpointer          user_data)
{
  static const char *const names[] = { "text", "reasoning", "call", "retry", "first" };
  GString *log = user_data;

  g_assert_cmpuint (event->length, ==, strlen (event->text));
  g_string_append_printf (log, "%s(%s)", names[event->type], event->text);
}

/* "events / result" of reading these documents one after another. */
static char *
read_all (const char *const *documents)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (DaLlmCodec) codec = da_llm_codec_new ("Maker", on_event, log);
  g_autoptr (DaLlmResult) result = NULL;

  for (guint i = 0; documents[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *copy = g_memdup2 (documents[i], strlen (documents[i]));

      if (da_llm_codec_read (codec, copy, strlen (documents[i]), &error))
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_nonnull (error);
      g_string_append_printf (log, "!%s", da_llm_error_kind (error));
      return g_string_free (g_steal_pointer (&log), FALSE);
    }
  result = da_llm_codec_take_result (codec);
  g_string_append_printf (log, " %s %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                          result->model ? result->model : "-", result->finish_reason,
                          result->input_tokens, result->output_tokens, result->cached_tokens);
  if (result->tool_calls)
    g_string_append_printf (log, " %s", result->tool_calls);
  return g_string_free (g_steal_pointer (&log), FALSE);
}

#define DELTA(members) "{\"choices\":[{\"index\":0,\"delta\":{" members "}}]}"
#define CALL(members) DELTA ("\"tool_calls\":[{" members "}]")
#define ONE_CALL(id, name, arguments) \
  "[{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name "\"," \
  "\"arguments\":\"" arguments "\"}}]"

static const struct {
  const char *name;
  const char *documents[6];
  const char *expected;
} reads[] = {
  { "an empty delta says nothing", { DELTA (""), NULL }, " - stop -1/-1/-1" },
  { "text", { DELTA ("\"content\":\"a\""), DELTA ("\"content\":\"b\""), NULL },
    "text(a)text(b) - stop -1/-1/-1" },
  { "null text", { DELTA ("\"content\":null"), NULL }, " - stop -1/-1/-1" },
  { "reasoning comes first", { DELTA ("\"content\":\"b\",\"reasoning_content\":\"a\""), NULL },
    "reasoning(a)text(b) - stop -1/-1/-1" },
  { "reasoning under two names counts once",
    { DELTA ("\"reasoning\":\"a\",\"reasoning_content\":\"a\""), NULL },
    "reasoning(a) - stop -1/-1/-1" },
  { "empty reasoning under one name does not hide the other",
    { DELTA ("\"reasoning\":null,\"reasoning_content\":\"a\""), NULL },
    "reasoning(a) - stop -1/-1/-1" },
  { "a refusal is shown", { DELTA ("\"refusal\":\"no\""), NULL }, "text(no) - stop -1/-1/-1" },
  { "parts", { DELTA ("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\","
                      "\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"yes\"}]"), NULL },
    "reasoning(hm)text(yes) - stop -1/-1/-1" },
  { "a split emoji", { DELTA ("\"content\":\"a\\ud83d\""), DELTA ("\"content\":\"\\ude00b\""),
    NULL },
    "text(a)text(😀b) - stop -1/-1/-1" },
  { "half an emoji at the end", { DELTA ("\"content\":\"a\\ud83d\""), NULL },
    "text(a)text(\xef\xbf\xbd) - stop -1/-1/-1" },
  { "reasons are translated",
    { "{\"choices\":[{\"delta\":{},\"finish_reason\":\"max_tokens\"}]}", NULL },
    " - length -1/-1/-1" },
  { "upper case reasons", { "{\"choices\":[{\"delta\":{},\"finish_reason\":\"STOP\"}]}", NULL },
    " - stop -1/-1/-1" },
  { "usage after the choice",
    { "{\"model\":\"x\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,"
      "\"prompt_tokens_details\":{\"cached_tokens\":8}}}", NULL }, " x stop 10/2/8" },
  { "usage may be null", { "{\"choices\":[],\"usage\":null}", NULL }, " - stop -1/-1/-1" },
  { "a whole completion",
    { "{\"model\":\"y\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"hi\"},"
      "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}",
      NULL }, "text(hi) y stop 1/1/-1" },
  { "a second choice is not mixed in",
    { "{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"content\":\"b\"}}]}", NULL },
    "text(a) - stop -1/-1/-1" },
  { "unknown members are skipped",
    { "{\"id\":1,\"choices\":[{\"delta\":{\"content\":\"a\",\"x\":[{}]},\"logprobs\":{\"y\":[1]}}],"
      "\"error\":null,\"z\":true}", NULL }, "text(a) - stop -1/-1/-1" },
  { "a ping is nothing", { "{\"type\":\"ping\"}", NULL }, " - stop -1/-1/-1" },

  { "a call in pieces",
    { CALL ("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}"),
      CALL ("\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}"),
      CALL ("\"index\":0,\"function\":{\"arguments\":\":1}\"}"), NULL },
    "call(f) - tool_calls -1/-1/-1 " ONE_CALL ("c", "f", "{\\\"a\\\":1}") },
  { "an id and a name repeated in every delta",
    { CALL ("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}"),
      CALL ("\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"}\"}"), NULL },
    "call(f) - tool_calls -1/-1/-1 " ONE_CALL ("c", "f", "{}") },
  { "arguments as an object",
    { CALL ("\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":[1]}}"), NULL },
    "call(f) - tool_calls -1/-1/-1 " ONE_CALL ("c", "f", "{\\\"a\\\":[1]}") },
  { "no arguments", { CALL ("\"id\":\"c\",\"function\":{\"name\":\"f\"}"), NULL },
    "call(f) - tool_calls -1/-1/-1 " ONE_CALL ("c", "f", "{}") },
  { "a call with reason stop",
    { CALL ("\"id\":\"c\",\"function\":{\"name\":\"f\"}"),
      "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", NULL },
    "call(f) - tool_calls -1/-1/-1 " ONE_CALL ("c", "f", "{}") },
  { "a call that was cut off stays cut off",
    { CALL ("\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\"}"),
      "{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}", NULL },
    "call(f) - length -1/-1/-1 " ONE_CALL ("c", "f", "{\\\"a") },

  { "an error object",
    { DELTA ("\"content\":\"a\""), "{\"error\":{\"message\":\"boom\",\"code\":502}}", NULL },
    "text(a)!server" },
  { "an error text", { "{\"error\":\"rate limit exceeded\"}", NULL }, "!rate_limit" },
  { "an error within the choice",
    { "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"error\":{\"code\":429,"
      "\"message\":\"slow\"}}]}",
      NULL }, "text(a)!rate_limit" },
  { "an error about the context",
    { "{\"error\":{\"message\":\"x\",\"code\":\"context_length_exceeded\"}}", NULL },
    "!context_length" },
  { "an unknown error", { "{\"error\":{\"message\":\"odd\"}}", NULL }, "!bad_answer" },
  { "not JSON", { DELTA ("\"content\":\"a\""), "{\"choices\":[", NULL }, "text(a)!bad_answer" },
  { "not an object", { "[]", NULL }, "!bad_answer" },
  { "two documents", { "{}{}", NULL }, "!bad_answer" },
};

static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      g_autofree char *got = read_all (reads[i].documents);

      if (g_strcmp0 (got, reads[i].expected) != 0)
        g_error ("%s:\n  got      %s\n  expected %s", reads[i].name, got, reads[i].expected);
    }
}

/* Every call counts as the next one, whatever number it bears. */
static void
test_read_many_calls (void)
{
  static const char *const forms[][4] = {
    { CALL ("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}"),
      CALL ("\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}"), NULL },
    { CALL ("\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}"),
      CALL ("\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}"), NULL },
    { CALL ("\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}"),
      CALL ("\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}"), NULL },
    { DELTA ("\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
             "{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]"), NULL },
    /* Pieces of both in turn. */
    { DELTA ("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}},"
             "{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\"}}]"),
      DELTA ("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}},"
             "{\"index\":1,\"function\":{\"arguments\":\"{\"}}]"),
      DELTA ("\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"}\"}},"
             "{\"index\":0,\"function\":{\"arguments\":\"}\"}}]"), NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autofree char *got = read_all (forms[i]);

      g_assert_cmpstr (got, ==,
                       "call(f)call(g) - tool_calls -1/-1/-1 "
                       "[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\","
                       "\"arguments\":\"{}\"}},{\"id\":\"b\",\"type\":\"function\",\"function\":"
                       "{\"name\":\"g\",\"arguments\":\"{}\"}}]");
    }
}

static void
test_missing_ids_are_made (void)
{
  static const char *const documents[] = {
    DELTA ("\"tool_calls\":[{\"function\":{\"name\":\"f\"}},{\"function\":{\"name\":\"g\"}}]"),
        NULL,
  };
  g_autofree char *got = read_all (documents);

  g_assert_true (g_regex_match_simple ("\"id\":\"call_[0-9a-f]{24}\".*\"id\":\"call_[0-9a-f]{24}\"",
                                       got, 0, 0));
  g_assert_true (g_str_has_prefix (got, "call(f)call(g) "));
}

static void
test_endless_answer_is_refused (void)
{
  g_autoptr (GString) big = g_string_new (NULL);
  g_autoptr (DaLlmCodec) codec = da_llm_codec_new ("Maker", NULL, NULL);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_string_append (big, "{\"choices\":[{\"delta\":{\"content\":\"");
  for (guint i = 0; i < 1 << 20; i++)
    g_string_append_c (big, 'x');
  g_string_append (big, "\"}}]}");
  while (da_llm_codec_read (codec, big->str, big->len, &error))
    g_assert_cmpuint (++n, <, 100);
  g_assert_error (error, DA_LLM_ERROR, DA_LLM_ERROR_BAD_ANSWER);
  g_assert_cmpuint (n, >, 8);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/codec/a-plain-request-is-written", test_write_plain);
  g_test_add_func ("/llm/codec/an-unstreamed-request-is-written", test_write_unstreamed);
  g_test_add_func ("/llm/codec/system-messages-become-one", test_write_systems);
  g_test_add_func ("/llm/codec/tools-are-replayed-as-structure", test_write_tools);
  g_test_add_func ("/llm/codec/sampling-fields-pass-and-others-do-not", test_write_extra);
  g_test_add_func ("/llm/codec/broken-text-is-repaired", test_write_repairs_text);
  g_test_add_func ("/llm/codec/chunks-are-read", test_read);
  g_test_add_func ("/llm/codec/calls-are-told-apart", test_read_many_calls);
  g_test_add_func ("/llm/codec/missing-ids-are-made", test_missing_ids_are_made);
  g_test_add_func ("/llm/codec/an-endless-answer-is-refused", test_endless_answer_is_refused);
  return g_test_run ();
}
