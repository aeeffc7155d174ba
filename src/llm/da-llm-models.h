/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-request.h"

G_BEGIN_DECLS

/* Lists of models: which address gives them, which of them can chat, in which order, under which
 * names (contract 10 section 3, contract 30 D.4). Pure. */

/* An embedding-only or similar model never answers; the longest list of a provider has some 500. */
#define DA_LLM_MODELS_MAX_BYTES (8 * 1024 * 1024)

/* (transfer full): Gemini lists its models with their sizes only under its native address. */
char       *da_llm_models_url        (const char *provider_id,
                                      const char *base_url);
/* (nullable) static: the header in which that address wants the key; NULL for a bearer token. */
const char *da_llm_models_key_header (const char *provider_id,
                                      const char *base_url);
/* (transfer full) (element-type DaLlmModel): from {"data":[...]}, {"models":[...]} or [...];
 * filtered and sorted. NULL (DA_LLM_ERROR_BAD_ANSWER) when it is none of these. */
GPtrArray  *da_llm_models_parse      (const char *provider_id,
                                      const char *provider_name,
                                      const char *base_url,
                                      const char *body,
                                      gsize       length,
                                      GError    **error);
/* (transfer full) (nullable): what is offered when the provider cannot be asked. */
GPtrArray  *da_llm_models_fallback   (const char *provider_id,
                                      const char *base_url);
/* (transfer full): "openai/gpt-oss-120b" is "GPT-OSS 120B". */
char       *da_llm_models_pretty     (const char *id);

G_END_DECLS
