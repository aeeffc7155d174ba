/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-actions"

#include "config.h"

#include "da-application-private.h"

#include <glib/gi18n.h>

#include "da-access-devices.h"
#include "da-debug-info.h"
#include "da-shortcuts-window.h"

static void
on_preferences_gone (gpointer data, GObject *window)
{
  DA_APPLICATION (data)->preferences = NULL;
}

static DaPreferencesWindow *
show_preferences (DaApplication *self)
{
  g_application_activate (G_APPLICATION (self));
  if (self->preferences == NULL)
    {
      self->preferences = da_preferences_window_new (self->engine);
      g_object_weak_ref (G_OBJECT (self->preferences), on_preferences_gone, self);
      gtk_window_set_transient_for (GTK_WINDOW (self->preferences), GTK_WINDOW (self->window));
      /* Kept, not made anew: libadwaita 1.2 does not free the groups of a preferences window. */
      gtk_window_set_hide_on_close (GTK_WINDOW (self->preferences), TRUE);
      gtk_window_set_destroy_with_parent (GTK_WINDOW (self->preferences), TRUE);
    }
  gtk_window_present (GTK_WINDOW (self->preferences));
  return self->preferences;
}

void
_da_application_preferences (DaApplication *self,
                             const char    *page)
{
  DaPreferencesWindow *preferences;

  if (!self->started)
    {
      g_free (self->wanted_page);
      self->wanted_page = g_strdup (page);
      g_application_activate (G_APPLICATION (self));
      return;
    }
  preferences = show_preferences (self);
  if (*page != '\0')
    da_preferences_window_show_page (preferences, page);
}

void
_da_application_pair (DaApplication *self)
{
  if (!self->started)
    {
      self->wanted_pairing = TRUE;
      g_application_activate (G_APPLICATION (self));
      return;
    }
  da_preferences_window_pair (show_preferences (self));
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  _da_application_preferences (data, g_variant_get_string (parameter, NULL));
}

static void
pair_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  _da_application_pair (data);
}

/* Of the menu of the icon, which gives no parameter. */
static void
remote_server_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  _da_application_preferences (data, "remote-server");
}

static void
retry_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  DaApplication *self = data;

  if (self->failed)
    _da_application_start (self);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  DaApplication *self = data;

  /* Closing saves what is open; that nothing keeps running is wanted. */
  self->stopping = TRUE;
  if (self->window != NULL)
    gtk_window_close (GTK_WINDOW (self->window));
  g_application_quit (G_APPLICATION (self));
}

static void
revoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaApplication) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error) && self->window != NULL)
    da_window_toast (self->window, error->message);
}

static void
revoke_device_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  DaApplication *self = data;

  if (self->started)
    da_access_revoke_device_async (da_engine_get_access (self->engine),
                                   g_variant_get_string (parameter, NULL), NULL, revoked_cb,
                                   g_object_ref (self));
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  static const char *const developers[] = { "The DotAgents Authors", NULL };
  DaApplication *self = data;
  g_autofree char *debug_info = da_debug_info_dup (self->started ? self->engine : NULL);

  adw_show_about_window (GTK_WINDOW (self->window),
                         "application-name", "DotAgents",
                         "application-icon", DA_APP_ID,
                         "version", DA_VERSION,
                         "developer-name", "The DotAgents Authors",
                         "developers", developers,
                         "comments", _("Your own agents, on this computer and on your phone."),
                         "copyright", "© 2026 The DotAgents Authors",
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "debug-info", debug_info,
                         "debug-info-filename", "dotagents-debug-info.txt",
                         /* Translators: put your names here, one a line */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static void
shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  DaApplication *self = data;

  g_application_activate (G_APPLICATION (self));
  if (self->shortcuts == NULL)
    g_set_weak_pointer (&self->shortcuts, da_shortcuts_window_new (GTK_WINDOW (self->window)));
  gtk_window_present (self->shortcuts);
}

void
_da_application_add_actions (DaApplication *self)
{
  static const GActionEntry entries[] = {
    { "preferences", preferences_action, "s", NULL, NULL, { 0 } },
    { "pair", pair_action, NULL, NULL, NULL, { 0 } },
    { "remote-server", remote_server_action, NULL, NULL, NULL, { 0 } },
    { "retry", retry_action, NULL, NULL, NULL, { 0 } },
    { "revoke-device", revoke_device_action, "s", NULL, NULL, { 0 } },
    { "shortcuts", shortcuts_action, NULL, NULL, NULL, { 0 } },
    { "about", about_action, NULL, NULL, NULL, { 0 } },
    { "quit", quit_action, NULL, NULL, NULL, { 0 } },
  };
  static const struct {
    const char *action;
    const char *keys[2];
  } keys[] = {
    { "app.quit", { "<Control>q", NULL } },
    { "app.preferences::", { "<Control>comma", NULL } },
    { "app.shortcuts", { "<Control>question", NULL } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
}
