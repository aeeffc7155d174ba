/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-flush-queue.h"

G_BEGIN_DECLS

/* Where the one request at a time of a connection is. */
typedef enum {
  DA_GUARD_IDLE,     /* nothing of the next request has come */
  DA_GUARD_HEAD,     /* its head is coming */
  DA_GUARD_BODY,     /* its head was passed on, its body is coming */
  DA_GUARD_ANSWER,   /* it is complete; ours to answer */
  DA_GUARD_LINGER,   /* the last bytes go out, what still comes is dropped */
  DA_GUARD_CLOSED,
} DaGuardPhase;

/**
 * DaGuardStream:
 *
 * Stands between the socket and libsoup. Reads: passes on only bytes of requests that da-framing.h
 * accepts, never across the end of a request, so libsoup and we always agree where one ends; a
 * request that is refused gets a plain answer from here and libsoup sees the connection break.
 * Writes: gathers small pieces into one send. Owns the socket; DaConnection owns it and times it.
 * Main thread.
 */
#define DA_TYPE_GUARD_STREAM (da_guard_stream_get_type ())
G_DECLARE_FINAL_TYPE (DaGuardStream, da_guard_stream, DA, GUARD_STREAM, GIOStream)

typedef void (*DaGuardClosedFunc) (gpointer user_data);

DaFlushQueue  *da_guard_stream_flush_queue_new (void);
/* @closed is called once, when the socket has been closed. */
DaGuardStream *da_guard_stream_new          (GSocket           *socket,
                                             DaFlushQueue      *queue,
                                             DaGuardClosedFunc  closed,
                                             gpointer           user_data);
DaGuardPhase   da_guard_stream_get_phase    (DaGuardStream     *self);
/* When the phase began; for DA_GUARD_BODY: when the last piece came. (monotonic us) */
gint64         da_guard_stream_get_since    (DaGuardStream     *self);
/* Since when the peer takes nothing of what we have for it; 0: it does. */
gint64         da_guard_stream_get_blocked  (DaGuardStream     *self);
/* TRUE when no byte of the current request is missing. */
gboolean       da_guard_stream_is_complete  (DaGuardStream     *self);
/* Sends what libsoup wrote; without it an answer waits for a full buffer. */
void           da_guard_stream_flush        (DaGuardStream     *self);

/* For an answer that bypasses libsoup (soup_server_message_steal_connection()). Takes all; the
 * caller keeps an eye on what is unsent. Leaves in the next turn of the main loop. */
void           da_guard_stream_send         (DaGuardStream     *self,
                                             const void        *data,
                                             gsize              length);
/* The same in two steps, for who knows when a piece is complete: nothing leaves before the push,
 * which sends at once. @wants_more: call "drained" soon even if all of it leaves. */
void           da_guard_stream_gather       (DaGuardStream     *self,
                                             const void        *data,
                                             gsize              length);
void           da_guard_stream_push         (DaGuardStream     *self,
                                             gboolean           wants_more);
gsize          da_guard_stream_get_unsent   (DaGuardStream     *self);

typedef struct {
  /* All that was sent has left. */
  void (*drained) (gpointer user_data);
  /* The peer has gone; or, with @half, will send no more: it may have gone or may still read,
   * which only writing to it tells. */
  void (*hung_up) (gpointer user_data, gboolean half);
} DaGuardWatch;

/* Learns of a hang-up within milliseconds while libsoup does not look at the socket (it is
 * paused, or the connection was taken from it). @funcs NULL ends it. */
void           da_guard_stream_watch        (DaGuardStream      *self,
                                             const DaGuardWatch *funcs,
                                             gpointer            user_data);
/* Sends @answer (a whole HTTP message), then ends the connection; libsoup is told it broke. */
void           da_guard_stream_answer       (DaGuardStream     *self,
                                             const char        *answer,
                                             gsize              length);
/* A plain {"error":…} answer with @status. */
void           da_guard_stream_refuse       (DaGuardStream     *self,
                                             guint              status,
                                             const char        *reason);
/* A request that does not come to its end: 408, then as above; anything else: as
 * da_guard_stream_cut(). */
void           da_guard_stream_time_out     (DaGuardStream     *self);
/* Ends the connection without another word. */
void           da_guard_stream_cut          (DaGuardStream     *self);
/* Closes the socket without the main loop's help, for the end of the program. */
void           da_guard_stream_abandon      (DaGuardStream     *self);
/* TRUE after an answer of our own or a cut: nothing may be asked of libsoup any more. */
gboolean       da_guard_stream_is_broken    (DaGuardStream     *self);

G_END_DECLS
