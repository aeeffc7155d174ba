/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 D.2: the model presets. A change is made on a copy of the stored list
 * (da-preset-edit.c), the key goes to the secrets first, then everything is stored in one go.
 */

#define G_LOG_DOMAIN "da-server-presets"

#include "da-routes.h"

#include <string.h>

#include "da-clock.h"
#include "da-engine-models.h"
#include "da-json.h"
#include "da-preset-edit.h"
#include "da-random.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-route-shapes.h"

#define KEY_MAX_BYTES 2000
#define BODY_LIMIT (64 * 1024)

typedef struct {
  DaRequest *request;
  char      *preset_id;
  JsonArray *list;
  char      *key;          /* (nullable): "" clears */
  gboolean   is_deletion;
} Change;

static void
change_free (Change *change)
{
  da_request_unref (change->request);
  g_free (change->preset_id);
  g_clear_pointer (&change->list, json_array_unref);
  da_secret_free (change->key);
  g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static DaSettings *
settings_of (DaRequest *request)
{
  return da_engine_get_settings (da_request_get_engine (request));
}

static Change *
change_new (DaRequest  *request,
            const char *preset_id)
{
  Change *change = g_new0 (Change, 1);

  change->request = da_request_ref (request);
  change->preset_id = g_strdup (preset_id);
  change->list = da_preset_list_copy (settings_of (request));
  return change;
}

static void
write_presets (DaJsonWriter *writer,
               DaRequest    *request)
{
  const char *current = da_settings_get_string (settings_of (request), "currentModelPresetId");

  da_json_writer_string (writer, "currentModelPresetId",
                         current != NULL ? current : DA_PRESET_DEFAULT_ID);
  da_shape_presets (writer, "presets", da_request_get_engine (request));
}

static void
list (DaRequest *request)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (2048);

  da_json_writer_begin_object (writer, NULL);
  write_presets (writer, request);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
on_applied (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaModelPreset) preset = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;

  if (!da_settings_apply_finish (DA_SETTINGS (source), result, &error))
    {
      da_reply_gerror (change->request, error);
      return;
    }
  writer = da_json_writer_new (2048);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  write_presets (writer, change->request);
  preset = da_model_presets_find (DA_SETTINGS (source), change->preset_id);
  if (change->is_deletion)
    da_json_writer_string (writer, "deletedPresetId", change->preset_id);
  else if (preset != NULL)
    da_shape_preset (writer, "preset", da_request_get_engine (change->request), preset);
  da_json_writer_end_object (writer);
  da_reply_json (change->request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
set_text (GHashTable *values,
          const char *name,
          const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  g_hash_table_replace (values, (gpointer) name, node);
}

/* The preset in use is applied again when it changed, and the first one when it is gone. */
static void
add_activation (Change     *change,
                GHashTable *values)
{
  DaSettings *settings = settings_of (change->request);
  const char *current = da_settings_get_string (settings, "currentModelPresetId");
  JsonObject *entry;

  if (g_strcmp0 (current, change->preset_id) != 0)
    return;
  if (change->is_deletion)
    {
      g_autoptr(DaModelPreset) first = da_model_presets_find (settings, DA_PRESET_DEFAULT_ID);
      DaPresetValue found[DA_PRESET_ACTIVATION_MAX];
      guint n = da_preset_activation (first, found);

      for (guint i = 0; i < n; i++)
        set_text (values, found[i].setting, found[i].value);
      return;
    }
  entry = da_preset_list_need (change->list, change->preset_id);
  if (da_json_get_string (entry, "baseUrl") != NULL)
    set_text (values, "openaiBaseUrl", da_json_get_string (entry, "baseUrl"));
  if (da_json_get_string (entry, "agentModel") != NULL)
    set_text (values, "agentOpenaiModel", da_json_get_string (entry, "agentModel"));
  if (da_json_get_string (entry, "transcriptProcessingModel") != NULL)
    set_text (values, "transcriptPostProcessingOpenaiModel",
              da_json_get_string (entry, "transcriptProcessingModel"));
}

/* Takes @change. */
static void
apply (Change *change)
{
  g_autoptr(Change) owned = change;
  g_autoptr(GHashTable) values = NULL;
  JsonNode *list_node = json_node_new (JSON_NODE_ARRAY);

  values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                  (GDestroyNotify) json_node_unref);
  add_activation (change, values);
  json_node_set_array (list_node, change->list);
  g_hash_table_replace (values, (gpointer) "modelPresets", list_node);
  da_settings_apply_async (settings_of (change->request), values, NULL, on_applied,
                           g_steal_pointer (&owned));
}

static void
on_key_stored (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;

  if (da_engine_set_secret_finish (DA_ENGINE (source), result, &error))
    apply (g_steal_pointer (&change));
  else
    da_reply_gerror (change->request, error);
}

/* Takes @change. */
static void
store (Change *change)
{
  g_autofree char *secret = NULL;

  if (change->key == NULL)
    {
      apply (change);
      return;
    }
  secret = g_strconcat ("preset:", change->preset_id, NULL);
  da_engine_set_secret_async (da_request_get_engine (change->request), secret, change->key, NULL,
                              on_key_stored, change);
}

/* A blank key or the mask means: keep what is there. */
static gboolean
take_key (Change      *change,
          JsonObject  *body,
          GError     **error)
{
  const char *given = NULL;
  char *key;

  if (!da_json_take_string (body, "apiKey", &given, error))
    return FALSE;
  if (given == NULL)
    return TRUE;
  key = g_strstrip (g_strndup (given, KEY_MAX_BYTES));
  if (*key == '\0' || g_str_equal (key, DA_SHAPE_MASK))
    da_secret_free (key);
  else
    change->key = key;
  return TRUE;
}

static void
create (DaRequest *request)
{
  JsonObject *body = da_request_need_object (request);
  g_autofree char *id = NULL;
  g_autoptr(Change) change = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *entry;

  if (body == NULL)
    return;
  id = da_model_preset_new_id ();
  change = change_new (request, id);
  entry = da_preset_list_need (change->list, id);
  json_object_set_boolean_member (entry, "isBuiltIn", FALSE);
  json_object_set_int_member (entry, "createdAt", da_clock_now_ms ());
  if (!da_preset_take (entry, body, FALSE, &error) || !take_key (change, body, &error))
    da_reply_gerror (request, error);
  else
    store (g_steal_pointer (&change));
}

/* (transfer full) (nullable): the preset of the path; answers 400 or 404 itself. */
static DaModelPreset *
need_preset (DaRequest *request)
{
  g_autofree char *id = g_strstrip (g_strdup (da_request_get_param (request, "presetId")));
  DaModelPreset *preset;

  if (*id == '\0')
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "The preset id is missing");
      return NULL;
    }
  preset = da_model_presets_find (settings_of (request), id);
  if (preset == NULL)
    da_reply_error (request, SOUP_STATUS_NOT_FOUND, "No model preset has this id");
  return preset;
}

static void
update (DaRequest *request)
{
  g_autoptr(DaModelPreset) preset = need_preset (request);
  JsonObject *body = preset != NULL ? da_request_need_object (request) : NULL;
  g_autoptr(Change) change = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *entry;

  if (body == NULL)
    return;
  change = change_new (request, preset->id);
  entry = da_preset_list_need (change->list, preset->id);
  if (!da_preset_take (entry, body, preset->is_built_in, &error)
      || !take_key (change, body, &error))
    da_reply_gerror (request, error);
  else
    store (g_steal_pointer (&change));
}

static void
delete_one (DaRequest *request)
{
  g_autoptr(DaModelPreset) preset = need_preset (request);
  Change *change;

  if (preset == NULL)
    return;
  if (preset->is_built_in)
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "A built-in preset cannot be deleted");
      return;
    }
  change = change_new (request, preset->id);
  da_preset_list_drop (change->list, preset->id);
  change->is_deletion = TRUE;
  change->key = g_strdup ("");
  store (change);
}

const DaRoute da_routes_operator_models[] = {
  { "GET", "/v1/operator/model-presets", DA_SCOPE_OPERATOR, 0,
    DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES, list },
  { "POST", "/v1/operator/model-presets", DA_SCOPE_OPERATOR, BODY_LIMIT,
    DA_ROUTE_DEVICES | DA_ROUTE_AUDIT, create },
  { "PATCH", "/v1/operator/model-presets/:presetId", DA_SCOPE_OPERATOR, BODY_LIMIT,
    DA_ROUTE_DEVICES, update },
  { "DELETE", "/v1/operator/model-presets/:presetId", DA_SCOPE_OPERATOR, 0,
    DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES, delete_one },
  { NULL },
};
