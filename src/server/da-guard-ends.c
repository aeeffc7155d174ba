/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-guard"

#include "da-guard-private.h"

/* libsoup may keep an end a moment longer than the whole; then there is nothing behind it. */

struct _DaGuardInput {
  GInputStream   parent_instance;
  DaGuardStream *guard;   /* (nullable) borrowed */
};

struct _DaGuardOutput {
  GOutputStream  parent_instance;
  DaGuardStream *guard;   /* (nullable) borrowed */
};

static void da_guard_input_pollable_init (GPollableInputStreamInterface *iface);
static void da_guard_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DaGuardInput, da_guard_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      da_guard_input_pollable_init))
G_DEFINE_FINAL_TYPE_WITH_CODE (DaGuardOutput, da_guard_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      da_guard_output_pollable_init))

static gssize
fail_closed (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The connection is closed");
  return -1;
}

/* @child is one source or the other; the pair is what GIO calls with the stream as argument. */
static GSource *
wrap_source (gpointer      stream,
             GSource      *child,
             GCancellable *cancellable)
{
  GSource *source;

  /* This gives the child its dummy callback; a second one would destroy the child. */
  source = g_pollable_source_new_full (stream, child, cancellable);
  g_source_unref (child);
  return source;
}

static gssize
da_guard_input_read_nonblocking (GPollableInputStream  *stream,
                                 void                  *buffer,
                                 gsize                  count,
                                 GError               **error)
{
  DaGuardInput *self = DA_GUARD_INPUT (stream);

  if (self->guard == NULL)
    return fail_closed (error);
  return _da_guard_stream_read (self->guard, buffer, count, error);
}

static gssize
da_guard_input_read (GInputStream  *stream,
                     void          *buffer,
                     gsize          count,
                     GCancellable  *cancellable,
                     GError       **error)
{
  return da_guard_input_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, count, error);
}

static gboolean
da_guard_input_is_readable (GPollableInputStream *stream)
{
  DaGuardInput *self = DA_GUARD_INPUT (stream);

  return self->guard == NULL || _da_guard_stream_is_readable (self->guard);
}

static GSource *
da_guard_input_create_source (GPollableInputStream *stream,
                              GCancellable         *cancellable)
{
  DaGuardInput *self = DA_GUARD_INPUT (stream);
  GSource *child;

  child = self->guard == NULL ? g_timeout_source_new (0)
                              : _da_guard_stream_make_input_source (self->guard);
  return wrap_source (self, child, cancellable);
}

static void
da_guard_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = da_guard_input_is_readable;
  iface->create_source = da_guard_input_create_source;
  iface->read_nonblocking = da_guard_input_read_nonblocking;
}

static void
da_guard_input_class_init (DaGuardInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = da_guard_input_read;
}

static void
da_guard_input_init (DaGuardInput *self)
{
}

static gssize
da_guard_output_write_nonblocking (GPollableOutputStream  *stream,
                                   const void             *buffer,
                                   gsize                   count,
                                   GError                **error)
{
  DaGuardOutput *self = DA_GUARD_OUTPUT (stream);

  if (self->guard == NULL)
    return fail_closed (error);
  return _da_guard_stream_write (self->guard, buffer, count, error);
}

static gssize
da_guard_output_write (GOutputStream  *stream,
                       const void     *buffer,
                       gsize           count,
                       GCancellable   *cancellable,
                       GError        **error)
{
  return da_guard_output_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (stream), buffer, count,
                                            error);
}

static gboolean
da_guard_output_is_writable (GPollableOutputStream *stream)
{
  DaGuardOutput *self = DA_GUARD_OUTPUT (stream);

  return self->guard == NULL || _da_guard_stream_is_writable (self->guard);
}

static GSource *
da_guard_output_create_source (GPollableOutputStream *stream,
                               GCancellable          *cancellable)
{
  DaGuardOutput *self = DA_GUARD_OUTPUT (stream);
  GSource *child;

  child = self->guard == NULL ? g_timeout_source_new (0)
                              : _da_guard_stream_make_output_source (self->guard);
  return wrap_source (self, child, cancellable);
}

static void
da_guard_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = da_guard_output_is_writable;
  iface->create_source = da_guard_output_create_source;
  iface->write_nonblocking = da_guard_output_write_nonblocking;
}

static void
da_guard_output_class_init (DaGuardOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = da_guard_output_write;
}

static void
da_guard_output_init (DaGuardOutput *self)
{
}

DaGuardInput *
_da_guard_input_new (DaGuardStream *guard)
{
  DaGuardInput *self = g_object_new (DA_TYPE_GUARD_INPUT, NULL);

  self->guard = guard;
  return self;
}

void
_da_guard_input_detach (DaGuardInput *self)
{
  self->guard = NULL;
}

DaGuardOutput *
_da_guard_output_new (DaGuardStream *guard)
{
  DaGuardOutput *self = g_object_new (DA_TYPE_GUARD_OUTPUT, NULL);

  self->guard = guard;
  return self;
}

void
_da_guard_output_detach (DaGuardOutput *self)
{
  self->guard = NULL;
}
