/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * da_atomic_file_write:
 * @mode: permission bits for a new file; an existing file keeps its own mode
 *
 * Writes a sibling temporary file, fsyncs it, renames it over @path, fsyncs the folder. A symbolic
 * link at @path is followed, so the target is replaced, not the link. On any error @path is as
 * before and the temporary file is gone. ENOSPC/EDQUOT become DA_ERROR_NO_SPACE.
 * Blocking: call it from a worker job, or before the main loop runs.
 */
gboolean da_atomic_file_write        (const char          *path,
                                      const void          *data,
                                      gsize                length,
                                      int                  mode,
                                      GError             **error);

/* On the slow worker. */
void     da_atomic_file_write_async  (const char          *path,
                                      GBytes              *bytes,
                                      int                  mode,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
gboolean da_atomic_file_write_finish (GAsyncResult        *result,
                                      GError             **error);

/* For fault tests: makes the Nth step from now (1-based; write, fsync, rename, fsync folder) fail
 * with @errsv; 0 switches it off. */
void     da_atomic_file_fail_nth     (guint                nth,
                                      int                  errsv);

G_END_DECLS
