/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-run-loop"

#include "da-engine-conversations.h"
#include "da-error.h"
#include "da-fake-llm.h"
#include "da-llm-error.h"
#include "da-macros.h"
#include "da-message-queue.h"
#include "da-model-presets.h"
#include "da-test-util.h"

#include <string.h>

/* The real engine against a scripted provider on a loopback port. */

typedef struct {
  char *dir;
  DaFakeLlm *fake;
  DaEngine *engine;
} Fixture;

static void
set_up (Fixture *self, gconstpointer script)
{
  g_autofree char *data = NULL;
  g_autofree char *state = NULL;
  g_autofree char *agents = NULL;
  g_autofree char *base = NULL;
  g_autofree char *model = g_strdup_printf ("agentOpenaiModel=\"%s\"", (const char *) script);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  const char *overrides[] = { NULL, model, "apiRetryBaseDelay=10", "apiRetryMaxDelay=50", NULL };
  DaEngineOptions options = { 0 };

  self->dir = da_test_make_dir ();
  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  base = g_strdup_printf ("openaiBaseUrl=\"%s\"", da_fake_llm_get_base_url (self->fake));
  overrides[0] = base;
  data = g_build_filename (self->dir, "data", NULL);
  state = g_build_filename (self->dir, "state", NULL);
  agents = g_build_filename (self->dir, "agents", NULL);
  options.data_dir = data;
  options.state_dir = state;
  options.agents_dir = agents;
  options.overrides = overrides;
  self->engine = da_engine_new (&options);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer script)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_drain ();
  da_test_await_finalize (self->engine);
  da_fake_llm_free (self->fake);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

static DaRun *
chat (Fixture *self, DaChatRequest *request)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaRun *run;

  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  run = da_engine_chat_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return run;
}

static DaRun *
ask (Fixture *self, const char *conversation_id, const char *prompt)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new (conversation_id, prompt);

  return chat (self, request);
}

static gboolean
is_finished (gpointer run)
{
  guint64 last = da_run_get_last_event (run);

  return last > 0 && da_run_peek_event (run, last)->type >= DA_RUN_EVENT_DONE;
}

static gboolean
has_text (gpointer run)
{
  gsize length;

  da_run_peek_text (run, &length);
  return length > 0;
}

static DaConversation *
load (Fixture *self, const char *id)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaConversation *conversation;

  da_engine_load_conversation_async (self->engine, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  conversation = da_engine_load_conversation_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return conversation;
}

static void
test_every_script_arrives_whole (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");
  g_autoptr(DaConversation) conversation = NULL;
  DaMessage *answer;

  da_test_await (is_finished, run);
  g_assert_cmpstr (da_run_peek_text (run, NULL), ==, da_fake_llm_every_script_text ());
  conversation = load (self, da_run_get_conversation_id (run));
  answer = conversation->messages->pdata[1];
  g_assert_cmpstr (answer->content, ==, da_fake_llm_every_script_text ());
}

static void
test_500_twice_is_retried_and_told (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");
  guint retries = 0;

  da_test_await (is_finished, run);
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_COMPLETED);
  for (guint64 i = 1; i <= da_run_get_last_event (run); i++)
    {
      const DaRunEvent *event = da_run_peek_event (run, i);

      if (event->type != DA_RUN_EVENT_RETRY)
        continue;
      retries++;
      g_assert_nonnull (strstr (event->payload, "\"isRetrying\":true"));
    }
  g_assert_cmpuint (retries, ==, 2);
}

static void
test_what_was_said_before_a_cut_is_kept (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");
  g_autoptr(DaConversation) conversation = NULL;
  DaMessage *answer;

  da_test_await (is_finished, run);
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_FAILED);
  g_assert_error (da_run_get_error (run), DA_LLM_ERROR, DA_LLM_ERROR_NETWORK);
  conversation = load (self, da_run_get_conversation_id (run));
  g_assert_cmpuint (conversation->messages->len, ==, 2);
  answer = conversation->messages->pdata[1];
  g_assert_cmpstr (answer->content, ==, da_run_peek_text (run, NULL));
  g_assert_cmpstr (answer->finish_reason, ==, "error");
}

static void
test_cancelling_closes_upstream_and_keeps_the_text (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");
  g_autoptr(DaConversation) conversation = NULL;
  const DaFakeLlmRequest *request;

  da_test_await (has_text, run);
  da_run_cancel (run, "test");
  da_test_await (is_finished, run);
  da_test_iterate_for (250);
  request = da_fake_llm_get_request (self->fake, 0);
  g_assert_cmpint (request->closed_us, >, 0);
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_CANCELLED);
  conversation = load (self, da_run_get_conversation_id (run));
  g_assert_cmpuint (conversation->messages->len, ==, 2);
}

static void
test_a_refused_key_is_said_and_nothing_is_answered (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");
  g_autoptr(DaConversation) conversation = NULL;

  da_test_await (is_finished, run);
  g_assert_error (da_run_get_error (run), DA_LLM_ERROR, DA_LLM_ERROR_AUTH);
  conversation = load (self, da_run_get_conversation_id (run));
  g_assert_cmpuint (conversation->messages->len, ==, 1);
}

static void
test_a_prompt_that_does_not_fit_is_shrunk (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, NULL, "hello");

  da_test_await (is_finished, run);
  g_assert_error (da_run_get_error (run), DA_LLM_ERROR, DA_LLM_ERROR_CONTEXT_LENGTH);
  /* First as it is, then three times smaller. */
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 4);
}

static void
test_the_history_is_replayed (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) first = ask (self, "conv_a", "my name is Ada");
  g_autoptr(DaRun) second = NULL;
  const DaFakeLlmRequest *request;

  da_test_await (is_finished, first);
  second = ask (self, "conv_a", "what is my name?");
  da_test_await (is_finished, second);
  for (guint i = da_fake_llm_get_n_requests (self->fake); i > 0; i--)
    {
      request = da_fake_llm_get_request (self->fake, i - 1);
      if (strstr (request->body, "what is my name?") != NULL
          && strstr (request->body, "my name is Ada") != NULL)
        return;
    }
  g_assert_not_reached ();
}

static void
test_asked_again_is_not_doubled (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) first = ask (self, "conv_again", "a question that breaks");
  g_autoptr(DaChatRequest) request = da_chat_request_new ("conv_again", "a question that breaks");
  g_autoptr(DaConversation) conversation = NULL;
  g_autoptr(DaRun) again = NULL;
  guint n_before;
  const char *body;

  da_test_await (is_finished, first);
  g_assert_cmpint (da_run_get_state (first), ==, DA_RUN_STATE_FAILED);
  n_before = da_fake_llm_get_n_requests (self->fake);
  request->again = TRUE;
  again = chat (self, request);
  g_assert_true (again != first);
  da_test_await (is_finished, again);
  /* The question once, and what was left of the first answer is not put before the model. */
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), >, n_before);
  body = da_fake_llm_get_request (self->fake, n_before)->body;
  g_assert_nonnull (strstr (body, "a question that breaks"));
  g_assert_null (strstr (strstr (body, "a question that breaks") + 1, "a question that breaks"));
  g_assert_null (strstr (body, "\"assistant\""));
  conversation = load (self, "conv_again");
  g_assert_cmpuint (conversation->messages->len, ==, 3);
  g_assert_cmpint (((DaMessage *) conversation->messages->pdata[0])->role, ==, DA_ROLE_USER);
  g_assert_cmpint (((DaMessage *) conversation->messages->pdata[1])->role, ==, DA_ROLE_ASSISTANT);
  g_assert_cmpint (((DaMessage *) conversation->messages->pdata[2])->role, ==, DA_ROLE_ASSISTANT);
}

static void
test_what_is_gone_is_not_asked_again (Fixture *self, gconstpointer script)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new ("conv_never_there", "hello");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  request->again = TRUE;
  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_null (da_engine_chat_finish (self->engine, result, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static gboolean
has_a_new_title (gpointer data)
{
  Fixture *self = data;
  g_autoptr(DaConversation) conversation = load (self, "conv_title");

  return g_strcmp0 (conversation->title_source, "server_generated") == 0;
}

static void
test_the_first_turn_gets_a_title (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) run = ask (self, "conv_title", "hello");
  g_autoptr(DaConversation) conversation = NULL;

  da_test_await (is_finished, run);
  da_test_await (has_a_new_title, self);
  conversation = load (self, "conv_title");
  g_assert_cmpuint (strlen (conversation->title), >, 0);
}

static void
test_a_script_that_names_a_model_gets_nothing_of_ours (Fixture *self, gconstpointer script)
{
  g_autoptr(JsonNode) node =
    json_from_string ("{\"model\":\"script:echo\",\"temperature\":0.25,\"messages\":"
                      "[{\"role\":\"user\",\"content\":\"plain words\"}]}", NULL);
  g_autoptr(DaChatRequest) request = da_chat_request_parse (node, NULL);
  g_autoptr(DaRun) run = NULL;
  const DaFakeLlmRequest *seen = NULL;

  request->client = DA_CLIENT_SCRIPT;
  run = chat (self, request);
  da_test_await (is_finished, run);
  for (guint i = 0; i < da_fake_llm_get_n_requests (self->fake); i++)
    if (strstr (da_fake_llm_get_request (self->fake, i)->path, "chat/completions") != NULL)
      seen = da_fake_llm_get_request (self->fake, i);
  g_assert_nonnull (seen);
  g_assert_null (strstr (seen->body, "\"system\""));
  g_assert_nonnull (strstr (seen->body, "0.25"));
  g_assert_cmpstr (da_run_peek_text (run, NULL), ==, "plain words");
  g_assert_cmpstr (da_run_get_model (run), ==, "script:echo");
}

static void
test_a_clients_tools_reach_the_model_and_its_calls_come_back (Fixture *self, gconstpointer script)
{
  g_autoptr(JsonNode) node =
    json_from_string ("{\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"}],"
                      "\"tools\":"
                      "[{\"type\":\"function\",\"function\":{\"name\":\"my_tool\"}}]}",
                      NULL);
  g_autoptr(DaChatRequest) request = da_chat_request_parse (node, NULL);
  g_autoptr(DaRun) run = chat (self, request);

  da_test_await (is_finished, run);
  g_assert_nonnull (strstr (da_fake_llm_get_request (self->fake, 0)->body, "my_tool"));
  g_assert_cmpstr (da_run_get_finish_reason (run), ==, "tool_calls");
  g_assert_nonnull (strstr (da_run_get_tool_calls (run), "\"function\""));
}

static void
test_an_image_is_sent_as_a_part (Fixture *self, gconstpointer script)
{
  const char *png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
                    "DwADhgGAWjR9awAAAABJRU5ErkJggg==";
  g_autofree char *prompt = g_strconcat ("look ![a dot](data:image/png;base64,", png, ") there",
                                         NULL);
  g_autoptr(DaRun) run = ask (self, "conv_image", prompt);
  g_autoptr(DaConversation) conversation = NULL;
  const DaFakeLlmRequest *request;

  da_test_await (is_finished, run);
  request = da_fake_llm_get_request (self->fake, 0);
  g_assert_nonnull (strstr (request->body, "\"image_url\""));
  g_assert_nonnull (strstr (request->body, png));
  g_assert_nonnull (strstr (request->body, "[Image: a dot]"));
  conversation = load (self, "conv_image");
  g_assert_nonnull (strstr (((DaMessage *) conversation->messages->pdata[0])->content,
                            "assets://conversation-image/conv_image/"));
}

static gboolean
needs_input (gpointer session)
{
  gboolean needs;

  g_object_get (session, "needs-input", &needs, NULL);
  return needs;
}

static gboolean
needs_nothing (gpointer session)
{
  return !needs_input (session);
}

static void
count_cb (GObject *session, GParamSpec *pspec, gpointer count)
{
  (*(guint *) count)++;
}

static void
test_a_queue_that_stands_needs_a_person (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) first = ask (self, "conv_stands", "one");
  g_autoptr(DaRun) second = NULL;
  g_auto(GStrv) paused = NULL;
  DaSession *session = da_engine_find_session_for (self->engine, "conv_stands");
  guint notified = 0;

  g_signal_connect (session, "notify::needs-input", G_CALLBACK (count_cb), &notified);
  da_test_await (has_text, first);
  second = ask (self, "conv_stands", "two");
  g_assert_cmpuint (da_session_get_queue_length (session), ==, 1);
  g_assert_false (needs_input (session));
  paused = da_engine_stop_session (self->engine, da_session_get_id (session));
  g_assert_cmpstr (paused[0], ==, "conv_stands");
  da_test_await (needs_input, session);
  g_assert_cmpuint (notified, ==, 1);
  g_assert_true (da_engine_resume_queue (self->engine, "conv_stands"));
  da_test_await (has_text, second);
  g_assert_false (needs_input (session));
  g_assert_cmpuint (notified, ==, 2);
  da_run_cancel (second, "the test is over");
  da_test_await (is_finished, second);
  g_assert_false (needs_input (session));
}

static void
test_a_failed_question_needs_a_person (Fixture *self, gconstpointer script)
{
  g_autoptr(DaRun) first = ask (self, "conv_fails", "one");
  g_autoptr(DaRun) second = NULL;
  g_autoptr(DaMessageQueue) queue = NULL;
  g_autoptr(GError) error = NULL;
  DaSession *session = da_engine_find_session_for (self->engine, "conv_fails");

  da_test_await (has_text, first);
  second = ask (self, "conv_fails", "two");
  da_fake_llm_set_script (self->fake, "unauthorized");
  da_run_cancel (first, "the next one, please");
  da_test_await (needs_input, session);
  da_test_await (is_finished, second);
  g_assert_true (needs_input (session));
  queue = da_engine_dup_queue (self->engine, "conv_fails");
  da_engine_remove_queued (self->engine, "conv_fails",
                           ((DaQueuedMessage *) queue->messages->pdata[0])->id, &error);
  g_assert_no_error (error);
  da_test_await (needs_nothing, session);
}

static void
set (Fixture *self, const char *name, const char *value)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autoptr(GHashTable) values = da_model_presets_new_values ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_hash_table_insert (values, g_strdup (name),
                       value != NULL ? json_node_init_string (json_node_alloc (), value)
                                     : json_node_new (JSON_NODE_NULL));
  da_settings_apply_async (settings, values, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_settings_apply_finish (settings, result, &error);
  g_assert_no_error (error);
}

/* (nullable) (transfer none): of what is asked now. */
static const char *
ask_for_effort (Fixture *self)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new (NULL, "hello");
  g_autoptr(DaRun) run = NULL;

  /* A script's conversation gets no title, so nothing else is asked. */
  request->client = DA_CLIENT_SCRIPT;
  da_fake_llm_reset (self->fake);
  run = chat (self, request);
  da_test_await (is_finished, run);
  g_assert_no_error (da_run_get_error (run));
  return strstr (da_fake_llm_get_request (self->fake, 0)->body, "\"reasoning_effort\":");
}

static void
test_the_effort_is_told (Fixture *self, gconstpointer script)
{
  const char *effort;

  g_assert_null (ask_for_effort (self));
  set (self, "openaiReasoningEffort", "none");
  effort = ask_for_effort (self);
  g_assert_nonnull (effort);
  g_assert_true (g_str_has_prefix (effort, "\"reasoning_effort\":\"none\""));
  set (self, "openaiReasoningEffort", "high");
  effort = ask_for_effort (self);
  g_assert_nonnull (effort);
  g_assert_true (g_str_has_prefix (effort, "\"reasoning_effort\":\"high\""));
  set (self, "openaiReasoningEffort", NULL);
  g_assert_null (ask_for_effort (self));
}

static void
test_the_effort_is_not_told_to_others (Fixture *self, gconstpointer script)
{
  set (self, "openaiReasoningEffort", "high");
  set (self, "groqBaseUrl", da_fake_llm_get_base_url (self->fake));
  set (self, "agentProviderId", "groq");
  g_assert_null (ask_for_effort (self));
  set (self, "geminiBaseUrl", da_fake_llm_get_base_url (self->fake));
  set (self, "agentProviderId", "gemini");
  g_assert_null (ask_for_effort (self));
  set (self, "agentProviderId", "openai");
  g_assert_nonnull (ask_for_effort (self));
}

#define ADD(name, script, func) \
  g_test_add ("/engine/run-loop/" name, Fixture, script, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("every-script-arrives-whole", "script:every-script", test_every_script_arrives_whole);
  ADD ("500-twice-is-retried-and-told", "script:server-error-twice",
       test_500_twice_is_retried_and_told);
  ADD ("what-was-said-before-a-cut-is-kept", "script:cut",
       test_what_was_said_before_a_cut_is_kept);
  ADD ("what-is-asked-again-is-not-doubled", "script:cut", test_asked_again_is_not_doubled);
  ADD ("what-is-gone-is-not-asked-again", "script:normal", test_what_is_gone_is_not_asked_again);
  ADD ("cancelling-closes-upstream-and-keeps-the-text", "script:never-ending",
       test_cancelling_closes_upstream_and_keeps_the_text);
  ADD ("a-refused-key-is-said-and-nothing-is-answered", "script:unauthorized",
       test_a_refused_key_is_said_and_nothing_is_answered);
  ADD ("a-prompt-that-does-not-fit-is-shrunk", "script:context-length",
       test_a_prompt_that_does_not_fit_is_shrunk);
  ADD ("the-history-is-replayed", "echo", test_the_history_is_replayed);
  ADD ("the-first-turn-gets-a-title", "echo", test_the_first_turn_gets_a_title);
  ADD ("a-script-that-names-a-model-gets-nothing-of-ours", "script:normal",
       test_a_script_that_names_a_model_gets_nothing_of_ours);
  ADD ("a-clients-tools-reach-the-model-and-its-calls-come-back", "script:tool-call",
       test_a_clients_tools_reach_the_model_and_its_calls_come_back);
  ADD ("an-image-is-sent-as-a-part", "echo", test_an_image_is_sent_as_a_part);
  ADD ("a-queue-that-stands-needs-a-person", "script:never-ending",
       test_a_queue_that_stands_needs_a_person);
  ADD ("a-failed-question-needs-a-person", "script:never-ending",
       test_a_failed_question_needs_a_person);
  ADD ("the-effort-is-told", "script:normal", test_the_effort_is_told);
  ADD ("the-effort-is-not-told-to-others", "script:normal", test_the_effort_is_not_told_to_others);
  return g_test_run ();
}
