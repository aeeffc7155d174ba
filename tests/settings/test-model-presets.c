/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-model-presets"

#include "da-model-presets.h"

#include <string.h>

#include "da-json.h"
#include "settings-test-util.h"

#define MODELS "home/.agents/models.json"
#define SETTINGS "home/.agents/dotagents-settings.json"
#define WORK_MODELS "work/.agents/models.json"

static void
open_sample (Fixture *fixture)
{
  g_autofree char *text = da_test_read_data ("settings/models.json", NULL);

  fixture_write (fixture, MODELS, text);
  fixture_open (fixture);
  fixture_assert_no_problems (fixture);
}

static void
test_the_built_ins_come_first_and_in_order (Fixture       *fixture,
                                            gconstpointer  unused)
{
  static const char *const ids[] = {
    "builtin-openai", "builtin-openrouter", "builtin-together", "builtin-cerebras",
    "builtin-zhipu", "builtin-perplexity",
  };
  g_autoptr (GPtrArray) presets = NULL;

  fixture_open (fixture);
  presets = da_model_presets_list (fixture->settings);
  g_assert_cmpuint (presets->len, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < presets->len; i++)
    {
      DaModelPreset *preset = presets->pdata[i];

      g_assert_cmpstr (preset->id, ==, ids[i]);
      g_assert_true (preset->is_built_in);
      g_assert_true (g_str_has_prefix (preset->base_url, "https://"));
      g_assert_null (preset->agent_model);
    }
}

static void
test_stored_presets_overlay_and_follow (Fixture       *fixture,
                                        gconstpointer  unused)
{
  g_autoptr (GPtrArray) presets = NULL;
  g_autoptr (DaModelPreset) router = NULL;
  g_autoptr (DaModelPreset) mine = NULL;

  open_sample (fixture);
  presets = da_model_presets_list (fixture->settings);
  g_assert_cmpuint (presets->len, ==, 8);
  g_assert_cmpstr (((DaModelPreset *) presets->pdata[6])->id, ==, "custom-1");
  g_assert_cmpstr (((DaModelPreset *) presets->pdata[7])->id, ==, "custom-2");

  router = da_model_presets_find (fixture->settings, "builtin-openrouter");
  g_assert_cmpstr (router->base_url, ==, "https://openrouter.ai/api/v1");
  g_assert_cmpstr (router->agent_model, ==, "a/b");
  g_assert_true (router->is_built_in);
  mine = da_model_presets_find (fixture->settings, "custom-1");
  g_assert_cmpstr (mine->name, ==, "Lab");
  g_assert_cmpstr (mine->base_url, ==, "http://lab:8000/v1");
  g_assert_cmpstr (mine->agent_model, ==, "older-name");
  g_assert_cmpstr (mine->transcript_model, ==, "clean");
  g_assert_cmpint (mine->created_at, ==, 1700000000000);
  g_assert_false (mine->is_built_in);
  g_assert_null (da_model_presets_find (fixture->settings, "custom-3"));
}

static void
test_a_plain_text_key_of_another_program_is_found (Fixture       *fixture,
                                                   gconstpointer  unused)
{
  g_autofree char *key = NULL;

  open_sample (fixture);
  key = da_model_presets_dup_foreign_key (fixture->settings, "custom-1");
  g_assert_cmpstr (key, ==, "sk-lab");
  g_assert_null (da_model_presets_dup_foreign_key (fixture->settings, "builtin-openai"));
  g_assert_null (da_model_presets_dup_foreign_key (fixture->settings, "builtin-openrouter"));
}

/* The files, then the base URL and model that must come out. */
static const struct {
  const char *what, *models, *settings, *work_models, *override;
  const char *base_url, *model;
} resolutions[] = {
  { "nothing", "{}", "{}", "{}", NULL, "https://api.openai.com/v1", NULL },
  { "url alone", "{\"openaiBaseUrl\":\"http://x\"}", "{\"agentOpenaiModel\":\"m\"}", "{}", NULL,
    "http://x", "m" },
  { "same layer, default preset",
    "{\"currentModelPresetId\":\"builtin-openai\",\"openaiBaseUrl\":\"http://x\"}", "{}", "{}",
    NULL, "http://x", NULL },
  { "same layer, other preset",
    "{\"currentModelPresetId\":\"builtin-zhipu\",\"openaiBaseUrl\":\"http://x\"}",
    "{\"agentOpenaiModel\":\"m\"}", "{}", NULL, "https://open.bigmodel.cn/api/paas/v4", "m" },
  { "unknown preset", "{\"currentModelPresetId\":\"gone\",\"openaiBaseUrl\":\"http://x\"}", "{}",
    "{}", NULL, "http://x", NULL },
  { "workspace url over global preset", "{\"currentModelPresetId\":\"builtin-zhipu\"}", "{}",
    "{\"openaiBaseUrl\":\"http://w\"}", NULL, "http://w", NULL },
  { "workspace preset over global url", "{\"openaiBaseUrl\":\"http://x\"}", "{}",
    "{\"currentModelPresetId\":\"builtin-cerebras\"}", NULL, "https://api.cerebras.ai/v1", NULL },
  { "command line over all", "{\"currentModelPresetId\":\"builtin-zhipu\"}", "{}",
    "{\"openaiBaseUrl\":\"http://w\"}", "openaiBaseUrl=http://c", "http://c", NULL },
};

static void
test_what_is_in_effect_follows_the_layers (Fixture       *fixture,
                                           gconstpointer  unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (resolutions); i++)
    {
      g_autoptr (DaModelPreset) preset = NULL;

      g_test_message ("%s", resolutions[i].what);
      fixture_write (fixture, MODELS, resolutions[i].models);
      fixture_write (fixture, SETTINGS, resolutions[i].settings);
      fixture_write (fixture, WORK_MODELS, resolutions[i].work_models);
      fixture_make (fixture);
      if (resolutions[i].override != NULL)
        g_assert_true (da_settings_override (fixture->settings, resolutions[i].override, NULL));
      fixture_open (fixture);
      preset = da_model_presets_resolve (fixture->settings);
      g_assert_cmpstr (preset->base_url, ==, resolutions[i].base_url);
      g_assert_cmpstr (preset->agent_model, ==, resolutions[i].model);
      fixture_close (fixture);
    }
}

static void
apply (Fixture    *fixture,
       GHashTable *values)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  da_settings_apply_async (fixture->settings, values, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_settings_apply_finish (fixture->settings, result, &error);
  g_assert_no_error (error);
}

static void
test_activation_sets_url_and_models (Fixture       *fixture,
                                     gconstpointer  unused)
{
  g_autoptr (GHashTable) values = da_model_presets_new_values ();
  g_autoptr (DaModelPreset) mine = NULL;
  g_autoptr (DaModelPreset) active = NULL;

  open_sample (fixture);
  mine = da_model_presets_find (fixture->settings, "custom-2");
  da_model_presets_add_activation (mine, values);
  apply (fixture, values);

  g_assert_cmpstr (da_settings_get_string (fixture->settings, "currentModelPresetId"), ==,
                   "custom-2");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "openaiBaseUrl"), ==,
                   "http://two/v1");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentOpenaiModel"), ==, "");
  active = da_model_presets_resolve (fixture->settings);
  g_assert_cmpstr (active->id, ==, "custom-2");
  g_assert_cmpstr (active->base_url, ==, "http://two/v1");
  g_assert_null (active->agent_model);
}

static void
set_text (GHashTable *values,
          const char *name,
          const char *text)
{
  g_hash_table_insert (values, g_strdup (name), json_node_init_string (json_node_alloc (), text));
}

static void
test_a_direct_change_is_written_through_into_the_active_preset (Fixture       *fixture,
                                                                gconstpointer  unused)
{
  g_autoptr (GHashTable) values = da_model_presets_new_values ();
  g_autoptr (DaModelPreset) mine = NULL;
  g_autoptr (DaModelPreset) other = NULL;
  g_autofree char *key = NULL;
  g_autofree char *text = NULL;
  JsonNode *presets;

  open_sample (fixture);
  set_text (values, "openaiBaseUrl", "http://new/v1");
  set_text (values, "mcpToolsOpenaiModel", "new-model");
  presets = da_model_presets_write_through (fixture->settings, values);
  g_assert_nonnull (presets);
  g_hash_table_insert (values, g_strdup ("modelPresets"), presets);
  apply (fixture, values);

  mine = da_model_presets_find (fixture->settings, "custom-1");
  g_assert_cmpstr (mine->base_url, ==, "http://new/v1");
  g_assert_cmpstr (mine->agent_model, ==, "new-model");
  g_assert_cmpstr (mine->transcript_model, ==, "clean");
  g_assert_cmpint (mine->updated_at, >, 1700000000000);
  /* What we do not know stays, and so do the other presets. */
  key = da_model_presets_dup_foreign_key (fixture->settings, "custom-1");
  g_assert_cmpstr (key, ==, "sk-lab");
  text = fixture_read (fixture, MODELS);
  g_assert_nonnull (strstr (text, "\"colour\": \"blue\""));
  other = da_model_presets_find (fixture->settings, "custom-2");
  g_assert_cmpstr (other->base_url, ==, "http://two/v1");
}

static void
test_write_through_makes_an_override_of_a_built_in (Fixture       *fixture,
                                                    gconstpointer  unused)
{
  g_autoptr (GHashTable) values = da_model_presets_new_values ();
  g_autoptr (DaModelPreset) preset = NULL;

  fixture_open (fixture);
  set_text (values, "agentOpenaiModel", "m");
  g_hash_table_insert (values, g_strdup ("modelPresets"),
                       da_model_presets_write_through (fixture->settings, values));
  apply (fixture, values);
  preset = da_model_presets_find (fixture->settings, "builtin-openai");
  g_assert_true (preset->is_built_in);
  g_assert_cmpstr (preset->agent_model, ==, "m");
  g_assert_cmpstr (preset->base_url, ==, "https://api.openai.com/v1");
  g_assert_cmpstr (preset->name, ==, "OpenAI");
}

static void
test_other_changes_are_not_written_through (Fixture       *fixture,
                                            gconstpointer  unused)
{
  g_autoptr (GHashTable) values = da_model_presets_new_values ();

  open_sample (fixture);
  set_text (values, "groqBaseUrl", "http://g");
  g_hash_table_insert (values, g_strdup ("remoteServerPort"), NULL);
  g_assert_null (da_model_presets_write_through (fixture->settings, values));
}

#define ADD(name, func) FIXTURE_ADD ("/settings/presets/" name, func)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  ADD ("the-built-ins-come-first-and-in-order", test_the_built_ins_come_first_and_in_order);
  ADD ("stored-presets-overlay-and-follow", test_stored_presets_overlay_and_follow);
  ADD ("a-plain-text-key-of-another-program-is-found",
       test_a_plain_text_key_of_another_program_is_found);
  ADD ("what-is-in-effect-follows-the-layers", test_what_is_in_effect_follows_the_layers);
  ADD ("activation-sets-url-and-models", test_activation_sets_url_and_models);
  ADD ("a-direct-change-is-written-through-into-the-active-preset",
       test_a_direct_change_is_written_through_into_the_active_preset);
  ADD ("write-through-makes-an-override-of-a-built-in",
       test_write_through_makes_an_override_of_a_built_in);
  ADD ("other-changes-are-not-written-through", test_other_changes_are_not_written_through);

  return g_test_run ();
}
