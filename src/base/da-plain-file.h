/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads a whole file, not through a link and not from a device: for folders that are ours but whose
 * contents came from outside. Blocks; any thread. (transfer full) (nullable); DA_ERROR_NOT_FOUND
 * also for what is larger than @limit bytes. */
GBytes *da_plain_file_read (const char  *path,
                            gsize        limit,
                            GError     **error);

G_END_DECLS
