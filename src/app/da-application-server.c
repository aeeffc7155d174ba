/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-server"

#include "config.h"

#include "da-application-private.h"

#include <glib/gi18n.h>

#include "da-access-devices.h"
#include "da-application-background.h"
#include "da-autostart.h"
#include "da-control-socket.h"
#include "da-remote-rollback.h"

#define GRACE_MS 1500
#define SETTLE_MS 80           /* port and address changed together are one new start */

/*
 * Joins what must not meet: the settings that the preferences write, the server that listens, and
 * the program's staying alive for it. What the server does is told through DaRemoteAccess.
 */

static gboolean
is_wanted (DaApplication *self)
{
  return da_settings_get_boolean (da_engine_get_settings (self->engine), "remoteServerEnabled");
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_server_stop_finish (DA_SERVER (source), result, &error))
    g_warning ("%s", error->message);
}

void
_da_application_stop_server (DaApplication *self)
{
  g_clear_handle_id (&self->restart_source, g_source_remove);
  if (self->server != NULL && da_server_is_running (self->server))
    da_server_stop_async (self->server, GRACE_MS, stopped_cb, NULL);
}

static void
apply (DaApplication *self)
{
  g_autoptr(GError) error = NULL;

  if (!is_wanted (self))
    _da_application_stop_server (self);
  else if (!da_server_start (self->server, &error))
    g_message ("the remote server cannot start: %s", error->message);
  _da_application_update_hold (self);
}

static gboolean
apply_cb (gpointer data)
{
  DaApplication *self = data;

  self->restart_source = 0;
  apply (self);
  return G_SOURCE_REMOVE;
}

static void
on_server_setting (DaApplication *self)
{
  if (self->restart_source == 0)
    self->restart_source = g_timeout_add (SETTLE_MS, apply_cb, self);
}

/* Staying */

static void
background_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaApplication) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_background_request_finish (result, &error) && error == NULL && self->window != NULL)
    da_window_toast (self->window, _("The system does not let DotAgents run without a window"));
}

/* In a sandbox the desktop has to agree to both: to run on, and to start at login. */
static void
ask_desktop (DaApplication *self)
{
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (self));
  DaSettings *settings = da_engine_get_settings (self->engine);

  if (bus != NULL && da_background_is_needed ())
    da_background_request_async (bus, _("Answers your phone while the window is closed"),
                                 da_settings_get_boolean (settings, "launchAtLogin"), NULL,
                                 background_cb, g_object_ref (self));
}

void
_da_application_update_hold (DaApplication *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  gboolean hold = is_wanted (self)
                  && da_settings_get_boolean (settings, "remoteServerKeepRunning");

  if (hold == self->held)
    return;
  self->held = hold;
  if (hold)
    {
      g_application_hold (G_APPLICATION (self));
      ask_desktop (self);
    }
  else
    {
      g_application_release (G_APPLICATION (self));
    }
}

void
_da_application_window_closed (DaApplication *self)
{
  g_autoptr(GNotification) notification = NULL;

  if (!self->held || self->state == NULL
      || g_settings_get_boolean (self->state, "background-told"))
    return;
  notification = g_notification_new (_("DotAgents keeps running"));
  g_notification_set_body (notification, _("The remote server stays on, so that your phone can "
                                           "reach it. Choose Quit in the main menu to end it."));
  g_notification_add_button (notification, _("Quit"), "app.quit");
  g_application_send_notification (G_APPLICATION (self), "background", notification);
  g_settings_set_boolean (self->state, "background-told", TRUE);
}

/* For people who want to watch: a run that a phone or a script began brings the window up, once. */
static void
show_remote (DaApplication *self, DaSession *session)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  if (da_session_get_device_name (session) == NULL || da_session_get_snoozed (session)
      || !da_settings_get_boolean (settings, "remoteServerAutoShowPanel")
      || g_strcmp0 (self->shown_session, da_session_get_id (session)) == 0)
    return;
  g_free (self->shown_session);
  self->shown_session = g_strdup (da_session_get_id (session));
  g_application_activate (G_APPLICATION (self));
  da_window_open_conversation (self->window, da_session_get_conversation_id (session));
}

/* While an answer is being made, the computer does not fall asleep. */
static void
on_sessions_changed (DaApplication *self)
{
  GListModel *sessions = da_engine_get_sessions (self->engine);
  gboolean active = da_remote_access_get_streams (da_engine_get_remote_access (self->engine)) > 0;
  guint n = g_list_model_get_n_items (sessions);

  for (guint i = 0; i < n && !active; i++)
    {
      g_autoptr(DaSession) session = g_list_model_get_item (sessions, i);

      active = da_session_get_status (session) == DA_SESSION_ACTIVE;
      if (active)
        show_remote (self, session);
    }
  if (active && self->inhibit_cookie == 0)
    self->inhibit_cookie = gtk_application_inhibit (GTK_APPLICATION (self), NULL,
                                                    GTK_APPLICATION_INHIBIT_SUSPEND,
                                                    _("An answer is being made"));
  else if (!active && self->inhibit_cookie != 0)
    {
      gtk_application_uninhibit (GTK_APPLICATION (self), self->inhibit_cookie);
      self->inhibit_cookie = 0;
    }
}

static void
on_device_paired (DaApplication *self, DaDevice *device)
{
  g_autofree char *title = g_strdup_printf (_("%s was paired"), da_device_get_name (device));
  g_autofree char *body = NULL;
  g_autoptr(GNotification) notification = g_notification_new (title);

  /* A notification is on the shared screen, too. */
  if (da_device_get_address (device) != NULL
      && !da_settings_get_boolean (da_engine_get_settings (self->engine), "streamerModeEnabled"))
    body = g_strdup_printf (_("It can use your agents now. Address: %s"),
                            da_device_get_address (device));
  else
    body = g_strdup (_("It can use your agents now."));
  g_notification_set_body (notification, body);
  g_notification_add_button_with_target (notification, _("Remove"), "app.revoke-device", "s",
                                         da_device_get_id (device));
  g_notification_set_default_action_and_target (notification, "app.preferences", "s",
                                                "remote-server");
  g_application_send_notification (G_APPLICATION (self), da_device_get_id (device), notification);
}

/* The commands of dotagentsd work with this program as with the one without a window, whether or
 * not the remote server is switched on. */
static void
open_control (DaApplication *self)
{
  g_autofree char *path = da_control_socket_path (da_engine_get_data_dir (self->engine));
  g_autoptr(GError) error = NULL;

  if (!da_server_open_control (self->server, path, &error))
    g_warning ("the commands of dotagentsd cannot reach this program: %s", error->message);
}

/* A phone may change it too, when no settings window is there to do it. */
static void
on_launch_at_login (DaApplication *self)
{
  gboolean wanted = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                             "launchAtLogin");
  g_autoptr(GError) error = NULL;

  ask_desktop (self);
  if (wanted != da_autostart_is_set () && !da_autostart_set (wanted, &error))
    g_warning ("starting at login could not be changed: %s", error->message);
}

void
_da_application_serve (DaApplication *self)
{
  static const char *const watched[] = { "remoteServerEnabled", "remoteServerPort",
                                         "remoteServerBindAddress" };
  DaSettings *settings = da_engine_get_settings (self->engine);

  self->server = da_server_new (self->engine);
  da_remote_rollback_watch (self->engine);
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      g_autofree char *name = g_strconcat ("changed::", watched[i], NULL);

      g_signal_connect_object (settings, name, G_CALLBACK (on_server_setting), self,
                               G_CONNECT_SWAPPED);
    }
  g_signal_connect_object (settings, "changed::remoteServerKeepRunning",
                           G_CALLBACK (_da_application_update_hold), self, G_CONNECT_SWAPPED);
  /* A key that was made or put in by hand may be all that was missing. */
  g_signal_connect_object (da_engine_get_access (self->engine), "notify::has-key",
                           G_CALLBACK (on_server_setting), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_access (self->engine), "device-paired",
                           G_CALLBACK (on_device_paired), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_sessions (self->engine), "items-changed",
                           G_CALLBACK (on_sessions_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_remote_access (self->engine), "notify::streams",
                           G_CALLBACK (on_sessions_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::launchAtLogin", G_CALLBACK (on_launch_at_login),
                           self, G_CONNECT_SWAPPED);
  open_control (self);
  if (is_wanted (self))
    apply (self);
}
