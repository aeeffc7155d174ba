/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-context"

#include "da-llm-context.h"

#include <string.h>

#include "da-llm-presets.h"

/* Published context windows, by the beginning of a model's name without its maker. The first match
 * counts, so the longer name stands before the shorter. A number too small costs some memory of the
 * conversation, one too large costs the answer: where versions differ the smaller one stands. */
static const struct { const char *prefix; gint64 tokens; } windows[] = {
  { "gpt-5", 400000 },
  { "gpt-4.1", 1047576 },
  { "gpt-4o", 128000 },
  { "gpt-4-turbo", 128000 },
  { "gpt-4-32k", 32768 },
  { "gpt-4-1106", 128000 },
  { "gpt-4-0125", 128000 },
  { "gpt-4", 8192 },
  { "gpt-3.5-turbo-instruct", 4096 },
  { "gpt-3.5", 16385 },
  { "gpt-oss", 131072 },
  { "chatgpt-4o", 128000 },
  { "o1-mini", 128000 },
  { "o1-preview", 128000 },
  { "o1", 200000 },
  { "o3", 200000 },
  { "o4", 200000 },
  { "claude", 200000 },
  { "gemini-1.5-pro", 2097152 },
  { "gemini-1.0", 32760 },
  { "gemini", 1048576 },
  { "gemma-3n", 32768 },
  { "gemma-3", 131072 },
  { "gemma3", 131072 },
  { "gemma", 8192 },
  { "llama-4-scout", 327680 },
  { "llama-4-maverick", 327680 },
  { "llama-3.1", 131072 },
  { "llama-3.2", 131072 },
  { "llama-3.3", 131072 },
  { "llama3.1", 131072 },
  { "llama3.2", 131072 },
  { "llama3.3", 131072 },
  { "llama-3", 8192 },
  { "llama3", 8192 },
  { "llama-2", 4096 },
  { "llama2", 4096 },
  { "mixtral-8x22b", 65536 },
  { "mixtral", 32768 },
  { "mistral-large", 131072 },
  { "mistral-medium", 131072 },
  { "mistral-small", 32768 },
  { "mistral-nemo", 131072 },
  { "ministral", 131072 },
  { "codestral", 32768 },
  { "mistral", 32768 },
  { "magistral", 40960 },
  { "deepseek", 65536 },
  { "qwen3-coder", 262144 },
  { "qwen3", 40960 },
  { "qwen-3", 40960 },
  { "qwen2.5", 32768 },
  { "qwen-2.5", 32768 },
  { "qwen2", 32768 },
  { "qwq", 131072 },
  { "kimi-k2", 131072 },
  { "glm-4.6", 200000 },
  { "glm-4", 128000 },
  { "grok-4", 256000 },
  { "grok", 131072 },
  { "sonar-pro", 200000 },
  { "sonar", 128000 },
  { "command-a", 256000 },
  { "command-r", 128000 },
  { "phi-4", 16384 },
  { "phi4", 16384 },
  { "phi-3", 4096 },
  { "phi3", 4096 },
};

static gint64
fallback_size (const char *provider_id)
{
  const DaLlmPreset *preset = da_llm_preset_find (provider_id);

  if (preset && preset->is_local)
    return 8192;
  if (g_strcmp0 (provider_id, "openai") == 0)
    return 16000;
  if (g_strcmp0 (provider_id, "gemini") == 0)
    return 128000;
  return 64000;
}

/* Local servers load a model with a window of their own choosing, smaller than the published one;
 * more than this is seldom what a desk has memory for. */
#define LOCAL_MAX 32768

gint64
da_llm_context_size (const char *provider_id,
                     const char *model)
{
  g_autofree char *lower = g_ascii_strdown (model ? model : "", -1);
  const DaLlmPreset *preset = da_llm_preset_find (provider_id);
  const char *slash = strrchr (lower, '/');
  const char *name = slash ? slash + 1 : lower;

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      if (!g_str_has_prefix (name, windows[i].prefix) &&
          !(strlen (windows[i].prefix) > 5 && strstr (name, windows[i].prefix)))
        continue;
      if (preset && preset->is_local)
        return MIN (windows[i].tokens, LOCAL_MAX);
      return windows[i].tokens;
    }
  return fallback_size (provider_id);
}

/* Scripts that write without spaces, and pictures: about one token for each character. */
static gboolean
is_dense (gunichar c)
{
  static const struct { gunichar first, last; } ranges[] = {
    { 0x0e00, 0x0eff },      /* Thai, Lao */
    { 0x0f00, 0x109f },      /* Tibetan, Myanmar */
    { 0x1100, 0x11ff },      /* Hangul letters */
    { 0x1780, 0x17ff },      /* Khmer */
    { 0x2e80, 0x9fff },      /* Han, Kana, Bopomofo */
    { 0xa000, 0xa4cf },      /* Yi */
    { 0xac00, 0xd7ff },      /* Hangul */
    { 0xf900, 0xfaff },      /* Han, compatibility */
    { 0xff00, 0xffef },      /* full and half width */
    { 0x1f000, 0x1ffff },    /* pictures */
    { 0x20000, 0x3ffff },    /* Han, rare */
  };

  if (c < ranges[0].first)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      if (c >= ranges[i].first && c <= ranges[i].last)
        return TRUE;
    }
  return FALSE;
}

gint64
da_llm_estimate_tokens (const char *text)
{
  gint64 n_dense = 0, n_other = 0, n_words = 0;
  gboolean in_word = FALSE;

  for (const char *p = text; p && *p; p = g_utf8_next_char (p))
    {
      gunichar c = (guchar) *p < 0x80 ? (gunichar) *p : g_utf8_get_char (p);
      gboolean is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0x3000;

      if (is_dense (c))
        n_dense++;
      else
        n_other++;
      if (!is_space && !in_word)
        n_words++;
      in_word = !is_space;
    }
  return MAX (n_dense + (n_other + 3) / 4, n_words);
}
