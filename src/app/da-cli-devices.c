/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-error.h"
#include "da-json.h"

/* dotagentsd devices, dotagentsd key */

#define DEVICES_USAGE "list | rename ID NAME | scope ID chat,manage,operator | " \
                      "revoke ID | restore ID"
#define KEY_USAGE "show | rotate [--keep-devices]"

/* (transfer full): the scopes of a device as one word. */
static char *
join_scopes (JsonObject *device)
{
  JsonArray *scopes = da_json_get_array (device, "scopes");
  g_autoptr(GString) out = g_string_new (NULL);

  for (guint i = 0; scopes != NULL && i < json_array_get_length (scopes); i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "," : "",
                            json_array_get_string_element (scopes, i));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char **
make_row (JsonObject *device)
{
  g_autofree char *seen = da_cli_format_time (da_json_get_int (device, "lastSeen", 0));
  g_autofree char *scopes = join_scopes (device);
  const char *address = da_json_get_string (device, "address");
  const char *cells[] = {
    da_json_get_string (device, "id"), da_json_get_string (device, "name"), scopes, seen,
    address != NULL ? address : "", NULL,
  };

  return g_strdupv ((char **) cells);
}

/* What scripts are promised; the API tells more. */
static JsonNode *
pick_fields (JsonArray *devices)
{
  static const char *const names[] = { "id", "name", "scopes", "firstSeen", "lastSeen", "address",
                                       "state" };
  JsonArray *out = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < json_array_get_length (devices); i++)
    {
      JsonObject *device = da_json_array_get_object (devices, i);
      JsonObject *copy = json_object_new ();

      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        if (json_object_has_member (device, names[j]))
          json_object_set_member (copy, names[j],
                                  json_node_copy (json_object_get_member (device, names[j])));
      json_array_add_object_element (out, copy);
    }
  json_node_take_array (node, out);
  return node;
}

static int
list (DaCli *cli)
{
  static const char *const head[] = { "ID", "NAME", "SCOPES", "LAST SEEN", "ADDRESS", NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", "/v1/operator/devices", NULL, &error);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  JsonArray *devices;

  if (answer == NULL)
    return da_cli_failed (error);
  devices = da_json_get_array (json_node_get_object (answer), "devices");
  if (cli->json)
    {
      g_autoptr(JsonNode) picked = pick_fields (devices);

      da_cli_print_json (picked);
      return DA_EXIT_OK;
    }
  if (json_array_get_length (devices) == 0)
    {
      g_print (_("No device is paired. “dotagentsd qr” shows a code for one.\n"));
      return DA_EXIT_OK;
    }
  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = 0; i < json_array_get_length (devices); i++)
    g_ptr_array_add (rows, make_row (da_json_array_get_object (devices, i)));
  da_cli_print_table (rows);
  return DA_EXIT_OK;
}

/* (transfer full) (nullable): the id of the device a person means by an id, its beginning, or a
 * name. */
static char *
find_id (DaCli       *cli,
         const char  *word,
         GError     **error)
{
  g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", "/v1/operator/devices", NULL, error);
  JsonArray *devices;
  const char *found = NULL;

  if (answer == NULL)
    return NULL;
  devices = da_json_get_array (json_node_get_object (answer), "devices");
  for (guint i = 0; devices != NULL && i < json_array_get_length (devices); i++)
    {
      JsonObject *device = da_json_array_get_object (devices, i);
      const char *id = da_json_get_string (device, "id");

      if (strcmp (id, word) == 0)
        return g_strdup (id);
      if (!g_str_has_prefix (id, word)
          && g_strcmp0 (da_json_get_string (device, "name"), word) != 0)
        continue;
      if (found != NULL)
        {
          g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                       _("“%s” means more than one device; use the whole id"), word);
          return NULL;
        }
      found = id;
    }
  return g_strdup (found != NULL ? found : word);
}

static int
finish (DaCli      *cli,
        JsonNode   *answer,
        GError     *error,
        const char *message)
{
  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    da_cli_print_json (answer);
  else
    g_print ("%s\n", message);
  return DA_EXIT_OK;
}

static int
change (DaCli      *cli,
        const char *word,
        const char *name,
        const char *scopes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *id = find_id (cli, word, &error);
  g_autofree char *path = id != NULL ? da_cli_path ("/v1/operator/devices/", id, NULL) : NULL;
  g_autoptr(JsonNode) answer = NULL;

  if (id != NULL)
    answer = da_cli_call (cli, "PATCH", path, da_cli_object ("name", name, "scopes", scopes, NULL),
                          &error);
  return finish (cli, answer, error, name != NULL ? _("The device has a new name.")
                                                  : _("The device may do that from now on."));
}

static int
cut_off (DaCli      *cli,
        const char *word,
        gboolean    restore)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *id = restore ? g_strdup (word) : find_id (cli, word, &error);
  g_autofree char *path = NULL;
  g_autoptr(JsonNode) answer = NULL;
  g_autofree char *message = NULL;

  if (id == NULL)
    return da_cli_failed (error);
  path = da_cli_path ("/v1/operator/devices/", id, restore ? "/restore" : NULL);
  answer = da_cli_call (cli, restore ? "POST" : "DELETE", path, NULL, &error);
  message = restore ? g_strdup (_("The device may come in again."))
            : g_strdup_printf (_("The device is cut off. “dotagentsd devices restore %s” undoes it "
                                 "while the program runs."), id);
  return finish (cli, answer, error, message);
}

int
da_cli_cmd_devices (DaCli  *cli,
                    int     argc,
                    char  **argv)
{
  const char *verb;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, NULL, DEVICES_USAGE, &exit_code))
    return exit_code;
  verb = argc > 1 ? argv[1] : "list";
  if (strcmp (verb, "list") == 0 && argc <= 2)
    return list (cli);
  if (strcmp (verb, "rename") == 0 && argc == 4)
    return change (cli, argv[2], argv[3], NULL);
  if (strcmp (verb, "scope") == 0 && argc == 4)
    return change (cli, argv[2], NULL, argv[3]);
  if (strcmp (verb, "revoke") == 0 && argc == 3)
    return cut_off (cli, argv[2], FALSE);
  if (strcmp (verb, "restore") == 0 && argc == 3)
    return cut_off (cli, argv[2], TRUE);
  return da_cli_misused (cli, DEVICES_USAGE);
}

static int
print_key (DaCli      *cli,
           JsonNode   *answer,
           GError     *error)
{
  const char *key;

  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    {
      da_cli_print_json (answer);
      return DA_EXIT_OK;
    }
  key = da_json_get_string (json_node_get_object (answer), "apiKey");
  if (key == NULL)
    {
      g_printerr (_("dotagentsd: there is no API key\n"));
      return DA_EXIT_FAILURE;
    }
  g_print ("%s\n", key);
  return DA_EXIT_OK;
}

static int
rotate (DaCli    *cli,
        gboolean  keep_devices)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = NULL;
  JsonNode *body = da_cli_object (NULL, NULL);

  json_object_set_boolean_member (json_node_get_object (body), "keepDevices", keep_devices);
  answer = da_cli_call (cli, "POST", "/v1/operator/access/rotate-api-key", body, &error);
  if (answer != NULL && !cli->json)
    g_printerr (_("The key is replaced; %d devices were cut off. The new one:\n"),
                (int) da_json_get_int (json_node_get_object (answer), "devicesCutOff", 0));
  return print_key (cli, answer, error);
}

int
da_cli_cmd_key (DaCli  *cli,
                int     argc,
                char  **argv)
{
  gboolean keep_devices = FALSE;
  const GOptionEntry entries[] = {
    { "keep-devices", 0, 0, G_OPTION_ARG_NONE, &keep_devices,
      N_("Leave paired devices their access"), NULL },
    G_OPTION_ENTRY_NULL
  };
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, KEY_USAGE, &exit_code))
    return exit_code;
  if (argc == 2 && strcmp (argv[1], "show") == 0)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", "/v1/operator/access/api-key", NULL,
                                                &error);

      return print_key (cli, answer, error);
    }
  if (argc == 2 && strcmp (argv[1], "rotate") == 0)
    return rotate (cli, keep_devices);
  return da_cli_misused (cli, KEY_USAGE);
}
