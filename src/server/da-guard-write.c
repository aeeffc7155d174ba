/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-guard"

#include "da-guard-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <glib-unix.h>

/* The writing half of DaGuardStream, and its watch for the peer's end. */

/* One send takes a JSON answer with its head, or one turn's pieces of a stream. */
#define GATHER_BYTES (8 * 1024)

static void update_watch (DaGuardStream *self);

/* Writing. */

gboolean
_da_guard_stream_flush_out (DaGuardStream *self)
{
  gssize n;

  if (self->out == NULL || self->out->len == 0)
    return TRUE;

  n = send (self->fd, self->out->data, self->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      g_byte_array_set_size (self->out, 0);
      self->broken = TRUE;
      return TRUE;
    }
  if (n < (gssize) self->out->len)
    {
      if (n > 0)
        g_byte_array_remove_range (self->out, 0, (guint) n);
      if (self->blocked == 0 || n > 0)
        self->blocked = g_get_monotonic_time ();
      return FALSE;
    }

  self->blocked = 0;
  g_clear_pointer (&self->out, g_byte_array_unref);
  return TRUE;
}

static void
mark_dirty (DaGuardStream *self)
{
  if (self->queued)
    return;
  self->queued = TRUE;
  da_flush_queue_add (self->queue, g_object_ref (self));
}

void
da_guard_stream_flush (DaGuardStream *self)
{
  if (self->phase < DA_GUARD_LINGER)
    _da_guard_stream_flush_out (self);
}

static void
flush_item (gpointer item)
{
  DaGuardStream *self = item;

  self->queued = FALSE;
  if (self->phase >= DA_GUARD_LINGER)
    return;
  _da_guard_stream_flush_out (self);
  if (self->watch_funcs == NULL)
    return;
  if (self->broken)
    {
      self->watch_funcs->hung_up (self->watch_data, FALSE);
      return;
    }
  update_watch (self);
  /* A frame larger than the room there was waits for this, though the socket never was full. */
  if (da_guard_stream_get_unsent (self) == 0 && self->watch_funcs->drained != NULL)
    self->watch_funcs->drained (self->watch_data);
}

DaFlushQueue *
da_guard_stream_flush_queue_new (void)
{
  return da_flush_queue_new (flush_item, g_object_unref);
}

gssize
_da_guard_fail_broken (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The connection was ended");
  return -1;
}

gssize
_da_guard_fail_would_block (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Would block");
  return -1;
}

void
da_guard_stream_gather (DaGuardStream *self,
                        const void    *data,
                        gsize          length)
{
  if (self->broken || self->phase >= DA_GUARD_LINGER)
    return;

  if (self->out == NULL)
    self->out = g_byte_array_sized_new (MAX ((guint) length, 1024));
  g_byte_array_append (self->out, data, (guint) length);
}

void
da_guard_stream_send (DaGuardStream *self,
                      const void    *data,
                      gsize          length)
{
  da_guard_stream_gather (self, data, length);
  if (!self->broken && self->phase < DA_GUARD_LINGER)
    mark_dirty (self);
}

void
da_guard_stream_push (DaGuardStream *self,
                      gboolean       wants_more)
{
  if (self->phase >= DA_GUARD_LINGER)
    return;

  /* Whatever there is to tell is told from the main loop, never from in here. */
  if (!_da_guard_stream_flush_out (self) || self->broken || wants_more)
    mark_dirty (self);
}

gsize
da_guard_stream_get_unsent (DaGuardStream *self)
{
  return self->out == NULL ? 0 : self->out->len;
}

/* Watching. */

/* poll(2) tells a half-closed connection only when asked for it; GLib hands the bit through. */
#define HALF_CLOSED ((GIOCondition) POLLRDHUP)

static gboolean
on_watch_ready (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  g_autoptr (DaGuardStream) self = g_object_ref (user_data);
  const DaGuardWatch *funcs = self->watch_funcs;
  gpointer data = self->watch_data;

  if ((condition & (G_IO_HUP | G_IO_ERR)) != 0)
    {
      self->broken = TRUE;
      da_guard_stream_watch (self, NULL, NULL);
      funcs->hung_up (data, FALSE);
      return G_SOURCE_REMOVE;
    }

  if ((condition & HALF_CLOSED) != 0)
    {
      self->half_closed = TRUE;
      update_watch (self);
      funcs->hung_up (data, TRUE);
      return G_SOURCE_CONTINUE;
    }

  _da_guard_stream_flush_out (self);
  update_watch (self);
  if (self->broken)
    funcs->hung_up (data, FALSE);
  else if (da_guard_stream_get_unsent (self) == 0 && funcs->drained != NULL)
    funcs->drained (data);
  return G_SOURCE_CONTINUE;
}

static void
clear_watch (DaGuardStream *self)
{
  if (self->watch == NULL)
    return;
  g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
}

/* Makes the source fit: always hang-ups, room only while something waits to be sent. */
static void
update_watch (DaGuardStream *self)
{
  GIOCondition wanted = G_IO_HUP | G_IO_ERR;

  if (self->watch_funcs == NULL)
    {
      clear_watch (self);
      return;
    }

  if (!self->half_closed)
    wanted |= HALF_CLOSED;
  if (da_guard_stream_get_unsent (self) > 0 && !self->queued)
    wanted |= G_IO_OUT;
  if (self->watch != NULL && self->watched == wanted)
    return;

  clear_watch (self);
  self->watched = wanted;
  self->watch = g_unix_fd_source_new (self->fd, wanted);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_watch_ready), self, NULL);
  g_source_attach (self->watch, NULL);
}

void
da_guard_stream_watch (DaGuardStream      *self,
                       const DaGuardWatch *funcs,
                       gpointer            user_data)
{
  self->watch_funcs = self->phase < DA_GUARD_LINGER ? funcs : NULL;
  self->watch_data = user_data;
  update_watch (self);
}

gssize
_da_guard_stream_write (DaGuardStream  *self,
                        const void     *data,
                        gsize           length,
                        GError        **error)
{
  gssize n;

  if (self->broken || self->phase >= DA_GUARD_LINGER)
    return _da_guard_fail_broken (error);

  if (self->out == NULL)
    self->out = g_byte_array_sized_new (length < 1024 ? 1024 : 0);
  if (self->out->len + length <= GATHER_BYTES)
    {
      g_byte_array_append (self->out, data, (guint) length);
      return (gssize) length;
    }

  if (!_da_guard_stream_flush_out (self))
    return _da_guard_fail_would_block (error);
  if (self->broken)
    return _da_guard_fail_broken (error);

  n = send (self->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n >= 0)
    {
      self->blocked = 0;
      return n;
    }
  if (errno != EAGAIN && errno != EINTR)
    {
      self->broken = TRUE;
      return _da_guard_fail_broken (error);
    }
  if (self->blocked == 0)
    self->blocked = g_get_monotonic_time ();
  return _da_guard_fail_would_block (error);
}

gboolean
_da_guard_stream_is_writable (DaGuardStream *self)
{
  if (self->broken || self->phase >= DA_GUARD_LINGER)
    return TRUE;
  if (self->out == NULL || self->out->len < GATHER_BYTES)
    return TRUE;
  return g_socket_condition_check (self->socket, G_IO_OUT) != 0;
}

GSource *
_da_guard_stream_make_output_source (DaGuardStream *self)
{
  if (self->broken || self->phase >= DA_GUARD_LINGER)
    return g_timeout_source_new (0);
  return g_unix_fd_source_new (self->fd, G_IO_OUT);
}
