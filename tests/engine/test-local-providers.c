/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-local-providers"

#include "da-local-providers.h"

#include <string.h>

#include "da-engine-models.h"
#include "da-fake-llm.h"
#include "da-json.h"
#include "da-macros.h"
#include "da-model-presets.h"
#include "da-test-util.h"

/* The real engine, and two model servers on this computer. */

typedef struct {
  char *dir;
  DaFakeLlm *ollama;
  DaFakeLlm *llama;
  DaEngine *engine;
} Fixture;

static void
start_engine (Fixture *self)
{
  g_autofree char *data = g_build_filename (self->dir, "data", NULL);
  g_autofree char *state = g_build_filename (self->dir, "state", NULL);
  g_autofree char *agents = g_build_filename (self->dir, "agents", NULL);
  const DaEngineOptions options = { .data_dir = data, .state_dir = state, .agents_dir = agents };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  self->engine = da_engine_new (&options);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *places = NULL;

  self->dir = da_test_make_dir ();
  self->ollama = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  self->llama = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  da_fake_llm_set_models (self->ollama, "{\"data\":[{\"id\":\"llama3.2:3b\"},{\"id\":\"qwen3\"}]}");
  da_fake_llm_set_models (self->llama, "{\"data\":[{\"id\":\"mistral\"}]}");
  places = g_strdup_printf ("ollama=%s,llama.cpp=%s", da_fake_llm_get_base_url (self->ollama),
                            da_fake_llm_get_base_url (self->llama));
  g_setenv ("DOTAGENTS_LOCAL_PROVIDERS", places, TRUE);
  start_engine (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_drain ();
  da_test_await_finalize (self->engine);
  da_fake_llm_free (self->ollama);
  da_fake_llm_free (self->llama);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

/* Takes @values. */
static void
apply (Fixture *self, GHashTable *values)
{
  g_autoptr(GHashTable) owned = values;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  da_settings_apply_async (da_engine_get_settings (self->engine), values, NULL, da_test_async_cb,
                           &result);
  da_test_run_async (&result);
  da_settings_apply_finish (da_engine_get_settings (self->engine), result, &error);
  g_assert_no_error (error);
}

static void
set_text (Fixture *self, const char *name, const char *text)
{
  GHashTable *values = da_model_presets_new_values ();

  g_hash_table_insert (values, g_strdup (name),
                       json_node_init_string (json_node_alloc (), text));
  apply (self, values);
}

static void
use_local (Fixture *self, gboolean use)
{
  GHashTable *values = da_model_presets_new_values ();

  g_hash_table_insert (values, g_strdup ("localProviderDiscovery"),
                       json_node_init_boolean (json_node_alloc (), use));
  apply (self, values);
}

/* Makes the engine choose. */
static const char *
choose (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) models = NULL;

  da_engine_list_models_async (self->engine, NULL, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  models = da_engine_list_models_finish (self->engine, result, NULL);
  return da_engine_get_provider_id (self->engine);
}

/* What is asked has 700 ms to answer, which is much, but not under every tool on every machine. */
static void
await_ollama (Fixture *self)
{
  for (guint i = 0; g_strcmp0 (choose (self), "ollama") != 0; i++)
    {
      g_assert_cmpuint (i, <, 20);
      use_local (self, FALSE);
      use_local (self, TRUE);
    }
}

static GPtrArray *
find_once (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *found;

  da_local_providers_find_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  found = da_local_providers_find_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return found;
}

static GPtrArray *
find (Fixture *self)
{
  GPtrArray *found = find_once (self);

  for (guint i = 0; found->len < 2 && i < 20; i++)
    {
      g_ptr_array_unref (found);
      found = find_once (self);
    }
  return found;
}

static void
test_switched_off_is_not_asked (Fixture *self, gconstpointer data)
{
  g_autoptr(GPtrArray) found = NULL;
  guint asked;

  await_ollama (self);
  g_assert_cmpstr (da_engine_get_model (self->engine), ==, "llama3.2:3b");
  use_local (self, FALSE);
  /* At once, and not only when the next prompt comes. */
  g_assert_cmpstr (da_engine_get_provider_id (self->engine), ==, "offline");
  asked = da_fake_llm_get_n_requests (self->ollama);
  g_assert_cmpstr (choose (self), ==, "offline");
  found = find_once (self);
  g_assert_cmpuint (found->len, ==, 0);
  g_assert_cmpuint (da_fake_llm_get_n_requests (self->ollama), ==, asked);
  use_local (self, TRUE);
  await_ollama (self);
}

/* The question is under way when the switch is moved. */
static void
test_switched_off_while_looking (Fixture *self, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) models = NULL;

  da_engine_list_models_async (self->engine, NULL, NULL, da_test_async_cb, &result);
  use_local (self, FALSE);
  if (result == NULL)
    da_test_run_async (&result);
  models = da_engine_list_models_finish (self->engine, result, NULL);
  g_assert_cmpstr (da_engine_get_provider_id (self->engine), ==, "offline");
}

static void
test_all_are_found (Fixture *self, gconstpointer data)
{
  g_autoptr(GPtrArray) found = find (self);
  DaLocalProvider *local;

  g_assert_cmpuint (found->len, ==, 2);
  local = found->pdata[0];
  g_assert_cmpstr (local->id, ==, "ollama");
  g_assert_cmpstr (local->name, ==, "Ollama");
  g_assert_cmpstr (local->base_url, ==, da_fake_llm_get_base_url (self->ollama));
  g_assert_cmpuint (g_strv_length (local->models), ==, 2);
  g_assert_cmpstr (local->models[1], ==, "qwen3");
  local = found->pdata[1];
  g_assert_cmpstr (local->models[0], ==, "mistral");
}

static guint
count_presets (Fixture *self)
{
  g_autoptr(GPtrArray) presets = da_model_presets_list (da_engine_get_settings (self->engine));

  return presets->len;
}

static void
test_any_can_be_chosen (Fixture *self, gconstpointer data)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autoptr(GPtrArray) found = find (self);
  g_autoptr(DaModelPreset) openai = NULL;
  DaLocalProvider *ollama = found->pdata[0];
  DaLocalProvider *llama = found->pdata[1];
  const guint before = count_presets (self);

  set_text (self, "agentProviderId", "groq");
  apply (self, da_local_provider_new_values (llama, "mistral", settings));
  g_assert_true (da_local_provider_is_chosen (llama, settings));
  g_assert_false (da_local_provider_is_chosen (ollama, settings));
  g_assert_cmpstr (choose (self), ==, "openai");
  g_assert_cmpstr (da_engine_get_provider_name (self->engine), ==, "llama.cpp");
  g_assert_cmpstr (da_engine_get_model (self->engine), ==, "mistral");

  apply (self, da_local_provider_new_values (ollama, "qwen3", settings));
  apply (self, da_local_provider_new_values (ollama, "llama3.2:3b", settings));
  g_assert_true (da_local_provider_is_chosen (ollama, settings));
  g_assert_cmpstr (da_engine_get_model (self->engine), ==, "llama3.2:3b");
  /* One preset for each, and OpenAI is still OpenAI. */
  g_assert_cmpuint (count_presets (self), ==, before + 2);
  openai = da_model_presets_find (settings, DA_MODEL_PRESET_DEFAULT);
  g_assert_cmpstr (openai->base_url, ==, "https://api.openai.com/v1");
}

static void
test_what_is_stored_stays (Fixture *self, gconstpointer data)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autoptr(GPtrArray) found = find (self);
  g_autofree char *json = g_strdup_printf (
    "[{\"id\":\"custom-1\",\"name\":\"Mine\",\"baseUrl\":\"%s\",\"apiKey\":\"k\",\"x\":[1]},"
    "{\"id\":\"custom-2\",\"name\":\"Other\",\"baseUrl\":\"https://example.org/v1\",\"y\":2}]",
    da_fake_llm_get_base_url (self->ollama));
  GHashTable *values = da_model_presets_new_values ();
  JsonArray *stored;
  JsonObject *mine;

  g_hash_table_insert (values, g_strdup ("modelPresets"), json_from_string (json, NULL));
  apply (self, values);
  apply (self, da_local_provider_new_values (found->pdata[0], "qwen3", settings));
  g_assert_cmpstr (da_settings_get_string (settings, "currentModelPresetId"), ==, "custom-1");
  stored = json_node_get_array (da_settings_peek (settings, "modelPresets"));
  g_assert_cmpuint (json_array_get_length (stored), ==, 2);
  mine = json_array_get_object_element (stored, 0);
  g_assert_cmpstr (da_json_get_string (mine, "name"), ==, "Mine");
  g_assert_cmpstr (da_json_get_string (mine, "agentModel"), ==, "qwen3");
  g_assert_true (json_object_has_member (mine, "x"));
  g_assert_true (json_object_has_member (json_array_get_object_element (stored, 1), "y"));
}

#define ADD(name, func) \
  g_test_add ("/engine/local-providers/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("switched-off-is-not-asked", test_switched_off_is_not_asked);
  ADD ("switched-off-while-looking", test_switched_off_while_looking);
  ADD ("all-are-found", test_all_are_found);
  ADD ("any-can-be-chosen", test_any_can_be_chosen);
  ADD ("what-is-stored-stays", test_what_is_stored_stays);
  return g_test_run ();
}
