/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-flush"

#include "da-flush-queue.h"

struct _DaFlushQueue {
  int         ref_count;
  DaFlushFunc func;
  GSource    *source;    /* (nullable) owned; asleep while nothing waits */
  GPtrArray  *waiting;   /* owned references */
  GPtrArray  *running;   /* the batch that is being flushed; swapped with the other */
};

static gboolean
dispatch_source (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch_source };

static gboolean
on_source_ready (gpointer user_data)
{
  DaFlushQueue *self = da_flush_queue_ref (user_data);
  GPtrArray *batch = self->waiting;

  g_source_set_ready_time (self->source, -1);
  self->waiting = self->running;
  self->running = batch;

  for (guint i = 0; i < batch->len; i++)
    self->func (batch->pdata[i]);
  g_ptr_array_set_size (batch, 0);

  da_flush_queue_unref (self);
  return G_SOURCE_CONTINUE;
}

DaFlushQueue *
da_flush_queue_new (DaFlushFunc    func,
                    GDestroyNotify unref)
{
  DaFlushQueue *self = g_new0 (DaFlushQueue, 1);

  self->ref_count = 1;
  self->func = func;
  self->waiting = g_ptr_array_new_with_free_func (unref);
  self->running = g_ptr_array_new_with_free_func (unref);
  self->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (self->source, "da-flush-queue");
  g_source_set_callback (self->source, on_source_ready, self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

DaFlushQueue *
da_flush_queue_ref (DaFlushQueue *self)
{
  self->ref_count++;
  return self;
}

void
da_flush_queue_unref (DaFlushQueue *self)
{
  g_assert (self->ref_count > 0);
  if (--self->ref_count > 0)
    return;

  da_flush_queue_stop (self);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->running);
  g_free (self);
}

void
da_flush_queue_add (DaFlushQueue *self,
                    gpointer      item)
{
  g_ptr_array_add (self->waiting, item);
  if (self->waiting->len == 1 && self->source != NULL)
    g_source_set_ready_time (self->source, 0);
}

void
da_flush_queue_stop (DaFlushQueue *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_ptr_array_set_size (self->waiting, 0);
}
