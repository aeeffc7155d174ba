/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  DA_RANGE_WHOLE,          /* no header: 200 */
  DA_RANGE_PART,           /* 206 */
  DA_RANGE_UNSATISFIABLE,  /* 416 */
} DaRangeOutcome;

/* The table of contract 10 4.5. @text (nullable): the Range header; pure. */
DaRangeOutcome da_range_parse (const char *text,
                               guint64     size,
                               guint64    *start,
                               guint64    *length);

G_END_DECLS
