/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-chat-faults"

#include "da-atomic-file.h"
#include "da-database.h"
#include "da-engine-conversations.h"
#include "da-error.h"
#include "da-fake-llm.h"
#include "da-llm-error.h"
#include "da-macros.h"
#include "da-test-util.h"

#include <errno.h>
#include <string.h>

/* A whole chat (begin, flush, answer, title) in which each step fails once: the answer is a clear
 * error, what was acknowledged is there, and the next chat works. */

#define MOST_STEPS 300
#define PNG "iVBORw0KGgo="

typedef struct {
  char *dir;
  DaFakeLlm *fake;
  DaEngine *engine;
} Fixture;

static gboolean
start_engine (Fixture *self)
{
  g_autofree char *data = g_build_filename (self->dir, "data", NULL);
  g_autofree char *state = g_build_filename (self->dir, "state", NULL);
  g_autofree char *agents = g_build_filename (self->dir, "agents", NULL);
  g_autofree char *base = g_strdup_printf ("openaiBaseUrl=\"%s\"",
                                           da_fake_llm_get_base_url (self->fake));
  const char *overrides[] = { base, "agentOpenaiModel=\"script:normal\"", "apiRetryBaseDelay=5",
                              "apiRetryMaxDelay=10", "apiRetryCount=1", NULL };
  DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
    .overrides = overrides,
  };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  self->engine = da_engine_new (&options);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return TRUE;
}

/* Everything that goes on in the background holds the engine. */
static gboolean
is_idle (gpointer engine)
{
  return g_atomic_int_get (&G_OBJECT (engine)->ref_count) == 1;
}

static void
stop_engine (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_drain ();
  da_test_await_finalize (self->engine);
  self->engine = NULL;
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;

  self->dir = da_test_make_dir ();
  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  start_engine (self);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  stop_engine (self);
  da_fake_llm_free (self->fake);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
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

static DaRun *
begin_chat (Fixture *self, const char *id, const char *prompt, DaClientKind client, GError **error)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new (id, prompt);
  g_autoptr(GAsyncResult) result = NULL;

  request->client = client;
  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_engine_chat_finish (self->engine, result, error);
}

/* One that has to work, without a title. */
static void
chat (Fixture *self, const char *id, const char *prompt)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaRun) run = begin_chat (self, id, prompt, DA_CLIENT_SCRIPT, &error);

  g_assert_no_error (error);
  da_test_await (is_finished, run);
  g_assert_no_error (da_run_get_error (run));
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_COMPLETED);
  da_test_await (is_idle, self->engine);
}

/* (nullable): "user:hello|assistant:Hello …"; NULL when there is no such conversation. */
static char *
describe (Fixture *self, const char *id)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) conversation = NULL;
  GString *out;

  da_engine_load_conversation_async (self->engine, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  conversation = da_engine_load_conversation_finish (self->engine, result, &error);
  if (g_error_matches (error, DA_ERROR, DA_ERROR_NOT_FOUND))
    return NULL;
  g_assert_no_error (error);
  out = g_string_new (NULL);
  for (guint i = 0; i < conversation->messages->len; i++)
    {
      DaMessage *message = conversation->messages->pdata[i];

      g_string_append_printf (out, "%s%s:%s", i > 0 ? "|" : "", da_role_to_string (message->role),
                              message->content);
    }
  return g_string_free (out, FALSE);
}

/* What the client was told: what of it must be there ever after. */
typedef struct {
  DaRun *run;            /* (nullable): the question was refused */
  GError *error;         /* (nullable) */
} Outcome;

static void
outcome_clear (Outcome *self)
{
  g_clear_object (&self->run);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
assert_kept (Fixture *self, Outcome *outcome, const char *question)
{
  g_autofree char *kept = describe (self, "conv_kept");
  g_autofree char *text = describe (self, "conv_x");

  g_assert_nonnull (kept);
  g_assert_true (g_str_has_prefix (kept, "user:before|assistant:Hello from the fake provider."));
  if (outcome->run == NULL)
    {
      g_assert_null (text);
      return;
    }
  g_assert_nonnull (text);
  g_assert_true (g_str_has_prefix (text, question));
  if (da_run_get_state (outcome->run) == DA_RUN_STATE_COMPLETED)
    g_assert_nonnull (strstr (text, da_run_peek_text (outcome->run, NULL)));
}

static void
assert_sound (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->dir, "data", "dotagents.db", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaDatabase) database = da_database_open_readonly (path, &error);
  g_autoptr(DaStatement) statement = NULL;

  g_assert_no_error (error);
  statement = da_database_query (database, &error, "PRAGMA integrity_check", "");
  g_assert_no_error (error);
  g_assert_cmpint (da_statement_step (statement, &error), ==, DA_STEP_ROW);
  g_assert_cmpstr (da_statement_text (statement, 0), ==, "ok");
}

/* The engine goes on, and so does the next one on the same folder. */
static void
assert_goes_on (Fixture *self, Outcome *outcome, const char *question)
{
  g_auto(GStrv) notices = NULL;
  g_autofree char *after = NULL;

  assert_kept (self, outcome, question);
  chat (self, "conv_kept", "and after");
  if (outcome->run != NULL)
    {
      chat (self, "conv_x", "once more");
      after = describe (self, "conv_x");
      g_assert_nonnull (strstr (after, "|user:once more|assistant:Hello from the fake"));
    }
  stop_engine (self);
  assert_sound (self);
  start_engine (self);
  notices = da_engine_dup_notices (self->engine);
  g_assert_true (notices == NULL || notices[0] == NULL);
  assert_kept (self, outcome, question);
  chat (self, "conv_kept", "after the restart");
}

static void
check_error (Outcome *outcome, int code)
{
  const GError *error = outcome->error;

  if (error == NULL && outcome->run != NULL)
    error = da_run_get_error (outcome->run);
  if (outcome->run != NULL && da_run_get_state (outcome->run) == DA_RUN_STATE_COMPLETED)
    {
      g_assert_no_error (error);
      return;
    }
  g_assert_error (error, DA_ERROR, code);
  g_assert_cmpuint (strlen (error->message), >, 0);
}

typedef enum { CHAT_WHOLE, CHAT_FLUSHED } ChatKind;

static void
chat_with_fault (Fixture *self, ChatKind kind, guint nth, int code, Outcome *outcome)
{
  if (kind == CHAT_WHOLE)
    da_database_fail_nth (nth, code);
  else
    da_fake_llm_set_token_delay (self->fake, 110 * 1000);
  outcome->run = begin_chat (self, "conv_x", "what now?",
                             kind == CHAT_WHOLE ? DA_CLIENT_DESKTOP : DA_CLIENT_SCRIPT,
                             &outcome->error);
  if (kind == CHAT_FLUSHED)
    {
      /* The question is stored: what is left is the journal, once a second, and the answer. */
      g_assert_no_error (outcome->error);
      da_test_await (has_text, outcome->run);
      da_database_fail_nth (nth, code);
    }
  if (outcome->run != NULL)
    da_test_await (is_finished, outcome->run);
  da_test_await (is_idle, self->engine);
  da_fake_llm_set_token_delay (self->fake, 0);
}

/* For CHAT_FLUSHED until the journal is through: what follows are the steps of the answer. */
static void
fail_each_step (ChatKind kind, int code, guint stride)
{
  /* A journal or an answer that could not be stored is a warning in the log. */
  GLogLevelFlags was_fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  guint n_failed = 0, n_completed = 0, nth;

  for (nth = 1; nth < MOST_STEPS; nth += stride)
    {
      Fixture fixture = { 0 };
      g_auto(Outcome) outcome = { 0 };
      gboolean was_hit;

      set_up (&fixture, NULL);
      chat (&fixture, "conv_kept", "before");
      chat_with_fault (&fixture, kind, nth, code, &outcome);
      was_hit = !da_database_fail_pending ();
      da_database_fail_nth (0, 0);
      check_error (&outcome, code);
      if (outcome.run != NULL && da_run_get_state (outcome.run) == DA_RUN_STATE_COMPLETED)
        n_completed++;
      else
        n_failed++;
      assert_goes_on (&fixture, &outcome, "user:what now?");
      tear_down (&fixture, NULL);
      if (!was_hit || (kind == CHAT_FLUSHED && n_failed > 0))
        break;
    }
  g_log_set_always_fatal (was_fatal);
  g_test_message ("step %u was the last: %u chats failed, %u were answered", nth, n_failed,
                  n_completed);
  g_assert_cmpuint (nth, >, 3);
  g_assert_cmpuint (nth, <, MOST_STEPS);
  g_assert_cmpuint (n_failed, >, 0);
  g_assert_cmpuint (n_completed, >, 0);
}

static void
test_nth_statement_full (void)
{
  fail_each_step (CHAT_WHOLE, DA_ERROR_NO_SPACE, 1);
}

/* The paths are the same ones; another code takes them a quarter as densely. */
static void
test_nth_statement_busy (void)
{
  fail_each_step (CHAT_WHOLE, DA_ERROR_BUSY, 4);
}

static void
test_nth_statement_flush (void)
{
  fail_each_step (CHAT_FLUSHED, DA_ERROR_NO_SPACE, 1);
}

/* The picture in a question is a file. */
static void
test_nth_file_step (void)
{
  const char *question = "user:see ![x](assets://conversation-image/conv_x/";
  guint nth;

  for (nth = 1; nth < 20; nth++)
    {
      Fixture fixture = { 0 };
      g_auto(Outcome) outcome = { 0 };
      gboolean answered;

      set_up (&fixture, NULL);
      chat (&fixture, "conv_kept", "before");
      da_atomic_file_fail_nth (nth, ENOSPC);
      outcome.run = begin_chat (&fixture, "conv_x", "see ![x](data:image/png;base64," PNG ")",
                                DA_CLIENT_DESKTOP, &outcome.error);
      if (outcome.run != NULL)
        da_test_await (is_finished, outcome.run);
      da_test_await (is_idle, fixture.engine);
      da_atomic_file_fail_nth (0, 0);
      check_error (&outcome, DA_ERROR_NO_SPACE);
      answered = outcome.run != NULL;
      assert_goes_on (&fixture, &outcome, question);
      tear_down (&fixture, NULL);
      if (answered)
        break;
    }
  g_assert_cmpuint (nth, >, 3);
  g_assert_cmpuint (nth, <, 20);
}

/* Chunks of the provider's stream */

/* What the provider says when nothing goes wrong; first asked for after the first chat. */
static const char *
whole_text (Fixture *self)
{
  static char *text;

  if (text == NULL)
    {
      g_autofree char *all = describe (self, "conv_kept");

      /* One question, one answer so far. */
      g_assert_null (strstr (all, "user:") == all ? strstr (all + 1, "user:") : all);
      text = g_strdup (strstr (all, "assistant:") + strlen ("assistant:"));
    }
  return text;
}

static gboolean
chat_with_bad_chunk (Fixture *self, const char *script)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaRun) run = NULL;
  g_autofree char *before = describe (self, "conv_kept");
  g_autofree char *after = NULL;
  g_autofree char *expected = NULL;
  const char *text;

  da_fake_llm_set_script (self->fake, script);
  run = begin_chat (self, "conv_kept", script, DA_CLIENT_DESKTOP, &error);
  g_assert_no_error (error);
  da_test_await (is_finished, run);
  da_test_await (is_idle, self->engine);
  da_fake_llm_set_script (self->fake, NULL);
  text = da_run_peek_text (run, NULL);
  g_assert_true (g_str_has_prefix (whole_text (self), text));
  expected = g_strdup_printf ("%s|user:%s%s%s", before, script, *text != '\0' ? "|assistant:" : "",
                              text);
  after = describe (self, "conv_kept");
  g_assert_cmpstr (after, ==, expected);
  chat (self, "conv_kept", "and the next");
  if (da_run_get_state (run) == DA_RUN_STATE_COMPLETED)
    {
      g_assert_cmpstr (text, ==, whole_text (self));
      return TRUE;
    }
  g_assert_cmpint (da_run_get_state (run), ==, DA_RUN_STATE_FAILED);
  g_assert_nonnull (da_run_get_error (run));
  g_assert_true (g_error_matches (da_run_get_error (run), DA_LLM_ERROR, DA_LLM_ERROR_NETWORK)
                 || g_error_matches (da_run_get_error (run), DA_LLM_ERROR,
                                     DA_LLM_ERROR_BAD_ANSWER));
  g_assert_cmpuint (strlen (da_run_get_error (run)->message), >, 0);
  return FALSE;
}

static void
test_every_chunk (Fixture *self, gconstpointer what)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint n_failed = 0, n_answered = 0, n = 0;

  chat (self, "conv_kept", "before");
  whole_text (self);
  /* Answered thrice: after the end of the text nothing matters any more. */
  for (n = 0; n < 100 && n_answered < 3; n++)
    {
      g_autofree char *script = g_strdup_printf ("%s-at-%u", (const char *) what, n);

      if (chat_with_bad_chunk (self, script))
        n_answered++;
      else
        n_failed++;
    }
  g_test_message ("%u pieces: %u failed, %u were answered", n, n_failed, n_answered);
  g_assert_cmpuint (n_failed, >, 10);
  g_assert_cmpuint (n_answered, ==, 3);
  before = describe (self, "conv_kept");
  stop_engine (self);
  assert_sound (self);
  start_engine (self);
  after = describe (self, "conv_kept");
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  g_test_add_func ("/engine/chat-faults/each-statement-finds-the-disk-full",
                   test_nth_statement_full);
  g_test_add_func ("/engine/chat-faults/each-statement-finds-the-database-locked",
                   test_nth_statement_busy);
  g_test_add_func ("/engine/chat-faults/each-statement-of-the-journal-finds-the-disk-full",
                   test_nth_statement_flush);
  g_test_add_func ("/engine/chat-faults/each-step-of-a-pictures-file-finds-the-disk-full",
                   test_nth_file_step);
  g_test_add ("/engine/chat-faults/each-piece-of-the-answer-is-the-last", Fixture, "cut", set_up,
              test_every_chunk, tear_down);
  g_test_add ("/engine/chat-faults/each-piece-of-the-answer-is-followed-by-garbage", Fixture,
              "garbage", set_up, test_every_chunk, tear_down);
  return g_test_run ();
}
