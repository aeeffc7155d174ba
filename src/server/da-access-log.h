/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaAccessLog: one line per request in <state>/access.log: time, address, who, method, route,
 * status, milliseconds. Lines are gathered and appended off the main loop a few times a second, so
 * that a request does not pay for it. The route is the pattern, never the path: ids and queries
 * stay out. Rotated at 4 MiB, one kept.
 */
typedef struct _DaAccessLog DaAccessLog;

DaAccessLog *da_access_log_new     (const char  *state_dir);
/* Writes what is gathered. */
void         da_access_log_free    (DaAccessLog *self);
void         da_access_log_add     (DaAccessLog *self,
                                    const char  *address,
                                    const char  *who,
                                    const char  *method,
                                    const char  *route,
                                    guint        status,
                                    gint64       duration_us);

G_END_DECLS
