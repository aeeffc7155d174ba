/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the head of a request says about its own length. */
typedef struct {
  gint64   content_length;   /* -1: none */
  gboolean chunked;
  gboolean expects_continue;
} DaFramingHead;

/* Why bytes were refused: the HTTP status and a short sentence; status 0: not refused. */
typedef struct {
  guint       status;
  const char *reason;
} DaFramingFault;

/**
 * da_framing_find_end:
 * @from: where the last look ended, so that a head that comes byte by byte is not read again and
 * again
 *
 * Looks for the empty line that ends a head. A line end without CR, and a head or a number of lines
 * over the limits, are faults at once, without waiting for the rest.
 *
 * Returns: the length of the head with its empty line, or 0 when there is more to come or a fault
 */
gsize    da_framing_find_end     (const char     *data,
                                  gsize           length,
                                  gsize           from,
                                  DaFramingFault *fault);

/**
 * da_framing_check_head:
 *
 * Strict RFC 9112, as no parser behind us is: one way to read the request or none. What two
 * programs could read differently is refused (SEC-18, SEC-19). Pure.
 */
gboolean da_framing_check_head   (const char     *data,
                                  gsize           length,
                                  DaFramingHead  *head,
                                  DaFramingFault *fault);

/* A chunked body, byte by byte. Zero-initialise. */
typedef struct {
  int     state;
  guint   digits;
  guint64 size;
  guint64 left;
  guint64 total;
} DaFramingChunks;

/* Returns how many bytes of @data belong to the body and are right; *done when the last of them
 * ended it. No extensions, no trailers. */
gsize    da_framing_check_chunks (DaFramingChunks *self,
                                  const char      *data,
                                  gsize            length,
                                  gboolean        *done,
                                  DaFramingFault  *fault);

G_END_DECLS
