/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-provider-config"

#include "da-provider-config.h"

#include <string.h>

#include "da-json.h"
#include "da-llm-presets.h"
#include "da-model-presets.h"
#include "da-random.h"
#include "da-secret-id.h"

#define DEFAULT_PRESET "builtin-openai"

void
da_provider_config_free (DaProviderConfig *config)
{
  g_free (config->id);
  g_free (config->name);
  g_free (config->base_url);
  g_clear_pointer (&config->key, da_secret_free);
  g_free (config->model);
  g_free (config);
}

static gboolean
is_override (DaSettings *settings, const char *name)
{
  DaSettingOrigin origin = da_settings_get_origin (settings, name);

  return origin == DA_SETTING_ORIGIN_ENVIRONMENT || origin == DA_SETTING_ORIGIN_COMMAND_LINE;
}

static const char *
non_empty (const char *text)
{
  return text != NULL && *text != '\0' ? text : NULL;
}

const char *
da_provider_config_override (DaSettings *settings)
{
  if (!is_override (settings, "agentOpenaiModel"))
    return NULL;
  return non_empty (da_settings_get_string (settings, "agentOpenaiModel"));
}

/* A key another program wrote in plain text into the shared folder is used, never copied. */
static const char *
foreign_key (DaSettings *settings, const char *name)
{
  JsonNode *node = da_settings_peek_foreign (settings, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return non_empty (json_node_get_string (node));
}

static const char *
foreign_preset_key (DaSettings *settings, const char *preset_id)
{
  JsonNode *node = da_settings_peek (settings, "modelPresets");
  JsonArray *array;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *entry = da_json_array_get_object (array, i);

      if (entry != NULL && g_strcmp0 (da_json_get_string (entry, "id"), preset_id) == 0)
        return non_empty (da_json_get_string (entry, "apiKey"));
    }
  return NULL;
}

static gboolean
is_public_service (const char *base_url)
{
  guint n;
  const DaLlmPreset *presets = da_llm_presets_all (&n);

  for (guint i = 0; i < n; i++)
    if (!presets[i].is_local && g_str_has_prefix (base_url, presets[i].base_url))
      return TRUE;
  return FALSE;
}

static const char *
openai_key (DaSettings *settings, const char *preset_id, DaKeyFunc get_key, gpointer user_data)
{
  g_autofree char *id = g_strconcat (DA_SECRET_PRESET_PREFIX, preset_id, NULL);
  const char *key = non_empty (get_key (id, user_data));

  if (key == NULL && g_str_equal (preset_id, DEFAULT_PRESET))
    key = non_empty (get_key (DA_SECRET_OPENAI_KEY, user_data));
  if (key == NULL)
    key = foreign_preset_key (settings, preset_id);
  if (key == NULL && g_str_equal (preset_id, DEFAULT_PRESET))
    key = foreign_key (settings, "openaiApiKey");
  return key;
}

static void
resolve_openai (DaProviderConfig *config, DaSettings *settings, DaKeyFunc get_key,
                gpointer user_data)
{
  const char *preset_id = non_empty (da_settings_get_string (settings, "currentModelPresetId"));
  g_autoptr(DaModelPreset) preset = NULL;
  const char *base = non_empty (da_settings_get_string (settings, "openaiBaseUrl"));
  const char *key;

  if (preset_id == NULL)
    preset_id = DEFAULT_PRESET;
  preset = da_model_presets_find (settings, preset_id);
  if (preset == NULL)
    {
      preset_id = DEFAULT_PRESET;
      preset = da_model_presets_find (settings, preset_id);
    }
  g_assert (preset != NULL);

  /* An address given for this run beats the preset, and the preset beats the stored mirror. */
  if (!is_override (settings, "openaiBaseUrl")
      && (!g_str_equal (preset_id, DEFAULT_PRESET) || base == NULL))
    base = preset->base_url;
  config->base_url = g_strdup (base);
  config->name = g_strdup (preset->name);
  if (g_strcmp0 (base, preset->base_url) != 0)
    {
      g_autoptr(GUri) uri = g_uri_parse (base, G_URI_FLAGS_NONE, NULL);

      if (uri != NULL && g_uri_get_host (uri) != NULL)
        {
          g_free (config->name);
          config->name = g_strdup (g_uri_get_host (uri));
        }
    }
  key = openai_key (settings, preset_id, get_key, user_data);
  config->key = g_strdup (key);
  config->model = g_strdup (non_empty (da_settings_get_string (settings, "agentOpenaiModel")));
  if (config->model == NULL)
    config->model = g_strdup (non_empty (preset->agent_model));
}

static void
resolve_keyed (DaProviderConfig *config, DaSettings *settings, const DaLlmPreset *preset,
               const char *key, const char *base_setting, const char *key_setting,
               const char *model_setting)
{
  const char *base = non_empty (da_settings_get_string (settings, base_setting));

  if (key == NULL)
    key = foreign_key (settings, key_setting);
  config->key = g_strdup (non_empty (key));
  config->base_url = g_strdup (base != NULL ? base : preset->base_url);
  config->name = g_strdup (preset->name);
  config->model = g_strdup (non_empty (da_settings_get_string (settings, model_setting)));
}

DaProviderConfig *
da_provider_config_resolve (DaSettings *settings,
                            const char *provider_id,
                            DaKeyFunc   get_key,
                            gpointer    user_data)
{
  const DaLlmPreset *preset = da_llm_preset_find (provider_id);
  g_autoptr(DaProviderConfig) config = NULL;
  const char *override = da_provider_config_override (settings);

  if (preset == NULL)
    return NULL;
  config = g_new0 (DaProviderConfig, 1);
  config->id = g_strdup (provider_id);
  if (g_str_equal (provider_id, "openai"))
    resolve_openai (config, settings, get_key, user_data);
  else if (g_str_equal (provider_id, "groq"))
    resolve_keyed (config, settings, preset, get_key (DA_SECRET_GROQ_KEY, user_data),
                   "groqBaseUrl", "groqApiKey", "agentGroqModel");
  else if (g_str_equal (provider_id, "gemini"))
    resolve_keyed (config, settings, preset, get_key (DA_SECRET_GEMINI_KEY, user_data),
                   "geminiBaseUrl", "geminiApiKey", "agentGeminiModel");
  else
    return NULL;
  if (override != NULL)
    {
      g_free (config->model);
      config->model = g_strdup (override);
    }
  if (config->model == NULL && g_str_has_prefix (config->base_url, preset->base_url))
    config->model = g_strdup (preset->default_model);
  config->is_configured = config->key != NULL || !is_public_service (config->base_url);
  return g_steal_pointer (&config);
}
