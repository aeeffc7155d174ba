/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * The presets are read from, and changes to them are put into, the setting modelPresets as the
 * other programs of the folder write it. Nothing here writes a file: the callers apply the values.
 */

#define G_LOG_DOMAIN "da-settings-presets"

#include "da-model-presets.h"

#include <string.h>

#include "da-clock.h"
#include "da-json.h"
#include "da-random.h"
#include "da-settings-layer.h"

/* Contract 30 D.2: the order is fixed. */
static const struct {
  const char *id, *name, *base_url;
} built_ins[] = {
  { DA_MODEL_PRESET_DEFAULT, "OpenAI", "https://api.openai.com/v1" },
  { "builtin-openrouter", "OpenRouter", "https://openrouter.ai/api/v1" },
  { "builtin-together", "Together AI", "https://api.together.xyz/v1" },
  { "builtin-cerebras", "Cerebras", "https://api.cerebras.ai/v1" },
  { "builtin-zhipu", "Zhipu GLM", "https://open.bigmodel.cn/api/paas/v4" },
  { "builtin-perplexity", "Perplexity", "https://api.perplexity.ai" },
};

void
da_model_preset_free (DaModelPreset *preset)
{
  if (preset == NULL)
    return;
  g_free (preset->id);
  g_free (preset->name);
  g_free (preset->base_url);
  g_free (preset->agent_model);
  g_free (preset->transcript_model);
  g_free (preset);
}

GHashTable *
da_model_presets_new_values (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, da_settings_unref_node);
}

static gboolean
is_built_in (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (built_ins); i++)
    if (strcmp (built_ins[i].id, id) == 0)
      return TRUE;
  return FALSE;
}

/* (transfer none): what is stored, or what @values is about to store. */
static JsonArray *
get_stored (DaSettings *settings,
            GHashTable *values)
{
  JsonNode *node = NULL;

  if (values != NULL)
    node = g_hash_table_lookup (values, "modelPresets");
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    node = da_settings_peek (settings, "modelPresets");
  return json_node_get_array (node);
}

/* -1: not there. Of several with one id the first counts, as everywhere. */
static int
find_index (JsonArray  *stored,
            const char *id)
{
  for (guint i = 0; i < json_array_get_length (stored); i++)
    {
      JsonObject *object = da_json_array_get_object (stored, i);

      if (object != NULL && g_strcmp0 (da_json_get_string (object, "id"), id) == 0)
        return (int) i;
    }
  return -1;
}

/* Sets *@out where @object has a text that is not blank. */
static void
overlay_text (JsonObject *object,
              const char *name,
              char      **out)
{
  const char *text = da_json_get_string (object, name);

  if (text == NULL || text[0] == '\0')
    return;
  g_free (*out);
  *out = g_strdup (text);
}

static void
overlay_preset (DaModelPreset *preset,
                JsonObject    *object)
{
  overlay_text (object, "name", &preset->name);
  overlay_text (object, "baseUrl", &preset->base_url);
  overlay_text (object, "mcpToolsModel", &preset->agent_model);
  overlay_text (object, "agentModel", &preset->agent_model);
  overlay_text (object, "transcriptProcessingModel", &preset->transcript_model);
  preset->created_at = da_json_get_int (object, "createdAt", 0);
  preset->updated_at = da_json_get_int (object, "updatedAt", 0);
}

static DaModelPreset *
new_built_in (guint      which,
              JsonArray *stored)
{
  DaModelPreset *preset = g_new0 (DaModelPreset, 1);
  int index = find_index (stored, built_ins[which].id);

  preset->id = g_strdup (built_ins[which].id);
  preset->name = g_strdup (built_ins[which].name);
  preset->base_url = g_strdup (built_ins[which].base_url);
  preset->is_built_in = TRUE;
  if (index >= 0)
    overlay_preset (preset, da_json_array_get_object (stored, (guint) index));
  return preset;
}

GPtrArray *
da_model_presets_list (DaSettings *settings)
{
  GPtrArray *presets = g_ptr_array_new_with_free_func ((GDestroyNotify) da_model_preset_free);
  JsonArray *stored = get_stored (settings, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (built_ins); i++)
    g_ptr_array_add (presets, new_built_in (i, stored));
  for (guint i = 0; i < json_array_get_length (stored); i++)
    {
      JsonObject *object = da_json_array_get_object (stored, i);
      const char *id = object != NULL ? da_json_get_string (object, "id") : NULL;
      DaModelPreset *preset;

      if (id == NULL || id[0] == '\0' || is_built_in (id) || find_index (stored, id) != (int) i)
        continue;
      preset = g_new0 (DaModelPreset, 1);
      preset->id = g_strdup (id);
      preset->name = g_strdup (id);
      preset->base_url = g_strdup ("");
      overlay_preset (preset, object);
      g_ptr_array_add (presets, preset);
    }
  return presets;
}

DaModelPreset *
da_model_presets_find (DaSettings *settings,
                       const char *id)
{
  g_autoptr (GPtrArray) presets = da_model_presets_list (settings);

  for (guint i = 0; i < presets->len; i++)
    if (g_strcmp0 (((DaModelPreset *) presets->pdata[i])->id, id) == 0)
      return g_ptr_array_steal_index (presets, i);
  return NULL;
}

/* Takes the setting's value over that of the preset, by the rule of da_model_presets_resolve(). */
static void
resolve_text (DaSettings          *settings,
              const DaModelPreset *preset,
              const char          *name,
              char               **text)
{
  const char *value = da_settings_get_string (settings, name);
  DaSettingOrigin own = da_settings_get_origin (settings, name);
  DaSettingOrigin active = da_settings_get_origin (settings, "currentModelPresetId");
  gboolean is_plain = strcmp (preset->id, DA_MODEL_PRESET_DEFAULT) == 0;

  if (value == NULL || value[0] == '\0')
    return;
  if (own > active || (own == active && is_plain) || *text == NULL || (*text)[0] == '\0')
    {
      g_free (*text);
      *text = g_strdup (value);
    }
}

static DaModelPreset *
find_active (DaSettings *settings)
{
  DaModelPreset *preset;

  preset = da_model_presets_find (settings,
                                  da_settings_get_string (settings, "currentModelPresetId"));
  if (preset == NULL)
    preset = da_model_presets_find (settings, DA_MODEL_PRESET_DEFAULT);
  g_assert (preset != NULL);
  return preset;
}

DaModelPreset *
da_model_presets_resolve (DaSettings *settings)
{
  DaModelPreset *preset = find_active (settings);

  resolve_text (settings, preset, "openaiBaseUrl", &preset->base_url);
  resolve_text (settings, preset, "agentOpenaiModel", &preset->agent_model);
  resolve_text (settings, preset, "transcriptPostProcessingOpenaiModel",
                &preset->transcript_model);
  return preset;
}

char *
da_model_presets_dup_foreign_key (DaSettings *settings,
                                  const char *id)
{
  JsonArray *stored = get_stored (settings, NULL);
  int index = find_index (stored, id);
  const char *key = NULL;

  if (index >= 0)
    key = da_json_get_string (da_json_array_get_object (stored, (guint) index), "apiKey");
  return key != NULL && key[0] != '\0' ? g_strdup (key) : NULL;
}

static void
set_text (GHashTable *values,
          const char *name,
          const char *text)
{
  g_hash_table_replace (values, g_strdup (name),
                        json_node_init_string (json_node_alloc (), text != NULL ? text : ""));
}

void
da_model_presets_add_activation (const DaModelPreset *preset,
                                 GHashTable          *values)
{
  set_text (values, "currentModelPresetId", preset->id);
  set_text (values, "openaiBaseUrl", preset->base_url);
  set_text (values, "agentOpenaiModel", preset->agent_model);
  set_text (values, "transcriptPostProcessingOpenaiModel", preset->transcript_model);
}

/* (transfer full): the stored object of @id (or a new one), to be changed. */
static JsonObject *
copy_stored (JsonArray  *stored,
             const char *id)
{
  JsonObject *copy = json_object_new ();
  int index = find_index (stored, id);
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  json_object_set_string_member (copy, "id", id);
  if (index < 0)
    return copy;
  object = da_json_array_get_object (stored, (guint) index);
  names = json_object_get_members (object);
  for (GList *link = names; link != NULL; link = link->next)
    json_object_set_member (copy, link->data,
                            json_node_ref (json_object_get_member (object, link->data)));
  return copy;
}

/* (transfer full): the list with @changed (transfer full) in the place of its id, or at the end. */
static JsonNode *
replace_stored (JsonArray  *stored,
                const char *id,
                JsonObject *changed)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  int index = find_index (stored, id);

  for (guint i = 0; i < json_array_get_length (stored); i++)
    {
      if ((int) i == index)
        json_array_add_object_element (array, g_steal_pointer (&changed));
      else
        json_array_add_element (array, json_node_ref (json_array_get_element (stored, i)));
    }
  if (changed != NULL)
    json_array_add_object_element (array, changed);
  json_node_take_array (node, array);
  return node;
}

static void
set_member (JsonObject *object,
            const char *name,
            const char *text)
{
  if (text == NULL || text[0] == '\0')
    json_object_remove_member (object, name);
  else
    json_object_set_string_member (object, name, text);
}

/* TRUE when @values has the text; a reset counts as "". */
static gboolean
find_text (GHashTable  *values,
           const char  *name,
           const char **text)
{
  gpointer node;

  if (!g_hash_table_lookup_extended (values, name, NULL, &node))
    return FALSE;
  *text = "";
  if (node == NULL || JSON_NODE_HOLDS_NULL ((JsonNode *) node))
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE ((JsonNode *) node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  *text = json_node_get_string (node);
  return TRUE;
}

JsonNode *
da_model_presets_write_through (DaSettings *settings,
                                GHashTable *values)
{
  g_autoptr (DaModelPreset) active = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *stored = get_stored (settings, values);
  const char *id = NULL, *url = NULL, *model = NULL, *transcript = NULL;
  gboolean has_url, has_model, has_transcript;

  has_url = find_text (values, "openaiBaseUrl", &url);
  has_model = find_text (values, "agentOpenaiModel", &model)
              || find_text (values, "mcpToolsOpenaiModel", &model);
  has_transcript = find_text (values, "transcriptPostProcessingOpenaiModel", &transcript);
  if (!has_url && !has_model && !has_transcript)
    return NULL;

  if (find_text (values, "currentModelPresetId", &id))
    active = da_model_presets_find (settings, id);
  if (active == NULL)
    active = find_active (settings);
  object = copy_stored (stored, active->id);
  json_object_set_string_member (object, "name", active->name);
  json_object_set_string_member (object, "baseUrl", active->base_url);
  /* Without one, a built-in has its own again. */
  if (has_url && (url[0] != '\0' || active->is_built_in))
    set_member (object, "baseUrl", url);
  if (has_model)
    {
      set_member (object, "agentModel", model);
      set_member (object, "mcpToolsModel", model);
    }
  if (has_transcript)
    set_member (object, "transcriptProcessingModel", transcript);
  json_object_set_boolean_member (object, "isBuiltIn", active->is_built_in);
  json_object_set_int_member (object, "updatedAt", da_clock_now_ms ());
  return replace_stored (stored, active->id, g_steal_pointer (&object));
}

char *
da_model_preset_new_id (void)
{
  guint8 bytes[16];

  da_random_bytes (bytes, sizeof bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;   /* RFC 9562: version 4 */
  bytes[8] = (bytes[8] & 0x3f) | 0x80;   /* its variant */
  return g_strdup_printf ("custom-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                          "%02x%02x%02x%02x%02x%02x",
                          bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6],
                          bytes[7], bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13],
                          bytes[14], bytes[15]);
}
