/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-local-providers"

#include "da-local-providers.h"

#include "da-clock.h"
#include "da-json.h"
#include "da-llm-discovery.h"
#include "da-llm-request.h"
#include "da-model-presets.h"

void
da_local_provider_free (DaLocalProvider *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->base_url);
  g_strfreev (self->models);
  g_free (self);
}

static DaLocalProvider *
new_from_found (const DaLlmLocal *found)
{
  DaLocalProvider *self = g_new0 (DaLocalProvider, 1);

  self->id = g_strdup (found->preset->id);
  self->name = g_strdup (found->preset->name);
  self->base_url = g_strdup (found->base_url);
  self->models = g_new0 (char *, found->models->len + 1);
  for (guint i = 0; i < found->models->len; i++)
    self->models[i] = g_strdup (((DaLlmModel *) found->models->pdata[i])->id);
  return self;
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) da_local_provider_free);
}

static void
discover_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) found = da_llm_discover_finish (result, &error);
  GPtrArray *list;

  if (found == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  list = new_list ();
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (list, new_from_found (g_ptr_array_index (found, i)));
  g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
}

void
da_local_providers_find_async (DaEngine            *engine,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (engine, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_local_providers_find_async);
  if (!da_settings_get_boolean (da_engine_get_settings (engine), "localProviderDiscovery"))
    {
      g_task_return_pointer (task, new_list (), (GDestroyNotify) g_ptr_array_unref);
      return;
    }
  da_llm_discover_async (cancellable, discover_cb, g_object_ref (task));
}

GPtrArray *
da_local_providers_find_finish (DaEngine      *engine,
                                GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* (transfer full): the preset that has the address, or a new one. */
static DaModelPreset *
dup_preset (const DaLocalProvider *self, DaSettings *settings)
{
  g_autoptr(GPtrArray) presets = da_model_presets_list (settings);
  DaModelPreset *preset;

  for (guint i = 0; i < presets->len; i++)
    {
      preset = g_ptr_array_index (presets, i);
      if (g_strcmp0 (preset->base_url, self->base_url) == 0)
        return g_ptr_array_steal_index (presets, i);
    }
  preset = g_new0 (DaModelPreset, 1);
  preset->id = da_model_preset_new_id ();
  preset->name = g_strdup (self->name);
  preset->base_url = g_strdup (self->base_url);
  return preset;
}

/* Members we do not know stay: a copy, because the stored one belongs to the settings. */
static JsonObject *
copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  g_autoptr(GList) names = json_object_get_members (object);

  for (GList *link = names; link != NULL; link = link->next)
    json_object_set_member (copy, link->data,
                            json_node_ref (json_object_get_member (object, link->data)));
  return copy;
}

static void
fill_object (JsonObject *object, const DaModelPreset *preset)
{
  json_object_set_string_member (object, "id", preset->id);
  json_object_set_string_member (object, "name", preset->name);
  json_object_set_string_member (object, "baseUrl", preset->base_url);
  json_object_set_string_member (object, "agentModel", preset->agent_model);
  json_object_set_string_member (object, "mcpToolsModel", preset->agent_model);
  json_object_set_boolean_member (object, "isBuiltIn", preset->is_built_in);
  json_object_set_int_member (object, "updatedAt", da_clock_now_ms ());
}

/* (transfer full): modelPresets with @preset in it. */
static JsonNode *
store_preset (DaSettings *settings, const DaModelPreset *preset)
{
  JsonArray *stored = json_node_get_array (da_settings_peek (settings, "modelPresets"));
  JsonArray *list = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  gboolean is_there = FALSE;

  for (guint i = 0; i < json_array_get_length (stored); i++)
    {
      JsonObject *object = da_json_array_get_object (stored, i);

      if (object != NULL && !is_there
          && g_strcmp0 (da_json_get_string (object, "id"), preset->id) == 0)
        {
          is_there = TRUE;
          object = copy_object (object);
          fill_object (object, preset);
          json_array_add_object_element (list, object);
        }
      else
        json_array_add_element (list, json_node_ref (json_array_get_element (stored, i)));
    }
  if (!is_there)
    {
      JsonObject *object = json_object_new ();

      fill_object (object, preset);
      json_object_set_int_member (object, "createdAt", da_clock_now_ms ());
      json_array_add_object_element (list, object);
    }
  json_node_take_array (node, list);
  return node;
}

GHashTable *
da_local_provider_new_values (const DaLocalProvider *self,
                              const char            *model,
                              DaSettings            *settings)
{
  GHashTable *values = da_model_presets_new_values ();
  g_autoptr(DaModelPreset) preset = dup_preset (self, settings);

  g_free (preset->agent_model);
  preset->agent_model = g_strdup (model);
  da_model_presets_add_activation (preset, values);
  g_hash_table_insert (values, g_strdup ("modelPresets"), store_preset (settings, preset));
  g_hash_table_insert (values, g_strdup ("agentProviderId"),
                       json_node_init_string (json_node_alloc (), "openai"));
  return values;
}

gboolean
da_local_provider_is_chosen (const DaLocalProvider *self,
                             DaSettings            *settings)
{
  g_autoptr(DaModelPreset) preset = da_model_presets_resolve (settings);

  return g_strcmp0 (da_settings_get_string (settings, "agentProviderId"), "openai") == 0
         && g_strcmp0 (preset->base_url, self->base_url) == 0;
}
