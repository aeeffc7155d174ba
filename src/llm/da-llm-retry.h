/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

#include "da-llm-error.h"

G_BEGIN_DECLS

/* Rate limits are waited out for this long in all, whatever the number of retries (contract 10 9.7
 * has no bound; a run that waits for hours helps nobody). */
#define DA_LLM_RETRY_LIMIT_TOTAL_MS (10 * 60 * 1000)
/* A provider that asks for a longer single wait than this gets none: the person is told instead. */
#define DA_LLM_RETRY_LIMIT_WAIT_MS  (2 * 60 * 1000)

/**
 * DaLlmRetry: whether one completion is tried again, and after how long. Pure but for the jitter.
 */
typedef struct {
  guint  max_retries;      /* 0: never, not even for a rate limit */
  guint  base_ms;
  guint  max_ms;
  guint  failures;         /* retries so far that count against max_retries */
  guint  retries;          /* all retries so far */
  gint64 limit_waited_ms;  /* spent on rate limits */
} DaLlmRetry;

void     da_llm_retry_init       (DaLlmRetry   *self,
                                  guint         max_retries,
                                  guint         base_ms,
                                  guint         max_ms);
/* FALSE: give up. @delivered: some of the answer has already been shown, so a second try would
 * repeat it. @unlimited_out (nullable): this retry does not count against max_retries. */
gboolean da_llm_retry_next       (DaLlmRetry   *self,
                                  const GError *error,
                                  gboolean      delivered,
                                  guint        *delay_ms_out,
                                  gboolean     *unlimited_out);
/* base * 2^n, plus or minus a quarter, at most max. */
guint    da_llm_retry_backoff    (guint         base_ms,
                                  guint         max_ms,
                                  guint         n);
/* Value of a Retry-After header (seconds, also with a fraction, or an HTTP date) in milliseconds
 * from @now_ms; -1 when it is absent or nonsense. */
gint64   da_llm_retry_parse      (const char   *value,
                                  gint64        now_ms);

G_END_DECLS
