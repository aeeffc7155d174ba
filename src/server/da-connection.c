/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-connection"

#include "da-connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "da-limits.h"
#include "da-request-private.h"
#include "da-server-private.h"

/* Bytes the kernel may hold for a peer that reads slowly; more only costs memory. */
#define UNSENT_BYTES (128 * 1024)
/* How long the end of a refused connection may take. */
#define LINGER_SECONDS 5

static GQuark
connection_quark (void)
{
  static GQuark quark;

  if (G_UNLIKELY (quark == 0))
    quark = g_quark_from_static_string ("da-connection");
  return quark;
}

DaConnection *
da_connection_ref (DaConnection *self)
{
  self->ref_count++;
  return self;
}

void
da_connection_unref (DaConnection *self)
{
  g_assert (self->ref_count > 0);
  if (--self->ref_count > 0)
    return;

  g_object_set_qdata (G_OBJECT (self->remote), connection_quark (), NULL);
  g_clear_object (&self->guard);
  g_clear_object (&self->local);
  g_clear_object (&self->remote);
  g_clear_pointer (&self->request, da_request_unref);
  g_free (self->address);
  g_free (self->good_host);
  _da_server_context_unref (self->context);
  g_free (self);
}

DaConnection *
da_connection_from_message (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return remote == NULL ? NULL : g_object_get_qdata (G_OBJECT (remote), connection_quark ());
}

/* Other machines are counted one by one: one of them may not take all places. */
static guint
count_peer (DaConnection *self,
            int           delta)
{
  GHashTable *peers = self->context->peers;
  guint count;

  if (self->is_loopback || self->entrance != DA_ENTRANCE_NETWORK)
    return 0;

  count = GPOINTER_TO_UINT (g_hash_table_lookup (peers, self->address)) + (guint) delta;
  if (count == 0)
    g_hash_table_remove (peers, self->address);
  else
    g_hash_table_insert (peers, g_strdup (self->address), GUINT_TO_POINTER (count));
  return count;
}

static void
on_guard_closed (gpointer user_data)
{
  DaConnection *self = user_data;
  DaServerContext *context = self->context;

  count_peer (self, -1);
  if (self->request != NULL)
    _da_request_connection_closed (self->request);

  _da_server_context_ref (context);
  g_ptr_array_remove_fast (context->connections, self);
  _da_server_settled (context);
  _da_server_context_unref (context);
}

void
da_connection_cut (DaConnection *self)
{
  da_guard_stream_cut (self->guard);
  /* libsoup does not look at the socket while it is paused; asked to go on, it finds it broken. */
  if (self->request != NULL)
    _da_request_cut (self->request);
}

static void
sweep_connection (DaConnection *self,
                  gint64        now)
{
  gint64 since = da_guard_stream_get_since (self->guard);
  gint64 blocked = da_guard_stream_get_blocked (self->guard);
  guint limit = 0;

  switch (da_guard_stream_get_phase (self->guard))
    {
    case DA_GUARD_IDLE: limit = DA_LIMIT_KEEP_ALIVE_SECONDS; break;
    case DA_GUARD_HEAD: limit = DA_LIMIT_HEADER_SECONDS; break;
    case DA_GUARD_BODY: limit = DA_LIMIT_BODY_IDLE_SECONDS; break;
    case DA_GUARD_LINGER: limit = LINGER_SECONDS; break;
    case DA_GUARD_ANSWER:
    case DA_GUARD_CLOSED:
    default: break;
    }

  if (limit > 0 && now - since > (gint64) limit * G_USEC_PER_SEC)
    {
      da_guard_stream_time_out (self->guard);
    }
  else if (blocked > 0 && now - blocked > (gint64) DA_LIMIT_WRITE_STALL_SECONDS * G_USEC_PER_SEC)
    {
      g_info ("%s stopped reading; its connection is ended", self->address);
      da_connection_cut (self);
    }
  else if (self->request != NULL)
    {
      _da_request_tick (self->request, now);
    }
}

static GPtrArray *copy_list (DaServerContext *context);

static gboolean
on_sweep (gpointer user_data)
{
  DaServerContext *context = user_data;
  g_autoptr (GPtrArray) connections = NULL;
  gint64 now = g_get_monotonic_time ();

  if (context->connections->len == 0)
    {
      context->sweep_source = 0;
      return G_SOURCE_REMOVE;
    }

  connections = copy_list (context);
  for (guint i = 0; i < connections->len; i++)
    sweep_connection (connections->pdata[i], now);

  return G_SOURCE_CONTINUE;
}

void
da_connection_hand_over (DaConnection *self)
{
  g_autoptr (GError) error = NULL;

  if (self->context->soup == NULL
      || !soup_server_accept_iostream (self->context->soup, G_IO_STREAM (self->guard), self->local,
                                       self->remote, &error))
    da_connection_cut (self);
}

static void
set_options (GSocket *socket)
{
  g_socket_set_blocking (socket, FALSE);
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX)
    return;

  /* A token must not wait for the acknowledgement of the one before it. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES, NULL);
  /* A phone that lost its network says nothing; the kernel finds out in two minutes. */
  g_socket_set_option (socket, SOL_SOCKET, SO_KEEPALIVE, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, 60, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, 15, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, 4, NULL);
}

static char *
describe_peer (GSocketAddress *remote,
               gboolean       *is_loopback)
{
  GInetAddress *inet;
  char *text;

  *is_loopback = FALSE;
  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return g_strdup ("local");

  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
  text = g_inet_address_to_string (inet);
  *is_loopback = g_inet_address_get_is_loopback (inet);
  /* A dual-stack listener shows IPv4 peers as mapped ones; they are the same people. */
  if (g_str_has_prefix (text, "::ffff:"))
    {
      char *plain = g_strdup (text + 7);

      g_free (text);
      text = plain;
      *is_loopback = g_str_has_prefix (text, "127.");
    }

  return text;
}

static void
refuse_connection (DaConnection *self)
{
  g_autoptr (GIOStream) stream = G_IO_STREAM (g_object_ref (self->guard));

  /* In a flood, even the few seconds a polite end takes are too much. */
  if (self->context->connections->len > DA_LIMIT_CONNECTIONS + 64)
    da_guard_stream_cut (self->guard);
  else
    da_guard_stream_refuse (self->guard, 503, "Too many connections");
  g_io_stream_close (stream, NULL, NULL);
}

void
da_connection_accept (DaServerContext *context,
                      GSocket         *socket,
                      DaEntrance       entrance)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  DaConnection *self;

  /* The peer may be gone before we looked. */
  if (local == NULL || remote == NULL)
    {
      g_socket_close (socket, NULL);
      return;
    }

  set_options (socket);
  self = g_new0 (DaConnection, 1);
  self->ref_count = 1;
  self->context = _da_server_context_ref (context);
  self->entrance = entrance;
  self->local = g_steal_pointer (&local);
  self->remote = g_steal_pointer (&remote);
  self->address = describe_peer (self->remote, &self->is_loopback);
  self->guard = da_guard_stream_new (socket, context->flush_queue, on_guard_closed, self);
  g_object_set_qdata (G_OBJECT (self->remote), connection_quark (), self);

  g_ptr_array_add (context->connections, self);
  if (context->sweep_source == 0)
    context->sweep_source = g_timeout_add_seconds (1, on_sweep, context);

  if (count_peer (self, 1) > DA_LIMIT_CONNECTIONS_PEER
      || context->connections->len > DA_LIMIT_CONNECTIONS)
    refuse_connection (self);
  else
    da_connection_hand_over (self);
}

/* A copy of the list: connections leave it while it is walked. */
static GPtrArray *
copy_list (DaServerContext *context)
{
  GPtrArray *copy;

  copy = g_ptr_array_copy (context->connections, (GCopyFunc) da_connection_ref, NULL);
  g_ptr_array_set_free_func (copy, (GDestroyNotify) da_connection_unref);
  return copy;
}

void
da_connection_cut_idle (DaServerContext *context,
                        gboolean         all)
{
  g_autoptr (GPtrArray) connections = copy_list (context);

  for (guint i = 0; i < connections->len; i++)
    {
      DaConnection *self = connections->pdata[i];

      if (all || (self->request == NULL
                  && da_guard_stream_get_phase (self->guard) == DA_GUARD_IDLE))
        da_connection_cut (self);
    }
}

void
da_connection_cut_remote (DaServerContext *context)
{
  g_autoptr (GPtrArray) connections = copy_list (context);

  for (guint i = 0; i < connections->len; i++)
    {
      DaConnection *self = connections->pdata[i];

      if (self->entrance == DA_ENTRANCE_NETWORK && !self->is_loopback)
        da_connection_cut (self);
    }
}

void
da_connection_abandon_all (DaServerContext *context)
{
  g_autoptr (GPtrArray) connections = copy_list (context);

  for (guint i = 0; i < connections->len; i++)
    {
      DaConnection *self = connections->pdata[i];

      da_guard_stream_abandon (self->guard);
    }
}
