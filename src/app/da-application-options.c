/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-options"

#include "config.h"

#include "da-application-private.h"

#include <glib/gi18n.h>

#include "da-debug-info.h"

void
_da_application_add_options (DaApplication *self)
{
  const GOptionEntry entries[] = {
    { "settings", 0, 0, G_OPTION_ARG_STRING, NULL,
      N_("Open this page of the preferences: general, models, remote-server"), N_("PAGE") },
    { "pair", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the code that pairs a phone"), NULL },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
      N_("Folder of the database, attachments and state"), N_("FOLDER") },
    { "agents-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->agents_dir,
      N_("Folder of the shared settings, instead of ~/.agents"), N_("FOLDER") },
    { "no-keyring", 0, 0, G_OPTION_ARG_NONE, &self->no_keyring,
      N_("Keep secrets in a file in the data folder"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version"), NULL },
    G_OPTION_ENTRY_NULL
  };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _("Your own agents, on this computer and on your "
                                              "phone."));
}

static void
make_absolute (char **path)
{
  g_autofree char *given = *path;

  *path = given != NULL ? g_canonicalize_filename (given, NULL) : NULL;
}

/* What a running instance is asked for goes to it as an action; the window comes with it. */
int
_da_application_local_options (DaApplication *self,
                               GVariantDict  *options)
{
  g_autoptr(GError) error = NULL;
  const char *page = NULL;
  gboolean pair;

  if (g_variant_dict_contains (options, "version"))
    {
      g_autofree char *versions = da_debug_info_versions ();

      g_print ("dotagents %s\n%s", DA_VERSION, versions);
      return 0;
    }
  make_absolute (&self->data_dir);
  make_absolute (&self->agents_dir);
  g_variant_dict_lookup (options, "settings", "&s", &page);
  pair = g_variant_dict_contains (options, "pair");
  if (page == NULL && !pair)
    return -1;
  if (!g_application_register (G_APPLICATION (self), NULL, &error))
    {
      g_printerr ("dotagents: %s\n", error->message);
      return 1;
    }
  if (page != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self), "preferences",
                                    g_variant_new_string (page));
  if (pair)
    g_action_group_activate_action (G_ACTION_GROUP (self), "pair", NULL);
  /* Running already: what was asked for is on top, its window must not come before it. */
  return g_application_get_is_remote (G_APPLICATION (self)) ? 0 : -1;
}
