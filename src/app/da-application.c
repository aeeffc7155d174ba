/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-application"

#include "config.h"

#include "da-application-private.h"

#include <signal.h>
#include <string.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "da-engine.h"
#include "da-error.h"
#include "da-log.h"
#include "da-ui.h"
#include "da-worker.h"

G_DEFINE_FINAL_TYPE (DaApplication, da_application, ADW_TYPE_APPLICATION)

/* Start. The window is there before the engine is: nothing on the disk delays the first frame. */

static void
tell_notices (DaApplication *self)
{
  g_auto(GStrv) notices = da_engine_dup_notices (self->engine);

  for (guint i = 0; notices[i] != NULL && self->window != NULL; i++)
    da_window_toast (self->window, notices[i]);
}

static void
show_failure (DaApplication *self, const GError *error)
{
  gboolean busy = g_error_matches (error, DA_ERROR, DA_ERROR_CONFLICT);

  self->failed = TRUE;
  if (self->window == NULL)
    return;
  da_window_set_failed (self->window,
                        busy ? _("DotAgents Already Runs Here") : _("DotAgents Cannot Start"),
                        error->message, TRUE);
}

static void
give_engine (DaApplication *self)
{
  if (self->window == NULL || !self->started)
    return;
  da_window_set_engine (self->window, self->engine);
  tell_notices (self);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaApplication) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean started = da_engine_start_finish (DA_ENGINE (source), result, &error);

  g_application_release (G_APPLICATION (self));
  if (self->stopping)
    return;
  if (!started)
    {
      g_message ("%s", error->message);
      show_failure (self, error);
      return;
    }
  self->started = TRUE;
  give_engine (self);
  _da_application_serve (self);
  if (self->wanted_page != NULL)
    _da_application_preferences (self, self->wanted_page);
  g_clear_pointer (&self->wanted_page, g_free);
  if (self->wanted_pairing)
    _da_application_pair (self);
  self->wanted_pairing = FALSE;
}

static DaEngine *
make_engine (DaApplication *self)
{
  const char *workspace = g_getenv ("DOTAGENTS_WORKSPACE_DIR");
  g_autofree char *data = self->data_dir != NULL
                            ? g_strdup (self->data_dir)
                            : g_build_filename (g_get_user_data_dir (), "dotagents", NULL);
  g_autofree char *state = self->data_dir != NULL
                             ? g_build_filename (self->data_dir, "state", NULL)
                             : g_build_filename (g_get_user_state_dir (), "dotagents", NULL);
  g_autofree char *agents = self->agents_dir != NULL
                              ? g_strdup (self->agents_dir)
                              : g_build_filename (g_get_home_dir (), ".agents", NULL);
  const DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
    .workspace_dir = workspace != NULL && *workspace != '\0' ? workspace : NULL,
    .allow_keyring = !self->no_keyring,
  };

  return da_engine_new (&options);
}

static void
follow_log_level (DaSettings *settings)
{
  DaLogLevel level;

  if (da_log_level_parse (da_settings_get_string (settings, "remoteServerLogLevel"), &level))
    da_log_set_level (level);
}

static void
follow_theme (DaSettings *settings)
{
  const char *theme = da_settings_get_string (settings, "themePreference");
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (g_strcmp0 (theme, "light") == 0)
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_strcmp0 (theme, "dark") == 0)
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

void
_da_application_start (DaApplication *self)
{
  DaSettings *settings;

  g_assert (!self->started);
  g_clear_object (&self->engine);
  self->failed = FALSE;
  self->engine = make_engine (self);
  settings = da_engine_get_settings (self->engine);
  follow_log_level (settings);
  follow_theme (settings);
  g_signal_connect (settings, "changed::remoteServerLogLevel", G_CALLBACK (follow_log_level),
                    NULL);
  g_signal_connect (settings, "changed::themePreference", G_CALLBACK (follow_theme), NULL);
  g_application_hold (G_APPLICATION (self));
  da_engine_start_async (self->engine, NULL, started_cb, g_object_ref (self));
}

static gboolean
on_stop_signal (gpointer data)
{
  g_application_quit (G_APPLICATION (data));
  return G_SOURCE_CONTINUE;
}

/* GSettings ends the program over a missing schema; not installed, nothing is remembered. */
static GSettings *
open_state (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, DA_APP_ID, TRUE);
  if (schema == NULL)
    {
      g_info ("the schema %s is not installed; the window's size is not kept", DA_APP_ID);
      return NULL;
    }
  return g_settings_new_full (schema, NULL, NULL);
}

static void
da_application_startup (GApplication *application)
{
  DaApplication *self = DA_APPLICATION (application);

  G_APPLICATION_CLASS (da_application_parent_class)->startup (application);
  signal (SIGPIPE, SIG_IGN);
  self->sigterm = g_unix_signal_add (SIGTERM, on_stop_signal, self);
  self->sigint = g_unix_signal_add (SIGINT, on_stop_signal, self);
  da_ui_init ();
  gtk_window_set_default_icon_name (DA_APP_ID);
  self->state = open_state ();
  _da_application_add_actions (self);
  _da_application_start (self);
}

static void
on_window_gone (gpointer data, GObject *window)
{
  DaApplication *self = data;

  self->window = NULL;
  if (!self->stopping)
    _da_application_window_closed (self);
}

static void
da_application_activate (GApplication *application)
{
  DaApplication *self = DA_APPLICATION (application);

  if (self->window == NULL)
    {
      self->window = da_window_new (GTK_APPLICATION (self), self->state);
      g_object_weak_ref (G_OBJECT (self->window), on_window_gone, self);
      give_engine (self);
      if (self->failed)
        _da_application_start (self);
    }
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
da_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  g_application_activate (application);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      _da_application_open_link (DA_APPLICATION (application), uri);
    }
}

static int
da_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  return _da_application_local_options (DA_APPLICATION (application), options);
}

/* Stop */

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *done = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_stop_finish (DA_ENGINE (source), result, &error))
    g_warning ("%s", error->message);
  *done = TRUE;
}

/* Everything ends here, whichever way it came: the last window, quit, a signal, the session. */
static void
da_application_shutdown (GApplication *application)
{
  DaApplication *self = DA_APPLICATION (application);
  gboolean done = !self->started;

  self->stopping = TRUE;
  if (self->preferences != NULL)
    gtk_window_destroy (GTK_WINDOW (self->preferences));
  if (self->shortcuts != NULL)
    {
      gtk_window_destroy (self->shortcuts);
      g_clear_weak_pointer (&self->shortcuts);
    }
  if (self->window != NULL)
    {
      g_object_weak_unref (G_OBJECT (self->window), on_window_gone, self);
      gtk_window_destroy (GTK_WINDOW (self->window));
      self->window = NULL;
    }
  _da_application_stop_server (self);
  if (self->started)
    da_engine_stop_async (self->engine, stopped_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&self->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->engine);
  g_clear_object (&self->state);
  g_clear_handle_id (&self->restart_source, g_source_remove);
  g_clear_handle_id (&self->sigterm, g_source_remove);
  g_clear_handle_id (&self->sigint, g_source_remove);
  da_worker_stop (da_worker_get_slow ());
  G_APPLICATION_CLASS (da_application_parent_class)->shutdown (application);
}

static void
da_application_finalize (GObject *object)
{
  DaApplication *self = DA_APPLICATION (object);

  g_clear_weak_pointer (&self->link_dialog);
  g_free (self->data_dir);
  g_free (self->agents_dir);
  g_free (self->wanted_page);
  g_free (self->shown_session);
  G_OBJECT_CLASS (da_application_parent_class)->finalize (object);
}

static void
da_application_class_init (DaApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = da_application_finalize;
  application_class->startup = da_application_startup;
  application_class->activate = da_application_activate;
  application_class->open = da_application_open;
  application_class->handle_local_options = da_application_handle_local_options;
  application_class->shutdown = da_application_shutdown;
}

static void
da_application_init (DaApplication *self)
{
  _da_application_add_options (self);
}

DaApplication *
da_application_new (void)
{
  return g_object_new (DA_TYPE_APPLICATION, "application-id", DA_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", DA_RESOURCE_BASE, NULL);
}
