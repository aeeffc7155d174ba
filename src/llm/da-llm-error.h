/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a model call failed. The engine decides on these: retry, wait, shrink, ask for a key. */
typedef enum {
  DA_LLM_ERROR_AUTH,            /* 401, 403, no key */
  DA_LLM_ERROR_RATE_LIMIT,      /* 429; see da_llm_error_get_retry_after() */
  DA_LLM_ERROR_CONTEXT_LENGTH,  /* the messages do not fit the model */
  DA_LLM_ERROR_BAD_REQUEST,     /* other 4xx: our request or the model name is wrong */
  DA_LLM_ERROR_NETWORK,         /* no connection, cut, time-out */
  DA_LLM_ERROR_SERVER,          /* 5xx */
  DA_LLM_ERROR_BAD_ANSWER,      /* not JSON, not the dialect */
} DaLlmError;

#define DA_LLM_ERROR (da_llm_error_quark ())
GQuark      da_llm_error_quark (void);
const char *da_llm_error_kind  (const GError *error);   /* "auth", "rate_limit", ...; "other" */

G_END_DECLS
