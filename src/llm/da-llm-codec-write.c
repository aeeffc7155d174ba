/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-codec"

#include "da-llm-codec.h"

#include "da-json-writer.h"

/* Appended when the list would end with an answer: several providers refuse such a list, others
 * answer with nothing (contract 10 section 8). */
#define CONTINUE_TEXT "Please continue."

/* Members that this file writes itself, or that would change the form of the answer. */
static const char *const refused_extras[] = {
  "model", "messages", "stream", "stream_options", "tools", "functions", "function_call", "n",
};

static gboolean
is_plain_system (const DaLlmMessage *message)
{
  return message->role == DA_ROLE_SYSTEM && !message->parts;
}

/* Many chat templates accept one system message, at the top. */
static void
write_system (DaJsonWriter *writer,
              GPtrArray    *messages)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      const DaLlmMessage *message = g_ptr_array_index (messages, i);

      if (!is_plain_system (message) || !message->content || !*message->content)
        continue;
      if (joined->len > 0)
        g_string_append (joined, "\n\n");
      g_string_append (joined, message->content);
    }
  if (joined->len == 0)
    return;
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "role", "system");
  da_json_writer_string (writer, "content", joined->str);
  da_json_writer_end_object (writer);
}

static void
write_message (DaJsonWriter       *writer,
               const DaLlmMessage *message)
{
  gboolean calls = message->role == DA_ROLE_ASSISTANT && message->tool_calls;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "role", da_role_to_string (message->role));
  if (message->role == DA_ROLE_TOOL)
    da_json_writer_opt_string (writer, "tool_call_id", message->tool_call_id);
  if (message->parts)
    da_json_writer_raw (writer, "content", message->parts);
  else if (calls && (!message->content || !*message->content))
    da_json_writer_null (writer, "content");
  else
    da_json_writer_string (writer, "content", message->content ? message->content : "");
  if (calls)
    da_json_writer_raw (writer, "tool_calls", message->tool_calls);
  da_json_writer_end_object (writer);
}

static void
write_messages (DaJsonWriter *writer,
                GPtrArray    *messages)
{
  const DaLlmMessage *last = NULL;

  da_json_writer_begin_array (writer, "messages");
  write_system (writer, messages);
  for (guint i = 0; i < messages->len; i++)
    {
      const DaLlmMessage *message = g_ptr_array_index (messages, i);

      if (is_plain_system (message))
        continue;
      write_message (writer, message);
      last = message;
    }
  if (last && last->role == DA_ROLE_ASSISTANT)
    {
      da_json_writer_begin_object (writer, NULL);
      da_json_writer_string (writer, "role", "user");
      da_json_writer_string (writer, "content", CONTINUE_TEXT);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
}

static gboolean
is_refused (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused_extras); i++)
    {
      if (g_str_equal (refused_extras[i], name))
        return TRUE;
    }
  return FALSE;
}

static void
write_extra (DaJsonWriter *writer,
             DaLlmRequest *request)
{
  g_autoptr (GList) names = NULL;

  if (!request->extra)
    return;
  names = json_object_get_members (request->extra);
  for (GList *l = names; l; l = l->next)
    {
      const char *name = l->data;

      if (is_refused (name))
        continue;
      if (request->reasoning_effort && g_str_equal (name, "reasoning_effort"))
        continue;
      da_json_writer_node (writer, name, json_object_get_member (request->extra, name));
    }
}

static gboolean
has_extra (DaLlmRequest *request,
           const char   *name)
{
  return request->extra && json_object_has_member (request->extra, name);
}

static void
write_tools (DaJsonWriter *writer,
             DaLlmRequest *request)
{
  if (!request->tools || !JSON_NODE_HOLDS_ARRAY (request->tools))
    return;
  if (json_array_get_length (json_node_get_array (request->tools)) == 0)
    return;
  da_json_writer_node (writer, "tools", request->tools);
  if (!has_extra (request, "tool_choice"))
    da_json_writer_string (writer, "tool_choice", "auto");
}

GBytes *
da_llm_codec_write_request (DaLlmRequest   *request,
                            DaLlmWireFlags  flags)
{
  g_autoptr (DaJsonWriter) writer = da_json_writer_new (4096);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "model", request->model ? request->model : "");
  write_messages (writer, request->messages);
  if (request->stream)
    {
      da_json_writer_boolean (writer, "stream", TRUE);
      if (flags & DA_LLM_WIRE_STREAM_OPTIONS)
        {
          da_json_writer_begin_object (writer, "stream_options");
          da_json_writer_boolean (writer, "include_usage", TRUE);
          da_json_writer_end_object (writer);
        }
    }
  write_tools (writer, request);
  da_json_writer_opt_string (writer, "reasoning_effort", request->reasoning_effort);
  if ((flags & DA_LLM_WIRE_CACHE_KEY) && !has_extra (request, "prompt_cache_key"))
    da_json_writer_opt_string (writer, "prompt_cache_key", request->conversation_id);
  write_extra (writer, request);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_bytes (g_steal_pointer (&writer));
}
