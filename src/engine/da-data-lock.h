/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * da_data_lock_take:
 * @data_dir: exists
 *
 * One process per data folder (decisions.md, "Names and places"). The kernel drops the lock with
 * the process, however it ends.
 *
 * Returns: a file descriptor to keep open, or -1 with DA_ERROR_CONFLICT (the message names the
 *   process that holds it) or another error
 */
int da_data_lock_take (const char  *data_dir,
                       GError     **error);

G_END_DECLS
