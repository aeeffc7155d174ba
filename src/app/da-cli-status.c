/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <stdio.h>
#include <string.h>

#include <glib/gi18n.h>

#include "da-audit-log.h"
#include "da-clock.h"
#include "da-json.h"

/* dotagentsd status, logs, audit */

#define AUDIT_USAGE "list [-n N] | verify"

static void
print_line (const char *label,
            const char *text)
{
  g_autofree char *clean = da_cli_clean (text, FALSE);

  g_print ("%-14s %s\n", label, clean);
}

static void
print_server (JsonObject *server)
{
  const char *url = da_json_get_string (server, "url");
  const char *reachable = da_json_get_string (server, "connectableUrl");
  const char *error = da_json_get_string (server, "lastError");

  if (da_json_get_boolean (server, "running", FALSE))
    print_line (_("Listening on"), url);
  else
    print_line (_("Listening on"), _("nothing: the remote server is off"));
  if (reachable != NULL)
    print_line (_("Reached at"), reachable);
  if (error != NULL)
    print_line (_("Last error"), error);
}

static void
print_health (JsonObject *health)
{
  JsonObject *checks = da_json_get_object (health, "checks");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  print_line (_("Health"), da_json_get_string (health, "overall"));
  if (checks == NULL)
    return;
  json_object_iter_init (&iter, checks);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *check = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *status = da_json_get_string (check, "status");
      g_autofree char *text = NULL;

      if (status == NULL || strcmp (status, "pass") == 0)
        continue;
      text = g_strdup_printf ("%s: %s", status, da_json_get_string (check, "message"));
      print_line ("", text);
    }
}

static void
print_status (JsonObject *status)
{
  JsonObject *system = da_json_get_object (status, "system");
  JsonObject *sessions = da_json_get_object (status, "sessions");
  JsonObject *memory = da_json_get_object (system, "memoryUsage");
  g_autofree char *version =
    g_strdup_printf (_("%s on %s, up %d s, %.0f MB"),
                     da_json_get_string (system, "appVersion"),
                     da_json_get_string (system, "hostname"),
                     (int) da_json_get_int (system, "processUptimeSeconds", 0),
                     da_json_get_double (memory, "rssMB", 0));
  g_autofree char *busy =
    g_strdup_printf (_("%d active, %d recent"),
                     (int) da_json_get_int (sessions, "activeSessions", 0),
                     (int) da_json_get_int (sessions, "recentSessions", 0));

  print_line ("DotAgents", version);
  print_server (da_json_get_object (status, "remoteServer"));
  print_line (_("Sessions"), busy);
  print_health (da_json_get_object (status, "health"));
}

int
da_cli_cmd_status (DaCli  *cli,
                   int     argc,
                   char  **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = NULL;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, NULL, "", &exit_code))
    return exit_code;
  if (argc > 1)
    return da_cli_misused (cli, "[--json]");
  answer = da_cli_call (cli, "GET", "/v1/operator/status", NULL, &error);
  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    da_cli_print_json (answer);
  else
    print_status (json_node_get_object (answer));
  return DA_EXIT_OK;
}

/* logs */

static void
print_log_entry (DaCli      *cli,
                 JsonObject *entry)
{
  g_autoptr(GDateTime) time =
    g_date_time_new_from_unix_local (da_json_get_int (entry, "timestamp", 0) / 1000);
  g_autofree char *stamp = g_date_time_format (time, "%H:%M:%S");
  g_autofree char *message = da_cli_clean (da_json_get_string (entry, "message"), FALSE);

  if (cli->json)
    {
      g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), entry);
      g_autofree char *text = da_json_to_string (node, FALSE);

      g_print ("%s\n", text);
      return;
    }
  g_print ("%s %-7s %s: %s\n", stamp, da_json_get_string (entry, "level"),
           da_json_get_string (entry, "component"), message);
}

static void
on_log_event (const char *event,
              const char *data,
              gsize       length,
              gpointer    user_data)
{
  g_autoptr(JsonNode) node = da_json_parse (data, length, length, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  if (event != NULL)
    g_printerr (_("(%d lines were lost: this terminal is too slow)\n"),
                (int) da_json_get_int (json_node_get_object (node), "count", 0));
  else
    print_log_entry (user_data, json_node_get_object (node));
  fflush (stdout);
}

static int
follow_logs (DaCli *cli,
             int    count)
{
  g_autofree char *path = g_strdup_printf ("/v1/operator/logs/stream?count=%d", count);
  g_autoptr(GError) error = NULL;

  if (da_cli_stream (cli, "GET", path, NULL, on_log_event, cli, &error))
    {
      g_printerr (_("dotagentsd: the program has stopped\n"));
      return DA_EXIT_NOT_RUNNING;
    }
  /* Ctrl+C is how one leaves. */
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? DA_EXIT_OK
                                                                   : da_cli_failed (error);
}

int
da_cli_cmd_logs (DaCli  *cli,
                 int     argc,
                 char  **argv)
{
  gboolean follow = FALSE;
  int count = 50;
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, N_("Go on as more is logged"), NULL },
    { "lines", 'n', 0, G_OPTION_ARG_INT, &count, N_("So many lines"), N_("N") },
    G_OPTION_ENTRY_NULL
  };
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = NULL;
  JsonArray *logs;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, "", &exit_code))
    return exit_code;
  if (argc > 1)
    return da_cli_misused (cli, "[-f] [-n N] [--json]");
  if (follow)
    return follow_logs (cli, count);
  path = g_strdup_printf ("/v1/operator/logs?count=%d", count);
  answer = da_cli_call (cli, "GET", path, NULL, &error);
  if (answer == NULL)
    return da_cli_failed (error);
  logs = da_json_get_array (json_node_get_object (answer), "logs");
  for (guint i = 0; logs != NULL && i < json_array_get_length (logs); i++)
    print_log_entry (cli, da_json_array_get_object (logs, i));
  return DA_EXIT_OK;
}

/* audit */

/* Where the program with this data folder keeps its state; da-daemon-options.c says the same. */
static char *
get_state_dir (DaCli *cli)
{
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "dotagents", NULL);

  if (strcmp (cli->data_dir, usual) == 0)
    return g_build_filename (g_get_user_state_dir (), "dotagents", NULL);
  return g_build_filename (cli->data_dir, "state", NULL);
}

/* Reads the files itself: it must work when the program does not run, and not take its word. */
static int
verify (DaCli *cli)
{
  g_autofree char *folder = get_state_dir (cli);
  g_autoptr(GError) error = NULL;
  guint64 n_lines = 0;
  gboolean whole = da_audit_log_verify (folder, &n_lines, &error);

  if (cli->json)
    {
      g_autoptr(JsonNode) node = da_cli_object ("folder", folder, "error",
                                                whole ? NULL : error->message, NULL);

      json_object_set_boolean_member (json_node_get_object (node), "whole", whole);
      json_object_set_int_member (json_node_get_object (node), "lines", (gint64) n_lines);
      da_cli_print_json (node);
    }
  else if (whole)
    g_print (_("The record is whole: %llu lines in %s\n"), (unsigned long long) n_lines,
             folder);
  else
    g_printerr (_("The record was changed: %s\n"), error->message);
  return whole ? DA_EXIT_OK : DA_EXIT_FAILURE;
}

static char **
make_audit_row (JsonObject *entry)
{
  g_autofree char *time = da_cli_format_time (da_json_get_int (entry, "timestamp", 0));
  const char *reason = da_json_get_string (entry, "failureReason");
  const char *ip = da_json_get_string (da_json_get_object (entry, "source"), "ip");
  const char *who = da_json_get_string (entry, "deviceName");
  const char *cells[] = {
    time, who != NULL ? who : "-", ip != NULL ? ip : "-", da_json_get_string (entry, "action"),
    da_json_get_string (entry, "path"), reason != NULL ? reason : "ok", NULL,
  };

  return g_strdupv ((char **) cells);
}

static int
list_audit (DaCli *cli,
            int    count)
{
  static const char *const head[] = { "TIME", "WHO", "FROM", "WHAT", "WHERE", "OUTCOME", NULL };
  g_autofree char *path = g_strdup_printf ("/v1/operator/audit?count=%d", count);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = da_cli_call (cli, "GET", path, NULL, &error);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  JsonArray *entries;

  if (answer == NULL)
    return da_cli_failed (error);
  if (cli->json)
    {
      da_cli_print_json (answer);
      return DA_EXIT_OK;
    }
  entries = da_json_get_array (json_node_get_object (answer), "entries");
  g_ptr_array_add (rows, g_strdupv ((char **) head));
  for (guint i = entries != NULL ? json_array_get_length (entries) : 0; i > 0; i--)
    g_ptr_array_add (rows, make_audit_row (da_json_array_get_object (entries, i - 1)));
  da_cli_print_table (rows);
  return DA_EXIT_OK;
}

int
da_cli_cmd_audit (DaCli  *cli,
                  int     argc,
                  char  **argv)
{
  int count = 50;
  const GOptionEntry entries[] = {
    { "lines", 'n', 0, G_OPTION_ARG_INT, &count, N_("So many rows"), N_("N") },
    G_OPTION_ENTRY_NULL
  };
  const char *verb;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, AUDIT_USAGE, &exit_code))
    return exit_code;
  verb = argc > 1 ? argv[1] : "list";
  if (strcmp (verb, "verify") == 0 && argc == 2)
    return verify (cli);
  if (strcmp (verb, "list") == 0 && argc <= 2)
    return list_audit (cli, count);
  return da_cli_misused (cli, AUDIT_USAGE);
}
