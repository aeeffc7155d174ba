/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server"

#include "config.h"

#include "da-server.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>

#include "da-address.h"
#include "da-connection.h"
#include "da-control-socket.h"
#include "da-error.h"
#include "da-listener.h"
#include "da-log.h"
#include "da-macros.h"
#include "da-request-private.h"
#include "da-routes.h"
#include "da-server-private.h"

/* Several settings that change together are one change of the listener. */
#define REBIND_DELAY_MS 25

struct _DaServer {
  GObject          parent_instance;

  DaServerContext *context;         /* owned */
  DaListener      *listener;        /* (nullable) owned */
  DaControlSocket *control;         /* (nullable) owned */
  int              anchor;          /* the far end of the socket that stands in for a listener */
  char            *override_bind;   /* (nullable) owned */
  int              override_port;
  guint            rebind_source;
  guint            settled_source;
  guint            grace_source;
  GTask           *stopping;        /* (nullable) owned */
};

enum {
  RESTART_PROGRAM,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaServer, da_server, G_TYPE_OBJECT)

DaServerContext *
_da_server_context_ref (DaServerContext *self)
{
  self->ref_count++;
  return self;
}

void
_da_server_context_unref (DaServerContext *self)
{
  g_assert (self->ref_count > 0);
  if (--self->ref_count > 0)
    return;

  g_assert (self->connections->len == 0);
  g_clear_handle_id (&self->sweep_source, g_source_remove);
  g_clear_object (&self->soup);
  g_ptr_array_unref (self->connections);
  g_hash_table_unref (self->peers);
  g_string_free (self->scratch, TRUE);
  da_access_log_free (self->access_log);
  da_audit_rules_free (self->audit_rules);
  da_throttler_free (self->throttler);
  da_gate_free (self->gate);
  da_router_free (self->router);
  da_flush_queue_unref (self->flush_queue);
  g_object_unref (self->engine);
  g_free (self);
}

static DaRouter *
make_router (void)
{
  DaRouter *router = da_router_new ();

  da_router_add (router, da_routes_chat);
  da_router_add (router, da_routes_models);
  da_router_add (router, da_routes_conversations);
  da_router_add (router, da_routes_sessions);
  da_router_add (router, da_routes_runs);
  da_router_add (router, da_routes_settings);
  da_router_add (router, da_routes_emergency);
  da_router_add (router, da_routes_operator_status);
  da_router_add (router, da_routes_operator_sessions);
  da_router_add (router, da_routes_operator_models);
  da_router_add (router, da_routes_devices);
  da_router_add (router, da_routes_operator_access);
  da_router_add (router, da_routes_operator_logs);
  da_router_add (router, da_routes_openapi);
  da_router_add (router, da_routes_absent);
  return router;
}

/* libsoup. */

static void
on_early (SoupServer        *soup,
          SoupServerMessage *message,
          const char        *path,
          GHashTable        *query,
          gpointer           user_data)
{
  da_gate_check (user_data, message, path, query);
}

static void
on_request (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  DaConnection *connection = da_connection_from_message (message);

  g_assert (connection != NULL && connection->request != NULL);
  _da_request_dispatch (connection->request);
}

static void
on_request_ended (SoupServer        *soup,
                  SoupServerMessage *message,
                  gpointer           user_data)
{
  DaConnection *connection = da_connection_from_message (message);

  if (connection == NULL)
    return;

  da_guard_stream_flush (connection->guard);
  if (connection->request != NULL && connection->request->message == message)
    _da_request_finish (connection->request);
}

/* A SoupServer closes each connection after one answer while it has no listener of its own. It
 * gets one that nobody can reach: an end of a pair of sockets, whose other end stays silent. */
static void
add_anchor (DaServer *self)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    g_error ("No pair of sockets can be made");
  self->anchor = ends[1];
  socket = g_socket_new_from_fd (ends[0], &error);
  if (socket == NULL
      || !soup_server_listen_socket (self->context->soup, socket, 0, &error))
    g_error ("The HTTP library does not start: %s", error->message);
}

static void
make_soup (DaServer *self)
{
  DaServerContext *context = self->context;

  context->soup = g_object_new (SOUP_TYPE_SERVER, "raw-paths", TRUE, "server-header", NULL, NULL);
  soup_server_add_early_handler (context->soup, NULL, on_early, context, NULL);
  soup_server_add_handler (context->soup, NULL, on_request, context, NULL);
  soup_server_add_early_handler (context->soup, "*", on_early, context, NULL);
  soup_server_add_handler (context->soup, "*", on_request, context, NULL);
  g_signal_connect (context->soup, "request-finished", G_CALLBACK (on_request_ended), NULL);
  g_signal_connect (context->soup, "request-aborted", G_CALLBACK (on_request_ended), NULL);
  add_anchor (self);
}

/* Listening. */

static void
on_accepted (GSocket *socket,
             gpointer user_data)
{
  DaServer *self = user_data;

  if (socket == NULL)
    g_warning ("No file descriptor is left; a caller was turned away");
  else
    da_connection_accept (self->context, socket, DA_ENTRANCE_NETWORK);
}

static const char *
get_bind (DaServer *self)
{
  const char *bind = self->override_bind;

  if (bind == NULL)
    bind = da_settings_get_string (self->context->settings, "remoteServerBindAddress");
  return bind != NULL && *bind != '\0' ? bind : "127.0.0.1";
}

static guint
get_port (DaServer *self)
{
  if (self->override_port >= 0)
    return (guint) self->override_port;
  return (guint) da_settings_get_int (self->context->settings, "remoteServerPort");
}

static void
publish (DaServer *self)
{
  const char *bind = da_listener_get_bind (self->listener);
  guint port = da_listener_get_port (self->listener);
  g_autofree char *url = da_address_make_url (bind, port);
  g_autofree char *reachable = da_address_find_reachable (bind);
  g_autofree char *connectable = reachable != NULL ? da_address_make_url (reachable, port) : NULL;

  da_remote_access_set_running (self->context->remote, bind, port, url, connectable);
}

/* Opens what the settings ask for; an open listener goes on until the new one is there. */
static gboolean
listen_now (DaServer  *self,
            gboolean   anew,
            GError   **error)
{
  g_autofree char *bind = g_strdup (get_bind (self));
  guint port = get_port (self);
  DaListener *listener;

  if (!da_address_is_loopback (bind) && !da_access_has_key (self->context->access))
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           _("Without an API key the server listens on a loopback address only"));
      return FALSE;
    }

  /* "Any free port" is not a wish to change it. */
  if (self->listener != NULL && port == 0)
    port = da_listener_get_port (self->listener);
  if (!anew && self->listener != NULL && port == da_listener_get_port (self->listener)
      && strcmp (bind, da_listener_get_bind (self->listener)) == 0)
    return TRUE;

  listener = da_listener_new (bind, port, self->listener, on_accepted, self, error);
  if (listener == NULL)
    return FALSE;

  g_clear_pointer (&self->listener, da_listener_free);
  self->listener = listener;
  publish (self);
  g_message ("Listening on %s, port %u", bind, da_listener_get_port (listener));
  /* Who closes the door to the network means those who are inside, too. */
  if (da_address_is_loopback (bind))
    da_connection_cut_remote (self->context);
  return TRUE;
}

static gboolean
on_rebind_due (gpointer user_data)
{
  DaServer *self = user_data;
  g_autoptr (GError) error = NULL;

  self->rebind_source = 0;
  if (self->listener != NULL && !listen_now (self, FALSE, &error))
    {
      g_warning ("Listening goes on as before: %s", error->message);
      da_remote_access_set_state (self->context->remote, DA_REMOTE_RUNNING, error->message);
    }

  return G_SOURCE_REMOVE;
}

/* Settings. */

static void
load_lists (DaServer *self)
{
  DaServerContext *context = self->context;
  DaSettings *settings = context->settings;

  da_gate_set_origins (context->gate, da_settings_get_strv (settings, "remoteServerCorsOrigins"));
  da_gate_set_hosts (context->gate, da_settings_get_strv (settings, "remoteServerAllowedHosts"));
  da_gate_set_devices (context->gate,
                       da_settings_get_strv (settings, "remoteServerOperatorAllowDeviceIds"));
}

static void
stopped_by_setting_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!da_server_stop_finish (DA_SERVER (source), result, &error))
    g_debug ("Stopping: %s", error->message);
}

static void
switch_by_setting (DaServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!da_settings_get_boolean (self->context->settings, "remoteServerEnabled"))
    {
      if (self->listener != NULL)
        da_server_stop_async (self, 1000, stopped_by_setting_cb, NULL);
    }
  else if (!da_server_start (self, &error))
    {
      g_warning ("%s", error->message);
    }
}

static void
on_setting_changed (DaSettings          *settings,
                    const DaSettingSpec *spec,
                    DaServer            *self)
{
  DaLogLevel level;

  if (strcmp (spec->name, "remoteServerPort") == 0
      || strcmp (spec->name, "remoteServerBindAddress") == 0)
    {
      if (self->rebind_source == 0)
        self->rebind_source = g_timeout_add (REBIND_DELAY_MS, on_rebind_due, self);
    }
  else if (strcmp (spec->name, "remoteServerEnabled") == 0)
    {
      switch_by_setting (self);
    }
  else if (strcmp (spec->name, "remoteServerLogLevel") == 0)
    {
      const char *text = da_settings_get_string (settings, spec->name);

      if (text != NULL && da_log_level_parse (text, &level))
        da_log_set_level (level);
    }
  else if (strcmp (spec->name, "remoteServerCorsOrigins") == 0
           || strcmp (spec->name, "remoteServerAllowedHosts") == 0
           || strcmp (spec->name, "remoteServerOperatorAllowDeviceIds") == 0)
    {
      load_lists (self);
    }
}

/* Life. */

DaServer *
da_server_new (DaEngine *engine)
{
  DaServer *self = g_object_new (DA_TYPE_SERVER, NULL);
  DaServerContext *context = self->context;

  context->engine = g_object_ref (engine);
  context->access = da_engine_get_access (engine);
  context->settings = da_engine_get_settings (engine);
  context->remote = da_engine_get_remote_access (engine);
  context->access_log = da_access_log_new (da_engine_get_state_dir (engine));
  context->audit_rules = da_audit_rules_new (da_engine_get_audit_log (engine));
  make_soup (self);
  load_lists (self);
  g_signal_connect_object (context->settings, "changed", G_CALLBACK (on_setting_changed), self, 0);
  return self;
}

void
da_server_override (DaServer   *self,
                    const char *bind,
                    int         port)
{
  g_free (self->override_bind);
  self->override_bind = g_strdup (bind);
  self->override_port = port;
}

static void
finish_stop (DaServer *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->stopping);

  g_clear_handle_id (&self->grace_source, g_source_remove);
  /* The person's own door goes on when the network's is shut. */
  if (self->control != NULL)
    self->context->is_stopping = FALSE;
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static gboolean
start (DaServer  *self,
       gboolean   anew,
       GError   **error)
{
  g_autoptr (GError) failure = NULL;

  DA_ASSERT_MAIN_THREAD ();
  /* A stop that is under way would cut the new connections when its grace is over. */
  finish_stop (self);
  if (self->listener == NULL)
    da_remote_access_set_state (self->context->remote, DA_REMOTE_STARTING, NULL);
  self->context->is_stopping = FALSE;

  if (listen_now (self, anew, &failure))
    return TRUE;

  da_remote_access_set_state (self->context->remote,
                              self->listener != NULL ? DA_REMOTE_RUNNING : DA_REMOTE_FAILED,
                              failure->message);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
da_server_start (DaServer  *self,
                 GError   **error)
{
  return start (self, FALSE, error);
}

gboolean
da_server_restart (DaServer  *self,
                   GError   **error)
{
  return start (self, TRUE, error);
}

gboolean
da_server_can_restart_program (DaServer *self)
{
  return g_signal_has_handler_pending (self, signals[RESTART_PROGRAM], 0, FALSE);
}

gboolean
da_server_restart_program (DaServer *self)
{
  if (!da_server_can_restart_program (self))
    return FALSE;
  g_signal_emit (self, signals[RESTART_PROGRAM], 0);
  return TRUE;
}

static void
on_local_accepted (GSocket *socket,
                   gpointer user_data)
{
  DaServer *self = user_data;

  da_connection_accept (self->context, socket, DA_ENTRANCE_LOCAL);
}

gboolean
da_server_open_control (DaServer    *self,
                        const char  *path,
                        GError     **error)
{
  da_server_close_control (self);
  self->control = da_control_socket_new (path, on_local_accepted, self, error);
  return self->control != NULL;
}

void
da_server_close_control (DaServer *self)
{
  g_clear_pointer (&self->control, da_control_socket_free);
}

static gboolean
on_settled (gpointer user_data)
{
  DaServer *self = user_data;

  self->settled_source = 0;
  if (!self->context->is_stopping)
    return G_SOURCE_REMOVE;

  /* A connection whose answer is sent waits for a next request that will not come. */
  da_connection_cut_idle (self->context, FALSE);
  if (self->context->connections->len == 0 && self->context->n_requests == 0)
    finish_stop (self);
  return G_SOURCE_REMOVE;
}

void
_da_server_settled (DaServerContext *context)
{
  DaServer *self = context->server;

  if (self != NULL && context->is_stopping && self->settled_source == 0)
    self->settled_source = g_idle_add (on_settled, self);
}

static gboolean
on_grace_over (gpointer user_data)
{
  DaServer *self = user_data;

  self->grace_source = 0;
  da_connection_cut_idle (self->context, TRUE);
  finish_stop (self);
  return G_SOURCE_REMOVE;
}

void
da_server_stop_async (DaServer            *self,
                      guint                grace_ms,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, da_server_stop_async);
  finish_stop (self);
  g_clear_handle_id (&self->rebind_source, g_source_remove);
  g_clear_pointer (&self->listener, da_listener_free);
  da_remote_access_set_state (self->context->remote, DA_REMOTE_OFF, NULL);
  self->context->is_stopping = TRUE;
  self->stopping = g_steal_pointer (&task);
  self->grace_source = g_timeout_add (grace_ms, on_grace_over, self);
  _da_server_settled (self->context);
}

gboolean
da_server_stop_finish (DaServer      *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
da_server_is_running (DaServer *self)
{
  return self->listener != NULL;
}

guint
da_server_get_port (DaServer *self)
{
  return self->listener != NULL ? da_listener_get_port (self->listener) : 0;
}

static void
da_server_dispose (GObject *object)
{
  DaServer *self = DA_SERVER (object);

  g_clear_handle_id (&self->rebind_source, g_source_remove);
  g_clear_handle_id (&self->settled_source, g_source_remove);
  g_clear_pointer (&self->listener, da_listener_free);
  da_server_close_control (self);
  finish_stop (self);
  if (self->context != NULL)
    {
      self->context->server = NULL;
      self->context->is_stopping = TRUE;
      da_connection_abandon_all (self->context);
      da_flush_queue_stop (self->context->flush_queue);
      g_clear_handle_id (&self->context->sweep_source, g_source_remove);
      g_clear_object (&self->context->soup);
    }
  g_clear_pointer (&self->context, _da_server_context_unref);
  if (self->anchor >= 0)
    close (self->anchor);
  self->anchor = -1;

  G_OBJECT_CLASS (da_server_parent_class)->dispose (object);
}

static void
da_server_finalize (GObject *object)
{
  DaServer *self = DA_SERVER (object);

  g_free (self->override_bind);

  G_OBJECT_CLASS (da_server_parent_class)->finalize (object);
}

static void
da_server_class_init (DaServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_server_dispose;
  object_class->finalize = da_server_finalize;
  signals[RESTART_PROGRAM] = g_signal_new ("restart-program", DA_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
da_server_init (DaServer *self)
{
  DaServerContext *context = g_new0 (DaServerContext, 1);

  self->anchor = -1;
  self->override_port = -1;
  self->context = context;
  context->ref_count = 1;
  context->server = self;
  context->router = make_router ();
  context->gate = da_gate_new ();
  context->throttler = da_throttler_new ();
  context->flush_queue = da_guard_stream_flush_queue_new ();
  context->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) da_connection_unref);
  context->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  context->scratch = g_string_new (NULL);
}
