/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-framing.h"
#include "da-guard-stream.h"

G_BEGIN_DECLS

/* The two ends of a DaGuardStream as libsoup wants them: pollable streams without a state of
 * their own. */
#define DA_TYPE_GUARD_INPUT (da_guard_input_get_type ())
G_DECLARE_FINAL_TYPE (DaGuardInput, da_guard_input, DA, GUARD_INPUT, GInputStream)

#define DA_TYPE_GUARD_OUTPUT (da_guard_output_get_type ())
G_DECLARE_FINAL_TYPE (DaGuardOutput, da_guard_output, DA, GUARD_OUTPUT, GOutputStream)

struct _DaGuardStream {
  GIOStream          parent_instance;

  GSocket           *socket;      /* owned */
  int                fd;
  DaGuardInput      *input;       /* owned */
  DaGuardOutput     *output;      /* owned */
  DaFlushQueue      *queue;       /* owned */
  DaGuardClosedFunc  closed;
  gpointer           user_data;
  GSource           *linger;      /* (nullable) owned: while we close by ourselves */
  /* (nullable) owned: while somebody waits for a hang-up or for room */
  GSource           *watch;
  GIOCondition       watched;
  const DaGuardWatch *watch_funcs; /* (nullable) borrowed, static */
  gpointer           watch_data;

  GByteArray        *in;          /* (nullable) owned: read from the socket, not yet passed on */
  gsize              in_begin;    /* bytes before it were passed on */
  gsize              ready;       /* bytes from in_begin on that may be passed on */
  gsize              looked;      /* of a head: searched for its end */
  GByteArray        *out;         /* (nullable) owned: gathered, not yet sent */

  DaGuardPhase       phase;
  gint64             since;
  gint64             blocked;
  gint64             body_left;   /* of a body with Content-Length: not yet passed on or ready */
  DaFramingChunks    chunks;
  guint              chunked : 1;
  guint              expects : 1;   /* "100-continue": libsoup may never read the body */
  guint              queued : 1;
  guint              broken : 1;
  guint              refused : 1;   /* a last answer of our own: linger */
  guint              half_closed : 1; /* the peer sends no more */
  guint              has_farewell : 1; /* libsoup was given the beginning of a last request */
  guint              half_read : 1; /* bytes of the request may still come */
};

void           _da_guard_stream_set_phase (DaGuardStream  *self,
                                           DaGuardPhase    phase);
/* FALSE: the socket takes no more now. A dead socket counts as empty; the next read or write tells.
   */
gboolean       _da_guard_stream_flush_out (DaGuardStream  *self);
gssize         _da_guard_fail_broken      (GError        **error);
gssize         _da_guard_fail_would_block (GError        **error);

DaGuardInput  *_da_guard_input_new     (DaGuardStream  *guard);
void           _da_guard_input_detach  (DaGuardInput   *self);
DaGuardOutput *_da_guard_output_new    (DaGuardStream  *guard);
void           _da_guard_output_detach (DaGuardOutput  *self);

gssize         _da_guard_stream_read   (DaGuardStream  *self,
                                        void           *buffer,
                                        gsize           count,
                                        GError        **error);
gssize         _da_guard_stream_write  (DaGuardStream  *self,
                                        const void     *data,
                                        gsize           length,
                                        GError        **error);
gboolean       _da_guard_stream_is_readable (DaGuardStream *self);
gboolean       _da_guard_stream_is_writable (DaGuardStream *self);
GSource       *_da_guard_stream_make_input_source  (DaGuardStream *self);
GSource       *_da_guard_stream_make_output_source (DaGuardStream *self);

G_END_DECLS
