/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-presets"

#include "da-preset-edit.h"

#include <gio/gio.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-json.h"

#define NAME_MAX_CHARACTERS 120
#define URL_MAX_CHARACTERS 500
#define MODEL_MAX_CHARACTERS 300

guint
da_preset_activation (DaModelPreset *preset,
                      DaPresetValue  out[DA_PRESET_ACTIVATION_MAX])
{
  guint n = 0;

  out[n++] = (DaPresetValue) { "currentModelPresetId", preset->id };
  out[n++] = (DaPresetValue) { "openaiBaseUrl", preset->base_url };
  if (preset->agent_model != NULL && *preset->agent_model != '\0')
    out[n++] = (DaPresetValue) { "agentOpenaiModel", preset->agent_model };
  if (preset->transcript_model != NULL && *preset->transcript_model != '\0')
    out[n++] = (DaPresetValue) { "transcriptPostProcessingOpenaiModel", preset->transcript_model };
  return n;
}

JsonArray *
da_preset_list_copy (DaSettings *settings)
{
  JsonNode *stored = da_settings_peek (settings, "modelPresets");
  JsonArray *copy = json_array_new ();
  JsonArray *list;

  if (stored == NULL || !JSON_NODE_HOLDS_ARRAY (stored))
    return copy;
  list = json_node_get_array (stored);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *entry = da_json_array_get_object (list, i);
      JsonObject *fresh;
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      if (entry == NULL)
        continue;
      /* Stored values are sealed; members unknown to us are carried along. */
      fresh = json_object_new ();
      json_object_iter_init (&iter, entry);
      while (json_object_iter_next (&iter, &name, &value))
        json_object_set_member (fresh, name, json_node_copy (value));
      json_array_add_object_element (copy, fresh);
    }
  return copy;
}

static int
find_entry (JsonArray  *list,
            const char *id)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (g_strcmp0 (da_json_get_string (json_array_get_object_element (list, i), "id"), id) == 0)
      return (int) i;
  return -1;
}

JsonObject *
da_preset_list_need (JsonArray  *list,
                     const char *id)
{
  int index = find_entry (list, id);
  JsonObject *entry;

  if (index >= 0)
    return json_array_get_object_element (list, (guint) index);
  entry = json_object_new ();
  json_object_set_string_member (entry, "id", id);
  json_array_add_object_element (list, entry);
  return entry;
}

void
da_preset_list_drop (JsonArray  *list,
                     const char *id)
{
  int index = find_entry (list, id);

  if (index >= 0)
    json_array_remove_element (list, (guint) index);
}

/* FALSE: the field is there and is no text. *@out (transfer full) stays NULL when it is absent. */
static gboolean
take_text (JsonObject  *body,
           const char  *name,
           long         max,
           char       **out,
           GError     **error)
{
  const char *given = NULL;
  g_autofree char *text = NULL;

  if (!da_json_take_string (body, name, &given, error))
    return FALSE;
  if (given == NULL)
    return TRUE;
  text = g_strstrip (g_strdup (given));
  if (g_utf8_strlen (text, -1) > max)
    *g_utf8_offset_to_pointer (text, max) = '\0';
  *out = g_steal_pointer (&text);
  return TRUE;
}

static gboolean
take_required (JsonObject  *entry,
               JsonObject  *body,
               const char  *name,
               long         max,
               GError     **error)
{
  g_autofree char *text = NULL;

  if (!take_text (body, name, max, &text, error))
    return FALSE;
  if (text != NULL && *text != '\0')
    json_object_set_string_member (entry, name, text);
  else if (text != NULL || da_json_get_string (entry, name) == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "\"%s\" must not be empty", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_url (JsonObject  *entry,
           GError     **error)
{
  const char *url = da_json_get_string (entry, "baseUrl");
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;

  if ((g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0)
      && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0')
    return TRUE;
  g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                       "\"baseUrl\" must be an address that begins with http:// or https://");
  return FALSE;
}

static void
set_model (JsonObject *entry,
           const char *name,
           const char *model)
{
  if (*model != '\0')
    json_object_set_string_member (entry, name, model);
  else
    json_object_remove_member (entry, name);
}

gboolean
da_preset_take (JsonObject  *entry,
                JsonObject  *body,
                gboolean     is_built_in,
                GError     **error)
{
  g_autofree char *agent = NULL;
  g_autofree char *tools = NULL;
  g_autofree char *transcript = NULL;

  if (!is_built_in
      && (!take_required (entry, body, "name", NAME_MAX_CHARACTERS, error)
          || !take_required (entry, body, "baseUrl", URL_MAX_CHARACTERS, error)
          || !check_url (entry, error)))
    return FALSE;
  if (!take_text (body, "agentModel", MODEL_MAX_CHARACTERS, &agent, error)
      || !take_text (body, "mcpToolsModel", MODEL_MAX_CHARACTERS, &tools, error)
      || !take_text (body, "transcriptProcessingModel", MODEL_MAX_CHARACTERS, &transcript, error))
    return FALSE;
  /* Two names for one thing; the newer one wins, and both are kept for other programs. */
  if (agent == NULL)
    agent = g_steal_pointer (&tools);
  if (agent != NULL)
    {
      set_model (entry, "agentModel", agent);
      set_model (entry, "mcpToolsModel", agent);
    }
  if (transcript != NULL)
    set_model (entry, "transcriptProcessingModel", transcript);
  json_object_set_int_member (entry, "updatedAt", da_clock_now_ms ());
  return TRUE;
}
