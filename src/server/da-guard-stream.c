/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-guard"

#include "da-guard-stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <glib-unix.h>

#include "da-guard-private.h"

G_DEFINE_FINAL_TYPE (DaGuardStream, da_guard_stream, G_TYPE_IO_STREAM)

static void finish_closing (DaGuardStream *self);

void
_da_guard_stream_set_phase (DaGuardStream *self,
                            DaGuardPhase   phase)
{
  self->phase = phase;
  self->since = g_get_monotonic_time ();
}

void
da_guard_stream_answer (DaGuardStream *self,
                        const char    *answer,
                        gsize          length)
{
  if (self->broken || self->phase >= DA_GUARD_LINGER)
    return;

  if (self->out == NULL)
    self->out = g_byte_array_new ();
  g_byte_array_append (self->out, (const guint8 *) answer, (guint) length);
  _da_guard_stream_flush_out (self);
  self->half_read = self->phase != DA_GUARD_ANSWER;
  self->refused = TRUE;
  self->broken = TRUE;
}

void
da_guard_stream_refuse (DaGuardStream *self,
                        guint          status,
                        const char    *reason)
{
  g_autofree char *body = g_strdup_printf ("{\"error\":\"%s\"}", reason);
  g_autofree char *answer = NULL;
  const char *phrase;

  switch (status)
    {
    case 408: phrase = "Request Timeout"; break;
    case 417: phrase = "Expectation Failed"; break;
    case 431: phrase = "Request Header Fields Too Large"; break;
    case 501: phrase = "Not Implemented"; break;
    case 503: phrase = "Service Unavailable"; break;
    case 505: phrase = "HTTP Version Not Supported"; break;
    default: phrase = "Bad Request"; break;
    }

  answer = g_strdup_printf ("HTTP/1.1 %u %s\r\n"
                            "Content-Type: application/json; charset=utf-8\r\n"
                            "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                            "X-Content-Type-Options: nosniff\r\n"
                            "Cache-Control: no-store\r\n"
                            "%s"
                            "Connection: close\r\n\r\n%s",
                            status, phrase, strlen (body),
                            status == 503 ? "Retry-After: 1\r\n" : "", body);
  g_debug ("Refused: %u %s", status, reason);
  da_guard_stream_answer (self, answer, strlen (answer));
}

void
da_guard_stream_time_out (DaGuardStream *self)
{
  if (self->phase != DA_GUARD_HEAD && self->phase != DA_GUARD_BODY)
    {
      da_guard_stream_cut (self);
      return;
    }

  da_guard_stream_refuse (self, 408, "The request took too long");
  /* Wakes libsoup, which waits for this socket to become readable. */
  shutdown (self->fd, SHUT_RD);
}

void
da_guard_stream_cut (DaGuardStream *self)
{
  if (self->phase == DA_GUARD_CLOSED)
    return;

  self->refused = FALSE;
  self->broken = TRUE;
  if (self->phase == DA_GUARD_LINGER)
    finish_closing (self);
  else
    shutdown (self->fd, SHUT_RDWR);
}

static void
finish_closing (DaGuardStream *self)
{
  DaGuardClosedFunc closed = self->closed;

  if (self->linger != NULL)
    {
      g_source_destroy (self->linger);
      g_clear_pointer (&self->linger, g_source_unref);
    }
  if (self->phase == DA_GUARD_CLOSED)
    return;

  _da_guard_stream_set_phase (self, DA_GUARD_CLOSED);
  self->broken = TRUE;
  da_guard_stream_watch (self, NULL, NULL);
  g_socket_close (self->socket, NULL);
  g_clear_pointer (&self->in, g_byte_array_unref);
  g_clear_pointer (&self->out, g_byte_array_unref);
  self->closed = NULL;
  if (closed != NULL)
    closed (self->user_data);
}

static void watch_linger (DaGuardStream *self,
                          GIOCondition   condition);

static gboolean
on_linger_ready (int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  g_autoptr (DaGuardStream) self = g_object_ref (user_data);
  char dropped[16 * 1024];
  gssize n = 1;

  if (self->out != NULL && self->out->len > 0)
    {
      gboolean sent = self->broken && !self->refused ? TRUE : _da_guard_stream_flush_out (self);

      if (!sent)
        return G_SOURCE_CONTINUE;
    }

  shutdown (self->fd, SHUT_WR);
  for (int i = 0; i < 64 && n > 0; i++)
    n = recv (self->fd, dropped, sizeof dropped, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    {
      finish_closing (self);
      return G_SOURCE_REMOVE;
    }

  watch_linger (self, G_IO_IN);
  return G_SOURCE_REMOVE;
}

static void
watch_linger (DaGuardStream *self,
              GIOCondition   condition)
{
  if (self->linger != NULL)
    {
      g_source_destroy (self->linger);
      g_clear_pointer (&self->linger, g_source_unref);
    }

  self->linger = g_unix_fd_source_new (self->fd, condition);
  g_source_set_callback (self->linger, G_SOURCE_FUNC (on_linger_ready), g_object_ref (self),
                         g_object_unref);
  g_source_attach (self->linger, NULL);
}

/* Called by libsoup when it is through with the connection. Closing at once would lose bytes we
 * still have, and with unread bytes of the peer the kernel would send a reset that eats our
 * answer. */
static gboolean
da_guard_stream_close (GIOStream     *stream,
                       GCancellable  *cancellable,
                       GError       **error)
{
  DaGuardStream *self = DA_GUARD_STREAM (stream);
  gboolean unsent;

  if (self->phase >= DA_GUARD_LINGER)
    return TRUE;

  _da_guard_stream_flush_out (self);
  unsent = self->out != NULL && self->out->len > 0;
  if (unsent || (self->refused && self->half_read))
    {
      _da_guard_stream_set_phase (self, DA_GUARD_LINGER);
      da_guard_stream_watch (self, NULL, NULL);
      watch_linger (self, unsent ? G_IO_OUT : G_IO_IN);
      if (!unsent)
        shutdown (self->fd, SHUT_WR);
    }
  else
    {
      finish_closing (self);
    }

  return TRUE;
}

static void
da_guard_stream_close_async (GIOStream           *stream,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_guard_stream_close_async);
  da_guard_stream_close (stream, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static gboolean
da_guard_stream_close_finish (GIOStream     *stream,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static GInputStream *
da_guard_stream_get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (DA_GUARD_STREAM (stream)->input);
}

static GOutputStream *
da_guard_stream_get_output (GIOStream *stream)
{
  return G_OUTPUT_STREAM (DA_GUARD_STREAM (stream)->output);
}

static void
da_guard_stream_dispose (GObject *object)
{
  DaGuardStream *self = DA_GUARD_STREAM (object);

  self->closed = NULL;
  if (self->socket != NULL)
    finish_closing (self);

  G_OBJECT_CLASS (da_guard_stream_parent_class)->dispose (object);
}

static void
da_guard_stream_finalize (GObject *object)
{
  DaGuardStream *self = DA_GUARD_STREAM (object);

  _da_guard_input_detach (self->input);
  _da_guard_output_detach (self->output);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->in, g_byte_array_unref);
  g_clear_pointer (&self->out, g_byte_array_unref);
  g_clear_pointer (&self->queue, da_flush_queue_unref);

  G_OBJECT_CLASS (da_guard_stream_parent_class)->finalize (object);
}

static void
da_guard_stream_class_init (DaGuardStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->dispose = da_guard_stream_dispose;
  object_class->finalize = da_guard_stream_finalize;
  stream_class->get_input_stream = da_guard_stream_get_input;
  stream_class->get_output_stream = da_guard_stream_get_output;
  stream_class->close_fn = da_guard_stream_close;
  stream_class->close_async = da_guard_stream_close_async;
  stream_class->close_finish = da_guard_stream_close_finish;
}

static void
da_guard_stream_init (DaGuardStream *self)
{
  self->input = _da_guard_input_new (self);
  self->output = _da_guard_output_new (self);
  _da_guard_stream_set_phase (self, DA_GUARD_IDLE);
}

DaGuardStream *
da_guard_stream_new (GSocket           *socket,
                     DaFlushQueue      *queue,
                     DaGuardClosedFunc  closed,
                     gpointer           user_data)
{
  DaGuardStream *self = g_object_new (DA_TYPE_GUARD_STREAM, NULL);

  self->socket = g_object_ref (socket);
  self->fd = g_socket_get_fd (socket);
  self->queue = da_flush_queue_ref (queue);
  self->closed = closed;
  self->user_data = user_data;
  return self;
}

DaGuardPhase
da_guard_stream_get_phase (DaGuardStream *self)
{
  return self->phase;
}

gint64
da_guard_stream_get_since (DaGuardStream *self)
{
  return self->since;
}

gint64
da_guard_stream_get_blocked (DaGuardStream *self)
{
  return self->blocked;
}

gboolean
da_guard_stream_is_complete (DaGuardStream *self)
{
  return self->phase == DA_GUARD_ANSWER && !self->expects;
}

void
da_guard_stream_abandon (DaGuardStream *self)
{
  finish_closing (self);
}

gboolean
da_guard_stream_is_broken (DaGuardStream *self)
{
  return self->broken;
}
