/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli.h"

#include <signal.h>
#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "da-cli-private.h"
#include "da-control-socket.h"
#include "da-error.h"
#include "da-log.h"

static const struct {
  const char *name;
  DaCliFunc   func;
  const char *summary;
} commands[] = {
  { "qr", da_cli_cmd_qr, N_("Show a code that pairs a phone") },
  { "key", da_cli_cmd_key, N_("Show or replace the API key") },
  { "devices", da_cli_cmd_devices, N_("List, rename, limit and cut off paired devices") },
  { "conversations", da_cli_cmd_conversations, N_("List, show and export conversations") },
  { "status", da_cli_cmd_status, N_("Tell how the running program is") },
  { "logs", da_cli_cmd_logs, N_("Show what it logs") },
  { "settings", da_cli_cmd_settings, N_("Show and change settings") },
  { "chat", da_cli_cmd_chat, N_("Ask, and read the answer as it comes") },
  { "audit", da_cli_cmd_audit, N_("Show or verify the record of remote actions") },
};

static int
find_command (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, word) == 0)
      return (int) i;
  return -1;
}

gboolean
da_cli_is_command (const char *word)
{
  return strcmp (word, "help") == 0 || find_command (word) >= 0;
}

static int
print_commands (void)
{
  g_print (_("Usage: dotagentsd [OPTION…]             run the server; see dotagentsd --help\n"
             "       dotagentsd COMMAND [OPTION…]     talk to the one that runs\n\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-14s %s\n", commands[i].name, _(commands[i].summary));
  g_print (_("\nEvery command knows --help, --json and --data-dir.\n"));
  return DA_EXIT_OK;
}

int
da_cli_misused (DaCli      *cli,
                const char *usage)
{
  g_printerr (_("Usage: dotagentsd %s %s\n"), cli->command, usage);
  return DA_EXIT_USAGE;
}

int
da_cli_failed (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return DA_EXIT_INTERRUPTED;
  g_printerr ("dotagentsd: %s\n", error->message);
  return g_error_matches (error, DA_ERROR, DA_ERROR_UNAVAILABLE) ? DA_EXIT_NOT_RUNNING
                                                                  : DA_EXIT_FAILURE;
}

gboolean
da_cli_parse (DaCli              *cli,
              int                *argc,
              char             ***argv,
              const GOptionEntry *entries,
              const char         *usage,
              int                *exit_code)
{
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, N_("Answer in JSON, for scripts"), NULL },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &cli->data_dir,
      N_("Data folder of the program to talk to"), N_("FOLDER") },
    G_OPTION_ENTRY_NULL
  };
  g_autofree char *parameters = g_strconcat (cli->command, " ", usage, NULL);
  g_autoptr(GOptionContext) context = g_option_context_new (parameters);
  g_autoptr(GError) error = NULL;
  g_autofree char *given = NULL;

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("dotagentsd: %s\n", error->message);
      *exit_code = DA_EXIT_USAGE;
      return FALSE;
    }
  given = cli->data_dir != NULL ? g_steal_pointer (&cli->data_dir)
                                : g_build_filename (g_get_user_data_dir (), "dotagents", NULL);
  cli->data_dir = g_canonicalize_filename (given, NULL);
  cli->socket_path = da_control_socket_path (cli->data_dir);
  return TRUE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  DaCli *cli = user_data;

  g_cancellable_cancel (cli->interrupted);
  return G_SOURCE_CONTINUE;
}

int
da_cli_run (int    argc,
            char **argv)
{
  int index = find_command (argv[1]);
  DaCli cli = { 0 };
  int exit_code;

  if (index < 0)
    return print_commands ();

  /* Only what went wrong is of interest here; the words of the program are its own log. */
  da_log_set_level (DA_LOG_LEVEL_ERROR);
  signal (SIGPIPE, SIG_IGN);
  cli.command = argv[1];
  cli.interrupted = g_cancellable_new ();
  cli.signals[0] = g_unix_signal_add (SIGINT, on_interrupt, &cli);
  cli.signals[1] = g_unix_signal_add (SIGTERM, on_interrupt, &cli);
  exit_code = commands[index].func (&cli, argc - 1, argv + 1);

  da_cli_disconnect (&cli);
  g_source_remove (cli.signals[0]);
  g_source_remove (cli.signals[1]);
  g_object_unref (cli.interrupted);
  g_free (cli.data_dir);
  g_free (cli.socket_path);
  return exit_code;
}
