/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-atomic-file.h"
#include "da-json.h"

/* dotagentsd conversations */

#define USAGE "list [--limit N] [--search WORDS] | show ID | " \
              "export [ID] [--markdown] [--output FILE]"

typedef struct {
  int       limit;
  char     *search;
  char     *output;
  gboolean  markdown;
} Options;

static JsonNode *
load (DaCli       *cli,
      const char  *id,
      GError     **error)
{
  g_autofree char *path = da_cli_path ("/v1/conversations/", id, NULL);

  return da_cli_call (cli, "GET", path, NULL, error);
}

static char **
make_row (JsonObject *item)
{
  g_autofree char *updated = da_cli_format_time (da_json_get_int (item, "updatedAt", 0));
  g_autofree char *count = g_strdup_printf ("%" G_GINT64_FORMAT,
                                            da_json_get_int (item, "messageCount", 0));
  const char *title = da_json_get_string (item, "title");
  const char *cells[] = {
    da_json_get_string (item, "id"), updated, count, title != NULL ? title : "", NULL,
  };

  return g_strdupv ((char **) cells);
}

static int
list (DaCli         *cli,
      const Options *options)
{
  static const char *const head[] = { "ID", "CHANGED", "MESSAGES", "TITLE", NULL };
  g_autofree char *limit = g_strdup_printf ("?limit=%d", CLAMP (options->limit, 1, 1000));
  g_autofree char *search = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = NULL;
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  JsonArray *items;

  if (options->search != NULL)
    search = da_cli_path ("&q=", options->search, NULL);
  path = g_strconcat ("/v1/conversations", limit, search, NULL);
  answer = da_cli_call (cli, "GET", path, NULL, &error);
  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    {
      da_cli_print_json (answer);
      return DA_EXIT_OK;
    }
  items = da_json_get_array (json_node_get_object (answer), "conversations");
  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    g_ptr_array_add (rows, make_row (da_json_array_get_object (items, i)));
  if (rows->len == 1)
    g_print (_("There are no conversations.\n"));
  else
    da_cli_print_table (rows);
  return DA_EXIT_OK;
}

/* (transfer full): a conversation as Markdown. Answers are Markdown already. */
static char *
to_markdown (JsonObject *conversation)
{
  JsonArray *messages = da_json_get_array (conversation, "messages");
  const char *title = da_json_get_string (conversation, "title");
  g_autofree char *clean = da_cli_clean (title, FALSE);
  GString *out = g_string_new (NULL);

  g_string_append_printf (out, "# %s\n", clean);
  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    {
      JsonObject *message = da_json_array_get_object (messages, i);
      g_autofree char *time = da_cli_format_time (da_json_get_int (message, "timestamp", 0));
      const char *role = da_json_get_string (message, "role");
      const char *content = da_json_get_string (message, "content");

      g_string_append_printf (out, "\n## %s, %s\n\n%s\n", role != NULL ? role : "?", time,
                              content != NULL ? content : "");
    }
  return g_string_free (out, FALSE);
}

static int
show (DaCli      *cli,
      const char *id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = load (cli, id, &error);
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    {
      da_cli_print_json (answer);
      return DA_EXIT_OK;
    }
  text = to_markdown (json_node_get_object (answer));
  clean = da_cli_clean (text, TRUE);
  g_print ("%s", clean);
  return DA_EXIT_OK;
}

/* (transfer full) (nullable): every conversation with its messages, one after the other. */
static JsonNode *
load_all (DaCli   *cli,
          GError **error)
{
  g_autoptr(JsonNode) index = da_cli_call (cli, "GET", "/v1/conversations", NULL, error);
  g_autoptr(JsonNode) all = json_node_new (JSON_NODE_ARRAY);
  JsonArray *items;

  if (index == NULL)
    return NULL;
  json_node_take_array (all, json_array_new ());
  items = da_json_get_array (json_node_get_object (index), "conversations");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    {
      JsonNode *one = load (cli, da_json_get_string (da_json_array_get_object (items, i), "id"),
                            error);

      if (one == NULL)
        return NULL;
      json_array_add_element (json_node_get_array (all), one);
    }
  return g_steal_pointer (&all);
}

static char *
print_all (JsonNode *node,
           gboolean  markdown)
{
  g_autoptr(GString) out = g_string_new (NULL);
  g_autofree char *json = NULL;

  if (!markdown)
    {
      json = da_json_to_string (node, TRUE);
      return g_strconcat (json, "\n", NULL);
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    return to_markdown (json_node_get_object (node));
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      g_autofree char *one =
        to_markdown (da_json_array_get_object (json_node_get_array (node), i));

      g_string_append_printf (out, "%s%s", i > 0 ? "\n" : "", one);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static int
export (DaCli         *cli,
        const char    *id,
        const Options *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = id != NULL ? load (cli, id, &error) : load_all (cli, &error);
  g_autofree char *text = NULL;

  if (node == NULL)
    return da_cli_failed (error);
  text = print_all (node, options->markdown);
  if (options->output == NULL)
    g_print ("%s", text);
  else if (!da_atomic_file_write (options->output, text, strlen (text), 0600, &error))
    return da_cli_failed (error);
  return DA_EXIT_OK;
}

int
da_cli_cmd_conversations (DaCli  *cli,
                          int     argc,
                          char  **argv)
{
  Options options = { .limit = 50 };
  g_autofree char *search = NULL;
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
    { "limit", 'n', 0, G_OPTION_ARG_INT, &options.limit, N_("At most so many"), N_("N") },
    { "search", 0, 0, G_OPTION_ARG_STRING, &search, N_("Only those with these words"),
      N_("WORDS") },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &options.markdown,
      N_("Export Markdown instead of JSON"), NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_("Export into this file"), N_("FILE") },
    G_OPTION_ENTRY_NULL
  };
  const char *verb;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, USAGE, &exit_code))
    return exit_code;
  options.search = search;
  options.output = output;
  verb = argc > 1 ? argv[1] : "list";
  if (strcmp (verb, "list") == 0 && argc <= 2)
    return list (cli, &options);
  if (strcmp (verb, "show") == 0 && argc == 3)
    return show (cli, argv[2]);
  if (strcmp (verb, "export") == 0 && argc <= 3)
    return export (cli, argc == 3 ? argv[2] : NULL, &options);
  return da_cli_misused (cli, USAGE);
}
