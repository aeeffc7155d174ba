/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaDayWatch:
 *
 * Tells when another day has begun, for what says "Today" and stays open overnight. At midnight; an
 * hour later at most when the computer slept then, whose sleep no timer counts, or when asked.
 */
typedef struct _DaDayWatch DaDayWatch;

typedef void (*DaDayWatchFunc) (gpointer user_data);

/* @changed: called on the main thread. */
DaDayWatch *da_day_watch_new  (DaDayWatchFunc  changed,
                               gpointer        user_data);
void        da_day_watch_free (DaDayWatch     *self);
/* Looks now, and calls @changed if the day is another one. */
void        da_day_watch_look (DaDayWatch     *self);

G_END_DECLS
