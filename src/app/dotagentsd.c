/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app"

#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "da-cli.h"
#include "da-daemon.h"
#include "da-log.h"
#include "da-macros.h"

int
main (int argc, char *argv[])
{
  DaDaemonOptions options;
  DaExit exit_code;
  gboolean restart = FALSE;
  g_auto(GStrv) again = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, DA_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("dotagentsd");
  da_main_thread_mark ();
  da_log_init ();

  if (argc > 1 && da_cli_is_command (argv[1]))
    return da_cli_run (argc, argv);

  again = g_strdupv (argv);
  if (da_daemon_options_parse (&options, &argc, &argv, &exit_code))
    exit_code = da_daemon_run (&options, &restart);
  da_daemon_options_clear (&options);
  if (restart)
    exit_code = da_daemon_exec (again);
  return exit_code;
}
