/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-daemon"

#include "config.h"

#include "da-daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "da-access-devices.h"
#include "da-atomic-file.h"
#include "da-control-socket.h"
#include "da-engine.h"
#include "da-error.h"
#include "da-log.h"
#include "da-pairing-address.h"
#include "da-random.h"
#include "da-server.h"
#include "da-terminal-qr.h"
#include "da-worker.h"

#define GRACE_MS 2000     /* for answers in flight when asked to stop */
#define DRAIN_MS 1000     /* for what is being written then */

typedef struct {
  const DaDaemonOptions *options;
  GMainLoop *loop;
  DaEngine *engine;
  DaServer *server;
  DaExit exit_code;
  guint sigterm, sigint, sighup;
  gboolean stopping;
  gboolean restart;
} Daemon;

static DaExit
exit_for (const GError *error)
{
  if (g_error_matches (error, DA_ERROR, DA_ERROR_CONFLICT))
    return DA_EXIT_IN_USE;
  return DA_EXIT_DATA;
}

/* Stop */

static void
engine_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Daemon *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_stop_finish (DA_ENGINE (source), result, &error))
    g_warning ("%s", error->message);
  g_main_loop_quit (self->loop);
}

static void
server_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_server_stop_finish (DA_SERVER (source), result, &error))
    g_warning ("%s", error->message);
}

static void
stop (Daemon *self, DaExit exit_code)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  self->exit_code = exit_code;
  if (self->options->ready_file != NULL)
    unlink (self->options->ready_file);
  /* Side by side: ending the runs is what lets the open streams finish. */
  if (self->server != NULL)
    da_server_close_control (self->server);
  if (self->server != NULL)
    da_server_stop_async (self->server, GRACE_MS, server_stopped_cb, self);
  da_engine_stop_async (self->engine, engine_stopped_cb, self);
}

static gboolean
on_stop_signal (gpointer data)
{
  Daemon *self = data;

  g_message ("asked to stop");
  stop (self, DA_EXIT_OK);
  return G_SOURCE_CONTINUE;
}

static void
reloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_settings_reload_finish (DA_SETTINGS (source), result, &error))
    g_warning ("the settings were not read: %s", error->message);
}

static gboolean
on_reload_signal (gpointer data)
{
  Daemon *self = data;

  g_message ("asked to read the settings again");
  da_settings_reload_async (da_engine_get_settings (self->engine), reloaded_cb, NULL);
  return G_SOURCE_CONTINUE;
}

/* Start */

static void
print_notices (Daemon *self)
{
  g_auto(GStrv) notices = da_engine_dup_notices (self->engine);

  for (guint i = 0; notices[i] != NULL; i++)
    g_printerr ("%s\n", notices[i]);
}

/* The key is shown once, to a person at a terminal; never to a log that is kept. */
static void
print_first_key (Daemon *self)
{
  char *key;

  if (!da_engine_is_first_start (self->engine) || !isatty (STDOUT_FILENO))
    return;
  key = da_access_dup_api_key (da_engine_get_access (self->engine));
  if (key != NULL)
    g_print (_("API key (shown only this once): %s\n"), key);
  da_secret_free (key);
}

static gboolean
announce (Daemon *self)
{
  const char *url = da_remote_access_get_url (da_engine_get_remote_access (self->engine));
  g_autofree char *line = g_strdup_printf ("%s\n", url);
  g_autoptr(GError) error = NULL;

  g_print ("Listening on %s\n", url);
  print_first_key (self);
  fflush (stdout);
  if (self->options->ready_file == NULL)
    return TRUE;
  if (da_atomic_file_write (self->options->ready_file, line, strlen (line), 0644, &error))
    return TRUE;
  g_printerr ("dotagentsd: %s\n", error->message);
  return FALSE;
}

/* Pairing in the terminal, and the person's own socket; a start does not fail for them. */

static void
on_restart_asked (DaServer *server, gpointer user_data)
{
  Daemon *self = user_data;

  g_message ("asked to start again");
  self->restart = TRUE;
  stop (self, DA_EXIT_OK);
}

static void
open_control (Daemon *self)
{
  g_autofree char *path = da_control_socket_path (self->options->data_dir);
  g_autoptr(GError) error = NULL;

  g_signal_connect (self->server, "restart-program", G_CALLBACK (on_restart_asked), self);
  if (!da_server_open_control (self->server, path, &error))
    g_warning ("the commands of dotagentsd cannot reach this program: %s", error->message);
}

static void
on_paired (DaAccess *access, DaDevice *device, gpointer user_data)
{
  const char *address = da_device_get_address (device);

  g_print (_("Paired as “%s” (%s).\n"), da_device_get_name (device),
           address != NULL ? address : "-");
  fflush (stdout);
}

/* Nobody sees a screen here, so a terminal is where a code can be. */
static gboolean
is_headless (void)
{
  const char *mode = g_getenv ("DOTAGENTS_TERMINAL_MODE");
  const char *x11 = g_getenv ("DISPLAY");
  const char *wayland = g_getenv ("WAYLAND_DISPLAY");

  return g_strcmp0 (mode, "1") == 0
         || ((x11 == NULL || *x11 == '\0') && (wayland == NULL || *wayland == '\0'));
}

static gboolean
wants_code (Daemon *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  return self->options->qr
         || (is_headless () && isatty (STDOUT_FILENO)
             && da_settings_get_boolean (settings, "remoteServerTerminalQrEnabled"));
}

static void
print_code (Daemon *self)
{
  DaAccess *access = da_engine_get_access (self->engine);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaPairingAddress) where =
    da_pairing_address_choose (da_engine_get_remote_access (self->engine),
                               da_engine_get_settings (self->engine), self->options->address,
                               &error);
  g_autoptr(DaDevice) device = NULL;
  g_autofree char *link = NULL;
  g_autofree char *preview = NULL;
  g_autofree char *text = NULL;
  DaTerminalPairing pairing;

  if (where == NULL)
    {
      g_printerr (_("No pairing code: %s\n"), error->message);
      return;
    }
  device = da_access_begin_pairing (access, DA_SCOPE_ALL);
  link = da_device_dup_link (device, where->base_url);
  preview = da_secret_preview (da_device_peek_key (device));
  pairing = (DaTerminalPairing) {
    .link = link,
    .base_url = where->base_url,
    .reason = where->reason,
    .key_preview = preview,
    .expires_at = da_device_get_expires_at (device),
  };
  text = da_terminal_pairing_render (&pairing, da_terminal_get ());
  g_print ("%s", text);
  fflush (stdout);
  g_signal_connect (access, "device-paired", G_CALLBACK (on_paired), NULL);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Daemon *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_start_finish (DA_ENGINE (source), result, &error))
    {
      g_printerr ("dotagentsd: %s\n", error->message);
      self->exit_code = exit_for (error);
      g_main_loop_quit (self->loop);
      return;
    }
  if (self->stopping)
    return;
  print_notices (self);
  self->server = da_server_new (self->engine);
  da_server_override (self->server, self->options->bind, self->options->port);
  if (!da_server_start (self->server, &error))
    {
      g_printerr ("dotagentsd: %s\n", error->message);
      stop (self, DA_EXIT_LISTEN);
      return;
    }
  open_control (self);
  if (!announce (self))
    stop (self, DA_EXIT_FAILURE);
  else if (wants_code (self))
    print_code (self);
}

static void
follow_log_level (DaSettings *settings)
{
  DaLogLevel level;

  if (da_log_level_parse (da_settings_get_string (settings, "remoteServerLogLevel"), &level))
    da_log_set_level (level);
}

static DaEngine *
make_engine (const DaDaemonOptions *options)
{
  g_autoptr(GStrvBuilder) overrides = g_strv_builder_new ();
  g_auto(GStrv) list = NULL;
  DaEngineOptions engine_options = {
    .data_dir = options->data_dir,
    .state_dir = options->state_dir,
    .agents_dir = options->agents_dir,
    .workspace_dir = options->workspace_dir,
    .allow_keyring = !options->no_keyring,
  };

  if (options->overrides != NULL)
    g_strv_builder_addv (overrides, (const char **) options->overrides);
  if (options->log_level != NULL)
    {
      g_autofree char *line = g_strconcat ("remoteServerLogLevel=", options->log_level, NULL);

      g_strv_builder_add (overrides, line);
    }
  list = g_strv_builder_end (overrides);
  engine_options.overrides = (const char *const *) list;
  return da_engine_new (&engine_options);
}

DaExit
da_daemon_exec (char **argv)
{
  g_autofree char *program = g_find_program_in_path (argv[0]);

  /* The file of this name first: after an upgrade it is another one than what runs. */
  if (program != NULL)
    execv (program, argv);
  execv ("/proc/self/exe", argv);
  g_printerr (_("dotagentsd: it cannot start again: %s\n"), g_strerror (errno));
  return DA_EXIT_FAILURE;
}

static gboolean
on_turn (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* What is on its way to the disk gets there: the last rows of the record are those that matter. */
static void
drain (void)
{
  gint64 end = g_get_monotonic_time () + DRAIN_MS * G_TIME_SPAN_MILLISECOND;
  guint turn = g_timeout_add (10, on_turn, NULL);

  while (da_worker_pending (da_worker_get_slow ()) > 0 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (turn);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

DaExit
da_daemon_run (const DaDaemonOptions *options,
               gboolean              *restart)
{
  Daemon self = { .options = options };
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  DaSettings *settings;

  self.loop = loop;
  self.engine = make_engine (options);
  settings = da_engine_get_settings (self.engine);
  if (options->print_settings)
    {
      g_autofree char *text = da_settings_print (settings);

      g_print ("%s", text);
      print_notices (&self);
      g_object_unref (self.engine);
      return DA_EXIT_OK;
    }
  follow_log_level (settings);
  g_signal_connect (settings, "changed::remoteServerLogLevel", G_CALLBACK (follow_log_level), NULL);

  signal (SIGPIPE, SIG_IGN);
  self.sigterm = g_unix_signal_add (SIGTERM, on_stop_signal, &self);
  self.sigint = g_unix_signal_add (SIGINT, on_stop_signal, &self);
  self.sighup = g_unix_signal_add (SIGHUP, on_reload_signal, &self);
  da_engine_start_async (self.engine, NULL, started_cb, &self);
  g_main_loop_run (loop);

  g_source_remove (self.sigterm);
  g_source_remove (self.sigint);
  g_source_remove (self.sighup);
  g_clear_object (&self.server);
  /* Answers to closed connections may still be on their way through the loop; a row that waited for
   * another one is written after it. */
  drain ();
  drain ();
  g_clear_object (&self.engine);
  da_worker_stop (da_worker_get_slow ());
  *restart = self.restart;
  return self.exit_code;
}
