/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes over a response body nobody needs any more. When @abort has fired the connection is closed
 * at once; otherwise what is left (usually the last chunk's mark) is read for a moment, so that the
 * connection can serve the next call. (transfer full) @stream */
void da_llm_http_drain (GInputStream *stream,
                        GCancellable *abort);

G_END_DECLS
