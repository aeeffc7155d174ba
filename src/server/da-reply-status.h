/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an error means to an HTTP client. */
typedef struct {
  guint    status;
  gboolean is_internal;   /* the text is for our log only */
  guint    retry_after;   /* seconds; 0: not said */
} DaReplyStatus;

/* The one table from error to status; pure. */
DaReplyStatus da_reply_status_for_error (const GError *error);
/* For a run that failed: @kind as da_llm_error_kind() has it in the FAILED event (nullable),
 * @retry_after_ms as da_run_get_retry_after_ms() has it. */
DaReplyStatus da_reply_status_for_run   (const GError *error,
                                         const char   *kind,
                                         gint64        retry_after_ms);

G_END_DECLS
