/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-fault"

#include "da-llm-fault.h"

#include <string.h>

#include "da-json.h"
#include "da-redact.h"

/* Characters of the provider's own words that reach a person. */
#define MAX_QUOTE 300
#define MAX_BODY  (64 * 1024)

/* What a provider told about its failure, in whichever form it did. */
typedef struct {
  char  *message;     /* (nullable) */
  char  *type;        /* (nullable) */
  char  *code;        /* (nullable) */
  gint64 number;      /* a numeric code, or 0 */
} Told;

static void
told_clear (Told *told)
{
  g_free (told->message);
  g_free (told->type);
  g_free (told->code);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

static char *
dup_member_text (JsonObject *object,
                 const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_dup_string (node);
}

static void
read_told_object (JsonObject *object,
                  Told       *told)
{
  JsonNode *code = json_object_get_member (object, "code");
  JsonArray *details = da_json_get_array (object, "detail");

  told->message = dup_member_text (object, "message");
  if (!told->message)
    told->message = dup_member_text (object, "detail");
  if (!told->message && details && json_array_get_length (details) > 0)
    {
      JsonObject *first = da_json_array_get_object (details, 0);

      told->message = first ? dup_member_text (first, "msg") : NULL;
    }
  told->type = dup_member_text (object, "type");
  if (!told->type)
    told->type = dup_member_text (object, "status");
  told->code = dup_member_text (object, "code");
  if (code && JSON_NODE_HOLDS_VALUE (code) && json_node_get_value_type (code) == G_TYPE_INT64)
    told->number = json_node_get_int (code);
}

static void
read_told (JsonNode *node,
           Told     *told)
{
  JsonObject *object;
  JsonNode *inner;

  if (node && JSON_NODE_HOLDS_ARRAY (node) &&
      json_array_get_length (json_node_get_array (node)) > 0)
    node = json_array_get_element (json_node_get_array (node), 0);
  if (!node)
    return;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    told->message = json_node_dup_string (node);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  object = json_node_get_object (node);
  inner = json_object_get_member (object, "error");
  if (inner && JSON_NODE_HOLDS_OBJECT (inner))
    read_told_object (json_node_get_object (inner), told);
  else if (inner && JSON_NODE_HOLDS_VALUE (inner))
    told->message = dup_member_text (object, "error");
  else
    read_told_object (object, told);
}

/* A body that is not JSON is quoted only when it looks like words. */
static void
read_told_body (const char *body,
                gsize       length,
                Told       *told)
{
  g_autoptr (JsonNode) node = NULL;

  if (length == 0)
    return;
  node = da_json_parse (body, length, MAX_BODY, NULL);
  if (node)
    read_told (node, told);
  else if (body[0] != '<' && body[0] != '{' && body[0] != '[')
    told->message = g_utf8_make_valid (body, (gssize) MIN (length, 4 * MAX_QUOTE));
}

/* One line, at most MAX_QUOTE characters, without secrets; NULL when nothing is left. */
static char *
quote (const char *text)
{
  g_autofree char *redacted = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean was_space = TRUE;
  guint count = 0;

  if (!text)
    return NULL;
  redacted = da_redact (text);
  for (const char *p = redacted; *p && count < MAX_QUOTE; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_space = g_unichar_isspace (c) || g_unichar_iscntrl (c);

      if (is_space && was_space)
        continue;
      g_string_append_unichar (out, is_space ? ' ' : c);
      was_space = is_space;
      count++;
    }
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  if (count == MAX_QUOTE)
    g_string_append (out, "…");
  return out->len > 0 ? g_strdup (out->str) : NULL;
}

static gboolean
has_any (const char        *text,
         const char *const *words)
{
  g_autofree char *lower = text ? g_ascii_strdown (text, -1) : NULL;

  for (guint i = 0; lower && words[i]; i++)
    {
      if (strstr (lower, words[i]))
        return TRUE;
    }
  return FALSE;
}

static gboolean
told_has (const Told        *told,
          const char *const *words)
{
  return has_any (told->message, words) || has_any (told->type, words) ||
         has_any (told->code, words);
}

static const char *const context_words[] = {
  "context_length", "context length", "context window", "maximum context", "context size",
  "exceed_context", "prompt is too long", "too many tokens", "input token count",
  "reduce the length of the messages", "input is too long", NULL,
};
static const char *const quota_words[] = {
  "insufficient_quota", "exceeded your current quota", "billing_hard_limit", NULL,
};
static const char *const rate_words[] = {
  "rate_limit", "rate limit", "too many requests", "resource_exhausted", "throttl", NULL,
};
static const char *const key_words[] = {
  "invalid_api_key", "api key not valid", "api_key_invalid", "incorrect api key",
  "authentication_error", NULL,
};
static const char *const server_words[] = {
  "server_error", "overloaded", "unavailable", "internal error", "timeout", NULL,
};
static const char *const model_words[] = {
  "model_not_found", "model not found", "does not exist", "unknown model", "invalid model", NULL,
};

static DaLlmError
code_of_status (guint status)
{
  if (status == 401 || status == 403)
    return DA_LLM_ERROR_AUTH;
  if (status == 429)
    return DA_LLM_ERROR_RATE_LIMIT;
  if (status == 408)
    return DA_LLM_ERROR_NETWORK;
  if (status == 413)
    return DA_LLM_ERROR_CONTEXT_LENGTH;
  if (status >= 500)
    return DA_LLM_ERROR_SERVER;
  return DA_LLM_ERROR_BAD_REQUEST;
}

/* The status decides, but several providers hide the true reason behind a 400. */
static DaLlmError
code_of (guint       status,
         const Told *told)
{
  DaLlmError code = code_of_status (status);

  if (status == 413 && told_has (told, rate_words))
    return DA_LLM_ERROR_RATE_LIMIT;
  if (code == DA_LLM_ERROR_SERVER && told_has (told, context_words))
    return DA_LLM_ERROR_CONTEXT_LENGTH;
  if (code != DA_LLM_ERROR_BAD_REQUEST)
    return code;
  if (told_has (told, context_words))
    return DA_LLM_ERROR_CONTEXT_LENGTH;
  if (told_has (told, key_words))
    return DA_LLM_ERROR_AUTH;
  return code;
}

static char *
sentence_auth (const char *name,
               guint       status,
               gboolean    had_key)
{
  if (!had_key)
    return g_strdup_printf ("%s needs an API key. Add one in Settings.", name);
  if (status == 403)
    return g_strdup_printf ("%s does not allow this with the API key in use. "
                            "Check the key's rights or choose another model.", name);
  return g_strdup_printf ("%s did not accept the API key. Check the key in Settings.", name);
}

static char *
sentence_rate_limit (const char *name,
                     gboolean    is_quota,
                     gint64      retry_after_ms)
{
  if (is_quota)
    return g_strdup_printf ("The account at %s has used up its quota. Check the plan there.", name);
  if (retry_after_ms > 0)
    return g_strdup_printf ("%s receives too many requests from this account. "
                            "Try again in %" G_GINT64_FORMAT " s.",
                            name, (retry_after_ms + 999) / 1000);
  return g_strdup_printf ("%s receives too many requests from this account. "
                          "Try again in a while.", name);
}

static char *
sentence_bad_request (const char *name,
                      guint       status,
                      const Told *told)
{
  if (status == 402)
    return g_strdup_printf ("The account at %s has no credit left. Add credit there.", name);
  if (told_has (told, model_words))
    return g_strdup_printf ("%s does not have this model. Choose another model in Settings.", name);
  if (status == 404)
    return g_strdup_printf ("%s does not know this address or model. "
                            "Check the base URL and the model in Settings.", name);
  if (status >= 300 && status < 400)
    return g_strdup_printf ("%s redirects to another address, which is not followed, to protect "
                            "the key. Put the final base URL into Settings.", name);
  return g_strdup_printf ("%s refused the request. Check the model and its settings.", name);
}

static char *
sentence (DaLlmError  code,
          const char *name,
          guint       status,
          gboolean    had_key,
          gint64      retry_after_ms,
          const Told *told)
{
  switch (code)
    {
    case DA_LLM_ERROR_AUTH:
      return sentence_auth (name, status, had_key);
    case DA_LLM_ERROR_RATE_LIMIT:
      return sentence_rate_limit (name, told_has (told, quota_words), retry_after_ms);
    case DA_LLM_ERROR_CONTEXT_LENGTH:
      return g_strdup_printf ("The conversation is too long for the model at %s. Shorten it, or "
                              "choose a model with a larger context.", name);
    case DA_LLM_ERROR_NETWORK:
      return g_strdup_printf ("%s took too long. Try again.", name);
    case DA_LLM_ERROR_SERVER:
      if (status == 0)
        return g_strdup_printf ("%s has a problem at its end. Try again later.", name);
      return g_strdup_printf ("%s has a problem at its end (HTTP %u). Try again later.",
                              name, status);
    case DA_LLM_ERROR_BAD_ANSWER:
      return g_strdup_printf ("%s broke off its answer with an error. Try again.", name);
    case DA_LLM_ERROR_BAD_REQUEST:
    default:
      return sentence_bad_request (name, status, told);
    }
}

static GError *
make_fault (DaLlmError  code,
            const char *name,
            guint       status,
            gboolean    had_key,
            gint64      retry_after_ms,
            const Told *told)
{
  g_autofree char *said = quote (told->message);
  g_autofree char *ours = sentence (code, name, status, had_key, retry_after_ms, told);
  g_autofree char *message = said ? g_strdup_printf ("%s It said: %s", ours, said)
                                  : g_steal_pointer (&ours);
  gboolean is_final = code == DA_LLM_ERROR_RATE_LIMIT && told_has (told, quota_words);

  return da_llm_error_new (code, status, retry_after_ms, is_final, message);
}

GError *
da_llm_fault_from_response (const char *provider_name,
                            guint       status,
                            gboolean    had_key,
                            gint64      retry_after_ms,
                            const char *body,
                            gsize       length)
{
  g_auto (Told) told = { 0 };

  read_told_body (body, length, &told);
  return make_fault (code_of (status, &told), provider_name, status, had_key, retry_after_ms,
                     &told);
}

GError *
da_llm_fault_from_node (const char *provider_name,
                        JsonNode   *node)
{
  g_auto (Told) told = { 0 };
  DaLlmError code = DA_LLM_ERROR_BAD_ANSWER;

  read_told (node, &told);
  if (told.number >= 400 && told.number <= 599)
    code = code_of ((guint) told.number, &told);
  else if (told_has (&told, context_words))
    code = DA_LLM_ERROR_CONTEXT_LENGTH;
  else if (told_has (&told, quota_words) || told_has (&told, rate_words))
    code = DA_LLM_ERROR_RATE_LIMIT;
  else if (told_has (&told, key_words))
    code = DA_LLM_ERROR_AUTH;
  else if (told_has (&told, model_words))
    code = DA_LLM_ERROR_BAD_REQUEST;
  else if (told_has (&told, server_words))
    code = DA_LLM_ERROR_SERVER;
  return make_fault (code, provider_name, 0, TRUE, -1, &told);
}

static GError *
fault_take (DaLlmError  code,
            char       *message)
{
  GError *error = da_llm_error_new (code, 0, -1, FALSE, message);

  g_free (message);
  return error;
}

GError *
da_llm_fault_network (const char   *provider_name,
                      const GError *cause)
{
  g_autofree char *said = quote (cause->message);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return fault_take (DA_LLM_ERROR_NETWORK,
                       g_strdup_printf ("%s did not answer in time. Try again, or choose another "
                                        "model.", provider_name));
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return fault_take (DA_LLM_ERROR_BAD_REQUEST,
                       g_strdup_printf ("The base URL of %s is not a web address. Correct it in "
                                        "Settings.", provider_name));
  if (cause->domain == G_TLS_ERROR)
    return fault_take (DA_LLM_ERROR_NETWORK,
                       g_strdup_printf ("No secure connection to %s: %s. Check the base URL and "
                                        "the clock.", provider_name, said ? said : "unknown"));
  return fault_take (DA_LLM_ERROR_NETWORK,
                     g_strdup_printf ("%s cannot be reached: %s. Check the network and the base "
                                      "URL.", provider_name, said ? said : "unknown"));
}

GError *
da_llm_fault_cut (const char *provider_name)
{
  return fault_take (DA_LLM_ERROR_NETWORK,
                     g_strdup_printf ("The connection to %s broke before the answer was complete. "
                                      "Try again.", provider_name));
}

GError *
da_llm_fault_bad_answer (const char *provider_name,
                         const char *what)
{
  return fault_take (DA_LLM_ERROR_BAD_ANSWER,
                     g_strdup_printf ("%s sent an answer that cannot be read: %s. Check the base "
                                      "URL, or try again.", provider_name, what));
}
