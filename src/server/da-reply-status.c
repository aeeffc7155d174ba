/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-reply"

#include "da-reply-status.h"

#include <string.h>
#include <gio/gio.h>

#include "da-error.h"
#include "da-json.h"

#define BUSY_SECONDS 2
/* A provider that counts requests counts them by the minute; for one that names no time. */
#define RATE_SECONDS 20
/* Nobody means more; what is not believed is not passed on. */
#define MAX_RATE_SECONDS (24 * 60 * 60)

typedef struct {
  int           code;
  DaReplyStatus status;
} Row;

static const Row own_rows[] = {
  { DA_ERROR_INVALID, { 400 } },
  { DA_ERROR_NOT_FOUND, { 404 } },
  { DA_ERROR_CONFLICT, { 409 } },
  { DA_ERROR_TOO_LARGE, { 413 } },
  { DA_ERROR_NO_SPACE, { 507 } },
  { DA_ERROR_BUSY, { 503, FALSE, BUSY_SECONDS } },
  { DA_ERROR_UNAVAILABLE, { 501 } },
  { DA_ERROR_LOCKED, { 503, FALSE, BUSY_SECONDS } },
  { DA_ERROR_CORRUPT, { 500, TRUE } },
  { DA_ERROR_UPSTREAM, { 502 } },
  { DA_ERROR_INTERNAL, { 500, TRUE } },
};

static const Row io_rows[] = {
  { G_IO_ERROR_NOT_FOUND, { 404 , TRUE } },
  { G_IO_ERROR_NO_SPACE, { 507, TRUE } },
  { G_IO_ERROR_TIMED_OUT, { 504 } },
  { G_IO_ERROR_BUSY, { 503, FALSE, BUSY_SECONDS } },
  { G_IO_ERROR_NOT_SUPPORTED, { 501 } },
};

/* Not 401 or 403 for a key the provider refused: a client would take its own key for wrong. */
static const struct {
  const char   *kind;
  DaReplyStatus status;
} run_rows[] = {
  { "auth", { 502 } },
  { "rate_limit", { 429, FALSE, RATE_SECONDS } },
  { "context_length", { 400 } },
  { "bad_request", { 400 } },
  { "network", { 502 } },
  { "server", { 502 } },
  { "bad_answer", { 502 } },
};

static DaReplyStatus
find_row (const Row *rows,
          gsize      n_rows,
          int        code)
{
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].code == code)
      return rows[i].status;

  return (DaReplyStatus) { 500, TRUE, 0 };
}

DaReplyStatus
da_reply_status_for_error (const GError *error)
{
  g_assert (error != NULL);

  if (error->domain == DA_ERROR)
    return find_row (own_rows, G_N_ELEMENTS (own_rows), error->code);
  if (error->domain == G_IO_ERROR)
    return find_row (io_rows, G_N_ELEMENTS (io_rows), error->code);
  if (error->domain == DA_JSON_ERROR)
    return (DaReplyStatus) { error->code == DA_JSON_ERROR_SIZE ? 413 : 400, FALSE, 0 };
  /* A provider's fault outside of a run (a list of models). This layer does not know the codes. */
  if (g_str_has_prefix (g_quark_to_string (error->domain), "da-llm-"))
    return (DaReplyStatus) { 502, FALSE, 0 };

  return (DaReplyStatus) { 500, TRUE, 0 };
}

DaReplyStatus
da_reply_status_for_run (const GError *error,
                         const char   *kind,
                         gint64        retry_after_ms)
{
  for (gsize i = 0; kind != NULL && i < G_N_ELEMENTS (run_rows); i++)
    {
      DaReplyStatus how = run_rows[i].status;

      if (strcmp (run_rows[i].kind, kind) != 0)
        continue;
      /* Rounded up: who comes back a little early is sent away once more. */
      if (how.retry_after > 0 && retry_after_ms >= 0)
        how.retry_after = (guint) CLAMP (retry_after_ms / 1000 + (retry_after_ms % 1000 > 0), 1,
                                         MAX_RATE_SECONDS);
      return how;
    }

  if (error == NULL)
    return (DaReplyStatus) { 500, TRUE, 0 };
  return da_reply_status_for_error (error);
}
