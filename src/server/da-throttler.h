/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaThrottler: counts wrong keys per address. After DA_LIMIT_AUTH_FAILURES of them within
 * DA_LIMIT_AUTH_WINDOW_SECONDS an address is locked until the window ends: no key of it is looked
 * at, not even a right one, or guessing could go on. Others are not affected. Time is an argument.
 */
typedef struct _DaThrottler DaThrottler;

DaThrottler *da_throttler_new     (void);
void         da_throttler_free    (DaThrottler *self);
/* Seconds to wait (at least 1) when @address is locked; 0: it is not. */
guint        da_throttler_locked  (DaThrottler *self,
                                   const char  *address,
                                   gint64       now_us);
void         da_throttler_failed  (DaThrottler *self,
                                   const char  *address,
                                   gint64       now_us);
guint        da_throttler_size    (DaThrottler *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaThrottler, da_throttler_free)

G_END_DECLS
