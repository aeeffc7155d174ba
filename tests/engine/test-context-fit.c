/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-context-fit"

#include "da-context-fit.h"

#include <string.h>

#include "da-fake-llm.h"
#include "da-llm-context.h"
#include "da-llm-openai.h"
#include "da-macros.h"
#include "da-test-util.h"

/* A conversation that is too long, and a provider on a loopback port that is asked for the summary
 * of its beginning. */

#define TARGET 2000
#define QUESTION "And what is the answer?"
#define NORMAL "Hello from the fake provider. It answers the same every time."

typedef struct {
  DaFakeLlm *fake;
  DaLlmProvider *provider;
  DaLlmRequest *request;
  GCancellable *cancellable;
} Fixture;

static void
add (Fixture *self, DaRole role, const char *content)
{
  g_ptr_array_add (self->request->messages, da_llm_message_new (role, content));
}

static void
set_up (Fixture *self, gconstpointer script)
{
  g_autoptr(GError) error = NULL;
  DaLlmOpenaiConfig config = { .id = "test", .name = "Testing Inc", .api_key = "sk-test" };

  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  config.base_url = da_fake_llm_get_base_url (self->fake);
  self->provider = da_llm_openai_new (&config);
  self->request = da_llm_request_new ("a-model");
  self->cancellable = g_cancellable_new ();
  da_fake_llm_set_script (self->fake, script);
  add (self, DA_ROLE_SYSTEM, "Be brief.");
}

static void
tear_down (Fixture *self, gconstpointer script)
{
  da_llm_request_unref (self->request);
  da_test_await_finalize (self->provider);
  da_test_drain ();
  da_fake_llm_free (self->fake);
  g_object_unref (self->cancellable);
}

/* @n messages of about 180 tokens each, numbered, in @unit, and the question. */
static void
add_history (Fixture *self, guint n, const char *unit, guint times)
{
  for (guint i = 0; i < n; i++)
    {
      GString *text = g_string_new (NULL);

      g_string_append_printf (text, "message number %u: ", i);
      for (guint k = 0; k < times; k++)
        g_string_append (text, unit);
      add (self, i % 2 == 0 ? DA_ROLE_USER : DA_ROLE_ASSISTANT, text->str);
      g_string_free (text, TRUE);
    }
  add (self, DA_ROLE_USER, QUESTION);
}

static gboolean
fit (Fixture *self, gint64 target, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_context_fit_async (self->provider, self->request, target, self->cancellable, da_test_async_cb,
                        &result);
  da_test_run_async (&result);
  return da_context_fit_finish (result, error);
}

static DaLlmMessage *
message (Fixture *self, guint index)
{
  g_assert_cmpuint (index, <, self->request->messages->len);
  return g_ptr_array_index (self->request->messages, index);
}

static void
assert_fits (Fixture *self)
{
  gint64 sum = 0;

  for (guint i = 0; i < self->request->messages->len; i++)
    {
      DaLlmMessage *one = message (self, i);

      sum += 4 + (one->content != NULL ? da_llm_estimate_tokens (one->content) : 0);
    }
  g_assert_cmpint (sum, <=, TARGET);
}

/* What is never given up: the instructions first, the question last, and one word on the rest. */
static const char *
assert_shape (Fixture *self)
{
  DaLlmMessage *note = message (self, 1);

  g_assert_cmpint (message (self, 0)->role, ==, DA_ROLE_SYSTEM);
  g_assert_cmpstr (message (self, 0)->content, ==, "Be brief.");
  g_assert_cmpint (note->role, ==, DA_ROLE_SYSTEM);
  g_assert_nonnull (strstr (note->content, "earlier messages of this conversation"));
  g_assert_cmpstr (message (self, self->request->messages->len - 1)->content, ==, QUESTION);
  assert_fits (self);
  return note->content;
}

static void
test_a_summary_takes_the_place_of_what_is_folded (Fixture *self, gconstpointer script)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = NULL;
  const DaFakeLlmRequest *asked;
  guint folded;

  add_history (self, 30, "lorem ipsum ", 60);
  g_assert_true (fit (self, TARGET, &error));
  g_assert_no_error (error);
  /* 32 before; now the instructions, the summary, what is kept. */
  folded = 32 - (self->request->messages->len - 1);
  expected = g_strdup_printf ("Summary of %u earlier messages of this conversation:\n" NORMAL,
                              folded);
  g_assert_cmpstr (assert_shape (self), ==, expected);

  /* One call of the same model, with what was folded and nothing else. */
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
  asked = da_fake_llm_get_request (self->fake, 0);
  g_assert_cmpstr (asked->model, ==, "a-model");
  g_assert_nonnull (strstr (asked->body, "user: message number 0: "));
  g_assert_nonnull (strstr (asked->body, "assistant: message number 1: "));
  g_assert_null (strstr (asked->body, QUESTION));
  g_assert_null (strstr (asked->body, "message number 29"));
  g_assert_null (strstr (asked->body, "Be brief."));
}

static void
test_a_model_that_talks_on_does_not_break_the_limit (Fixture *self, gconstpointer script)
{
  g_autoptr(GError) error = NULL;
  const char *note;

  /* The echo of 12 kilobytes of them is a summary of many times its room. */
  add_history (self, 30, "概要を書く", 30);
  g_assert_true (fit (self, TARGET, &error));
  g_assert_no_error (error);
  note = assert_shape (self);
  g_assert_true (g_str_has_prefix (note, "Summary of "));
  g_assert_true (g_utf8_validate (note, -1, NULL));
  g_assert_cmpint (da_llm_estimate_tokens (note), <=, 300);
}

static void
test_what_fits_is_left_alone (Fixture *self, gconstpointer script)
{
  g_autoptr(GError) error = NULL;

  add_history (self, 4, "lorem ipsum ", 10);
  g_assert_false (fit (self, TARGET, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (self->request->messages->len, ==, 6);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 0);
}

/* Neither an error nor half a summary: the chat goes on without the beginning. */
static void
test_without_a_summary_the_beginning_is_left_out (Fixture *self, gconstpointer script)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = NULL;

  add_history (self, 30, "lorem ipsum ", 60);
  g_assert_true (fit (self, TARGET, &error));
  g_assert_no_error (error);
  expected = g_strdup_printf ("%u earlier messages of this conversation are left out here.",
                              32 - (self->request->messages->len - 1));
  g_assert_cmpstr (assert_shape (self), ==, expected);
  /* Not asked twice: somebody waits for the answer. */
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static gboolean
is_asked (gpointer fake)
{
  return da_fake_llm_get_n_requests (fake) > 0;
}

static gboolean
is_closed (gpointer fake)
{
  return da_fake_llm_get_n_closed_early (fake) == 1;
}

static void
test_cancelling_ends_the_summary (Fixture *self, gconstpointer script)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  add_history (self, 30, "lorem ipsum ", 60);
  da_context_fit_async (self->provider, self->request, TARGET, self->cancellable,
                        da_test_async_cb, &result);
  da_test_await (is_asked, self->fake);
  /* In the middle of its words, or of its silence. */
  da_test_iterate_for (50);
  g_assert_null (result);
  g_cancellable_cancel (self->cancellable);
  da_test_run_async (&result);
  g_assert_false (da_context_fit_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  da_test_await (is_closed, self->fake);
}

/* Providers refuse a tool's result without its call. */
static void
test_no_result_is_left_without_its_call (Fixture *self, gconstpointer script)
{
  for (guint n = 1; n < 12; n++)
    {
      g_autoptr(GError) error = NULL;
      gboolean is_called = FALSE;

      g_ptr_array_set_size (self->request->messages, 1);
      for (guint i = 0; i < 12; i++)
        {
          g_autofree char *result = g_strnfill (700, (char) ('a' + i));

          add (self, DA_ROLE_ASSISTANT, NULL);
          message (self, self->request->messages->len - 1)->tool_calls =
            g_strdup_printf ("[{\"id\":\"call_1\",\"type\":\"function\",\"function\":"
                             "{\"name\":\"look\",\"arguments\":\"{\\\"at\\\":\\\"%s\\\"}\"}}]",
                             result);
          if (n % 2 == 1)
            add (self, DA_ROLE_SYSTEM, "Mind the gap.");
          add (self, DA_ROLE_TOOL, result);
          message (self, self->request->messages->len - 1)->tool_call_id = g_strdup ("call_1");
        }
      /* As many of them as there are, so much earlier ends what is folded. */
      for (guint i = 0; i < n; i++)
        add (self, DA_ROLE_USER, "Some words of a length that makes a difference to the budget: "
                                 "thirty to forty tokens, as estimates go, which is about a "
                                 "sixth of what a call of a tool takes here.");
      add (self, DA_ROLE_USER, QUESTION);
      g_assert_true (fit (self, TARGET, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < self->request->messages->len; i++)
        {
          DaLlmMessage *one = message (self, i);

          g_assert_true (one->role != DA_ROLE_TOOL || is_called);
          if (one->role != DA_ROLE_SYSTEM)
            is_called = one->tool_calls != NULL;
        }
      assert_shape (self);
    }
}

#define ADD(name, script, func) \
  g_test_add ("/engine/context-fit/" name, Fixture, script, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("a-summary-takes-the-place-of-what-is-folded", "normal",
       test_a_summary_takes_the_place_of_what_is_folded);
  ADD ("a-model-that-talks-on-does-not-break-the-limit", "echo",
       test_a_model_that_talks_on_does_not_break_the_limit);
  ADD ("what-fits-is-left-alone", "normal", test_what_fits_is_left_alone);
  ADD ("left-out-when-the-provider-fails", "server-error",
       test_without_a_summary_the_beginning_is_left_out);
  ADD ("left-out-when-the-key-is-refused", "unauthorized",
       test_without_a_summary_the_beginning_is_left_out);
  ADD ("left-out-when-the-summary-is-cut", "cut", test_without_a_summary_the_beginning_is_left_out);
  ADD ("left-out-when-the-summary-turns-to-garbage", "garbage",
       test_without_a_summary_the_beginning_is_left_out);
  ADD ("left-out-when-the-summary-is-empty", "empty",
       test_without_a_summary_the_beginning_is_left_out);
  ADD ("cancelling-ends-a-summary-under-way", "never-ending", test_cancelling_ends_the_summary);
  ADD ("cancelling-ends-one-that-never-begins", "silent", test_cancelling_ends_the_summary);
  ADD ("no-result-is-left-without-its-call", "normal", test_no_result_is_left_without_its_call);
  return g_test_run ();
}
