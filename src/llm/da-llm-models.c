/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-models"

#include "da-llm-models.h"

#include <string.h>

#include "da-json.h"
#include "da-llm-fault.h"
#include "da-llm-presets.h"

/* Whose list it is decides what is kept and how it is sorted. */
typedef enum {
  KIND_PLAIN,         /* any compatible server: everything, as it came */
  KIND_OPENAI,        /* api.openai.com: the models that chat */
  KIND_OPENROUTER,    /* everything; well-known makers first, then by name */
  KIND_BY_NAME,       /* groq, cerebras */
  KIND_GEMINI,
  KIND_LOCAL,         /* everything but models that only embed */
} Kind;

static Kind
kind_of (const char *provider_id,
         const char *base_url)
{
  const DaLlmPreset *preset = da_llm_preset_find (provider_id);

  if (g_str_has_prefix (base_url, "https://api.openai.com/"))
    return KIND_OPENAI;
  if (strstr (base_url, "://openrouter.ai/"))
    return KIND_OPENROUTER;
  if (g_strcmp0 (provider_id, "gemini") == 0)
    return KIND_GEMINI;
  if (g_strcmp0 (provider_id, "groq") == 0 || g_strcmp0 (provider_id, "cerebras") == 0 ||
      strstr (base_url, "://api.cerebras.ai/"))
    return KIND_BY_NAME;
  return preset && preset->is_local ? KIND_LOCAL : KIND_PLAIN;
}

static gboolean
is_gemini_native (const char *provider_id,
                  const char *base_url)
{
  return g_strcmp0 (provider_id, "gemini") == 0 && g_str_has_suffix (base_url, "/openai");
}

char *
da_llm_models_url (const char *provider_id,
                   const char *base_url)
{
  g_autofree char *native = NULL;

  if (!is_gemini_native (provider_id, base_url))
    return g_strconcat (base_url, "/models", NULL);
  native = g_strndup (base_url, strlen (base_url) - strlen ("/openai"));
  return g_strconcat (native, "/models?pageSize=1000", NULL);
}

const char *
da_llm_models_key_header (const char *provider_id,
                          const char *base_url)
{
  /* Never in the URL, where proxies and logs would see it (contract 30 J.15). */
  return is_gemini_native (provider_id, base_url) ? "x-goog-api-key" : NULL;
}

/* One model */

static gboolean
can_generate (JsonObject *object)
{
  JsonArray *methods = da_json_get_array (object, "supportedGenerationMethods");

  for (guint i = 0; methods && i < json_array_get_length (methods); i++)
    {
      JsonNode *node = json_array_get_element (methods, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
          g_str_equal (json_node_get_string (node), "generateContent"))
        return TRUE;
    }
  return methods == NULL;
}

/* "o1", "o3-mini": the reasoning family is a letter and a digit. */
static gboolean
is_o_family (const char *id)
{
  return strstr (id, "o1") || (id[0] == 'o' && g_ascii_isdigit (id[1]));
}

static gboolean
is_kept (Kind        kind,
         const char *id,
         JsonObject *object)
{
  g_autofree char *lower = g_ascii_strdown (id, -1);

  switch (kind)
    {
    case KIND_OPENAI:
      if (strchr (id, ':') || strstr (lower, "instruct"))
        return FALSE;
      return strstr (lower, "gpt") || is_o_family (lower) || g_str_equal (lower, "whisper-1");
    case KIND_GEMINI:
      return strstr (lower, "gemini") && can_generate (object);
    case KIND_LOCAL:
      return !strstr (lower, "embed") && !strstr (lower, "rerank");
    case KIND_PLAIN:
    case KIND_OPENROUTER:
    case KIND_BY_NAME:
    default:
      return TRUE;
    }
}

static gint64
first_int (JsonObject        *object,
           const char *const *names)
{
  for (guint i = 0; names[i]; i++)
    {
      gint64 value = da_json_get_int (object, names[i], 0);

      if (value > 0)
        return value;
    }
  return 0;
}

static gint64
context_of (JsonObject *object)
{
  static const char *const names[] = {
    "context_length", "context_window", "max_model_len", "inputTokenLimit",
    "loaded_context_length", "max_context_length", NULL,
  };
  static const char *const llama_names[] = { "n_ctx", "n_ctx_train", NULL };
  JsonObject *meta = da_json_get_object (object, "meta");
  gint64 value = first_int (object, names);

  return value == 0 && meta ? first_int (meta, llama_names) : value;
}

static const char *
first_text (JsonObject        *object,
            const char *const *names)
{
  for (guint i = 0; names[i]; i++)
    {
      const char *value = da_json_get_string (object, names[i]);

      if (value && *value)
        return value;
    }
  return NULL;
}

static DaLlmModel *
read_model (Kind        kind,
            JsonObject *object)
{
  static const char *const ids[] = { "id", "name", "model", NULL };
  static const char *const names[] = { "display_name", "displayName", "name", NULL };
  const char *id = first_text (object, ids);
  const char *name = first_text (object, names);
  DaLlmModel *model;

  if (!id)
    return NULL;
  if (g_str_has_prefix (id, "models/"))
    id += strlen ("models/");
  if (!is_kept (kind, id, object))
    return NULL;
  model = da_llm_model_new (id);
  if (name && !g_str_equal (name, id) && !g_str_has_prefix (name, "models/"))
    {
      g_free (model->name);
      model->name = g_strdup (name);
    }
  else
    {
      g_free (model->name);
      model->name = da_llm_models_pretty (id);
    }
  model->description = g_strdup (da_json_get_string (object, "description"));
  if (model->description && !*model->description)
    g_clear_pointer (&model->description, g_free);
  model->context_length = context_of (object);
  model->created = da_json_get_int (object, "created", 0);
  return model;
}

/* Order */

static int
openai_rank (const char *id)
{
  static const char *const prefixes[] = { "o1", "gpt-4", "gpt-3.5" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      if (g_str_has_prefix (id, prefixes[i]))
        return (int) i;
    }
  return G_N_ELEMENTS (prefixes);
}

static int
openrouter_rank (const char *id)
{
  static const char *const makers[] = {
    "openai/", "anthropic/", "google/", "meta-llama/", "deepseek/", "mistralai/", "qwen/", "x-ai/",
  };

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      if (g_str_has_prefix (id, makers[i]))
        return (int) i;
    }
  return G_N_ELEMENTS (makers);
}

static int
compare_names (const DaLlmModel *a,
               const DaLlmModel *b)
{
  g_autofree char *name_a = g_utf8_casefold (a->name, -1);
  g_autofree char *name_b = g_utf8_casefold (b->name, -1);
  int by_name = strcmp (name_a, name_b);

  return by_name != 0 ? by_name : strcmp (a->id, b->id);
}

static int
compare_openai (gconstpointer a,
                gconstpointer b)
{
  const DaLlmModel *model_a = *(const DaLlmModel *const *) a;
  const DaLlmModel *model_b = *(const DaLlmModel *const *) b;
  int rank = openai_rank (model_a->id) - openai_rank (model_b->id);

  return rank != 0 ? rank : strcmp (model_a->id, model_b->id);
}

static int
compare_openrouter (gconstpointer a,
                    gconstpointer b)
{
  const DaLlmModel *model_a = *(const DaLlmModel *const *) a;
  const DaLlmModel *model_b = *(const DaLlmModel *const *) b;
  int rank = openrouter_rank (model_a->id) - openrouter_rank (model_b->id);

  return rank != 0 ? rank : compare_names (model_a, model_b);
}

static int
compare_by_name (gconstpointer a,
                 gconstpointer b)
{
  return compare_names (*(const DaLlmModel *const *) a, *(const DaLlmModel *const *) b);
}

static void
sort_models (Kind       kind,
             GPtrArray *models)
{
  switch (kind)
    {
    case KIND_OPENAI:
      g_ptr_array_sort (models, compare_openai);
      break;
    case KIND_OPENROUTER:
      g_ptr_array_sort (models, compare_openrouter);
      break;
    case KIND_BY_NAME:
      g_ptr_array_sort (models, compare_by_name);
      break;
    case KIND_PLAIN:
    case KIND_GEMINI:
    case KIND_LOCAL:
    default:
      break;
    }
}

/* Lists */

static JsonArray *
find_list (JsonNode *root)
{
  JsonObject *object;
  JsonArray *list;

  if (JSON_NODE_HOLDS_ARRAY (root))
    return json_node_get_array (root);
  if (!JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  object = json_node_get_object (root);
  list = da_json_get_array (object, "data");
  return list ? list : da_json_get_array (object, "models");
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_model_free);
}

GPtrArray *
da_llm_models_parse (const char  *provider_id,
                     const char  *provider_name,
                     const char  *base_url,
                     const char  *body,
                     gsize        length,
                     GError     **error)
{
  g_autoptr (JsonNode) root = da_json_parse (body, length, DA_LLM_MODELS_MAX_BYTES, NULL);
  JsonArray *list = root ? find_list (root) : NULL;
  Kind kind = kind_of (provider_id, base_url);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *models;

  if (!list)
    {
      g_propagate_error (error, da_llm_fault_bad_answer (provider_name, "it is no list of models"));
      return NULL;
    }
  models = new_list ();
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *object = da_json_array_get_object (list, i);
      DaLlmModel *model = object ? read_model (kind, object) : NULL;

      if (model && g_hash_table_add (seen, model->id))
        g_ptr_array_add (models, model);
      else
        da_llm_model_free (model);
    }
  sort_models (kind, models);
  return models;
}

GPtrArray *
da_llm_models_fallback (const char *provider_id,
                        const char *base_url)
{
  static const struct { const char *provider_id, *model_id; } table[] = {
    { "openai", "gpt-4.1-mini" },
    { "openrouter", "openai/gpt-4.1-mini" },
    { "openrouter", "anthropic/claude-sonnet-4" },
    { "groq", "openai/gpt-oss-120b" },
    { "gemini", "gemini-2.5-flash" },
  };
  g_autoptr (GPtrArray) models = new_list ();

  /* The setting keeps the id "openai" when its base URL is OpenRouter's. */
  if (strstr (base_url, "://openrouter.ai/"))
    provider_id = "openrouter";
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      DaLlmModel *model;

      if (g_strcmp0 (table[i].provider_id, provider_id) != 0)
        continue;
      model = da_llm_model_new (table[i].model_id);
      g_free (model->name);
      model->name = da_llm_models_pretty (model->id);
      g_ptr_array_add (models, model);
    }
  return models->len > 0 ? g_steal_pointer (&models) : NULL;
}

/* Names */

static gboolean
is_upper_word (const char *word)
{
  static const char *const words[] = {
    "gpt", "oss", "ai", "tts", "stt", "glm", "vl", "moe", "llm", "qwq", "hd", "rl", "ocr",
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_ascii_strcasecmp (words[i], word) == 0)
        return TRUE;
    }
  return FALSE;
}

/* "8b", "120b", "8x7b", "1.5m": sizes end in a capital letter. */
static gboolean
is_size (const char *word)
{
  gsize length = strlen (word);

  if (length < 2 || !g_ascii_isdigit (word[0]) || !strchr ("bmkBMK", word[length - 1]))
    return FALSE;
  return strspn (word, "0123456789.xe") == length - 1;
}

static void
append_word (GString    *out,
             const char *word)
{
  g_autofree char *upper = g_ascii_strup (word, -1);
  /* "GPT-4.1", as its maker writes it. */
  gboolean joins = g_ascii_isalnum (word[0]) && g_str_has_suffix (out->str, "GPT") &&
                   (g_ascii_isdigit (word[0]) || g_ascii_strcasecmp (word, "oss") == 0);

  if (out->len > 0)
    g_string_append_c (out, joins ? '-' : ' ');
  if (is_upper_word (word) || is_size (word))
    g_string_append (out, upper);
  else if ((word[0] == 'o' || word[0] == 'O') && g_ascii_isdigit (word[1]))
    g_string_append (out, word);
  else
    {
      g_string_append_c (out, upper[0]);
      g_string_append (out, word + 1);
    }
}

char *
da_llm_models_pretty (const char *id)
{
  const char *slash = strrchr (id, '/');
  g_auto (GStrv) words = g_strsplit_set (slash && slash[1] ? slash + 1 : id, "-_: ", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; words[i]; i++)
    {
      if (*words[i])
        append_word (out, words[i]);
    }
  if (out->len == 0)
    g_string_append (out, id);
  return g_string_free (out, FALSE);
}
