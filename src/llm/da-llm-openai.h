/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-llm-provider.h"

G_BEGIN_DECLS

/**
 * DaLlmOpenai: the OpenAI chat-completions dialect over HTTP (any base URL).
 */
#define DA_TYPE_LLM_OPENAI (da_llm_openai_get_type ())
G_DECLARE_FINAL_TYPE (DaLlmOpenai, da_llm_openai, DA, LLM_OPENAI, DaLlmProvider)

typedef struct {
  const char *id;            /* provider id */
  const char *name;          /* for people */
  const char *base_url;      /* ends before /chat/completions */
  const char *api_key;       /* (nullable): local servers need none. Copied, wiped on finalize */
  const char *proxy;         /* (nullable): a proxy URI; NULL: the system's resolver */
  const char *user_agent;    /* (nullable) */
} DaLlmOpenaiConfig;

DaLlmProvider *da_llm_openai_new          (const DaLlmOpenaiConfig *config);
const char    *da_llm_openai_get_base_url (DaLlmOpenai *self);

G_END_DECLS
