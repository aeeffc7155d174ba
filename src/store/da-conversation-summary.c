/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-summary"

#include "da-conversation-summary.h"

#include <string.h>

#include "da-json.h"

#define LAST_MESSAGE_CHARACTERS 500
#define PREVIEW_MESSAGES 3
#define PREVIEW_MESSAGE_CHARACTERS 100
#define PREVIEW_CHARACTERS 200
#define TOOL_CALLS_BYTES (64 * 1024)

static const char *const answer_tools[] = { "respond_to_user", "mark_work_complete", NULL };

static const char *
shown_text (DaMessage *message)
{
  return message->display_content != NULL ? message->display_content : message->content;
}

static gboolean
is_blank (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (!g_unichar_isspace (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

static gboolean
calls_only_answer_tools (const char *tool_calls)
{
  g_autoptr (JsonNode) root = NULL;
  JsonArray *calls;
  guint n_calls;

  if (tool_calls == NULL)
    return FALSE;
  root = da_json_parse (tool_calls, strlen (tool_calls), TOOL_CALLS_BYTES, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    return FALSE;
  calls = json_node_get_array (root);
  n_calls = json_array_get_length (calls);
  for (guint i = 0; i < n_calls; i++)
    {
      JsonObject *call = da_json_array_get_object (calls, i);
      const char *name = call != NULL ? da_json_get_string (call, "name") : NULL;

      if (name == NULL || !g_strv_contains (answer_tools, name))
        return FALSE;
    }
  return n_calls > 0;
}

gboolean
da_summary_is_visible (DaMessage *message)
{
  if (message->role == DA_ROLE_ASSISTANT)
    return !is_blank (message->content) || !calls_only_answer_tools (message->tool_calls);
  if (message->role == DA_ROLE_TOOL && message->content[0] == '[')
    {
      for (guint i = 0; answer_tools[i] != NULL; i++)
        {
          gsize length = strlen (answer_tools[i]);

          if (strncmp (message->content + 1, answer_tools[i], length) == 0 &&
              message->content[1 + length] == ']')
            return FALSE;
        }
    }
  return TRUE;
}

char *
da_summary_shorten (const char *text,
                    guint       characters,
                    const char *ellipsis)
{
  GString *out = g_string_sized_new (MIN (strlen (text), characters * 2) + 8);
  gboolean gap = FALSE;
  guint n = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      if (g_unichar_isspace (c))
        {
          gap = out->len > 0;
          continue;
        }
      if (n + (gap ? 2 : 1) > characters)
        {
          g_string_append (out, ellipsis);
          break;
        }
      if (gap)
        g_string_append_c (out, ' ');
      g_string_append_unichar (out, c);
      n += gap ? 2 : 1;
      gap = FALSE;
    }
  return g_string_free (out, FALSE);
}

char *
da_summary_preview (GPtrArray *messages)
{
  /* First the visible ones; when there are none, all. */
  for (int pass = 0; pass < 2; pass++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      guint used = 0;

      for (guint i = 0; i < messages->len && used < PREVIEW_MESSAGES; i++)
        {
          DaMessage *message = messages->pdata[i];
          g_autofree char *text = NULL;

          if (pass == 0 && !da_summary_is_visible (message))
            continue;
          text = da_summary_shorten (shown_text (message), PREVIEW_MESSAGE_CHARACTERS, "");
          g_string_append_printf (out, "%s%s: %s", used > 0 ? " | " : "",
                                  da_role_to_string (message->role), text);
          used++;
        }
      if (used > 0)
        return da_summary_shorten (out->str, PREVIEW_CHARACTERS, "...");
    }
  return g_strdup ("");
}

char *
da_summary_last_message (GPtrArray *messages)
{
  for (int pass = 0; pass < 2; pass++)
    for (guint i = messages->len; i > 0; i--)
      {
        DaMessage *message = messages->pdata[i - 1];

        if (pass == 1 || da_summary_is_visible (message))
          return da_summary_shorten (shown_text (message), LAST_MESSAGE_CHARACTERS, "…");
      }
  return g_strdup ("");
}
