/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The providers known by name: openai, openrouter, together, cerebras, zhipu, perplexity, groq,
 * gemini (its OpenAI-compatible endpoint), ollama, lm-studio, llama.cpp. A table.
 */
typedef struct {
  const char *id;             /* "groq" */
  const char *preset_id;      /* (nullable) "builtin-openai", ... contract 30 D.2 */
  const char *name;
  const char *base_url;
  const char *default_model;  /* (nullable) contract 10 section 8 */
  gboolean    is_local;       /* loopback, needs no key */
  guint16     local_port;     /* usual port of a local server; 0 else */
} DaLlmPreset;

/* By id or preset id. (nullable) */
const DaLlmPreset *da_llm_preset_find       (const char *id);
const DaLlmPreset *da_llm_presets_all       (guint *n_out);

G_END_DECLS
