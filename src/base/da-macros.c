/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-macros"

#include "da-macros.h"

#include <unistd.h>

static GThread *marked_thread;

void
da_main_thread_mark (void)
{
  g_atomic_pointer_set (&marked_thread, g_thread_self ());
}

/* A small test that never marks still has one sensible main thread: the one the kernel started. */
gboolean
da_is_main_thread (void)
{
  GThread *marked = g_atomic_pointer_get (&marked_thread);

  if (marked == NULL)
    return getpid () == gettid ();

  return marked == g_thread_self ();
}
