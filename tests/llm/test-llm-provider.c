/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-provider"

#include "da-llm-provider.h"

#include <string.h>

#include "da-clock.h"
#include "da-fake-llm.h"
#include "da-llm-openai.h"
#include "da-test-util.h"

#define LIST "{\"object\":\"list\",\"data\":[{\"id\":\"b\"},{\"id\":\"a\"}]}"

typedef struct {
  DaFakeLlm *fake;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  da_fake_llm_set_models (self->fake, LIST);
  da_llm_provider_forget_models ();
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  da_clock_set_offset (0, 0);
  da_llm_provider_forget_models ();
  da_fake_llm_free (self->fake);
  da_test_drain ();
}

static GPtrArray *
list_with (Fixture     *self,
           const char  *id,
           const char  *base_url,
           const char  *key,
           GError     **error)
{
  DaLlmOpenaiConfig config = {
    .id = id, .base_url = base_url ? base_url : da_fake_llm_get_base_url (self->fake),
    .api_key = key,
  };
  g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);
  g_autoptr (GAsyncResult) result = NULL;

  da_llm_provider_list_models_async (provider, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_llm_provider_list_models_finish (provider, result, error);
}

static void
assert_list (Fixture    *self,
             const char *id,
             const char *base_url,
             const char *key,
             const char *first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = list_with (self, id, base_url, key, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (models->len, >, 0);
  g_assert_cmpstr (((DaLlmModel *) g_ptr_array_index (models, 0))->id, ==, first);
}

static void
test_cache (Fixture       *self,
            gconstpointer  data)
{
  assert_list (self, "custom", NULL, "key-one-1234", "b");
  assert_list (self, "custom", NULL, "key-one-1234", "b");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
  g_assert_cmpstr (da_fake_llm_get_request (self->fake, 0)->path, ==, "/v1/models");
  g_assert_cmpstr (da_fake_llm_get_request (self->fake, 0)->authorization, ==,
                   "Bearer key-one-1234");
}

/* contract 30 J.15: the first characters of all keys of one maker are the same. */
static void
test_cache_key (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *other = g_strconcat (da_fake_llm_get_base_url (self->fake), "/x", NULL);

  assert_list (self, "custom", NULL, "sk-proj-1111111111", "b");
  assert_list (self, "custom", NULL, "sk-proj-1111111112", "b");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 2);
  assert_list (self, "custom", NULL, NULL, "b");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 3);
  assert_list (self, "custom-2", NULL, NULL, "b");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 4);
  assert_list (self, "custom", other, NULL, "b");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 5);
}

static void
test_cache_ends (Fixture       *self,
                 gconstpointer  data)
{
  assert_list (self, "custom", NULL, NULL, "b");
  da_fake_llm_set_models (self->fake, "{\"data\":[{\"id\":\"new\"}]}");
  da_clock_set_offset (0, 5 * 60 * 1000 - 2000);
  assert_list (self, "custom", NULL, NULL, "b");
  da_clock_set_offset (0, 5 * 60 * 1000 + 1000);
  assert_list (self, "custom", NULL, NULL, "new");
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 2);
}

static void
test_list_is_a_copy (Fixture       *self,
                     gconstpointer  data)
{
  {
    g_autoptr (GPtrArray) models = list_with (self, "custom", NULL, NULL, NULL);
    DaLlmModel *first = g_ptr_array_index (models, 0);

    g_free (first->id);
    first->id = g_strdup ("spoiled");
    g_ptr_array_set_size (models, 1);
  }
  assert_list (self, "custom", NULL, NULL, "b");
}

static void
test_empty_is_not_cached (Fixture       *self,
                          gconstpointer  data)
{
  g_autoptr (GPtrArray) models = NULL;

  da_fake_llm_set_models (self->fake, "{\"data\":[]}");
  models = list_with (self, "custom", NULL, NULL, NULL);
  g_assert_cmpuint (models->len, ==, 0);
  da_fake_llm_set_models (self->fake, LIST);
  assert_list (self, "custom", NULL, NULL, "b");
}

static void
test_fallback (Fixture       *self,
               gconstpointer  data)
{
  /* An empty list, garbage, nobody there; and then it is there again at once. */
  da_fake_llm_set_models (self->fake, "{\"data\":[]}");
  assert_list (self, "openai", NULL, "k-123456", "gpt-4.1-mini");
  da_fake_llm_set_models (self->fake, "<html>");
  assert_list (self, "groq", NULL, "k-123456", "openai/gpt-oss-120b");
  da_fake_llm_set_down (self->fake, TRUE);
  assert_list (self, "openai", NULL, "k-123456", "gpt-4.1-mini");
  da_fake_llm_set_down (self->fake, FALSE);
  da_fake_llm_set_models (self->fake, LIST);
  assert_list (self, "openai", NULL, "k-123456", "b");
}

static void
test_no_key_asks_nobody (Fixture       *self,
                         gconstpointer  data)
{
  assert_list (self, "openai", "https://api.openai.com/v1", NULL, "gpt-4.1-mini");
  assert_list (self, "openrouter", "https://openrouter.ai/api/v1", NULL, "openai/gpt-4.1-mini");
  assert_list (self, "gemini", "https://generativelanguage.googleapis.com", NULL,
               "gemini-2.5-flash");
  /* Another address may need none. */
  assert_list (self, "openai", NULL, NULL, "b");
}

static void
test_no_fallback (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  da_fake_llm_set_down (self->fake, TRUE);
  g_assert_null (list_with (self, "ollama", NULL, NULL, &error));
  g_assert_error (error, DA_LLM_ERROR, DA_LLM_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "Ollama cannot be reached"));
}

static void
test_cancel (Fixture       *self,
             gconstpointer  data)
{
  DaLlmOpenaiConfig config = {
    .id = "openai", .base_url = da_fake_llm_get_base_url (self->fake), .api_key = "k-123456",
  };
  g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  da_llm_provider_list_models_async (provider, cancellable, da_test_async_cb, &result);
  g_cancellable_cancel (cancellable);
  da_test_run_async (&result);
  g_assert_null (da_llm_provider_list_models_finish (provider, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_gemini (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *base = g_strconcat (da_fake_llm_get_base_url (self->fake), "/openai", NULL);

  da_fake_llm_set_models (self->fake, "{\"models\":[{\"name\":\"models/gemini-x\"}]}");
  assert_list (self, "gemini", base, "goog-key-123", "gemini-x");
  g_assert_cmpstr (da_fake_llm_get_request (self->fake, 0)->goog_key, ==, "goog-key-123");
  g_assert_null (da_fake_llm_get_request (self->fake, 0)->authorization);
  g_assert_null (strstr (da_fake_llm_get_request (self->fake, 0)->path, "goog-key"));
}

static void
test_request_box (Fixture       *self,
                  gconstpointer  data)
{
  DaLlmRequest *request = da_llm_request_new ("m");

  g_ptr_array_add (request->messages, da_llm_message_new (DA_ROLE_USER, NULL));
  request->extra = json_object_new ();
  request->tools = json_node_init_array (json_node_alloc (), NULL);
  request->reasoning_effort = g_strdup ("low");
  request->conversation_id = g_strdup ("c");
  g_assert_true (da_llm_request_ref (request) == request);
  da_llm_request_unref (request);
  g_assert_cmpstr (request->model, ==, "m");
  g_assert_true (request->stream);
  g_assert_cmpuint (request->max_retries, ==, 3);
  g_assert_cmpuint (request->retry_base_ms, ==, 1000);
  g_assert_cmpuint (request->retry_max_ms, ==, 30000);
  da_llm_request_unref (request);
  da_llm_request_unref (NULL);
}

/* What a crowd that arrives at once would cost otherwise: a request each. */
static void
test_a_crowd_asks_once (Fixture       *self,
                        gconstpointer  data)
{
  DaLlmOpenaiConfig config = { .id = "custom",
                               .base_url = da_fake_llm_get_base_url (self->fake) };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *results[20] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      /* One object a setting's change, as in life; they share the address and the key. */
      g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);

      da_llm_provider_list_models_async (provider, i % 2 ? cancellable : NULL, da_test_async_cb,
                                         &results[i]);
    }
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GObject) provider = NULL;
      g_autoptr (GPtrArray) models = NULL;
      g_autoptr (GError) error = NULL;

      da_test_run_async (&results[i]);
      result = results[i];
      provider = g_async_result_get_source_object (result);
      models = da_llm_provider_list_models_finish (DA_LLM_PROVIDER (provider), result, &error);
      if (i % 2)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (models->len, ==, 2);
      /* Each has its own to change. */
      g_ptr_array_set_size (models, 0);
    }
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->fake), ==, 1);
}

static void
test_the_last_to_go_ends_it (Fixture       *self,
                             gconstpointer  data)
{
  DaLlmOpenaiConfig config = { .id = "custom",
                               .base_url = da_fake_llm_get_base_url (self->fake) };
  g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GAsyncResult) third = NULL;
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (GError) error = NULL;

  da_llm_provider_list_models_async (provider, cancellable, da_test_async_cb, &first);
  da_llm_provider_list_models_async (provider, cancellable, da_test_async_cb, &second);
  g_cancellable_cancel (cancellable);
  da_test_run_async (&first);
  da_test_run_async (&second);
  g_assert_null (da_llm_provider_list_models_finish (provider, first, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* One who comes while the old one is being ended is not ended with it. */
  da_llm_provider_list_models_async (provider, NULL, da_test_async_cb, &third);
  da_test_run_async (&third);
  g_clear_error (&error);
  models = da_llm_provider_list_models_finish (provider, third, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (models->len, ==, 2);
}

/* The built-in list must not make a key look good. */
static void
test_check (Fixture       *self,
            gconstpointer  data)
{
  DaLlmOpenaiConfig config = { .id = "openai", .api_key = "k-123456",
                               .base_url = da_fake_llm_get_base_url (self->fake) };
  g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);
  g_autoptr (GPtrArray) models = NULL;

  /* Known already, asked all the same. */
  assert_list (self, "openai", NULL, "k-123456", "b");
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      g_clear_pointer (&models, g_ptr_array_unref);
      da_llm_provider_check_async (provider, NULL, da_test_async_cb, &result);
      da_test_run_async (&result);
      models = da_llm_provider_check_finish (provider, result, &error);
      if (round == 0)
        g_assert_cmpuint (models->len, ==, 2);
      else
        g_assert_nonnull (error);
      da_fake_llm_set_down (self->fake, TRUE);
    }
  g_assert_null (models);
  da_fake_llm_set_down (self->fake, FALSE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, func) g_test_add ("/llm/provider/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("a-list-is-kept", test_cache);
  ADD ("the-whole-key-counts", test_cache_key);
  ADD ("a-list-is-kept-five-minutes", test_cache_ends);
  ADD ("a-list-is-a-copy", test_list_is_a_copy);
  ADD ("an-empty-list-is-not-kept", test_empty_is_not_cached);
  ADD ("the-built-in-list-steps-in-and-is-not-kept", test_fallback);
  ADD ("without-a-key-nobody-is-asked", test_no_key_asks_nobody);
  ADD ("a-local-server-has-no-built-in-list", test_no_fallback);
  ADD ("a-cancelled-list-is-no-list", test_cancel);
  ADD ("a-crowd-asks-once", test_a_crowd_asks_once);
  ADD ("the-last-to-go-ends-it", test_the_last_to_go_ends_it);
  ADD ("a-check-asks-the-provider-itself", test_check);
  ADD ("geminis-key-travels-in-a-header", test_gemini);
  ADD ("a-request-is-counted", test_request_box);
#undef ADD
  return g_test_run ();
}
