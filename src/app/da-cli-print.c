/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <string.h>

#include "da-json.h"

#define CELL_MAX 60

char *
da_cli_clean (const char *text,
              gboolean    lines)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (lines && (c == '\n' || c == '\t'))
        g_string_append_unichar (out, c);
      else if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT)
        g_string_append_c (out, ' ');
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
da_cli_format_time (gint64 ms)
{
  g_autoptr(GDateTime) time = ms > 0 ? g_date_time_new_from_unix_local (ms / 1000) : NULL;

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M") : g_strdup ("");
}

void
da_cli_print_json (JsonNode *node)
{
  g_autofree char *text = da_json_to_string (node, TRUE);

  g_print ("%s\n", text);
}

char *
da_cli_path (const char *prefix,
             const char *segment,
             const char *suffix)
{
  g_autofree char *escaped = g_uri_escape_string (segment, NULL, FALSE);

  return g_strconcat (prefix, escaped, suffix, NULL);
}

static guint
width_of (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += g_unichar_iszerowidth (g_utf8_get_char (p)) ? 0
             : g_unichar_iswide (g_utf8_get_char (p)) ? 2 : 1;
  return width;
}

static char *
make_cell (const char *text)
{
  g_autofree char *clean = da_cli_clean (text, FALSE);
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (clean, -1) <= CELL_MAX)
    return g_steal_pointer (&clean);
  cut = g_utf8_substring (clean, 0, CELL_MAX - 1);
  return g_strconcat (cut, "\342\200\246", NULL);
}

void
da_cli_print_table (GPtrArray *rows)
{
  guint n_columns = rows->len > 0 ? g_strv_length (rows->pdata[0]) : 0;
  g_autofree guint *widths = g_new0 (guint, n_columns + 1);

  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < n_columns; j++)
      {
        char **row = rows->pdata[i];
        char *cell = make_cell (row[j]);

        g_free (row[j]);
        row[j] = cell;
        widths[j] = MAX (widths[j], width_of (cell));
      }
  for (guint i = 0; i < rows->len; i++)
    {
      g_autoptr(GString) line = g_string_new (NULL);
      char **row = rows->pdata[i];

      for (guint j = 0; j < n_columns; j++)
        {
          g_string_append (line, row[j]);
          for (guint k = width_of (row[j]); j + 1 < n_columns && k < widths[j] + 2; k++)
            g_string_append_c (line, ' ');
        }
      g_print ("%s\n", g_strchomp (line->str));
    }
}

JsonNode *
da_cli_object (const char *name,
               ...)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, name);
  for (; name != NULL; name = va_arg (args, const char *))
    {
      const char *value = va_arg (args, const char *);

      if (value != NULL)
        json_object_set_string_member (object, name, value);
    }
  va_end (args);
  json_node_take_object (node, object);
  return node;
}
