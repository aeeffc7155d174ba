/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-error"

#include "da-llm-error.h"

/* Travels with the GError itself, so that no caller has to carry a second object around. */
typedef struct {
  gint64   retry_after_ms;
  guint    status;
  gboolean is_final;
} DaLlmErrorPrivate;

static void
da_llm_error_private_init (DaLlmErrorPrivate *priv)
{
  priv->retry_after_ms = -1;
}

static void
da_llm_error_private_copy (const DaLlmErrorPrivate *source,
                           DaLlmErrorPrivate       *target)
{
  *target = *source;
}

static void
da_llm_error_private_clear (DaLlmErrorPrivate *priv)
{
}

G_DEFINE_EXTENDED_ERROR (DaLlmError, da_llm_error)

GError *
da_llm_error_new (DaLlmError  code,
                  guint       status,
                  gint64      retry_after_ms,
                  gboolean    is_final,
                  const char *message)
{
  GError *error = g_error_new_literal (DA_LLM_ERROR, (int) code, message);
  DaLlmErrorPrivate *priv = da_llm_error_get_private (error);

  priv->status = status;
  priv->retry_after_ms = retry_after_ms;
  priv->is_final = is_final;
  return error;
}

const char *
da_llm_error_kind (const GError *error)
{
  static const char *const kinds[] = {
    [DA_LLM_ERROR_AUTH] = "auth",
    [DA_LLM_ERROR_RATE_LIMIT] = "rate_limit",
    [DA_LLM_ERROR_CONTEXT_LENGTH] = "context_length",
    [DA_LLM_ERROR_BAD_REQUEST] = "bad_request",
    [DA_LLM_ERROR_NETWORK] = "network",
    [DA_LLM_ERROR_SERVER] = "server",
    [DA_LLM_ERROR_BAD_ANSWER] = "bad_answer",
  };

  if (!error || error->domain != DA_LLM_ERROR)
    return "other";
  if (error->code < 0 || (guint) error->code >= G_N_ELEMENTS (kinds))
    return "other";
  return kinds[error->code];
}

gint64
da_llm_error_get_retry_after_ms (const GError *error)
{
  if (!error || error->domain != DA_LLM_ERROR)
    return -1;
  return da_llm_error_get_private (error)->retry_after_ms;
}

guint
da_llm_error_get_status (const GError *error)
{
  if (!error || error->domain != DA_LLM_ERROR)
    return 0;
  return da_llm_error_get_private (error)->status;
}

gboolean
da_llm_error_is_final (const GError *error)
{
  if (!error || error->domain != DA_LLM_ERROR)
    return FALSE;
  return da_llm_error_get_private (error)->is_final;
}
