/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaFlushQueue: runs a function for each item that was marked during this turn of the main loop,
 * once, in the next turn. So the many small writes that make up one piece of a stream leave in one
 * packet. One per server; main thread.
 */
typedef struct _DaFlushQueue DaFlushQueue;

typedef void (*DaFlushFunc) (gpointer item);

/* Items are referenced with @ref while they wait. */
DaFlushQueue *da_flush_queue_new  (DaFlushFunc     func,
                                   GDestroyNotify  unref);
DaFlushQueue *da_flush_queue_ref  (DaFlushQueue   *self);
void          da_flush_queue_unref (DaFlushQueue  *self);
/* Takes a reference of the item that the caller made. Not twice in one turn: the caller remembers.
   */
void          da_flush_queue_add  (DaFlushQueue   *self,
                                   gpointer        item);
/* No more calls; drops what waits. */
void          da_flush_queue_stop (DaFlushQueue   *self);

G_END_DECLS
