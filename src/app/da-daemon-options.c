/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-options"

#include "config.h"

#include "da-daemon-options.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "da-log.h"

static const char epilogue[] = N_(
  "Environment:\n"
  "  DOTAGENTS_API_KEY        the key clients send, instead of the stored one\n"
  "  OPENAI_API_KEY           key of the model provider\n"
  "  OPENAI_BASE_URL          address of the model provider\n"
  "  DOTAGENTS_MODEL          model to use\n"
  "  DOTAGENTS_WORKSPACE_DIR  folder whose .agents lies over the global one\n"
  "\n"
  "Exit status: 0 stopped as asked, 1 failure, 2 wrong usage, 3 the data folder is in use,\n"
  "4 cannot listen, 5 the data folder or database cannot be used. A command: 6 nothing runs,\n"
  "130 ended by Ctrl+C.");

static void
fill_defaults (DaDaemonOptions *self)
{
  const char *workspace = g_getenv ("DOTAGENTS_WORKSPACE_DIR");

  if (self->data_dir == NULL)
    self->data_dir = g_build_filename (g_get_user_data_dir (), "dotagents", NULL);
  else
    self->state_dir = g_build_filename (self->data_dir, "state", NULL);
  if (self->state_dir == NULL)
    self->state_dir = g_build_filename (g_get_user_state_dir (), "dotagents", NULL);
  if (self->agents_dir == NULL)
    self->agents_dir = g_build_filename (g_get_home_dir (), ".agents", NULL);
  if (self->workspace_dir == NULL && workspace != NULL && *workspace != '\0')
    self->workspace_dir = g_strdup (workspace);
}

static void
make_absolute (char **path)
{
  char *absolute;

  if (*path == NULL)
    return;
  absolute = g_canonicalize_filename (*path, NULL);
  g_free (*path);
  *path = absolute;
}

static gboolean
check (DaDaemonOptions *self, GError **error)
{
  DaLogLevel level;

  if (self->port < -1 || self->port > 65535)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("--port takes a number from 0 (any free port) to 65535"));
      return FALSE;
    }
  if (self->log_level != NULL && !da_log_level_parse (self->log_level, &level))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("--log-level takes error, info or debug"));
      return FALSE;
    }
  return TRUE;
}

gboolean
da_daemon_options_parse (DaDaemonOptions   *self,
                         int               *argc,
                         char            ***argv,
                         DaExit            *exit_code)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "bind", 0, 0, G_OPTION_ARG_STRING, &self->bind,
      N_("Listen on this address, for this run"), N_("ADDRESS") },
    { "port", 0, 0, G_OPTION_ARG_INT, &self->port,
      N_("Listen on this port, for this run; 0 takes any free one"), N_("PORT") },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
      N_("Folder of the database, attachments and state"), N_("FOLDER") },
    { "agents-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->agents_dir,
      N_("Folder of the shared settings, instead of ~/.agents"), N_("FOLDER") },
    { "workspace", 0, 0, G_OPTION_ARG_FILENAME, &self->workspace_dir,
      N_("Folder whose .agents lies over the global one"), N_("FOLDER") },
    { "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &self->ready_file,
      N_("Write the address here once it is listening"), N_("FILE") },
    { "log-level", 0, 0, G_OPTION_ARG_STRING, &self->log_level,
      N_("error, info or debug"), N_("LEVEL") },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->overrides,
      N_("Set a setting for this run; may be repeated"), N_("NAME=VALUE") },
    { "print-settings", 0, 0, G_OPTION_ARG_NONE, &self->print_settings,
      N_("Print every setting, its value and where it comes from"), NULL },
    { "no-keyring", 0, 0, G_OPTION_ARG_NONE, &self->no_keyring,
      N_("Keep secrets in a file in the data folder"), NULL },
    { "qr", 0, 0, G_OPTION_ARG_NONE, &self->qr,
      N_("Show a code that pairs a phone, once it is listening"), NULL },
    { "address", 0, 0, G_OPTION_ARG_STRING, &self->address,
      N_("Address, name or URL that the code leads to"), N_("ADDRESS") },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Print the version"), NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;

  *self = (DaDaemonOptions) { .port = -1 };
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _("The DotAgents server without a window.\n"
                                           "“dotagentsd help” lists the commands that talk to "
                                           "the one that runs."));
  g_option_context_set_description (context, _(epilogue));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error) || !check (self, &error))
    {
      g_printerr ("dotagentsd: %s\n", error->message);
      *exit_code = DA_EXIT_USAGE;
      return FALSE;
    }
  if (*argc > 1)
    {
      g_printerr (_("dotagentsd: \"%s\" is not understood; see --help\n"), (*argv)[1]);
      *exit_code = DA_EXIT_USAGE;
      return FALSE;
    }
  if (version)
    {
      g_print ("dotagentsd %s\n", DA_VERSION);
      *exit_code = DA_EXIT_OK;
      return FALSE;
    }
  fill_defaults (self);
  make_absolute (&self->data_dir);
  make_absolute (&self->state_dir);
  make_absolute (&self->agents_dir);
  make_absolute (&self->workspace_dir);
  return TRUE;
}

void
da_daemon_options_clear (DaDaemonOptions *self)
{
  g_free (self->bind);
  g_free (self->data_dir);
  g_free (self->state_dir);
  g_free (self->agents_dir);
  g_free (self->workspace_dir);
  g_free (self->ready_file);
  g_free (self->log_level);
  g_free (self->address);
  g_strfreev (self->overrides);
}
