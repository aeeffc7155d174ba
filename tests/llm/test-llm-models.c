/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-models"

#include "da-llm-models.h"

#include <string.h>

#include "da-llm-error.h"
#include "da-llm-presets.h"

static char *
join_ids (GPtrArray *models)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; models && i < models->len; i++)
    {
      DaLlmModel *model = g_ptr_array_index (models, i);

      g_string_append_printf (out, "%s%s", i ? " " : "", model->id);
    }
  return g_string_free (out, FALSE);
}

static GPtrArray *
parse (const char *id,
       const char *base_url,
       const char *body)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *models = da_llm_models_parse (id, "Maker", base_url, body, strlen (body), &error);

  g_assert_no_error (error);
  return models;
}

/* contract 30 D.4 */
static const struct { const char *id, *base_url, *body, *ids; } lists[] = {
  { "openai", "https://api.openai.com/v1",
    "{\"data\":[{\"id\":\"text-embedding-3-small\"},{\"id\":\"gpt-3.5-turbo\"},"
    "{\"id\":\"dall-e-3\"},"
    "{\"id\":\"gpt-3.5-turbo-instruct\"},{\"id\":\"ft:gpt-4o:me\"},{\"id\":\"gpt-4o\"},"
    "{\"id\":\"whisper-1\"},{\"id\":\"o1-mini\"},{\"id\":\"tts-1\"},{\"id\":\"gpt-5\"},"
    "{\"id\":\"gpt-4.1\"},{\"id\":\"omni-moderation-latest\"},"
    "{\"id\":\"gpt-4o-mini-transcribe\"}]}",
    "o1-mini gpt-4.1 gpt-4o gpt-4o-mini-transcribe gpt-3.5-turbo gpt-5 whisper-1" },
  { "openai", "http://192.168.1.5:8000/v1",
    "{\"data\":[{\"id\":\"zeta:7b\"},{\"id\":\"alpha-instruct\"}]}", "zeta:7b alpha-instruct" },
  { "openai", "https://openrouter.ai/api/v1",
    "{\"data\":[{\"id\":\"zz/unknown\"},{\"id\":\"anthropic/b\"},{\"id\":\"anthropic/a\"},"
    "{\"id\":\"aa/unknown\"},{\"id\":\"openai/gpt-5\"}]}",
    "openai/gpt-5 anthropic/a anthropic/b aa/unknown zz/unknown" },
  { "groq", "https://api.groq.com/openai/v1", "{\"data\":[{\"id\":\"b\"},{\"id\":\"C\"},"
                                              "{\"id\":\"a\"}]}",
    "a b C" },
  { "cerebras", "https://api.cerebras.ai/v1", "{\"data\":[{\"id\":\"b\"},{\"id\":\"a\"}]}", "a b" },
  { "gemini", "https://generativelanguage.googleapis.com/v1beta/openai",
    "{\"models\":[{\"name\":\"models/gemini-2.5-pro\",\"displayName\":\"Gemini 2.5 Pro\","
    "\"inputTokenLimit\":1048576,\"supportedGenerationMethods\":[\"generateContent\"]},"
    "{\"name\":\"models/gemini-embedding-001\",\"supportedGenerationMethods\":[\"embedContent\"]},"
    "{\"name\":\"models/imagen-4\",\"supportedGenerationMethods\":[\"predict\"]},"
    "{\"name\":\"models/gemma-3\",\"supportedGenerationMethods\":[\"generateContent\"]}]}",
    "gemini-2.5-pro" },
  { "gemini", "http://127.0.0.1:1/v1", "{\"data\":[{\"id\":\"models/gemini-x\"},"
                                       "{\"id\":\"other\"}]}",
    "gemini-x" },
  { "together", "https://api.together.xyz/v1", "[{\"id\":\"b\"},{\"id\":\"a\"},{\"id\":\"b\"}]",
    "b a" },
  { "ollama", "http://127.0.0.1:11434/v1",
    "{\"data\":[{\"id\":\"nomic-embed-text:latest\"},{\"id\":\"llama3.2:3b\"}]}", "llama3.2:3b" },
  { "llama.cpp", "http://127.0.0.1:8080/v1",
    "{\"models\":[{\"name\":\"x\"}],\"data\":[{\"id\":\"/models/q.gguf\","
    "\"meta\":{\"n_ctx\":4096}}]}",
    "/models/q.gguf" },
  { "openai", "http://x/v1", "{\"data\":[]}", "" },
  { "openai", "http://x/v1", "{\"data\":[1,null,\"a\",{},{\"id\":7},{\"id\":\"ok\"}]}", "ok" },
};

static void
test_lists (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GPtrArray) models = parse (lists[i].id, lists[i].base_url, lists[i].body);
      g_autofree char *ids = join_ids (models);

      g_assert_cmpstr (ids, ==, lists[i].ids);
    }
}

static void
test_no_list (void)
{
  static const char *const bodies[] = { "", "{}", "7", "null", "{\"data\":{}}", "<html>",
      "{\"data\":[" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (da_llm_models_parse ("x", "Maker", "http://x/v1", bodies[i],
                                          strlen (bodies[i]), &error));
      g_assert_error (error, DA_LLM_ERROR, DA_LLM_ERROR_BAD_ANSWER);
    }
}

static void
test_fields (void)
{
  g_autoptr (GPtrArray) models =
    parse ("openai", "http://x/v1",
           "[{\"id\":\"a\",\"name\":\"The A\",\"description\":\"good\",\"context_length\":100,"
           "\"created\":5},{\"id\":\"b-8b\",\"context_window\":200},{\"id\":\"c\","
           "\"max_model_len\":300},"
           "{\"id\":\"d\",\"meta\":{\"n_ctx_train\":400}},{\"id\":\"e\","
           "\"inputTokenLimit\":\"x\"}]");
  static const struct { const char *name; gint64 context; } expected[] = {
    { "The A", 100 }, { "B 8B", 200 }, { "C", 300 }, { "D", 400 }, { "E", 0 },
  };
  DaLlmModel *first = g_ptr_array_index (models, 0);

  g_assert_cmpuint (models->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < models->len; i++)
    {
      DaLlmModel *model = g_ptr_array_index (models, i);

      g_assert_cmpstr (model->name, ==, expected[i].name);
      g_assert_cmpint (model->context_length, ==, expected[i].context);
    }
  g_assert_cmpstr (first->description, ==, "good");
  g_assert_cmpint (first->created, ==, 5);
}

static void
test_pretty (void)
{
  static const struct { const char *id, *name; } cases[] = {
    { "gpt-4.1-mini", "GPT-4.1 Mini" },
    { "gpt-4o", "GPT-4o" },
    { "openai/gpt-oss-120b", "GPT-OSS 120B" },
    { "o1-mini", "o1 Mini" },
    { "gemini-2.5-flash", "Gemini 2.5 Flash" },
    { "anthropic/claude-sonnet-4", "Claude Sonnet 4" },
    { "llama3.2:3b", "Llama3.2 3B" },
    { "meta-llama/Llama-3.3-70B-Instruct", "Llama 3.3 70B Instruct" },
    { "mixtral-8x7b_32k", "Mixtral 8X7B 32K" },
    { "x", "X" }, { "--", "--" }, { "", "" }, { "a/", "A/" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = da_llm_models_pretty (cases[i].id);

      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
test_fallback (void)
{
  static const struct { const char *id, *base_url, *ids; } cases[] = {
    { "openai", "https://api.openai.com/v1", "gpt-4.1-mini" },
    { "openai", "https://openrouter.ai/api/v1", "openai/gpt-4.1-mini anthropic/claude-sonnet-4" },
    { "openrouter", "https://openrouter.ai/api/v1", "openai/gpt-4.1-mini anthropic/claude-sonnet"
                                                    "-4" },
    { "groq", "https://api.groq.com/openai/v1", "openai/gpt-oss-120b" },
    { "gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-flash" },
    { "ollama", "http://127.0.0.1:11434/v1", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) models = da_llm_models_fallback (cases[i].id, cases[i].base_url);
      g_autofree char *ids = join_ids (models);

      g_assert_cmpstr (ids, ==, cases[i].ids);
      g_assert_cmpint (models == NULL, ==, *cases[i].ids == '\0');
    }
}

static void
test_urls (void)
{
  const char *gemini = "https://generativelanguage.googleapis.com/v1beta/openai";
  g_autofree char *a = da_llm_models_url ("openai", "http://x/v1");
  g_autofree char *b = da_llm_models_url ("gemini", gemini);
  g_autofree char *c = da_llm_models_url ("gemini", "http://x/v1");

  g_assert_cmpstr (a, ==, "http://x/v1/models");
  g_assert_cmpstr (b, ==, "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000");
  g_assert_cmpstr (c, ==, "http://x/v1/models");
  g_assert_cmpstr (da_llm_models_key_header ("gemini", gemini), ==, "x-goog-api-key");
  g_assert_null (da_llm_models_key_header ("openai", "http://x/v1"));
}

static void
test_presets (void)
{
  guint n = 0;
  const DaLlmPreset *all = da_llm_presets_all (&n);

  g_assert_cmpuint (n, ==, 11);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GUri) uri = g_uri_parse (all[i].base_url, G_URI_FLAGS_NONE, NULL);

      g_assert_true (da_llm_preset_find (all[i].id) == &all[i]);
      g_assert_nonnull (uri);
      g_assert_false (g_str_has_suffix (all[i].base_url, "/"));
      g_assert_cmpint (all[i].is_local, ==, all[i].local_port != 0);
      if (all[i].is_local)
        g_assert_cmpint (g_uri_get_port (uri), ==, all[i].local_port);
      else
        g_assert_cmpstr (g_uri_get_scheme (uri), ==, "https");
    }
  g_assert_cmpstr (da_llm_preset_find ("builtin-zhipu")->id, ==, "zhipu");
  g_assert_cmpstr (da_llm_preset_find ("groq")->default_model, ==, "openai/gpt-oss-120b");
  g_assert_null (da_llm_preset_find ("nobody"));
  g_assert_null (da_llm_preset_find (NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/models/lists-are-filtered-and-sorted", test_lists);
  g_test_add_func ("/llm/models/what-is-no-list-is-refused", test_no_list);
  g_test_add_func ("/llm/models/fields-of-all-dialects-are-read", test_fields);
  g_test_add_func ("/llm/models/names-are-prettified", test_pretty);
  g_test_add_func ("/llm/models/the-fallback-is-the-contracts", test_fallback);
  g_test_add_func ("/llm/models/gemini-is-asked-natively", test_urls);
  g_test_add_func ("/llm/models/the-presets-are-complete", test_presets);
  return g_test_run ();
}
