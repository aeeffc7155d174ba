/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * da_path_resolve_beneath:
 * @root: an absolute folder
 * @relative: untrusted
 *
 * Joins and proves containment: refuses absolute paths, "..", NUL, empty components and any
 * symbolic link that leaves @root. The last component need not exist.
 *
 * Returns: (transfer full): an absolute path, or %NULL with DA_ERROR_INVALID
 */
char     *da_path_resolve_beneath (const char  *root,
                                   const char  *relative,
                                   GError     **error);
/* A conversation id by contract 10 4.1; the error (DA_ERROR_INVALID) says which rule it breaks.
 * Longer than 200 bytes is refused as well. */
gboolean  da_path_check_id        (const char  *id,
                                   GError     **error);
/* mkdir -p with 0700, and chmod 0700 of the last folder when it was wider. */
gboolean  da_path_ensure_private  (const char  *folder,
                                   GError     **error);

G_END_DECLS
