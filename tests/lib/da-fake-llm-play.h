/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What one answer of the fake provider consists of: pieces of bytes with pauses, made by a script
 * and written by the connection. Private to da-fake-llm*.c. */
typedef enum {
  DA_FAKE_BYTES,        /* written as they are */
  DA_FAKE_TOKENS,       /* @count numbered delta chunks, made when their turn comes */
  DA_FAKE_CUT,          /* closes the connection with a reset */
  DA_FAKE_CLOSE,        /* closes it in order */
  DA_FAKE_STALL,        /* nothing more, and the connection stays open */
} DaFakePieceType;

typedef struct {
  DaFakePieceType type;
  GBytes         *bytes;
  guint64         count;
  guint           delay_us;      /* before it */
} DaFakePiece;

typedef struct {
  GPtrArray *pieces;             /* (element-type DaFakePiece) */
  char      *id;                 /* of the completion */
  char      *model;
  char      *prompt;             /* the last user message */
  guint      token_delay_us;
  guint      nth;                /* how often this script was asked for before */
  gboolean   stream;
  gboolean   include_usage;
  gboolean   has_stream_options;
  gboolean   is_reused;          /* the connection has served before */
  gboolean   split_bytes;        /* every byte in a packet of its own */
  char      *redirect;           /* base for "redirect-away" */
} DaFakePlay;

void        da_fake_play_clear       (DaFakePlay *self);
/* FALSE: there is no such script. */
gboolean    da_fake_play_prepare     (DaFakePlay *self,
                                      const char *script);
/* Appends one numbered token as a whole HTTP chunk. */
void        da_fake_play_append_token (DaFakePlay *self,
                                       GString    *out,
                                       guint64     number);

G_END_DECLS
