/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-check"

#include "da-settings.h"

#include "da-error.h"
#include "da-json.h"
#include "settings-test-util.h"

/* @expected: JSON, or NULL for "refused". */
typedef struct {
  const char *name;
  const char *value;
  const char *expected;
} Case;

static const Case cases[] = {
  { "remoteServerEnabled", "true", "true" },
  { "remoteServerEnabled", "1", NULL },
  { "remoteServerEnabled", "\"true\"", NULL },
  { "remoteServerEnabled", "[]", NULL },

  { "remoteServerPort", "1", "1" },
  { "remoteServerPort", "65535", "65535" },
  { "remoteServerPort", "8080.0", "8080" },
  { "remoteServerPort", "0", NULL },
  { "remoteServerPort", "65536", NULL },
  { "remoteServerPort", "-1", NULL },
  { "remoteServerPort", "80.5", NULL },
  { "remoteServerPort", "\"80\"", NULL },
  { "remoteServerPort", "{}", NULL },

  { "mcpMaxIterations", "7.9", "7" },
  { "mcpMaxIterations", "100", "100" },
  { "mcpMaxIterations", "100.5", NULL },
  { "mcpMaxIterations", "0.9", NULL },
  { "maxConversationsToKeep", "10000", "10000" },
  { "maxConversationsToKeep", "10001", NULL },
  { "kittenVoiceId", "7", "7" },
  { "kittenVoiceId", "8", NULL },
  { "kittenVoiceId", "0", "0" },
  { "parakeetNumThreads", "4", "4" },
  { "parakeetNumThreads", "3", NULL },
  { "mcpMaxContextTokensOverride", "9223372036854775807", NULL },

  { "openaiTtsSpeed", "0.25", "0.25" },
  { "openaiTtsSpeed", "1.0", "1" },
  { "openaiTtsSpeed", "4", "4" },
  { "openaiTtsSpeed", "4.01", NULL },
  { "openaiTtsSpeed", "\"1\"", NULL },

  { "agentProviderId", "\"chatgpt-web\"", "\"chatgpt-web\"" },
  { "agentProviderId", "\"OpenAI\"", NULL },
  { "agentProviderId", "\"\"", NULL },
  { "groqTtsModel", "\"playai-tts\"", "\"canopylabs/orpheus-v1-english\"" },
  { "groqTtsModel", "\"playai-tts-arabic\"", "\"canopylabs/orpheus-arabic-saudi\"" },
  { "groqTtsModel", "\"other\"", NULL },

  { "mainAgentName", "\" as typed \"", "\" as typed \"" },
  { "mainAgentName", "7", NULL },
  { "openaiBaseUrl", "\"  http://x/v1\\n\"", "\"http://x/v1\"" },
  { "openaiBaseUrl", "\"\"", "\"\"" },
  { "openaiSttLanguage", "\"\"", "null" },
  { "openaiSttLanguage", "\" \"", "\" \"" },
  { "localTraceLogPath", "\"  \"", "null" },
  { "groqSttPrompt", "\"\xf0\x9f\x98\x80 ü\"", "\"\xf0\x9f\x98\x80 ü\"" },

  { "remoteServerBindAddress", "\"0.0.0.0\"", "\"0.0.0.0\"" },
  { "remoteServerBindAddress", "\" [FE80::1] \"", "\"fe80::1\"" },
  { "remoteServerBindAddress", "\"LocalHost\"", "\"127.0.0.1\"" },
  { "remoteServerBindAddress", "\"example.org\"", NULL },
  { "remoteServerBindAddress", "\"127.0.0.1:80\"", NULL },
  { "remoteServerBindAddress", "\"\"", NULL },
  { "requestProxy", "\"\"", "\"\"" },
  { "requestProxy", "\"http://u:p@proxy:8080\"", "\"http://u:p@proxy:8080\"" },
  { "requestProxy", "\"socks5://127.0.0.1:9050\"", "\"socks5://127.0.0.1:9050\"" },
  { "requestProxy", "\"proxy:8080\"", NULL },
  { "requestProxy", "\"file:///etc/passwd\"", NULL },

  { "remoteServerCorsOrigins", "[\" https://a \",\"\",\"https://a\"]",
    "[\"https://a\",\"https://a\"]" },
  { "remoteServerCorsOrigins", "[]", "[]" },
  { "remoteServerCorsOrigins", "\"*\"", NULL },
  { "remoteServerCorsOrigins", "[\"*\",1]", NULL },
  { "remoteServerOperatorAllowDeviceIds", "[\"a\",\" a \",\"b\",\"  \"]", "[\"a\",\"b\"]" },
  { "pinnedSessionIds", "[\"x\",null]", NULL },

  { "predefinedPrompts", "[{\"id\":\"1\",\"name\":\"n\",\"content\":\"c\",\"more\":[1.5]}]",
    "[{\"id\":\"1\",\"name\":\"n\",\"content\":\"c\",\"more\":[1.5]}]" },
  { "predefinedPrompts", "[{\"id\":\"1\",\"name\":\"n\"}]", NULL },
  { "predefinedPrompts", "[\"text\"]", NULL },
  { "predefinedPrompts", "{}", NULL },
  { "modelPresets", "[{\"id\":\"x\"}]", "[{\"id\":\"x\"}]" },
  { "modelPresets", "[{}]", NULL },
  { "mcpConfig", "{\"mcpServers\":{\"a\":{}}}", "{\"mcpServers\":{\"a\":{}}}" },
  { "mcpConfig", "{\"mcpServers\":[]}", NULL },
  { "mcpConfig", "[]", NULL },

  { "openaiApiKey", "\"abc\"", NULL },
};

static void
test_values_are_normalised_or_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) value = parse_json (cases[i].value);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) checked = NULL;
      g_autofree char *text = NULL;

      checked = da_settings_check (da_setting_spec_find (cases[i].name), value, &error);
      if (checked != NULL)
        text = da_json_to_string (checked, FALSE);
      g_test_message ("%s %s -> %s", cases[i].name, cases[i].value, text);
      g_assert_cmpstr (text, ==, cases[i].expected);
      if (cases[i].expected == NULL)
        {
          g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
          g_assert_nonnull (strstr (error->message, cases[i].name));
        }
      else
        {
          g_assert_no_error (error);
          g_assert_true (json_node_is_immutable (checked));
        }
    }
}

static void
test_an_error_says_what_is_allowed_and_not_what_was_given (void)
{
  g_autoptr (JsonNode) value = parse_json ("\"hunter2\"");
  g_autoptr (GError) error = NULL;

  g_assert_null (da_settings_check (da_setting_spec_find ("agentProviderId"), value, &error));
  g_assert_cmpstr (error->message, ==,
                   "agentProviderId must be one of: openai, groq, gemini, chatgpt-web");
}

/* The caller goes on using its own tree. */
static void
test_the_value_given_is_left_as_it_was (void)
{
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) value = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (JsonNode) checked = NULL;

  json_node_take_array (value, array);
  checked = da_settings_check (da_setting_spec_find ("modelPresets"), value, NULL);
  g_assert_nonnull (checked);
  g_assert_false (json_node_is_immutable (value));
  json_array_add_string_element (array, "more");
  g_assert_cmpuint (json_array_get_length (json_node_get_array (checked)), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/settings/check/values-are-normalised-or-refused",
                   test_values_are_normalised_or_refused);
  g_test_add_func ("/settings/check/an-error-says-what-is-allowed-and-not-what-was-given",
                   test_an_error_says_what_is_allowed_and_not_what_was_given);
  g_test_add_func ("/settings/check/the-value-given-is-left-as-it-was",
                   test_the_value_given_is_left_as_it_was);

  return g_test_run ();
}
