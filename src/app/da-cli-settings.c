/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "da-error.h"
#include "da-json.h"
#include "da-setting-spec.h"

/* dotagentsd settings */

#define USAGE "get [NAME] | set NAME VALUE | set NAME -   (the value from standard input)"
#define STDIN_BYTES (1024 * 1024)

static void
print_value (const char *name,
             JsonNode   *value)
{
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    text = g_strdup (json_node_get_string (value));
  else
    text = da_json_to_string (value, FALSE);
  clean = da_cli_clean (text, FALSE);
  if (name != NULL)
    g_print ("%s = %s\n", name, clean);
  else
    g_print ("%s\n", clean);
}

static int
get_one (DaCli      *cli,
         JsonObject *settings,
         const char *name)
{
  JsonNode *value = json_object_get_member (settings, name);

  if (value == NULL && da_setting_spec_find (name) == NULL)
    {
      g_printerr (_("dotagentsd: there is no setting “%s”; "
                    "dotagentsd --print-settings lists them\n"), name);
      return DA_EXIT_FAILURE;
    }
  if (cli->json)
    {
      g_autofree char *text = value != NULL ? da_json_to_string (value, TRUE) : g_strdup ("null");

      g_print ("%s\n", text);
    }
  else if (value != NULL)
    {
      print_value (NULL, value);
    }
  return DA_EXIT_OK;
}

static int
get (DaCli      *cli,
     const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", "/v1/settings", NULL, &error);
  JsonObjectIter iter;
  const char *each;
  JsonNode *value;

  if (answer == NULL)
    return da_cli_failed (error);
  if (name != NULL)
    return get_one (cli, json_node_get_object (answer), name);
  if (cli->json)
    {
      da_cli_print_json (answer);
      return DA_EXIT_OK;
    }
  json_object_iter_init (&iter, json_node_get_object (answer));
  while (json_object_iter_next (&iter, &each, &value))
    print_value (each, value);
  return DA_EXIT_OK;
}

/* (transfer full) (nullable): standard input without the last newline. */
static char *
read_stdin (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char buffer[4096];
  gsize n;

  while (text->len < STDIN_BYTES && (n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    g_string_append_len (text, buffer, (gssize) n);
  if (!g_utf8_validate (text->str, (gssize) text->len, NULL))
    return NULL;
  return g_strchomp (g_string_free (g_steal_pointer (&text), FALSE));
}

static JsonNode *
list_node (const char *text)
{
  g_auto(GStrv) words = g_strsplit (text, ",", -1);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*g_strstrip (words[i]) != '\0')
      json_array_add_string_element (array, words[i]);
  json_node_take_array (node, array);
  return node;
}

/* (transfer full): what a person wrote, as the type the setting has. */
static JsonNode *
make_value (const DaSettingSpec *spec,
            const char          *text)
{
  gboolean is_text = spec != NULL && (spec->type == DA_SETTING_STRING
                                      || spec->type == DA_SETTING_ENUM
                                      || spec->type == DA_SETTING_SECRET);
  JsonNode *node = is_text ? NULL : da_json_parse (text, strlen (text), STDIN_BYTES, NULL);

  if (node != NULL)
    return node;
  if (spec != NULL && spec->type == DA_SETTING_STRV)
    return list_node (text);
  return json_node_init_string (json_node_alloc (), text);
}

static int
set (DaCli      *cli,
     const char *name,
     const char *text)
{
  const DaSettingSpec *spec = da_setting_spec_find (name);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = NULL;
  g_autofree char *typed = NULL;
  JsonNode *body;

  if (strcmp (text, "-") == 0)
    text = typed = read_stdin ();
  else if (spec != NULL && spec->type == DA_SETTING_SECRET)
    {
      g_printerr (_("dotagentsd: other users can see the words of a command; give the secret on "
                    "standard input: dotagentsd settings set %s -\n"), name);
      return DA_EXIT_USAGE;
    }
  if (text == NULL)
    {
      g_printerr (_("dotagentsd: the value is not UTF-8 text\n"));
      return DA_EXIT_USAGE;
    }
  body = da_cli_object (NULL, NULL);
  json_object_set_member (json_node_get_object (body), name, make_value (spec, text));
  answer = da_cli_call (cli, "PATCH", "/v1/settings", body, &error);
  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    da_cli_print_json (answer);
  return DA_EXIT_OK;
}

int
da_cli_cmd_settings (DaCli  *cli,
                     int     argc,
                     char  **argv)
{
  const char *verb;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, NULL, USAGE, &exit_code))
    return exit_code;
  verb = argc > 1 ? argv[1] : "get";
  if (strcmp (verb, "get") == 0 && argc <= 3)
    return get (cli, argc == 3 ? argv[2] : NULL);
  if (strcmp (verb, "set") == 0 && argc == 4)
    return set (cli, argv[2], argv[3]);
  return da_cli_misused (cli, USAGE);
}
