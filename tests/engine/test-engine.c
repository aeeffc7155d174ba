/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-engine"

#include "da-engine-conversations.h"
#include "da-engine-models.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-test-util.h"

#include <string.h>

/* The real engine on real files, with the offline responder: no network, no keyring. */

typedef struct {
  char *dir;
  DaEngine *engine;
} Fixture;

static DaEngine *
make_engine (const char *dir)
{
  g_autofree char *data = g_build_filename (dir, "data", NULL);
  g_autofree char *state = g_build_filename (dir, "state", NULL);
  g_autofree char *agents = g_build_filename (dir, "agents", NULL);
  DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
  };

  return da_engine_new (&options);
}

static gboolean
start_engine (DaEngine *engine, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_start_async (engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_engine_start_finish (engine, result, error);
}

static void
stop_engine (DaEngine *engine)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_stop_async (engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_stop_finish (engine, result, NULL);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;

  self->dir = da_test_make_dir ();
  self->engine = make_engine (self->dir);
  start_engine (self->engine, &error);
  g_assert_no_error (error);
}

static void
restart (Fixture *self)
{
  g_autoptr(GError) error = NULL;

  stop_engine (self->engine);
  da_test_drain ();
  g_assert_finalize_object (self->engine);
  self->engine = make_engine (self->dir);
  start_engine (self->engine, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  stop_engine (self->engine);
  da_test_drain ();
  g_assert_finalize_object (self->engine);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

static DaRun *
chat (Fixture *self, const char *conversation_id, const char *prompt)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new (conversation_id, prompt);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaRun *run;

  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  run = da_engine_chat_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return run;
}

static gboolean
is_finished (gpointer run)
{
  return da_run_is_finished (run) && da_run_get_last_event (run) > 0
         && da_run_peek_event (run, da_run_get_last_event (run))->type >= DA_RUN_EVENT_DONE;
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
test_a_chat_is_there_after_a_restart (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) run = chat (self, NULL, "Where did I put the blue notebook?");
  g_autofree char *id = g_strdup (da_run_get_conversation_id (run));
  g_autoptr(DaConversation) conversation = NULL;
  DaMessage *answer;

  da_test_await (is_finished, run);
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_COMPLETED);
  g_clear_object (&run);
  restart (self);
  conversation = load (self, id);
  g_assert_cmpuint (conversation->messages->len, ==, 2);
  answer = conversation->messages->pdata[1];
  g_assert_cmpint (answer->role, ==, DA_ROLE_ASSISTANT);
  g_assert_nonnull (strstr (answer->content, "not a language model"));
  g_assert_cmpstr (answer->finish_reason, ==, "stop");
  g_assert_cmpstr (conversation->title, ==, "Where did I put the blue notebook?");
}

static void
test_the_offline_responder_finds_earlier_conversations (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) first = chat (self, NULL, "The zeppelin tickets are in the green drawer");
  g_autoptr(DaRun) second = NULL;

  da_test_await (is_finished, first);
  second = chat (self, NULL, "zeppelin");
  da_test_await (is_finished, second);
  g_assert_nonnull (strstr (da_run_peek_text (second, NULL), "green drawer"));
}

static void
test_slash_commands_answer (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) help = chat (self, NULL, "/help");
  g_autoptr(DaRun) unknown = NULL;

  da_test_await (is_finished, help);
  g_assert_nonnull (strstr (da_run_peek_text (help, NULL), "/version"));
  unknown = chat (self, NULL, "/nothing");
  da_test_await (is_finished, unknown);
  g_assert_nonnull (strstr (da_run_peek_text (unknown, NULL), "/nothing"));
}

static void
test_questions_of_one_conversation_are_answered_in_turn (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) first = chat (self, "conv_turns", "first question");
  g_autoptr(DaRun) second = chat (self, "conv_turns", "second question");
  g_autoptr(DaRun) repeat = chat (self, "conv_turns", "first question");
  g_autoptr(DaRun) repeat2 = chat (self, "conv_turns", "second question");
  g_autoptr(DaConversation) conversation = NULL;
  static const DaRole roles[] = {
    DA_ROLE_USER, DA_ROLE_ASSISTANT, DA_ROLE_USER, DA_ROLE_ASSISTANT
  };

  g_assert_true (first == repeat);
  g_assert_true (second == repeat2);
  g_assert_cmpint (da_run_get_state (second), ==, DA_RUN_STATE_QUEUED);
  da_test_await (is_finished, second);
  conversation = load (self, "conv_turns");
  g_assert_cmpuint (conversation->messages->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (((DaMessage *) conversation->messages->pdata[i])->role, ==, roles[i]);
}

static void
test_a_waiting_question_can_be_cancelled (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) first = chat (self, "conv_wait", "first question");
  g_autoptr(DaRun) second = chat (self, "conv_wait", "second question");
  g_autoptr(DaConversation) conversation = NULL;

  da_run_cancel (second, "test");
  da_test_await (is_finished, second);
  da_test_await (is_finished, first);
  g_assert_cmpint (da_run_get_state (second), ==, DA_RUN_STATE_CANCELLED);
  conversation = load (self, "conv_wait");
  g_assert_cmpuint (conversation->messages->len, ==, 2);
}

static void
test_emergency_stop_ends_everything (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) first = chat (self, "conv_stop", "first question");
  g_autoptr(DaRun) second = chat (self, "conv_stop", "second question");
  DaStopReport report;

  da_engine_emergency_stop (self->engine, &report);
  da_test_await (is_finished, first);
  da_test_await (is_finished, second);
  g_assert_cmpuint (report.sessions, ==, 1);
  g_assert_cmpint (da_run_get_state (second), ==, DA_RUN_STATE_CANCELLED);
}

static void
test_one_process_per_data_folder (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaEngine) other = make_engine (self->dir);
  g_autoptr(GError) error = NULL;

  g_assert_false (start_engine (other, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "process"));
}

static void
test_the_first_start_makes_the_key_and_keeps_it (Fixture *self, gconstpointer unused)
{
  DaAccess *access = da_engine_get_access (self->engine);
  g_autofree char *key = da_access_dup_api_key (access);
  g_autoptr(DaIdentity) identity = da_access_authenticate (access, key, NULL, NULL);

  g_assert_true (da_engine_is_first_start (self->engine));
  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_cmpuint (strspn (key, "0123456789abcdef"), ==, 64);
  g_assert_nonnull (identity);
  g_assert_null (da_access_authenticate (access, "wrong", NULL, NULL));
  g_assert_null (da_access_authenticate (access, NULL, NULL, NULL));
  restart (self);
  g_assert_false (da_engine_is_first_start (self->engine));
  access = da_engine_get_access (self->engine);
  g_clear_pointer (&identity, da_identity_unref);
  identity = da_access_authenticate (access, key, NULL, NULL);
  g_assert_nonnull (identity);
}

static void
test_rotating_the_key_ends_what_the_old_one_opened (Fixture *self, gconstpointer unused)
{
  DaAccess *access = da_engine_get_access (self->engine);
  g_autofree char *old = da_access_dup_api_key (access);
  g_autoptr(DaIdentity) identity = da_access_authenticate (access, old, NULL, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *key = NULL;

  da_access_rotate_async (access, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  key = da_access_rotate_finish (access, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (key, !=, old);
  g_assert_true (g_cancellable_is_cancelled (identity->revoked));
  g_assert_null (da_access_authenticate (access, old, NULL, NULL));
}

static void
test_a_new_id_with_a_history_keeps_the_history (Fixture *self, gconstpointer unused)
{
  const char *body =
    "{\"conversation_id\":\"conv_phone\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"},"
    "{\"role\":\"assistant\",\"content\":\"two\"},{\"role\":\"user\",\"content\":\"three\"}]}";
  g_autoptr(JsonNode) node = json_from_string (body, NULL);
  g_autoptr(DaChatRequest) request = da_chat_request_parse (node, NULL);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(DaRun) run = NULL;
  g_autoptr(DaConversation) conversation = NULL;

  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  run = da_engine_chat_finish (self->engine, result, NULL);
  da_test_await (is_finished, run);
  conversation = load (self, "conv_phone");
  g_assert_cmpuint (conversation->messages->len, ==, 4);
  g_assert_cmpstr (((DaMessage *) conversation->messages->pdata[0])->content, ==, "one");
  g_assert_cmpstr (((DaMessage *) conversation->messages->pdata[2])->content, ==, "three");
}

static void
test_store_false_keeps_nothing (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new (NULL, "a secret question");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(GPtrArray) list = NULL;
  g_autoptr(DaRun) run = NULL;

  request->store = FALSE;
  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  run = da_engine_chat_finish (self->engine, result, NULL);
  da_test_await (is_finished, run);
  da_engine_list_conversations_async (self->engine, NULL, NULL, da_test_async_cb, &listed);
  da_test_run_async (&listed);
  list = da_engine_list_conversations_finish (self->engine, listed, NULL);
  g_assert_cmpuint (list->len, ==, 0);
}

static gboolean
apply (Fixture *self, const char *name, gboolean value)
{
  g_autoptr(GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                        (GDestroyNotify) json_node_unref);
  g_autoptr(GAsyncResult) result = NULL;
  JsonNode *node = json_node_init_boolean (json_node_alloc (), value);

  g_hash_table_insert (values, (gpointer) name, node);
  da_settings_apply_async (da_engine_get_settings (self->engine), values, NULL, da_test_async_cb,
                           &result);
  da_test_run_async (&result);
  return da_settings_apply_finish (da_engine_get_settings (self->engine), result, NULL);
}

static void
test_nothing_is_kept_when_the_person_wants_none (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) run = NULL;
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(GPtrArray) list = NULL;

  g_assert_true (apply (self, "conversationsEnabled", FALSE));
  run = chat (self, NULL, "/help");
  da_test_await (is_finished, run);
  da_engine_list_conversations_async (self->engine, NULL, NULL, da_test_async_cb, &listed);
  da_test_run_async (&listed);
  list = da_engine_list_conversations_finish (self->engine, listed, NULL);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_without_a_queue_a_second_question_is_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaRun) first = NULL;
  g_autoptr(DaChatRequest) request = da_chat_request_new ("conv_noqueue", "second question");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (apply (self, "mcpMessageQueueEnabled", FALSE));
  first = chat (self, "conv_noqueue", "first question");
  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_null (da_engine_chat_finish (self->engine, result, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  da_test_await (is_finished, first);
}

#define ADD(name, func) \
  g_test_add ("/engine/engine/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("a-chat-is-there-after-a-restart", test_a_chat_is_there_after_a_restart);
  ADD ("the-offline-responder-finds-earlier-conversations",
       test_the_offline_responder_finds_earlier_conversations);
  ADD ("slash-commands-answer", test_slash_commands_answer);
  ADD ("questions-of-one-conversation-are-answered-in-turn",
       test_questions_of_one_conversation_are_answered_in_turn);
  ADD ("a-waiting-question-can-be-cancelled", test_a_waiting_question_can_be_cancelled);
  ADD ("emergency-stop-ends-everything", test_emergency_stop_ends_everything);
  ADD ("one-process-per-data-folder", test_one_process_per_data_folder);
  ADD ("the-first-start-makes-the-key-and-keeps-it",
       test_the_first_start_makes_the_key_and_keeps_it);
  ADD ("rotating-the-key-ends-what-the-old-one-opened",
       test_rotating_the_key_ends_what_the_old_one_opened);
  ADD ("a-new-id-with-a-history-keeps-the-history",
       test_a_new_id_with_a_history_keeps_the_history);
  ADD ("store-false-keeps-nothing", test_store_false_keeps_nothing);
  ADD ("nothing-is-kept-when-the-person-wants-none",
       test_nothing_is_kept_when_the_person_wants_none);
  ADD ("without-a-queue-a-second-question-is-refused",
       test_without_a_queue_a_second_question_is_refused);
  return g_test_run ();
}
