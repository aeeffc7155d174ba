/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaSseParser:
 *
 * Incremental decoder of text/event-stream (WHATWG HTML, "event stream interpretation"): LF, CR
 * and CRLF, split at any byte, multi-line data, BOM, comments. No I/O.
 */
typedef struct _DaSseParser DaSseParser;

/* @event is NULL for the default name; @data is NUL-terminated, valid during the call. */
typedef void (*DaSseFunc) (const char *event,
                           const char *data,
                           gsize       length,
                           gpointer    user_data);

DaSseParser *da_sse_parser_new   (gsize        max_event_bytes,
                                  DaSseFunc    func,
                                  gpointer     user_data);
/* FALSE (DA_ERROR_TOO_LARGE) when one event passes the maximum; the parser is then dead. */
gboolean     da_sse_parser_feed  (DaSseParser *self,
                                  const void  *data,
                                  gsize        length,
                                  GError     **error);
void         da_sse_parser_free  (DaSseParser *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaSseParser, da_sse_parser_free)

G_END_DECLS
