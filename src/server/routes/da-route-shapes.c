/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-shapes"

#include "da-route-shapes.h"

#include <math.h>

#include "da-engine-models.h"

/* The largest time a JavaScript date can hold; anything beyond is nonsense, not a time. */
#define MAX_NUMBER 8640000000000000.0

void
da_shape_conversation_item (DaJsonWriter   *writer,
                            DaConversation *conversation)
{
  da_json_writer_string (writer, "id", conversation->id);
  da_json_writer_opt_string (writer, "clientSessionId", conversation->client_session_id);
  da_json_writer_string (writer, "title", conversation->title);
  da_json_writer_opt_string (writer, "titleSource", conversation->title_source);
  da_json_writer_int (writer, "createdAt", conversation->created_at);
  da_json_writer_int (writer, "updatedAt", conversation->updated_at);
  if (conversation->last_message_at > 0)
    da_json_writer_int (writer, "lastMessageAt", conversation->last_message_at);
  else
    da_json_writer_null (writer, "lastMessageAt");
  da_json_writer_int (writer, "messageCount", conversation->message_count);
  da_json_writer_string (writer, "lastMessage",
                         conversation->last_message != NULL ? conversation->last_message : "");
  da_json_writer_string (writer, "preview",
                         conversation->preview != NULL ? conversation->preview : "");
}

static void
write_message (DaJsonWriter *writer,
               DaMessage    *message)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", message->id);
  da_json_writer_string (writer, "role", da_role_to_string (message->role));
  da_json_writer_string (writer, "content", message->content);
  da_json_writer_int (writer, "timestamp", message->timestamp);
  da_json_writer_opt_raw (writer, "toolCalls", message->tool_calls);
  da_json_writer_opt_raw (writer, "toolResults", message->tool_results);
  da_json_writer_opt_string (writer, "displayContent", message->display_content);
  da_json_writer_end_object (writer);
}

void
da_shape_conversation (DaJsonWriter   *writer,
                       DaConversation *conversation,
                       DaShapeFlags    flags)
{
  guint n = conversation->messages != NULL ? conversation->messages->len : 0;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", conversation->id);
  da_json_writer_opt_string (writer, "clientSessionId", conversation->client_session_id);
  da_json_writer_string (writer, "title", conversation->title);
  da_json_writer_opt_string (writer, "titleSource", conversation->title_source);
  da_json_writer_int (writer, "createdAt", conversation->created_at);
  da_json_writer_int (writer, "updatedAt", conversation->updated_at);
  da_json_writer_begin_array (writer, "messages");
  for (guint i = 0; i < n; i++)
    write_message (writer, g_ptr_array_index (conversation->messages, i));
  da_json_writer_end_array (writer);
  if (flags & DA_SHAPE_METADATA)
    da_json_writer_opt_raw (writer, "metadata", conversation->metadata);
  da_json_writer_end_object (writer);
}

static int
by_start (gconstpointer a,
          gconstpointer b)
{
  gint64 x = da_session_get_start_time (*(DaSession **) a);
  gint64 y = da_session_get_start_time (*(DaSession **) b);

  return x < y ? 1 : x > y ? -1 : 0;
}

static int
by_end (gconstpointer a,
        gconstpointer b)
{
  gint64 x = da_session_get_end_time (*(DaSession **) a);
  gint64 y = da_session_get_end_time (*(DaSession **) b);

  return x < y ? 1 : x > y ? -1 : 0;
}

void
da_shape_split_sessions (DaEngine   *engine,
                         GPtrArray **active,
                         GPtrArray **finished)
{
  GListModel *model = da_engine_get_sessions (engine);
  guint n = g_list_model_get_n_items (model);

  *active = g_ptr_array_new_with_free_func (g_object_unref);
  *finished = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      DaSession *session = g_list_model_get_item (model, i);

      g_ptr_array_add (da_session_get_status (session) == DA_SESSION_ACTIVE ? *active : *finished,
                       session);
    }
  g_ptr_array_sort (*active, by_start);
  g_ptr_array_sort (*finished, by_end);
}

void
da_shape_candidate (DaJsonWriter *writer,
                    DaSession    *session)
{
  gint64 end = da_session_get_end_time (session);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", da_session_get_id (session));
  da_json_writer_opt_string (writer, "conversationId", da_session_get_conversation_id (session));
  da_json_writer_opt_string (writer, "conversationTitle", da_session_get_title (session));
  da_json_writer_string (writer, "status",
                         da_session_status_to_string (da_session_get_status (session)));
  da_json_writer_int (writer, "startTime", da_session_get_start_time (session));
  if (end > 0)
    da_json_writer_int (writer, "endTime", end);
  da_json_writer_end_object (writer);
}

void
da_shape_session (DaJsonWriter *writer,
                  DaSession    *session)
{
  const char *title = da_session_get_title (session);
  gint64 end = da_session_get_end_time (session);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", da_session_get_id (session));
  da_json_writer_opt_string (writer, "conversationId", da_session_get_conversation_id (session));
  da_json_writer_string (writer, "title", title != NULL ? title : "");
  da_json_writer_string (writer, "status",
                         da_session_status_to_string (da_session_get_status (session)));
  da_json_writer_int (writer, "startTime", da_session_get_start_time (session));
  if (end > 0)
    da_json_writer_int (writer, "endTime", end);
  da_json_writer_boolean (writer, "isSnoozed", da_session_get_snoozed (session));
  da_json_writer_end_object (writer);
}

void
da_shape_preset (DaJsonWriter  *writer,
                 const char    *name,
                 DaEngine      *engine,
                 DaModelPreset *preset)
{
  g_autofree char *secret = g_strconcat ("preset:", preset->id, NULL);
  const char *current = da_settings_get_string (da_engine_get_settings (engine),
                                                "currentModelPresetId");
  gboolean has_key = da_engine_has_secret (engine, secret);

  /* "openaiApiKey" is the key of the preset in use, wherever that is kept. */
  if (!has_key && g_strcmp0 (preset->id, current) == 0)
    has_key = da_engine_has_secret (engine, "openaiApiKey");

  da_json_writer_begin_object (writer, name);
  da_json_writer_string (writer, "id", preset->id);
  da_json_writer_string (writer, "name", preset->name);
  da_json_writer_string (writer, "baseUrl", preset->base_url);
  da_json_writer_string (writer, "apiKey", has_key ? DA_SHAPE_MASK : "");
  da_json_writer_boolean (writer, "hasApiKey", has_key);
  da_json_writer_boolean (writer, "isBuiltIn", preset->is_built_in);
  if (preset->created_at > 0)
    da_json_writer_int (writer, "createdAt", preset->created_at);
  if (preset->updated_at > 0)
    da_json_writer_int (writer, "updatedAt", preset->updated_at);
  da_json_writer_opt_string (writer, "agentModel", preset->agent_model);
  da_json_writer_opt_string (writer, "mcpToolsModel", preset->agent_model);
  da_json_writer_opt_string (writer, "transcriptProcessingModel", preset->transcript_model);
  da_json_writer_end_object (writer);
}

void
da_shape_presets (DaJsonWriter *writer,
                  const char   *name,
                  DaEngine     *engine)
{
  g_autoptr(GPtrArray) presets = da_model_presets_list (da_engine_get_settings (engine));

  da_json_writer_begin_array (writer, name);
  for (guint i = 0; i < presets->len; i++)
    da_shape_preset (writer, NULL, engine, g_ptr_array_index (presets, i));
  da_json_writer_end_array (writer);
}

gboolean
da_shape_take_number (JsonNode *node,
                      gint64   *out)
{
  double value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    value = (double) json_node_get_int (node);
  else if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    value = json_node_get_double (node);
  else
    return FALSE;
  if (!isfinite (value) || value < 0 || value > MAX_NUMBER)
    return FALSE;
  *out = (gint64) floor (value);
  return TRUE;
}
