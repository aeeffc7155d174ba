/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-json.h"
#include "da-terminal-qr.h"

/* dotagentsd qr */

#define WAIT_SECONDS "25"

static JsonNode *
begin (DaCli       *cli,
       const char  *address,
       const char  *scopes,
       GError     **error)
{
  return da_cli_call (cli, "POST", "/v1/operator/devices/pairing",
                      da_cli_object ("address", address, "scopes", scopes, NULL), error);
}

/* What scripts are promised, and no more. */
static void
print_fields (JsonObject *code)
{
  static const char *const names[] = { "link", "baseUrl", "address", "reason", "deviceId",
                                       "expiresAt" };
  g_autoptr(JsonNode) node = da_cli_object (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (code, names[i]))
      json_object_set_member (json_node_get_object (node), names[i],
                              json_node_copy (json_object_get_member (code, names[i])));
  da_cli_print_json (node);
}

static void
print_code (JsonObject *code)
{
  DaTerminalPairing pairing = {
    .link = da_json_get_string (code, "link"),
    .base_url = da_json_get_string (code, "baseUrl"),
    .reason = da_json_get_string (code, "reason"),
    .key_preview = da_json_get_string (code, "keyPreview"),
    .expires_at = da_json_get_int (code, "expiresAt", 0),
  };
  g_autofree char *text = da_terminal_pairing_render (&pairing, da_terminal_get ());

  g_print ("%s\n", text);
  g_print (_("Waiting for the phone; Ctrl+C closes the code.\n"));
}

static void
close_code (DaCli      *cli,
            const char *id)
{
  g_autofree char *path = da_cli_path ("/v1/operator/devices/pairing/", id, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = da_cli_call_anyway (cli, "DELETE", path, &error);

  if (answer != NULL)
    g_print (_("\nThe code is closed.\n"));
  else
    g_printerr ("\ndotagentsd: %s\n", error->message);
}

static int
wait_for_phone (DaCli      *cli,
                const char *id)
{
  g_autofree char *path = da_cli_path ("/v1/operator/devices/pairing/", id,
                                       "?wait=" WAIT_SECONDS);

  for (;;)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", path, NULL, &error);
      JsonObject *object = answer != NULL ? json_node_get_object (answer) : NULL;
      const char *state = da_json_get_string (object, "state");

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          close_code (cli, id);
          return DA_EXIT_INTERRUPTED;
        }
      if (answer == NULL || state == NULL)
        return da_cli_failed (error);
      if (strcmp (state, "paired") == 0)
        {
          g_autofree char *name = da_cli_clean (da_json_get_string (object, "name"), FALSE);
          g_autofree char *address = da_cli_clean (da_json_get_string (object, "address"), FALSE);

          g_print (_("Paired as “%s” (%s).\n"), name, address);
          return DA_EXIT_OK;
        }
      if (strcmp (state, "waiting") != 0)
        {
          g_print (_("The code has run out; nobody used it.\n"));
          return DA_EXIT_FAILURE;
        }
    }
}

int
da_cli_cmd_qr (DaCli  *cli,
               int     argc,
               char  **argv)
{
  g_autofree char *address = NULL;
  g_autofree char *scopes = NULL;
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_STRING, &address,
      N_("Address, name or URL that the phone shall use"), N_("ADDRESS") },
    { "scopes", 0, 0, G_OPTION_ARG_STRING, &scopes,
      N_("What the phone may do: chat,manage,operator"), N_("LIST") },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) code = NULL;
  const char *id;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, "", &exit_code))
    return exit_code;
  if (argc > 1)
    return da_cli_misused (cli, "[--address ADDRESS] [--scopes LIST] [--json]");
  code = begin (cli, address, scopes, &error);
  if (code == NULL)
    return da_cli_failed (error);
  id = da_json_get_string (json_node_get_object (code), "deviceId");
  if (cli->json || id == NULL)
    {
      print_fields (json_node_get_object (code));
      return DA_EXIT_OK;
    }
  print_code (json_node_get_object (code));
  return wait_for_phone (cli, id);
}
