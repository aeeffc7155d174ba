/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-export"

#include "config.h"

#include "da-export.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-json.h"
#include "da-json-writer.h"
#include "da-time.h"

#define MAX_NAME_CHARS 80

static const char *
speaker (DaRole role)
{
  switch (role)
    {
    case DA_ROLE_USER: return _("You");
    case DA_ROLE_ASSISTANT: return _("Answer");
    case DA_ROLE_TOOL: return _("Tool");
    case DA_ROLE_SYSTEM: return _("System");
    }
  g_assert_not_reached ();
}

char *
da_export_markdown (DaConversation *conversation)
{
  g_autoptr(GString) out = g_string_new (NULL);

  g_string_append_printf (out, "# %s\n", *conversation->title != '\0' ? conversation->title
                                                                       : _("Untitled"));
  for (guint i = 0; conversation->messages != NULL && i < conversation->messages->len; i++)
    {
      DaMessage *message = g_ptr_array_index (conversation->messages, i);
      g_autofree char *time = da_time_format_full (message->timestamp);

      g_string_append_printf (out, "\n## %s\n\n*%s*\n\n%s\n", speaker (message->role), time,
                              message->display_content != NULL ? message->display_content
                                                               : message->content);
      if (message->tool_calls != NULL)
        g_string_append_printf (out, "\n```json\n%s\n```\n", message->tool_calls);
      if (message->tool_results != NULL)
        g_string_append_printf (out, "\n```json\n%s\n```\n", message->tool_results);
    }
  return g_strdup (out->str);
}

static void
write_raw (DaJsonWriter *writer, const char *name, const char *json)
{
  if (json != NULL)
    da_json_writer_raw (writer, name, json);
}

static void
write_message (DaJsonWriter *writer, DaMessage *message)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", message->id);
  da_json_writer_string (writer, "role", da_role_to_string (message->role));
  da_json_writer_string (writer, "content", message->content);
  da_json_writer_int (writer, "timestamp", message->timestamp);
  if (message->display_content != NULL)
    da_json_writer_string (writer, "displayContent", message->display_content);
  write_raw (writer, "toolCalls", message->tool_calls);
  write_raw (writer, "toolResults", message->tool_results);
  da_json_writer_end_object (writer);
}

char *
da_export_json (DaConversation *conversation)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (4096);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", conversation->id);
  da_json_writer_string (writer, "title", conversation->title);
  da_json_writer_int (writer, "createdAt", conversation->created_at);
  da_json_writer_int (writer, "updatedAt", conversation->updated_at);
  write_raw (writer, "branchSource", conversation->branch_source);
  write_raw (writer, "metadata", conversation->metadata);
  da_json_writer_begin_array (writer, "messages");
  for (guint i = 0; conversation->messages != NULL && i < conversation->messages->len; i++)
    write_message (writer, g_ptr_array_index (conversation->messages, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

char *
da_export_file_name (DaConversation *conversation,
                     const char     *suffix)
{
  const char *title = *conversation->title != '\0' ? conversation->title : _("Conversation");
  g_autofree char *name = g_utf8_substring (title, 0, MIN (g_utf8_strlen (title, -1),
                                                           MAX_NAME_CHARS));

  for (char *at = name; *at != '\0'; at++)
    {
      if (g_ascii_iscntrl (*at) || strchr ("/\\:*?\"<>|", *at) != NULL)
        *at = '-';
    }
  if (*name == '.')
    *name = '-';
  return g_strconcat (name, suffix, NULL);
}
