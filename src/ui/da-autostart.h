/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Starts the program at login, without a window, by a file in $XDG_CONFIG_HOME/autostart; or no
 * longer. */
gboolean da_autostart_set    (gboolean   enabled,
                              GError   **error);
gboolean da_autostart_is_set (void);

G_END_DECLS
