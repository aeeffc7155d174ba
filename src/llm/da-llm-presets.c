/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-presets"

#include "da-llm-presets.h"

/* Facts: contract 30 D.2 and D.4, contract 10 section 8. Local servers are addressed by number:
 * "localhost" may resolve to ::1 first, where Ollama and llama.cpp do not listen. */
static const DaLlmPreset presets[] = {
  { "openai", "builtin-openai", "OpenAI", "https://api.openai.com/v1", "gpt-4.1-mini", FALSE, 0 },
  { "openrouter", "builtin-openrouter", "OpenRouter", "https://openrouter.ai/api/v1",
    "openai/gpt-4.1-mini", FALSE, 0 },
  { "together", "builtin-together", "Together AI", "https://api.together.xyz/v1", NULL, FALSE, 0 },
  { "cerebras", "builtin-cerebras", "Cerebras", "https://api.cerebras.ai/v1", NULL, FALSE, 0 },
  { "zhipu", "builtin-zhipu", "Zhipu GLM", "https://open.bigmodel.cn/api/paas/v4", NULL, FALSE, 0 },
  { "perplexity", "builtin-perplexity", "Perplexity", "https://api.perplexity.ai", NULL, FALSE, 0 },
  { "groq", NULL, "Groq", "https://api.groq.com/openai/v1", "openai/gpt-oss-120b", FALSE, 0 },
  { "gemini", NULL, "Gemini", "https://generativelanguage.googleapis.com/v1beta/openai",
    "gemini-2.5-flash", FALSE, 0 },
  { "ollama", NULL, "Ollama", "http://127.0.0.1:11434/v1", NULL, TRUE, 11434 },
  { "lm-studio", NULL, "LM Studio", "http://127.0.0.1:1234/v1", NULL, TRUE, 1234 },
  { "llama.cpp", NULL, "llama.cpp", "http://127.0.0.1:8080/v1", NULL, TRUE, 8080 },
};

const DaLlmPreset *
da_llm_preset_find (const char *id)
{
  if (!id)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++)
    {
      if (g_str_equal (presets[i].id, id) || g_strcmp0 (presets[i].preset_id, id) == 0)
        return &presets[i];
    }
  return NULL;
}

const DaLlmPreset *
da_llm_presets_all (guint *n_out)
{
  if (n_out)
    *n_out = G_N_ELEMENTS (presets);
  return presets;
}
