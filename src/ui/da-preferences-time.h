/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): "just now", "5 minutes ago", "yesterday", or a date. Unix ms; 0: "never". */
char *da_preferences_dup_ago  (gint64 time_ms,
                               gint64 now_ms);
/* (transfer full): the date and time in the person's own form */
char *da_preferences_dup_date (gint64 time_ms);

G_END_DECLS
