/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-worker"

#include "da-worker.h"

#include "da-macros.h"

/**
 * DaWorker:
 *
 * Owns one thread and its queue. Jobs are pushed from the main thread; their functions run on the
 * thread, one after the other, and answer through their GTask. The worker never calls back into the
 * layers above it and never drops the last reference to a task on its thread: what a task holds
 * (its source object, mostly) belongs to the main thread and is released there.
 */
struct _DaWorker {
  GObject      parent_instance;

  /* owned */
  char        *name;
  GThread     *thread;
  GAsyncQueue *queue;

  /* shared with the thread */
  gint         pending;

  gboolean     stopped : 1;
};

G_DEFINE_FINAL_TYPE (DaWorker, da_worker, G_TYPE_OBJECT)

typedef struct {
  GTask           *task;   /* NULL ends the thread */
  GTaskThreadFunc  func;
} Job;

static gboolean
release_task_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* Queued behind the task's own answer, in the context the answer goes to. */
static void
release_task_in_its_context (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_static_name (source, "da-worker release");
  g_source_set_callback (source, release_task_cb, task, g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static gpointer
worker_main (gpointer data)
{
  DaWorker *self = data;
  GAsyncQueue *queue = self->queue;

  for (;;)
    {
      g_autofree Job *job = g_async_queue_pop (queue);

      if (job->task == NULL)
        return NULL;

      if (!g_task_return_error_if_cancelled (job->task))
        job->func (job->task,
                   g_task_get_source_object (job->task),
                   g_task_get_task_data (job->task),
                   g_task_get_cancellable (job->task));

      g_atomic_int_add (&self->pending, -1);
      release_task_in_its_context (g_steal_pointer (&job->task));
    }
}

DaWorker *
da_worker_new (const char *name)
{
  DaWorker *self = g_object_new (DA_TYPE_WORKER, NULL);

  self->name = g_strdup (name);
  self->thread = g_thread_new (name, worker_main, self);

  return self;
}

DaWorker *
da_worker_get_slow (void)
{
  static gsize created;
  static DaWorker *worker;

  if (g_once_init_enter (&created))
    {
      worker = da_worker_new ("da-slow");
      g_once_init_leave (&created, 1);
    }

  return worker;
}

void
da_worker_push (DaWorker        *self,
                GTask           *task,
                GTaskThreadFunc  func)
{
  Job *job;

  g_assert (DA_IS_WORKER (self));
  g_assert (G_IS_TASK (task));
  g_assert (func != NULL);

  if (self->stopped)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                               "The worker “%s” has been stopped", self->name);
      return;
    }

  job = g_new0 (Job, 1);
  job->task = g_object_ref (task);
  job->func = func;
  g_atomic_int_inc (&self->pending);
  g_async_queue_push (self->queue, job);
}

void
da_worker_stop (DaWorker *self)
{
  g_assert (DA_IS_WORKER (self));

  if (self->stopped)
    return;

  self->stopped = TRUE;
  g_async_queue_push (self->queue, g_new0 (Job, 1));
  g_thread_join (g_steal_pointer (&self->thread));
}

guint
da_worker_pending (DaWorker *self)
{
  g_assert (DA_IS_WORKER (self));

  return (guint) g_atomic_int_get (&self->pending);
}

static void
da_worker_dispose (GObject *object)
{
  DaWorker *self = DA_WORKER (object);

  if (self->thread != NULL)
    da_worker_stop (self);

  G_OBJECT_CLASS (da_worker_parent_class)->dispose (object);
}

static void
da_worker_finalize (GObject *object)
{
  DaWorker *self = DA_WORKER (object);

  g_clear_pointer (&self->queue, g_async_queue_unref);
  g_clear_pointer (&self->name, g_free);

  G_OBJECT_CLASS (da_worker_parent_class)->finalize (object);
}

static void
da_worker_class_init (DaWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_worker_dispose;
  object_class->finalize = da_worker_finalize;
}

static void
da_worker_init (DaWorker *self)
{
  self->queue = g_async_queue_new ();
}
