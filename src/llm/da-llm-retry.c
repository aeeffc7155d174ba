/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-retry"

#include "da-llm-retry.h"

#include <libsoup/soup.h>

#include "da-random.h"

/* Longer announcements are a year-long ban or a broken clock; both mean "not now". */
#define MAX_RETRY_AFTER_MS ((gint64) 366 * 24 * 3600 * 1000)

void
da_llm_retry_init (DaLlmRetry *self,
                   guint       max_retries,
                   guint       base_ms,
                   guint       max_ms)
{
  *self = (DaLlmRetry) { .max_retries = max_retries, .base_ms = base_ms, .max_ms = max_ms };
}

guint
da_llm_retry_backoff (guint base_ms,
                      guint max_ms,
                      guint n)
{
  guint64 delay = (guint64) base_ms << MIN (n, 20);
  guint64 spread;

  delay = MIN (delay, max_ms);
  spread = delay / 2;
  if (spread > 0)
    delay = delay - spread / 2 + da_random_uint ((guint32) MIN (spread + 1, G_MAXUINT32));
  return (guint) MIN (delay, max_ms);
}

static gboolean
is_worth_a_retry (const GError *error)
{
  guint status = da_llm_error_get_status (error);

  if (error->domain != DA_LLM_ERROR || da_llm_error_is_final (error))
    return FALSE;
  switch ((DaLlmError) error->code)
    {
    case DA_LLM_ERROR_RATE_LIMIT:
    case DA_LLM_ERROR_NETWORK:
    case DA_LLM_ERROR_BAD_ANSWER:
      return TRUE;
    case DA_LLM_ERROR_SERVER:
      /* Not implemented, and HTTP version not supported, will not be otherwise in a second. */
      return status != 501 && status != 505;
    case DA_LLM_ERROR_AUTH:
    case DA_LLM_ERROR_CONTEXT_LENGTH:
    case DA_LLM_ERROR_BAD_REQUEST:
    default:
      return FALSE;
    }
}

gboolean
da_llm_retry_next (DaLlmRetry   *self,
                   const GError *error,
                   gboolean      delivered,
                   guint        *delay_ms_out,
                   gboolean     *unlimited_out)
{
  gboolean is_limit = g_error_matches (error, DA_LLM_ERROR, DA_LLM_ERROR_RATE_LIMIT);
  gint64 told = da_llm_error_get_retry_after_ms (error);
  gint64 delay;

  if (delivered || self->max_retries == 0 || !is_worth_a_retry (error))
    return FALSE;
  if (!is_limit && self->failures >= self->max_retries)
    return FALSE;
  if (told > DA_LLM_RETRY_LIMIT_WAIT_MS)
    return FALSE;

  delay = da_llm_retry_backoff (self->base_ms, self->max_ms, self->retries);
  delay = MAX (delay, told);
  if (is_limit && self->limit_waited_ms + delay > DA_LLM_RETRY_LIMIT_TOTAL_MS)
    return FALSE;

  self->retries++;
  if (is_limit)
    self->limit_waited_ms += delay;
  else
    self->failures++;
  *delay_ms_out = (guint) delay;
  if (unlimited_out)
    *unlimited_out = is_limit;
  return TRUE;
}

gint64
da_llm_retry_parse (const char *value,
                    gint64      now_ms)
{
  g_autoptr (GDateTime) date = NULL;
  char *end = NULL;
  double seconds;

  while (value && g_ascii_isspace (*value))
    value++;
  if (!value || !*value)
    return -1;
  if (g_ascii_isdigit (*value))
    {
      seconds = g_ascii_strtod (value, &end);
      while (g_ascii_isspace (*end))
        end++;
      if (*end != '\0')
        return -1;
      return (gint64) MIN (seconds * 1000, (double) MAX_RETRY_AFTER_MS);
    }
  date = soup_date_time_new_from_http_string (value);
  if (!date)
    return -1;
  return CLAMP (g_date_time_to_unix (date) * 1000 - now_ms, 0, MAX_RETRY_AFTER_MS);
}
