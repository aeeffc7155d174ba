/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-context"

#include "da-llm-context.h"

static void
test_sizes (void)
{
  static const struct { const char *provider, *model; gint64 tokens; } cases[] = {
    { "openai", "gpt-4.1-mini", 1047576 },
    { "openai", "gpt-4.1-mini-2025-04-14", 1047576 },
    { "openai", "gpt-4o-mini", 128000 },
    { "openai", "gpt-4", 8192 },
    { "openai", "gpt-4-0613", 8192 },
    { "openai", "gpt-4-turbo-preview", 128000 },
    { "openai", "GPT-5", 400000 },
    { "openai", "o1-mini", 128000 },
    { "openai", "o1", 200000 },
    { "openrouter", "anthropic/claude-sonnet-4", 200000 },
    { "openrouter", "google/gemini-2.5-pro", 1048576 },
    { "together", "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", 131072 },
    { "groq", "openai/gpt-oss-120b", 131072 },
    /* contract 10 9.6: what nobody knows */
    { "openai", "something-new", 16000 },
    { "openai", NULL, 16000 },
    { "openai", "", 16000 },
    { "gemini", "something-new", 128000 },
    { "ollama", "something-new", 8192 },
    { "lm-studio", "something-new", 8192 },
    { "llama.cpp", NULL, 8192 },
    { "groq", "something-new", 64000 },
    { "custom-1", "something-new", 64000 },
    { NULL, "something-new", 64000 },
    /* A desk does not hold what a data centre does. */
    { "ollama", "llama3.1:8b", 32768 },
    { "ollama", "llama2", 4096 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 tokens = da_llm_context_size (cases[i].provider, cases[i].model);

      if (tokens != cases[i].tokens)
        g_error ("%s %s: %" G_GINT64_FORMAT, cases[i].provider, cases[i].model, tokens);
    }
}

static void
test_tokens (void)
{
  static const struct { const char *text; gint64 least, most; } cases[] = {
    { NULL, 0, 0 }, { "", 0, 0 }, { "a", 1, 1 }, { "abcd", 1, 1 }, { "abcde", 2, 2 },
    { "a b c d e f", 6, 6 },
    { "   \n\t  ", 2, 2 },
    { "The quick brown fox jumps over the lazy dog.", 9, 12 },
    { "我能吞下玻璃而不伤身体", 11, 12 },
    { "ฉันกินกระจกได้", 14, 16 },
    { "나는 유리를 먹을 수 있어요", 11, 14 },
    { "😀😀😀", 3, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 tokens = da_llm_estimate_tokens (cases[i].text);

      g_assert_cmpint (tokens, >=, cases[i].least);
      g_assert_cmpint (tokens, <=, cases[i].most);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/context/sizes-are-found-by-name", test_sizes);
  g_test_add_func ("/llm/context/tokens-are-estimated", test_tokens);
  return g_test_run ();
}
