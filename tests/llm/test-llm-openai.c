/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-openai"

#include "da-llm-openai.h"

#include <string.h>

#include "da-fake-llm.h"
#include "da-test-util.h"

#define KEY "sk-test-0123456789abcdef"

typedef struct {
  DaFakeLlm     *fake;
  DaLlmProvider *provider;
  DaLlmRequest  *request;
  GCancellable  *cancellable;
  GString       *text;
  GString       *reasoning;
  GString       *calls;
  GString       *reasons;       /* of retries */
  guint          n_text, n_retries, n_first_bytes, last_delay_ms, max_attempts;
  guint          cancel_after;  /* text events; 0: never */
  DaLlmResult   *result;
  GError        *error;
  gboolean       is_done;
  gboolean       owes_pause;    /* text came, and the word that this was all for now did not */
} Fixture;

typedef struct {
  GSource  source;
  Fixture *fixture;
} Watch;

static void
use_key (Fixture    *self,
         const char *key)
{
  DaLlmOpenaiConfig config = {
    .id = "test", .name = "Testing Inc", .base_url = da_fake_llm_get_base_url (self->fake),
    .api_key = key,
  };

  g_clear_object (&self->provider);
  self->provider = da_llm_openai_new (&config);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  self->request = da_llm_request_new ("some-model");
  self->request->retry_base_ms = 10;
  self->request->retry_max_ms = 20;
  g_ptr_array_add (self->request->messages, da_llm_message_new (DA_ROLE_SYSTEM, "Be brief."));
  g_ptr_array_add (self->request->messages, da_llm_message_new (DA_ROLE_USER, "Hello there"));
  self->cancellable = g_cancellable_new ();
  self->text = g_string_new (NULL);
  self->reasoning = g_string_new (NULL);
  self->calls = g_string_new (NULL);
  self->reasons = g_string_new (NULL);
  use_key (self, KEY);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  da_test_await_finalize (g_steal_pointer (&self->provider));
  da_test_drain ();
  da_llm_request_unref (self->request);
  da_llm_result_free (self->result);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_string_free (self->text, TRUE);
  g_string_free (self->reasoning, TRUE);
  g_string_free (self->calls, TRUE);
  g_string_free (self->reasons, TRUE);
  da_fake_llm_free (self->fake);
  da_test_drain ();
}

static void
on_event (const DaLlmEvent *event,
          gpointer          user_data)
{
  Fixture *self = user_data;

  g_assert_false (self->is_done);
  switch (event->type)
    {
    case DA_LLM_EVENT_TEXT:
      g_assert_true (g_utf8_validate (event->text, (gssize) event->length, NULL));
      g_string_append_len (self->text, event->text, (gssize) event->length);
      self->n_text++;
      self->owes_pause = TRUE;
      if (self->cancel_after > 0 && self->n_text == self->cancel_after)
        g_cancellable_cancel (self->cancellable);
      break;
    case DA_LLM_EVENT_REASONING:
      g_string_append_len (self->reasoning, event->text, (gssize) event->length);
      break;
    case DA_LLM_EVENT_TOOL_CALL:
      g_string_append_printf (self->calls, "%s;", event->text);
      break;
    case DA_LLM_EVENT_RETRY:
      self->n_retries++;
      self->last_delay_ms = event->delay_ms;
      self->max_attempts = event->max_attempts;
      g_string_append_printf (self->reasons, "%u:%s;", event->attempt, event->text);
      break;
    case DA_LLM_EVENT_FIRST_BYTE:
      self->n_first_bytes++;
      break;
    case DA_LLM_EVENT_PAUSE:
      self->owes_pause = FALSE;
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Before each wait for the next piece: text must not wait for it too. */
static gboolean
watch_prepare (GSource *source,
               int     *timeout)
{
  Fixture *fixture = ((Watch *) source)->fixture;

  g_assert_false (fixture->owes_pause && !fixture->is_done &&
                  !g_cancellable_is_cancelled (fixture->cancellable));
  return FALSE;
}

static void
complete_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Fixture *self = user_data;

  self->result = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source), result, &self->error);
  self->is_done = TRUE;
}

static void
start (Fixture    *self,
       const char *script)
{
  self->is_done = FALSE;
  g_clear_pointer (&self->result, da_llm_result_free);
  g_clear_error (&self->error);
  g_string_truncate (self->text, 0);
  da_fake_llm_set_script (self->fake, script);
  da_llm_provider_complete_async (self->provider, self->request, on_event, self,
                                  self->cancellable, complete_cb, self);
  g_assert_false (self->is_done);
}

static void
run (Fixture    *self,
     const char *script)
{
  static GSourceFuncs funcs = { .prepare = watch_prepare };
  GSource *watch = g_source_new (&funcs, sizeof (Watch));

  ((Watch *) watch)->fixture = self;
  g_source_attach (watch, NULL);
  start (self, script);
  da_test_await_boolean (&self->is_done);
  g_source_destroy (watch);
  g_source_unref (watch);
}

static void
test_streamed_answer (Fixture       *self,
                      gconstpointer  data)
{
  run (self, "normal");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==,
                   "Hello from the fake provider. It answers the same every time.");
  g_assert_cmpuint (self->n_text, >, 5);
  g_assert_cmpuint (self->n_first_bytes, ==, 1);
  g_assert_cmpstr (self->result->finish_reason, ==, "stop");
  g_assert_cmpstr (self->result->model, ==, "some-model");
  g_assert_cmpint (self->result->input_tokens, ==, 7);
  g_assert_cmpint (self->result->output_tokens, ==, 5);
  g_assert_cmpint (self->result->cached_tokens, ==, 3);
  g_assert_null (self->result->tool_calls);
  g_assert_cmpstr (da_fake_llm_get_request (self->fake, 0)->authorization, ==, "Bearer " KEY);
}


static void
test_plain_answer (Fixture       *self,
                   gconstpointer  data)
{
  self->request->stream = FALSE;
  run (self, "echo");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==, "Hello there");
  g_assert_cmpint (self->result->output_tokens, ==, 5);
  g_assert_null (strstr (da_fake_llm_get_request (self->fake, 0)->body, "\"stream\""));
}

static void
test_json_to_a_stream_request (Fixture       *self,
                               gconstpointer  data)
{
  run (self, "plain-json");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==,
                   "Hello from the fake provider. It answers the same every time.");
}

static void
test_every_script (Fixture       *self,
                   gconstpointer  data)
{
  run (self, data);
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==, da_fake_llm_every_script_text ());
}

static void
test_ten_thousand_tokens (Fixture       *self,
                          gconstpointer  data)
{
  const char *p;

  run (self, "tokens-10000");
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->n_text, ==, 10000);
  g_assert_cmpint (self->result->output_tokens, ==, 10000);
  p = self->text->str;
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *token = g_strdup_printf ("t%u ", i);

      g_assert_true (g_str_has_prefix (p, token));
      p += strlen (token);
    }
  g_assert_cmpstr (p, ==, "");
}

static void
test_tool_calls (Fixture       *self,
                 gconstpointer  data)
{
  run (self, "tool-call");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==, "Let me look.");
  g_assert_cmpstr (self->calls->str, ==, "get_weather;get_time;");
  g_assert_cmpstr (self->result->finish_reason, ==, "tool_calls");
  g_assert_cmpstr (self->result->tool_calls, ==,
                   "[{\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":"
                   "\"get_weather\",\"arguments\":\"{\\\"city\\\":\\\"Köln\\\"}\"}},"
                   "{\"id\":\"call_b\",\"type\":\"function\",\"function\":{\"name\":"
                   "\"get_time\",\"arguments\":\"{}\"}}]");
}

static void
test_reasoning (Fixture       *self,
                gconstpointer  data)
{
  run (self, "reasoning");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->reasoning->str, ==, "I think hard.");
  g_assert_cmpstr (self->text->str, ==, "Done thinking.");
}

static void
test_odd_framing (Fixture       *self,
                  gconstpointer  data)
{
  run (self, "odd-framing");
  g_assert_no_error (self->error);
  g_assert_cmpstr (self->text->str, ==, "no space, two lines, no last line");
}

static void
test_no_done (Fixture       *self,
              gconstpointer  data)
{
  run (self, "no-done");
  g_assert_no_error (self->error);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
}

static void
test_no_end (Fixture       *self,
             gconstpointer  data)
{
  gint64 start_us = g_get_monotonic_time ();

  run (self, "no-end");
  g_assert_no_error (self->error);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 10 * G_TIME_SPAN_SECOND);
}

static gboolean
is_nobody_connected (gpointer user_data)
{
  return da_fake_llm_get_n_open (user_data) == 0;
}

static void
test_talks_on (Fixture       *self,
               gconstpointer  data)
{
  run (self, "talks-on");
  g_assert_no_error (self->error);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
  da_test_await (is_nobody_connected, self->fake);
}

/* Errors */

static void
assert_failed (Fixture    *self,
               DaLlmError  code,
               const char *words)
{
  g_assert_error (self->error, DA_LLM_ERROR, (int) code);
  g_assert_null (self->result);
  if (!strstr (self->error->message, words))
    g_error ("'%s' does not say '%s'", self->error->message, words);
  g_assert_null (strstr (self->error->message, KEY));
  g_assert_nonnull (strstr (self->error->message, "Testing Inc"));
}

static void
test_slow_first_token (Fixture       *self,
                       gconstpointer  data)
{
  run (self, "slow-first-token");
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->n_retries, ==, 0);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
}

static void
test_rate_limit (Fixture       *self,
                 gconstpointer  data)
{
  run (self, "rate-limit");
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->n_retries, ==, 1);
  g_assert_cmpuint (self->last_delay_ms, ==, 1000);
  g_assert_cmpuint (self->max_attempts, ==, 0);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 2);
  g_assert_cmpint (da_fake_llm_get_request (self->fake, 1)->received_us -
                   da_fake_llm_get_request (self->fake, 0)->received_us, >=, 990000);
}

static void
test_long_rate_limit (Fixture       *self,
                      gconstpointer  data)
{
  run (self, "rate-limit-always");
  assert_failed (self, DA_LLM_ERROR_RATE_LIMIT, "Try again in 600 s");
  g_assert_cmpint (da_llm_error_get_retry_after_ms (self->error), ==, 600000);
  g_assert_cmpuint (da_llm_error_get_status (self->error), ==, 429);
  g_assert_cmpstr (da_llm_error_kind (self->error), ==, "rate_limit");
  g_assert_cmpuint (self->n_retries, ==, 0);
}

static void
test_quota (Fixture       *self,
            gconstpointer  data)
{
  run (self, "quota");
  assert_failed (self, DA_LLM_ERROR_RATE_LIMIT, "used up its quota");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_server_error_twice (Fixture       *self,
                         gconstpointer  data)
{
  run (self, "server-error-twice");
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->n_retries, ==, 2);
  g_assert_cmpuint (self->max_attempts, ==, 3);
  g_assert_true (g_str_has_prefix (self->reasons->str, "1:Testing Inc has a problem"));
  g_assert_cmpstr (self->text->str, ==,
                   "Hello from the fake provider. It answers the same every time.");
}

static void
test_server_error_always (Fixture       *self,
                          gconstpointer  data)
{
  run (self, "server-error");
  assert_failed (self, DA_LLM_ERROR_SERVER, "HTTP 502");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 4);
}

static void
test_garbage (Fixture       *self,
              gconstpointer  data)
{
  run (self, "garbage");
  assert_failed (self, DA_LLM_ERROR_BAD_ANSWER, "cannot be read");
  g_assert_cmpstr (self->text->str, ==, "This much was fine.");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_cut (Fixture       *self,
          gconstpointer  data)
{
  run (self, data);
  assert_failed (self, DA_LLM_ERROR_NETWORK, "broke before the answer was complete");
  g_assert_cmpstr (self->text->str, ==, "t0 t1 t2 t3 t4 ");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_cut_before_text (Fixture       *self,
                      gconstpointer  data)
{
  run (self, "cut-once");
  g_assert_no_error (self->error);
  g_assert_cmpuint (self->n_retries, ==, 1);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
}

static void
test_error_in_stream (Fixture       *self,
                      gconstpointer  data)
{
  run (self, "error-in-stream");
  assert_failed (self, DA_LLM_ERROR_SERVER, "It said: The engine is overloaded");
  g_assert_cmpstr (self->text->str, ==, "Half of");
}

static void
test_web_page (Fixture       *self,
               gconstpointer  data)
{
  self->request->max_retries = 0;
  run (self, "web-page");
  assert_failed (self, DA_LLM_ERROR_BAD_ANSWER, "a web page");
}

static void
test_empty (Fixture       *self,
            gconstpointer  data)
{
  self->request->max_retries = 1;
  run (self, "empty");
  assert_failed (self, DA_LLM_ERROR_NETWORK, "broke");
  g_assert_cmpuint (self->n_retries, ==, 1);
}

static void
test_context_length (Fixture       *self,
                     gconstpointer  data)
{
  run (self, "context-length");
  assert_failed (self, DA_LLM_ERROR_CONTEXT_LENGTH, "too long for the model");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_unauthorized (Fixture       *self,
                   gconstpointer  data)
{
  run (self, "unauthorized");
  assert_failed (self, DA_LLM_ERROR_AUTH, "did not accept the API key");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);

  use_key (self, NULL);
  run (self, "unauthorized");
  assert_failed (self, DA_LLM_ERROR_AUTH, "needs an API key");
  g_assert_null (da_fake_llm_get_request (self->fake, 1)->authorization);
}

static void
test_unusable_key (Fixture       *self,
                   gconstpointer  data)
{
  use_key (self, "sk-abc\r\nX-Injected: yes");
  run (self, "normal");
  assert_failed (self, DA_LLM_ERROR_AUTH, "characters");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 0);
}

static void
test_no_model (Fixture       *self,
               gconstpointer  data)
{
  run (self, "no-model");
  assert_failed (self, DA_LLM_ERROR_BAD_REQUEST, "does not have this model");
}

static void
test_nobody_listens (Fixture       *self,
                     gconstpointer  data)
{
  da_fake_llm_set_down (self->fake, TRUE);
  self->request->max_retries = 2;
  run (self, "normal");
  assert_failed (self, DA_LLM_ERROR_NETWORK, "cannot be reached");
  g_assert_cmpuint (self->n_retries, ==, 2);
}

static void
test_bad_base_url (Fixture       *self,
                   gconstpointer  data)
{
  static const char *const urls[] = { "", "not a url", "ftp://x.test", "http://", "file:///etc" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      DaLlmOpenaiConfig config = { .id = "test", .name = "Testing Inc", .base_url = urls[i] };

      g_clear_object (&self->provider);
      self->provider = da_llm_openai_new (&config);
      run (self, "normal");
      assert_failed (self, DA_LLM_ERROR_BAD_REQUEST, "not a web address");
    }
}

/* Redirects: SEC-17 */

static void
test_redirect_away (Fixture       *self,
                    gconstpointer  data)
{
  run (self, "redirect-away");
  assert_failed (self, DA_LLM_ERROR_BAD_REQUEST, "redirects to another address");
  g_assert_cmpuint (da_fake_llm_get_n_stolen (self->fake), ==, 0);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_redirect_to_other_port (Fixture       *self,
                             gconstpointer  data)
{
  g_autoptr (DaFakeLlm) thief = da_fake_llm_new (0, NULL);
  g_autofree char *base = g_strdup_printf ("http://127.0.0.1:%u", da_fake_llm_get_port (thief));

  da_fake_llm_set_redirect (self->fake, base);
  run (self, "redirect-away");
  assert_failed (self, DA_LLM_ERROR_BAD_REQUEST, "redirects to another address");
  g_assert_cmpuint (da_fake_llm_get_n_connections (thief), ==, 0);
}

static void
test_redirect_same (Fixture       *self,
                    gconstpointer  data)
{
  const DaFakeLlmRequest *second;

  run (self, "redirect-same");
  g_assert_no_error (self->error);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 2);
  second = da_fake_llm_get_request (self->fake, 1);
  g_assert_cmpstr (second->method, ==, "POST");
  g_assert_cmpstr (second->path, ==, "/v1/chat/completions?again=1");
  g_assert_cmpstr (second->body, ==, da_fake_llm_get_request (self->fake, 0)->body);
  g_assert_cmpstr (second->authorization, ==, "Bearer " KEY);
}

/* Members a server does not know */

static void
test_no_stream_options (Fixture       *self,
                        gconstpointer  data)
{
  run (self, "no-stream-options");
  g_assert_no_error (self->error);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 2);
  g_assert_cmpuint (self->n_retries, ==, 0);
  g_assert_cmpint (self->result->output_tokens, ==, -1);
  /* It is remembered. */
  run (self, "no-stream-options");
  g_assert_no_error (self->error);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 3);
}

/* Time and cancelling */

static void
test_time_out (Fixture       *self,
               gconstpointer  data)
{
  gint64 start_us = g_get_monotonic_time ();
  gint64 took_us;

  self->request->max_retries = 0;
  self->request->first_byte_timeout_s = 1;
  self->request->idle_timeout_s = 1;
  run (self, data);
  took_us = g_get_monotonic_time () - start_us;
  assert_failed (self, DA_LLM_ERROR_NETWORK, "did not answer in time");
  g_assert_cmpint (took_us, >=, 900000);
  g_assert_cmpint (took_us, <, 10 * G_TIME_SPAN_SECOND);
}

static gboolean
has_closed (gpointer user_data)
{
  Fixture *self = user_data;

  return da_fake_llm_get_n_closed_early (self->fake) > 0;
}

static gboolean
has_asked (gpointer user_data)
{
  Fixture *self = user_data;

  return da_fake_llm_get_n_requests (self->fake) > 0;
}

static gboolean
has_text (gpointer user_data)
{
  Fixture *self = user_data;

  return self->n_text >= 3;
}

/* P15: the provider sees its connection closed at once. */
static void
cancel_and_see_it_closed (Fixture *self)
{
  gint64 cancelled_us = g_get_monotonic_time ();

  g_cancellable_cancel (self->cancellable);
  g_assert_false (self->is_done);
  da_test_await_boolean (&self->is_done);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  da_test_await (has_closed, self);
  g_assert_cmpint (da_fake_llm_get_request (self->fake, 0)->closed_us - cancelled_us, <, 250000);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_cancel_in_stream (Fixture       *self,
                       gconstpointer  data)
{
  start (self, data);
  da_test_await (has_text, self);
  cancel_and_see_it_closed (self);
}

static void
test_cancel_before_answer (Fixture       *self,
                           gconstpointer  data)
{
  start (self, "silent");
  da_test_await (has_asked, self);
  cancel_and_see_it_closed (self);
}

static void
test_cancel_in_callback (Fixture       *self,
                         gconstpointer  data)
{
  self->cancel_after = 2;
  run (self, "tokens-10000");
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  da_test_await (has_closed, self);
}

static void
test_cancel_in_back_off (Fixture       *self,
                         gconstpointer  data)
{
  gint64 start_us;

  self->request->retry_base_ms = self->request->retry_max_ms = 60000;
  start (self, "server-error");
  while (self->n_retries == 0)
    g_main_context_iteration (NULL, TRUE);
  start_us = g_get_monotonic_time ();
  g_cancellable_cancel (self->cancellable);
  da_test_await_boolean (&self->is_done);
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 250000);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_cancelled_from_the_start (Fixture       *self,
                               gconstpointer  data)
{
  g_cancellable_cancel (self->cancellable);
  run (self, "normal");
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 0);
}

/* The provider object may be dropped while it works: the task keeps it. */
static void
test_drop_while_running (Fixture       *self,
                         gconstpointer  data)
{
  DaLlmProvider *provider = self->provider;

  start (self, "normal");
  self->provider = NULL;
  g_object_unref (provider);
  da_test_await_boolean (&self->is_done);
  g_assert_no_error (self->error);
  use_key (self, KEY);
}

static void
test_connection_is_reused (Fixture       *self,
                           gconstpointer  data)
{
  for (guint i = 0; i < 5; i++)
    {
      run (self, "normal");
      g_assert_no_error (self->error);
      da_test_drain ();
    }
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 5);
  g_assert_cmpuint (da_fake_llm_get_n_connections (self->fake), ==, 1);
}

static void
test_kept_connection_is_gone (Fixture       *self,
                              gconstpointer  data)
{
  run (self, "close-kept");
  g_assert_no_error (self->error);
  da_test_drain ();
  run (self, "close-kept");
  g_assert_no_error (self->error);
  g_assert_true (g_str_has_suffix (self->text->str, "every time."));
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 3);
  g_assert_cmpuint (self->n_retries, ==, 0);
}

typedef struct {
  guint n_done;
  guint n_right;
} Crowd;

static void
crowd_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Crowd *crowd = user_data;
  g_autoptr (DaLlmResult) answer = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source),
                                                                    result, NULL);

  crowd->n_done++;
  crowd->n_right += answer != NULL;
}

static gboolean
is_crowd_done (gpointer user_data)
{
  return ((Crowd *) user_data)->n_done == 200;
}

static gboolean
have_all_asked (gpointer user_data)
{
  return da_fake_llm_get_n_requests (user_data) == 200;
}

static gboolean
have_all_gone (gpointer user_data)
{
  return da_fake_llm_get_n_open (user_data) == 0;
}

static void
start_crowd (Fixture *self,
             Crowd   *crowd)
{
  for (guint i = 0; i < 200; i++)
    da_llm_provider_complete_async (self->provider, self->request, NULL, NULL, self->cancellable,
                                    crowd_cb, crowd);
}

static void
test_two_hundred_at_once (Fixture       *self,
                          gconstpointer  data)
{
  Crowd crowd = { 0 };

  da_fake_llm_set_script (self->fake, "tokens-20");
  start_crowd (self, &crowd);
  da_test_await (is_crowd_done, &crowd);
  g_assert_cmpuint (crowd.n_right, ==, 200);
}

static void
test_two_hundred_stopped_at_once (Fixture       *self,
                                  gconstpointer  data)
{
  Crowd crowd = { 0 };

  da_fake_llm_set_script (self->fake, "stall");
  start_crowd (self, &crowd);
  da_test_await (have_all_asked, self->fake);
  g_cancellable_cancel (self->cancellable);
  da_test_await (is_crowd_done, &crowd);
  g_assert_cmpuint (crowd.n_right, ==, 0);
  da_test_await (have_all_gone, self->fake);
  g_assert_cmpuint (da_fake_llm_get_n_closed_early (self->fake), ==, 200);
}

/* What is sent */

static void
test_base_url_is_tidied (Fixture       *self,
                         gconstpointer  data)
{
  static const struct { const char *id, *given, *used; } cases[] = {
    { "x", "http://127.0.0.1:1/v1/", "http://127.0.0.1:1/v1" },
    { "x", "  http://127.0.0.1:1/v1///  ", "http://127.0.0.1:1/v1" },
    { "x", "http://127.0.0.1:1/v1/chat/completions", "http://127.0.0.1:1/v1" },
    { "gemini", "https://generativelanguage.googleapis.com",
      "https://generativelanguage.googleapis.com/v1beta/openai" },
    { "gemini", "https://generativelanguage.googleapis.com/v1beta/openai/",
      "https://generativelanguage.googleapis.com/v1beta/openai" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DaLlmOpenaiConfig config = { .id = cases[i].id, .base_url = cases[i].given };
      g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);

      g_assert_cmpstr (da_llm_openai_get_base_url (DA_LLM_OPENAI (provider)), ==, cases[i].used);
      g_assert_cmpstr (da_llm_provider_get_id (provider), ==, cases[i].id);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, data, func) \
  g_test_add ("/llm/openai/" path, Fixture, data, set_up, func, tear_down)
  ADD ("a-streamed-answer-arrives-whole", NULL, test_streamed_answer);
  ADD ("an-unstreamed-answer-arrives-whole", NULL, test_plain_answer);
  ADD ("json-to-a-stream-request-is-read", NULL, test_json_to_a_stream_request);
  ADD ("every-script-survives", "every-script", test_every_script);
  ADD ("every-script-survives-packets-of-one-byte", "split-packets", test_every_script);
  ADD ("every-script-survives-events-of-one-byte", "split-events", test_every_script);
  ADD ("every-script-survives-split-surrogates", "split-surrogates", test_every_script);
  ADD ("ten-thousand-tokens-arrive-in-order", NULL, test_ten_thousand_tokens);
  ADD ("tool-calls-are-assembled", NULL, test_tool_calls);
  ADD ("reasoning-is-kept-apart", NULL, test_reasoning);
  ADD ("odd-framing-is-tolerated", NULL, test_odd_framing);
  ADD ("a-missing-end-mark-is-tolerated", NULL, test_no_done);
  ADD ("an-open-connection-after-the-answer-is-not-waited-for", NULL, test_no_end);
  ADD ("what-comes-after-the-end-mark-is-cut-off", NULL, test_talks_on);
  ADD ("a-slow-first-token-is-waited-for", NULL, test_slow_first_token);
  ADD ("a-rate-limit-is-waited-out", NULL, test_rate_limit);
  ADD ("a-long-rate-limit-is-told", NULL, test_long_rate_limit);
  ADD ("a-used-up-quota-is-not-retried", NULL, test_quota);
  ADD ("two-server-errors-are-survived", NULL, test_server_error_twice);
  ADD ("a-lasting-server-error-is-told", NULL, test_server_error_always);
  ADD ("garbage-ends-the-answer", NULL, test_garbage);
  ADD ("a-reset-connection-is-a-network-error", "cut", test_cut);
  ADD ("an-early-end-is-a-network-error", "cut-clean", test_cut);
  ADD ("a-cut-before-any-text-is-retried", NULL, test_cut_before_text);
  ADD ("an-error-in-the-stream-is-told", NULL, test_error_in_stream);
  ADD ("a-web-page-is-a-bad-answer", NULL, test_web_page);
  ADD ("an-empty-stream-is-retried", NULL, test_empty);
  ADD ("too-long-a-context-is-told", NULL, test_context_length);
  ADD ("a-refused-key-is-told", NULL, test_unauthorized);
  ADD ("a-key-with-line-ends-is-never-sent", NULL, test_unusable_key);
  ADD ("an-unknown-model-is-told", NULL, test_no_model);
  ADD ("a-closed-port-is-told", NULL, test_nobody_listens);
  ADD ("a-bad-base-url-is-told", NULL, test_bad_base_url);
  ADD ("a-key-does-not-follow-to-another-host", NULL, test_redirect_away);
  ADD ("a-key-does-not-follow-to-another-port", NULL, test_redirect_to_other_port);
  ADD ("a-redirect-on-the-same-host-is-followed", NULL, test_redirect_same);
  ADD ("unknown-stream-options-are-left-out", NULL, test_no_stream_options);
  ADD ("silence-before-the-head-times-out", "silent", test_time_out);
  ADD ("silence-before-the-first-token-times-out", "slow-head", test_time_out);
  ADD ("cancelling-a-stream-closes-its-connection", "never-ending", test_cancel_in_stream);
  ADD ("cancelling-a-stalled-stream-closes-its-connection", "stall", test_cancel_in_stream);
  ADD ("cancelling-before-the-answer-closes-the-connection", NULL, test_cancel_before_answer);
  ADD ("cancelling-from-the-callback-works", NULL, test_cancel_in_callback);
  ADD ("cancelling-a-back-off-works", NULL, test_cancel_in_back_off);
  ADD ("a-cancelled-call-is-not-sent", NULL, test_cancelled_from_the_start);
  ADD ("dropping-the-provider-while-it-works-is-harmless", NULL, test_drop_while_running);
  ADD ("a-connection-is-reused", NULL, test_connection_is_reused);
  ADD ("a-kept-connection-that-is-gone-costs-nothing", NULL, test_kept_connection_is_gone);
  ADD ("two-hundred-completions-run-at-once", NULL, test_two_hundred_at_once);
  ADD ("two-hundred-completions-stop-at-once", NULL, test_two_hundred_stopped_at_once);
  ADD ("a-base-url-is-tidied", NULL, test_base_url_is_tidied);
#undef ADD
  return g_test_run ();
}
