/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-request.h"

G_BEGIN_DECLS

/**
 * DaSseWriter:
 *
 * An event stream out. It takes the connection from libsoup and writes chunks into the guard stream
 * itself: a piece costs one copy, all pieces of one turn of the main loop leave in one packet, and
 * there is no queue but what the socket has not taken yet. While that is more than
 * DA_LIMIT_STREAM_BUFFER_BYTES the owner is not asked for more. Afterwards the connection goes back
 * to libsoup for the next request.
 */
typedef struct _DaSseWriter DaSseWriter;

typedef struct {
  /* Appends what there is to say now, at most some 16 KiB if it can be cut; nothing: nothing
   * new. May call da_sse_writer_end(). */
  void (*pull)      (DaSseWriter *writer, GString *out, gpointer user_data);
  /* Appends something that tells that we live. */
  void (*heartbeat) (GString *out, gpointer user_data);
  /* The last call: all was written, or (@complete FALSE) the client is gone, revoked or cut off.
   * The writer is freed after it. */
  void (*ended)     (gpointer user_data, gboolean complete);
} DaSseFuncs;

/* FALSE: there are as many streams as may be; the request has been answered with 503. */
gboolean     da_sse_writer_has_room   (DaRequest        *request);
/* NULL: the client is gone already; nothing will be called. */
DaSseWriter *da_sse_writer_open       (DaRequest        *request,
                                       const DaSseFuncs *funcs,
                                       gpointer          user_data);
/* There may be something to pull. */
void         da_sse_writer_wake       (DaSseWriter      *self);
/* Ends the stream after what was pulled. */
void         da_sse_writer_end        (DaSseWriter      *self);
/* TRUE while the client has not taken all it was sent. */
gboolean     da_sse_writer_is_behind  (DaSseWriter      *self);

G_END_DECLS
