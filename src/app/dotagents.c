/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app"

#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "da-application.h"
#include "da-log.h"
#include "da-macros.h"

int
main (int argc, char *argv[])
{
  g_autoptr(DaApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, DA_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (DA_APP_ID);
  g_set_application_name ("DotAgents");
  da_main_thread_mark ();
  da_log_init ();

  application = da_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
