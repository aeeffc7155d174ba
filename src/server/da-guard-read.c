/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-guard"

#include "da-guard-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <glib-unix.h>

/* The reading half of DaGuardStream. */

/* Most requests fit; a larger head or a pipelined rest makes it grow up to the head limit. */
#define READ_BYTES 4096

static gsize
get_buffered (DaGuardStream *self)
{
  return self->in == NULL ? 0 : self->in->len - self->in_begin;
}

static gboolean
pass_head (DaGuardStream *self)
{
  DaFramingFault fault = { 0, NULL };
  DaFramingHead head;
  const char *data = (const char *) self->in->data + self->in_begin;
  gsize buffered = get_buffered (self);
  gsize length = da_framing_find_end (data, buffered, self->looked, &fault);

  self->looked = buffered;
  if (length > 0)
    da_framing_check_head (data, length, &head, &fault);
  if (fault.status != 0)
    {
      da_guard_stream_refuse (self, fault.status, fault.reason);
      return FALSE;
    }
  if (length == 0)
    return FALSE;

  self->looked = 0;
  self->ready = length;
  self->chunked = head.chunked;
  self->expects = head.expects_continue;
  self->body_left = MAX (head.content_length, 0);
  memset (&self->chunks, 0, sizeof self->chunks);
  _da_guard_stream_set_phase (self, head.chunked || self->body_left > 0 ? DA_GUARD_BODY
                                                                        : DA_GUARD_ANSWER);
  return TRUE;
}

/* Marks body bytes that are in the buffer behind the ready ones. */
static void
pass_body (DaGuardStream *self)
{
  DaFramingFault fault = { 0, NULL };
  const char *data = (const char *) self->in->data + self->in_begin + self->ready;
  gsize length = get_buffered (self) - self->ready;
  gboolean done;
  gsize n;

  if (length == 0)
    return;

  if (self->chunked)
    {
      n = da_framing_check_chunks (&self->chunks, data, length, &done, &fault);
      if (fault.status != 0)
        {
          da_guard_stream_refuse (self, fault.status, fault.reason);
          return;
        }
    }
  else
    {
      n = (gsize) MIN ((guint64) self->body_left, (guint64) length);
      self->body_left -= (gint64) n;
      done = self->body_left == 0;
    }

  self->ready += n;
  _da_guard_stream_set_phase (self, done ? DA_GUARD_ANSWER : DA_GUARD_BODY);
}

static void
look_at_buffer (DaGuardStream *self)
{
  if (self->phase == DA_GUARD_IDLE && get_buffered (self) > 0)
    _da_guard_stream_set_phase (self, DA_GUARD_HEAD);
  if (self->phase == DA_GUARD_HEAD && !pass_head (self))
    return;
  if (self->phase == DA_GUARD_BODY)
    pass_body (self);
}

/* Called when libsoup wants bytes and all it was given of the last request is read: it has
 * answered and begins with the next. */
static void
begin_next (DaGuardStream *self)
{
  if (self->phase != DA_GUARD_ANSWER || self->ready > 0)
    return;

  _da_guard_stream_set_phase (self, DA_GUARD_IDLE);
  if (get_buffered (self) > 0)
    return;
  g_clear_pointer (&self->in, g_byte_array_unref);
  self->in_begin = 0;
}

static void
compact (DaGuardStream *self)
{
  if (self->in_begin == 0 || self->in == NULL)
    return;
  g_byte_array_remove_range (self->in, 0, (guint) self->in_begin);
  self->in_begin = 0;
}

static gssize
receive (DaGuardStream  *self,
         void           *buffer,
         gsize           count,
         GError        **error)
{
  gssize n;

  do
    n = recv (self->fd, buffer, count, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);

  if (n >= 0)
    return n;
  if (errno == EAGAIN)
    return _da_guard_fail_would_block (error);
  self->broken = TRUE;
  return _da_guard_fail_broken (error);
}

static gssize
fill_buffer (DaGuardStream  *self,
             GError        **error)
{
  guint length;
  gssize n;

  if (self->in == NULL)
    self->in = g_byte_array_sized_new (READ_BYTES);
  compact (self);

  length = self->in->len;
  g_byte_array_set_size (self->in, length + READ_BYTES);
  n = receive (self, self->in->data + length, READ_BYTES, error);
  g_byte_array_set_size (self->in, length + (guint) MAX (n, 0));
  return n;
}

/* The peer said it would send more. It may still read, so it is told. */
static gssize
fail_early_end (DaGuardStream  *self,
                GError        **error)
{
  da_guard_stream_refuse (self, 400, "The request ended early");
  return _da_guard_fail_broken (error);
}

static gssize
receive_body (DaGuardStream  *self,
              void           *buffer,
              gsize           count,
              GError        **error)
{
  gsize wanted = (gsize) MIN ((guint64) self->body_left, (guint64) count);
  gssize n = receive (self, buffer, wanted, error);

  if (n == 0)
    return fail_early_end (self, error);
  if (n > 0)
    {
      self->body_left -= n;
      _da_guard_stream_set_phase (self, self->body_left == 0 ? DA_GUARD_ANSWER : DA_GUARD_BODY);
    }
  return n;
}

/*
 * libsoup 3.2 forgets a connection whose socket ends while it waits for another request on it: the
 * connection, a message and their buffers stay until the server goes. It does let go of one that
 * ends within a request. So before it is told of the end, it gets the beginning of one.
 */
static gssize
say_farewell (DaGuardStream  *self,
              void           *buffer,
              gsize           count,
              GError        **error)
{
  static const char line[] = "X\r\n";

  self->broken = TRUE;
  if (self->phase > DA_GUARD_HEAD || self->has_farewell || count < strlen (line))
    return _da_guard_fail_broken (error);

  self->has_farewell = TRUE;
  memcpy (buffer, line, strlen (line));
  return (gssize) strlen (line);
}

static gssize
read_request (DaGuardStream  *self,
              void           *buffer,
              gsize           count,
              GError        **error)
{
  gssize n;

  begin_next (self);
  /* An interim answer ("100 Continue") is not followed by the end of an answer: it goes out now. */
  if (self->out != NULL && self->out->len > 0)
    _da_guard_stream_flush_out (self);

  while (self->ready == 0)
    {
      if (get_buffered (self) > self->looked || self->phase == DA_GUARD_BODY)
        look_at_buffer (self);
      if (self->broken)
        return _da_guard_fail_broken (error);
      if (self->ready > 0)
        break;

      /* The bulk of a large body goes straight to the reader. */
      if (self->phase == DA_GUARD_BODY && !self->chunked)
        return receive_body (self, buffer, count, error);

      n = fill_buffer (self, error);
      if (n < 0)
        return n;
      if (n == 0 && self->phase != DA_GUARD_IDLE)
        return fail_early_end (self, error);
      if (n == 0)
        {
          self->broken = TRUE;
          return _da_guard_fail_broken (error);
        }
    }

  count = MIN (count, self->ready);
  memcpy (buffer, self->in->data + self->in_begin, count);
  self->in_begin += count;
  self->ready -= count;
  return (gssize) count;
}

gssize
_da_guard_stream_read (DaGuardStream  *self,
                       void           *buffer,
                       gsize           count,
                       GError        **error)
{
  g_autoptr (GError) failure = NULL;
  gssize n = -1;

  if (!self->broken && self->phase < DA_GUARD_LINGER)
    n = read_request (self, buffer, count, &failure);
  if (n < 0 && self->broken)
    return say_farewell (self, buffer, count, error);
  if (n < 0)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return -1;
    }

  return n;
}

gboolean
_da_guard_stream_is_readable (DaGuardStream *self)
{
  if (self->ready > 0 || self->broken || self->phase >= DA_GUARD_LINGER)
    return TRUE;
  return g_socket_condition_check (self->socket, G_IO_IN) != 0;
}

GSource *
_da_guard_stream_make_input_source (DaGuardStream *self)
{
  begin_next (self);
  if (self->out != NULL && self->out->len > 0)
    _da_guard_stream_flush_out (self);
  /* Pipelined bytes are in our buffer; the socket will not announce them again. */
  if (self->ready > 0 || self->broken || self->phase >= DA_GUARD_LINGER
      || get_buffered (self) > self->looked)
    return g_timeout_source_new (0);
  /* The end of an answer that the peer has not taken yet: with room, the read sends it. */
  return g_unix_fd_source_new (self->fd, da_guard_stream_get_unsent (self) > 0
                                           ? G_IO_IN | G_IO_OUT : G_IO_IN);
}
