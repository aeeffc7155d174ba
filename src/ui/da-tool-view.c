/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-tool-view"

#include "config.h"

#include "da-tool-view.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-json.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define SHOWN_BYTES 8192       /* of one argument list or result */
#define SHOWN_CALLS 50

static JsonArray *
parse_array (const char *text, JsonNode **root)
{
  if (text != NULL)
    *root = da_json_parse (text, strlen (text), MAX_BYTES, NULL);
  return *root != NULL && JSON_NODE_HOLDS_ARRAY (*root) ? json_node_get_array (*root) : NULL;
}

static JsonObject *
object_at (JsonArray *array, guint i)
{
  JsonNode *node = array != NULL && i < json_array_get_length (array)
                     ? json_array_get_element (array, i) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static const char *
string_of (JsonObject *object, const char *name)
{
  const char *text = NULL;

  if (object != NULL)
    da_json_take_string (object, name, &text, NULL);
  return text;
}

static char *
print_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  char *text;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           ? g_strdup (json_node_get_string (node)) : json_to_string (node, TRUE);
  if (strlen (text) > SHOWN_BYTES)
    {
      g_autofree char *cut = g_utf8_make_valid (text, SHOWN_BYTES);

      g_free (text);
      text = g_strconcat (cut, "\n…", NULL);
    }
  return text;
}

static void
add_label (GtkBox *box, const char *text, const char *css_class)
{
  GtkWidget *label;

  if (text == NULL || *text == '\0')
    return;
  label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
}

static void
add_call (GtkBox *box, JsonObject *call, JsonObject *result)
{
  g_autofree char *arguments = print_member (call, "arguments");
  g_autofree char *content = print_member (result, "content");
  GtkWidget *part = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_widget_add_css_class (part, "tool-call");
  add_label (GTK_BOX (part), string_of (call, "name"), "heading");
  add_label (GTK_BOX (part), arguments, "monospace");
  add_label (GTK_BOX (part), content, "tool-result");
  add_label (GTK_BOX (part), string_of (result, "error"), "error");
  gtk_box_append (box, part);
}

static char *
summary (JsonArray *calls, guint n)
{
  g_autoptr(GString) names = g_string_new (NULL);

  for (guint i = 0; i < MIN (n, 3); i++)
    {
      const char *name = string_of (object_at (calls, i), "name");

      if (name != NULL)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
    }
  if (names->len == 0)
    return g_strdup_printf (ngettext ("%u tool result", "%u tool results", n), n);
  if (n > 3)
    g_string_append (names, ", …");
  /* Translators: the names of tools */
  return g_strdup_printf (_("Used %s"), names->str);
}

GtkWidget *
da_tool_view_new (const char *calls,
                  const char *results)
{
  g_autoptr(JsonNode) calls_root = NULL;
  g_autoptr(JsonNode) results_root = NULL;
  JsonArray *call_array = parse_array (calls, &calls_root);
  JsonArray *result_array = parse_array (results, &results_root);
  guint n_calls = call_array != NULL ? json_array_get_length (call_array) : 0;
  guint n_results = result_array != NULL ? json_array_get_length (result_array) : 0;
  guint n = MAX (n_calls, n_results);
  g_autofree char *title = summary (call_array, n);
  GtkWidget *expander = gtk_expander_new (title);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  for (guint i = 0; i < MIN (n, SHOWN_CALLS); i++)
    add_call (GTK_BOX (box), object_at (call_array, i), object_at (result_array, i));
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  gtk_widget_add_css_class (expander, "tool-view");
  return expander;
}
