/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a model call failed. The engine decides on these: retry, wait, shrink, ask for a key. */
typedef enum {
  DA_LLM_ERROR_AUTH,            /* 401, 403, no key */
  DA_LLM_ERROR_RATE_LIMIT,      /* 429; see da_llm_error_get_retry_after_ms() */
  DA_LLM_ERROR_CONTEXT_LENGTH,  /* the messages do not fit the model */
  DA_LLM_ERROR_BAD_REQUEST,     /* other 4xx: our request or the model name is wrong */
  DA_LLM_ERROR_NETWORK,         /* no connection, cut, time-out */
  DA_LLM_ERROR_SERVER,          /* 5xx */
  DA_LLM_ERROR_BAD_ANSWER,      /* not JSON, not the dialect */
} DaLlmError;

#define DA_LLM_ERROR (da_llm_error_quark ())
GQuark      da_llm_error_quark (void);
const char *da_llm_error_kind  (const GError *error);   /* "auth", "rate_limit", ...; "other" */

/* (transfer full): the message is a sentence for a person. @status is the HTTP status, 0 for none;
 * @retry_after_ms is -1 when the provider named no time; @is_final says that the provider made
 * clear that trying again is useless (a used-up quota). These survive g_error_copy(). */
GError     *da_llm_error_new                (DaLlmError    code,
                                             guint         status,
                                             gint64        retry_after_ms,
                                             gboolean      is_final,
                                             const char   *message);
/* What the provider asked us to wait; -1 when it did not, or for any other error. */
gint64      da_llm_error_get_retry_after_ms (const GError *error);
/* 0 when there was no HTTP answer. */
guint       da_llm_error_get_status         (const GError *error);
gboolean    da_llm_error_is_final           (const GError *error);

G_END_DECLS
