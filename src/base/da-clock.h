/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Wall clock in Unix milliseconds: for what is shown and stored. */
gint64 da_clock_now_ms        (void);
/* Microseconds that never go back: for every wait and duration. */
gint64 da_clock_monotonic_us  (void);
/* Tests turn the clock: both are shifted by the offsets (milliseconds). */
void   da_clock_set_offset    (gint64 wall_ms,
                               gint64 monotonic_ms);
/* (transfer full): "2026-11-22T08:13:24.446Z" */
char  *da_clock_format_iso    (gint64 ms);

G_END_DECLS
