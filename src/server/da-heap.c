/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-heap"

#include "da-heap.h"

#include <gio/gio.h>
#include <malloc.h>

#include "da-worker.h"

/*
 * A body of a few megabytes is parsed into hundreds of thousands of small pieces. The allocator
 * keeps them when they are freed, in an arena for each thread that had a hand in it, so a program
 * that idles would hold what its largest request needed.
 */

#define LARGE_BYTES (1024 * 1024)
/* The last references go a few turns of the loop after the answer; several requests are one. */
#define DELAY_MS 100

static guint source;

static void
run_trim (GTask        *task,
          gpointer      object,
          gpointer      task_data,
          GCancellable *cancellable)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_due (gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_source_tag (task, on_due);
  source = 0;
  da_worker_push (da_worker_get_slow (), task, run_trim);
  return G_SOURCE_REMOVE;
}

void
da_heap_note_released (guint64 bytes)
{
  if (bytes >= LARGE_BYTES && source == 0)
    source = g_timeout_add (DELAY_MS, on_due, NULL);
}
