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
} Fixture;

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
    default:
      g_assert_not_reached ();
    }
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
  start (self, script);
  da_test_await_boolean (&self->is_done);
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, func) g_test_add ("/llm/openai/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("a-streamed-answer-arrives-whole", test_streamed_answer);
#undef ADD
  return g_test_run ();
}
