/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-http-drain"

#include "da-llm-http-drain.h"

/* What may still come, and for how long it is waited for. A provider that goes on talking after its
 * own end mark is cheaper to reconnect to than to listen to. */
#define MAX_BYTES (64 * 1024)
#define MAX_MS    1000

typedef struct {
  GInputStream *stream;
  GSource      *ready;
  GSource      *timer;
  gsize         n_bytes;
} Drain;

static void
close_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  /* Closing what nobody reads any more: an error has no reader either. */
  g_input_stream_close_finish (G_INPUT_STREAM (source), result, NULL);
}

static void
drain_finish (Drain *self)
{
  g_source_destroy (self->ready);
  g_source_destroy (self->timer);
  g_source_unref (self->ready);
  g_source_unref (self->timer);
  g_input_stream_close_async (self->stream, G_PRIORITY_DEFAULT, NULL, close_cb, NULL);
  g_object_unref (self->stream);
  g_free (self);
}

/* TRUE: there is more to wait for. */
static gboolean
read_some (GInputStream *stream,
           gsize        *n_bytes)
{
  char buffer[4096];

  while (*n_bytes < MAX_BYTES)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                                           sizeof buffer, NULL, &error);

      if (n < 0)
        return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      if (n == 0)
        return FALSE;
      *n_bytes += (gsize) n;
    }
  return FALSE;
}

static gboolean
on_ready (GObject  *object,
          gpointer  user_data)
{
  Drain *self = user_data;

  if (!read_some (self->stream, &self->n_bytes))
    drain_finish (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_timer (gpointer user_data)
{
  drain_finish (user_data);
  return G_SOURCE_CONTINUE;
}

void
da_llm_http_drain (GInputStream *stream,
                   GCancellable *abort)
{
  GMainContext *context = g_main_context_get_thread_default ();
  gsize n_bytes = 0;
  Drain *self;

  if (g_cancellable_is_cancelled (abort) || !read_some (stream, &n_bytes))
    {
      g_input_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, close_cb, NULL);
      g_object_unref (stream);
      return;
    }
  self = g_new0 (Drain, 1);
  self->stream = stream;
  self->n_bytes = n_bytes;
  self->ready = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (stream), NULL);
  g_source_set_callback (self->ready, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (self->ready, context);
  self->timer = g_timeout_source_new (MAX_MS);
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_attach (self->timer, context);
}
