/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-http-wait"

#include "da-llm-http-wait.h"

struct _DaLlmSockets {
  GHashTable *sockets;      /* connection id -> GSocket */
};

typedef struct {
  GSource  source;
  GSocket *socket;          /* (nullable) kept while its descriptor is watched */
} WaitSource;

DaLlmSockets *
da_llm_sockets_new (void)
{
  DaLlmSockets *self = g_new0 (DaLlmSockets, 1);

  self->sockets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  return self;
}

void
da_llm_sockets_free (DaLlmSockets *self)
{
  g_hash_table_unref (self->sockets);
  g_free (self);
}

static gboolean
is_closed (gpointer key,
           gpointer value,
           gpointer user_data)
{
  return g_socket_is_closed (value);
}

void
da_llm_sockets_learn (DaLlmSockets *self,
                      SoupMessage  *message,
                      GIOStream    *connection)
{
  guint64 id = soup_message_get_connection_id (message);
  GSocket *socket;

  if (id == 0 || !G_IS_SOCKET_CONNECTION (connection))
    return;
  g_hash_table_foreach_remove (self->sockets, is_closed, NULL);
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  g_hash_table_insert (self->sockets, g_memdup2 (&id, sizeof id), g_object_ref (socket));
}

static gboolean
wait_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static void
wait_finalize (GSource *source)
{
  g_clear_object (&((WaitSource *) source)->socket);
}

GSource *
da_llm_sockets_wait (DaLlmSockets *self,
                     SoupMessage  *message,
                     GInputStream *body)
{
  static GSourceFuncs funcs = { .dispatch = wait_dispatch, .finalize = wait_finalize };
  guint64 id = soup_message_get_connection_id (message);
  GSocket *socket = g_hash_table_lookup (self->sockets, &id);
  GSource *source = g_source_new (&funcs, sizeof (WaitSource));

  if (socket && !g_socket_is_closed (socket))
    {
      ((WaitSource *) source)->socket = g_object_ref (socket);
      g_source_add_unix_fd (source, g_socket_get_fd (socket), G_IO_IN | G_IO_HUP | G_IO_ERR);
      g_source_set_can_recurse (source, TRUE);
    }
  else
    {
      GPollableInputStream *pollable = G_POLLABLE_INPUT_STREAM (body);
      g_autoptr (GSource) child = g_pollable_input_stream_create_source (pollable, NULL);

      g_source_set_dummy_callback (child);
      g_source_add_child_source (source, child);
    }
  /* What came together with the head is above the socket already. */
  g_source_set_ready_time (source, 0);
  return source;
}
