/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A key in the shared settings may be written as a reference (contract 10 1.11, 30 0.5); its value
 * is in <agents_dir>/secrets.local.json. */
#define DA_SECRET_REFERENCE_PREFIX "dotagents-secret://"

/* TRUE for a text that is meant as a reference, resolvable or not; NULL is none. */
gboolean da_secret_reference_is             (const char           *text);

/**
 * da_secret_reference_resolve_async:
 * @agents_dir: the .agents folder
 *
 * Looks for the id as written, then after one, two and three percent-decodings. Reads the file on
 * the slow worker each time, so a change of the file is seen. Never writes: the reference is the
 * person's, and nothing may replace it.
 */
void     da_secret_reference_resolve_async  (const char           *agents_dir,
                                             const char           *reference,
                                             GCancellable         *cancellable,
                                             GAsyncReadyCallback   callback,
                                             gpointer              user_data);
/* (transfer full) (nullable): to be freed with da_secret_free(). NULL without error when nothing
 * has that id; DA_ERROR_CORRUPT or a G_IO_ERROR when the file cannot be read. In every one of these
 * cases there is no key: the server refuses all requests, and no key is made in its place. */
char    *da_secret_reference_resolve_finish (GAsyncResult         *result,
                                             GError              **error);

G_END_DECLS
