/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Unix milliseconds as people read them, in their own time zone and language. (transfer full) */
char *da_time_format_clock (gint64 ms);                /* "14:03" */
char *da_time_format_full  (gint64 ms);                /* "Sunday, 22 November 2026, 14:03" */
/* The group of a list that the time belongs to: "Today", "Yesterday", "Monday", "This Month",
 * "October", "2025". @now: normally da_clock_now_ms(). */
char *da_time_format_day   (gint64 ms,
                            gint64 now);

/* A number for the local day that the time is in; the next day's is one more. */
int    da_time_get_day        (gint64 ms);
/* Milliseconds until the next local day begins. */
gint64 da_time_until_midnight (gint64 ms);

G_END_DECLS
