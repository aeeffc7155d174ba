/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-fault"

#include "da-llm-fault.h"

#include <string.h>

#include "da-json.h"
#include "da-redact.h"

static const struct {
  guint       status;
  const char *body;
  const char *kind;
  const char *words;      /* that the sentence must hold */
} responses[] = {
  { 401, "{\"error\":{\"message\":\"Incorrect API key\"}}", "auth", "It said: Incorrect API key" },
  { 401, "", "auth", "did not accept the API key" },
  { 403, "{\"error\":\"country not supported\"}", "auth", "country not supported" },
  { 400, "[{\"error\":{\"code\":400,"
         "\"message\":\"API key not valid. Please pass a valid API key.\","
         "\"status\":\"INVALID_ARGUMENT\"}}]", "auth", "did not accept the API key" },
  { 402, "{\"error\":{\"message\":\"Insufficient credits\",\"code\":402}}", "bad_request",
    "no credit left" },
  { 404, "{\"error\":{\"message\":\"The model `x` does not exist\",\"code\":\"model_not_found\"}}",
    "bad_request", "does not have this model" },
  { 404, "404 page not found", "bad_request", "Check the base URL" },
  { 404, "<html><body>nginx</body></html>", "bad_request", "Check the base URL" },
  { 400, "{\"error\":{\"message\":\"bad temperature\"}}", "bad_request",
    "It said: bad temperature" },
  { 422, "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"extra fields\"}]}", "bad_request",
    "It said: extra fields" },
  { 400, "{\"object\":\"error\",\"message\":\"the text\",\"type\":\"invalid\"}", "bad_request",
    "It said: the text" },
  { 400, "{\"error\":{\"message\":\"This model's maximum context length is 4096 tokens\","
         "\"code\":\"context_length_exceeded\"}}", "context_length", "too long for the model" },
  { 400, "{\"error\":{\"message\":\"the request exceeds the available context size\","
         "\"type\":\"exceed_context_size_error\"}}", "context_length", "too long" },
  { 500, "{\"error\":{\"message\":\"context window exceeded\"}}", "context_length", "too long" },
  { 413, "", "context_length", "too long" },
  { 413, "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Request too large for TPM\"}}",
    "rate_limit", "too many requests" },
  { 408, "", "network", "took too long" },
  { 429, "{\"error\":{\"message\":\"slow down\"}}", "rate_limit", "Try again in 8 s" },
  { 429, "{\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}", "rate_limit",
    "used up its quota" },
  { 500, "", "server", "HTTP 500" },
  { 503, "not json {", "server", "It said: not json {" },
  { 529, "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}", "server",
    "Overloaded" },
  { 307, "", "bad_request", "to protect the key" },
  { 418, "{\"error\":[]}", "bad_request", "refused the request" },
  { 400, "{\"error\":{\"message\":7}}", "bad_request", "refused the request" },
};

static void
test_responses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      const char *body = responses[i].body;
      g_autoptr (GError) error = da_llm_fault_from_response ("Maker", responses[i].status, TRUE,
                                                             responses[i].status == 429 ? 7500 : -1,
                                                             body, strlen (body));

      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      if (g_strcmp0 (da_llm_error_kind (error), responses[i].kind) != 0 ||
          !strstr (error->message, responses[i].words) || !strstr (error->message, "Maker"))
        g_error ("case %u is %s: %s", i, da_llm_error_kind (error), error->message);
      g_assert_cmpuint (da_llm_error_get_status (error), ==, responses[i].status);
    }
}

static void
test_quote_is_short_and_clean (void)
{
  const char *secret = "zz-very-secret-value";
  g_autoptr (GString) body = g_string_new ("{\"error\":{\"message\":\"");
  g_autoptr (GError) error = NULL;
  const char *said;

  da_redact_register (secret);
  g_string_append_printf (body, "key %s\\n\\n  is  bad \\u0007 Bearer sk-abcdefghijklmnop1234567"
                                "890 ",
                          secret);
  for (guint i = 0; i < 1000; i++)
    g_string_append (body, "äb ");
  g_string_append (body, "\"}}");
  error = da_llm_fault_from_response ("Maker", 400, TRUE, -1, body->str, body->len);
  said = strstr (error->message, "It said: ");
  g_assert_nonnull (said);
  said += strlen ("It said: ");
  g_assert_cmpint (g_utf8_strlen (said, -1), <=, 301);
  g_assert_true (g_str_has_suffix (said, "…"));
  g_assert_null (strstr (said, secret));
  g_assert_null (strstr (said, "abcdefghijklmnop"));
  g_assert_null (strstr (said, "  "));
  g_assert_null (strchr (said, '\n'));
  g_assert_null (strchr (said, 7));
  da_redact_unregister (secret);
}

static void
test_nodes (void)
{
  static const struct { const char *json, *kind; } cases[] = {
    { "{\"message\":\"x\",\"code\":429}", "rate_limit" },
    { "{\"message\":\"Rate limit reached\"}", "rate_limit" },
    { "{\"message\":\"x\",\"code\":502}", "server" },
    { "{\"message\":\"x\",\"type\":\"server_error\"}", "server" },
    { "{\"message\":\"x\",\"code\":\"context_length_exceeded\"}", "context_length" },
    { "{\"message\":\"x\",\"code\":\"invalid_api_key\"}", "auth" },
    { "{\"message\":\"The model does not exist\"}", "bad_request" },
    { "{\"message\":\"what\"}", "bad_answer" },
    { "{}", "bad_answer" },
    { "[]", "bad_answer" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = da_json_parse (cases[i].json, strlen (cases[i].json), 1000, NULL);
      g_autoptr (GError) error = da_llm_fault_from_node ("Maker", node);

      g_assert_cmpstr (da_llm_error_kind (error), ==, cases[i].kind);
    }
  {
    g_autoptr (GError) error = da_llm_fault_from_node ("Maker", NULL);

    g_assert_cmpstr (da_llm_error_kind (error), ==, "bad_answer");
  }
}

static void
test_error_travels (void)
{
  g_autoptr (GError) error = da_llm_error_new (DA_LLM_ERROR_RATE_LIMIT, 429, 1234, TRUE, "x");
  g_autoptr (GError) copy = g_error_copy (error);
  g_autoptr (GError) plain = g_error_new_literal (DA_LLM_ERROR, DA_LLM_ERROR_AUTH, "x");
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, 0, "x");

  g_assert_cmpint (da_llm_error_get_retry_after_ms (copy), ==, 1234);
  g_assert_cmpuint (da_llm_error_get_status (copy), ==, 429);
  g_assert_true (da_llm_error_is_final (copy));
  g_assert_cmpint (da_llm_error_get_retry_after_ms (plain), ==, -1);
  g_assert_cmpstr (da_llm_error_kind (plain), ==, "auth");
  g_assert_cmpint (da_llm_error_get_retry_after_ms (other), ==, -1);
  g_assert_cmpstr (da_llm_error_kind (other), ==, "other");
  g_assert_cmpstr (da_llm_error_kind (NULL), ==, "other");
}

static void
test_network (void)
{
  g_autoptr (GError) slow = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "x");
  g_autoptr (GError) tls = g_error_new_literal (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
      "expired");
  g_autoptr (GError) gone = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED,
      "refused");
  g_autoptr (GError) a = da_llm_fault_network ("Maker", slow);
  g_autoptr (GError) b = da_llm_fault_network ("Maker", tls);
  g_autoptr (GError) c = da_llm_fault_network ("Maker", gone);

  g_assert_cmpstr (a->message, ==,
                   "Maker did not answer in time. Try again, or choose another model.");
  g_assert_nonnull (strstr (b->message, "No secure connection to Maker: expired."));
  g_assert_nonnull (strstr (c->message, "Maker cannot be reached: refused."));
  g_assert_error (b, DA_LLM_ERROR, DA_LLM_ERROR_NETWORK);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/fault/each-answer-gets-its-kind-and-sentence", test_responses);
  g_test_add_func ("/llm/fault/the-quote-is-short-and-holds-no-secret",
                   test_quote_is_short_and_clean);
  g_test_add_func ("/llm/fault/errors-within-a-stream-get-their-kind", test_nodes);
  g_test_add_func ("/llm/fault/an-error-keeps-its-details-when-copied", test_error_travels);
  g_test_add_func ("/llm/fault/network-failures-are-told-apart", test_network);
  return g_test_run ();
}
