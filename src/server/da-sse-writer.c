/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-sse"

#include "da-sse-writer.h"

#include <string.h>

#include "da-limits.h"
#include "da-reply.h"
#include "da-request-private.h"
#include "da-server-private.h"

struct _DaSseWriter {
  DaRequest        *request;      /* owned */
  DaGuardStream    *guard;        /* owned */
  const DaSseFuncs *funcs;        /* static */
  gpointer          user_data;
  GString          *rest;         /* (nullable) owned: of a frame too large to send at once */
  gsize             rest_begin;
  gint64            last_us;      /* when something was last sent */
  guint             is_chunked : 1;
  guint             keeps : 1;    /* the connection is good for another request */
  guint             is_ending : 1;
  guint             has_ended : 1; /* the last chunk is on its way */
  guint             is_busy : 1;  /* inside wake */
  guint             is_over : 1;
};

static void
writer_free (DaSseWriter *self)
{
  DaServerContext *context = self->request->context;

  context->n_streams--;
  da_remote_access_add_streams (context->remote, -1);
  if (self->rest != NULL)
    g_string_free (self->rest, TRUE);
  g_object_unref (self->guard);
  da_request_unref (self->request);
  g_free (self);
}

/* The one end. */
static void
end_writer (DaSseWriter *self,
            gboolean     complete)
{
  if (self->is_over)
    return;

  self->is_over = TRUE;
  self->request->ended = NULL;
  self->request->tick = NULL;
  self->request->drained = NULL;
  self->request->half_closed = NULL;
  self->funcs->ended (self->user_data, complete);
  if (complete)
    _da_request_release (self->request, self->keeps);
  /* Whoever called us may look at us once more. */
  if (!self->is_busy)
    writer_free (self);
}

static void
send_piece (DaSseWriter *self,
            const char  *data,
            gsize        length)
{
  char size[24];
  int n;

  self->last_us = g_get_monotonic_time ();
  if (!self->is_chunked)
    {
      da_guard_stream_gather (self->guard, data, length);
      return;
    }

  n = g_snprintf (size, sizeof size, "%" G_GSIZE_MODIFIER "x\r\n", length);
  da_guard_stream_gather (self->guard, size, (gsize) n);
  da_guard_stream_gather (self->guard, data, length);
  da_guard_stream_gather (self->guard, "\r\n", 2);
}

static gsize
get_room (DaSseWriter *self)
{
  gsize unsent = da_guard_stream_get_unsent (self->guard);

  return unsent >= DA_LIMIT_STREAM_BUFFER_BYTES ? 0 : DA_LIMIT_STREAM_BUFFER_BYTES - unsent;
}

/* FALSE: there is no room for all of it yet. */
static gboolean
send_rest (DaSseWriter *self)
{
  while (self->rest != NULL)
    {
      gsize room = get_room (self);
      gsize left = self->rest->len - self->rest_begin;

      if (room == 0)
        return FALSE;
      send_piece (self, self->rest->str + self->rest_begin, MIN (room, left));
      self->rest_begin += MIN (room, left);
      if (room >= left)
        {
          g_string_free (self->rest, TRUE);
          self->rest = NULL;
          self->rest_begin = 0;
        }
    }

  return TRUE;
}

static void
send_frames (DaSseWriter *self,
             GString     *frames)
{
  gsize room = get_room (self);

  if (frames->len <= room)
    {
      send_piece (self, frames->str, frames->len);
      return;
    }

  send_piece (self, frames->str, room);
  self->rest = g_string_new_len (frames->str + room, (gssize) (frames->len - room));
  self->rest_begin = 0;
}

static void
pull_all (DaSseWriter *self)
{
  GString *scratch = self->request->context->scratch;

  while (!self->is_over && send_rest (self) && !self->is_ending && get_room (self) > 0)
    {
      g_string_truncate (scratch, 0);
      self->funcs->pull (self, scratch, self->user_data);
      if (scratch->len == 0)
        break;
      send_frames (self, scratch);
    }

  /* One large history must not stay in memory for all times. */
  if (scratch->allocated_len > 4 * DA_LIMIT_STREAM_BUFFER_BYTES)
    {
      g_string_free (scratch, TRUE);
      self->request->context->scratch = g_string_new (NULL);
    }
}

/* The connection changes hands only when nothing of us is left in it. */
static void
finish_writing (DaSseWriter *self)
{
  if (!self->has_ended && self->is_chunked)
    da_guard_stream_gather (self->guard, "0\r\n\r\n", 5);
  self->has_ended = TRUE;
  da_guard_stream_push (self->guard, FALSE);
  if (da_guard_stream_get_unsent (self->guard) == 0)
    end_writer (self, TRUE);
}

void
da_sse_writer_wake (DaSseWriter *self)
{
  if (self->is_busy || self->is_over)
    return;

  self->is_busy = TRUE;
  pull_all (self);
  if (!self->is_over && self->is_ending && self->rest == NULL)
    finish_writing (self);
  else if (!self->is_over)
    da_guard_stream_push (self->guard, self->rest != NULL || get_room (self) == 0);
  self->is_busy = FALSE;
  if (self->is_over)
    writer_free (self);
}

void
da_sse_writer_end (DaSseWriter *self)
{
  self->is_ending = TRUE;
  if (!self->is_busy)
    da_sse_writer_wake (self);
}

gboolean
da_sse_writer_is_behind (DaSseWriter *self)
{
  /* What this turn of the loop sent has not had its chance to leave. */
  return self->rest != NULL || da_guard_stream_get_blocked (self->guard) > 0;
}

static void
send_heartbeat (DaSseWriter *self)
{
  GString *scratch = self->request->context->scratch;

  if (self->rest != NULL || self->is_ending || get_room (self) == 0)
    return;
  g_string_truncate (scratch, 0);
  self->funcs->heartbeat (scratch, self->user_data);
  send_piece (self, scratch->str, scratch->len);
  da_guard_stream_push (self->guard, FALSE);
}

static void
on_tick (gpointer data,
         gint64   now)
{
  DaSseWriter *self = data;

  if (now - self->last_us >= (gint64) DA_LIMIT_HEARTBEAT_SECONDS * G_USEC_PER_SEC)
    send_heartbeat (self);
}

static void
on_drained (gpointer data)
{
  da_sse_writer_wake (data);
}

/* The client sends no more: it may have gone, or it reads on. If it has gone, the kernel of its
 * machine answers the next packet with a reset, at once. */
static void
on_half_closed (gpointer data)
{
  send_heartbeat (data);
}

static void
on_ended (gpointer data)
{
  end_writer (data, FALSE);
}

static void
send_head (DaSseWriter *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->request->message);
  g_autoptr (GString) head = g_string_sized_new (512);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_replace (headers, "Date", date);
  soup_message_headers_replace (headers, "Cache-Control", "no-cache");
  /* For a proxy in between that would rather collect. */
  soup_message_headers_replace (headers, "X-Accel-Buffering", "no");
  soup_message_headers_remove (headers, "Content-Length");
  soup_message_headers_remove (headers, "Transfer-Encoding");
  _da_request_add_headers (self->request, headers, "text/event-stream");

  g_string_append_printf (head, "HTTP/1.%d 200 OK\r\n", self->is_chunked ? 1 : 0);
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_string_append_printf (head, "%s: %s\r\n", name, value);
  g_string_append (head, self->is_chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                                          : "Connection: close\r\n\r\n");
  da_guard_stream_send (self->guard, head->str, head->len);
}

static gboolean
wants_close (SoupServerMessage *message)
{
  return soup_message_headers_header_contains (soup_server_message_get_request_headers (message),
                                               "Connection", "close");
}

gboolean
da_sse_writer_has_room (DaRequest *request)
{
  if (request->context->n_streams < DA_LIMIT_STREAMS)
    return TRUE;
  soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                "Retry-After", "2");
  _da_request_refuse (request, DA_REFUSAL_LIMIT, NULL);
  da_reply_error (request, 503, "Too many open streams");
  return FALSE;
}

DaSseWriter *
da_sse_writer_open (DaRequest        *request,
                    const DaSseFuncs *funcs,
                    gpointer          user_data)
{
  DaServerContext *context = request->context;
  DaSseWriter *self;

  if (!_da_request_take_over (request))
    return NULL;

  self = g_new0 (DaSseWriter, 1);
  self->request = da_request_ref (request);
  self->guard = g_object_ref (request->connection->guard);
  self->funcs = funcs;
  self->user_data = user_data;
  self->is_chunked = soup_server_message_get_http_version (request->message) != SOUP_HTTP_1_0;
  self->keeps = self->is_chunked && !wants_close (request->message);
  self->last_us = g_get_monotonic_time ();
  request->status = 200;
  request->stream_data = self;
  request->tick = on_tick;
  request->drained = on_drained;
  request->ended = on_ended;
  request->half_closed = on_half_closed;
  context->n_streams++;
  da_remote_access_add_streams (context->remote, 1);
  send_head (self);
  return self;
}
