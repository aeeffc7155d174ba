/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-layers"

#include "da-settings.h"

#include <string.h>

#include "da-error.h"
#include "da-json.h"
#include "settings-test-util.h"

#define SETTINGS "home/.agents/dotagents-settings.json"
#define MODELS "home/.agents/models.json"
#define MCP "home/.agents/mcp.json"
#define UI "home/.agents/layouts/ui.json"
#define WORK_SETTINGS "work/.agents/dotagents-settings.json"
#define WORK_MCP "work/.agents/mcp.json"
#define LOCAL "data/settings.json"

static void
test_defaults_stand_when_there_is_no_file (Fixture       *fixture,
                                           gconstpointer  unused)
{
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_false (da_settings_get_boolean (fixture->settings, "remoteServerEnabled"));
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_cmpfloat (da_settings_get_number (fixture->settings, "mcpContextTargetRatio"), ==, 0.4);
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "remoteServerBindAddress"), ==,
                   "127.0.0.1");
  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "remoteServerCorsOrigins")[0], ==, "*");
  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "mcpDisabledTools")[0], ==, NULL);
  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "mcpToolsCollapsedServers")[0], ==,
                   NULL);
  g_assert_null (da_settings_get_string (fixture->settings, "agentOpenaiModel"));
  g_assert_null (da_settings_peek (fixture->settings, "panelCustomSize"));
  /* The built-in default of the contract, not what it reports for "nothing stored". */
  g_assert_cmpint (da_settings_get_int (fixture->settings, "maxConversationsToKeep"), ==, 100);
  g_assert_false (da_settings_get_boolean (fixture->settings, "discordDmEnabled"));
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "remoteServerPort"), ==,
                   DA_SETTING_ORIGIN_DEFAULT);
  g_assert_null (da_settings_get_file (fixture->settings, "remoteServerPort"));
}

static void
test_reading_makes_no_file_and_no_folder (Fixture       *fixture,
                                          gconstpointer  unused)
{
  fixture_open (fixture);

  g_assert_false (fixture_has (fixture, "home"));
  g_assert_false (fixture_has (fixture, "work"));
  g_assert_false (fixture_has (fixture, "data"));
}

static void
test_later_layers_win (Fixture       *fixture,
                       gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":1001,\"mainAgentName\":\"global\"}");
  fixture_write (fixture, WORK_SETTINGS, "{\"remoteServerPort\":1002}");
  fixture_write (fixture, LOCAL, "{\"pinnedSessionIds\":[\"a\",\"b\"]}");
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 1002);
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "remoteServerPort"), ==,
                   DA_SETTING_ORIGIN_WORKSPACE);
  g_assert_true (g_str_has_suffix (da_settings_get_file (fixture->settings, "remoteServerPort"),
                                   WORK_SETTINGS));
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "mainAgentName"), ==, "global");
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "mainAgentName"), ==,
                   DA_SETTING_ORIGIN_GLOBAL);
  g_assert_cmpuint (g_strv_length (
                      (char **) da_settings_get_strv (fixture->settings, "pinnedSessionIds")),
                    ==, 2);
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "pinnedSessionIds"), ==,
                   DA_SETTING_ORIGIN_LOCAL);
}

/* Contract 20 A.3: an object of the workspace replaces the whole of the global one. */
static void
test_the_merge_is_shallow (Fixture       *fixture,
                           gconstpointer  unused)
{
  JsonObject *servers;

  fixture_write (fixture, MCP, "{\"mcpConfig\":{\"mcpServers\":{\"a\":{},\"b\":{}}}}");
  fixture_write (fixture, WORK_MCP, "{\"mcpConfig\":{\"mcpServers\":{\"c\":{}}}}");
  fixture_open (fixture);

  servers = da_json_get_object (json_node_get_object (da_settings_peek (fixture->settings,
                                                                        "mcpConfig")),
                                "mcpServers");
  g_assert_cmpuint (json_object_get_size (servers), ==, 1);
  g_assert_true (json_object_has_member (servers, "c"));
}

/* Settings, then models, then mcp, then layout: the later file wins, wherever the key belongs. */
static void
test_inside_a_layer_the_later_file_wins (Fixture       *fixture,
                                         gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"themePreference\":\"dark\",\"openaiTtsVoice\":\"s\","
                                    "\"mainAgentName\":\"s\",\"remoteServerPort\":1}");
  fixture_write (fixture, MODELS, "{\"openaiTtsVoice\":\"m\",\"mainAgentName\":\"m\","
                                  "\"remoteServerPort\":2}");
  fixture_write (fixture, MCP, "{\"mainAgentName\":\"t\",\"remoteServerPort\":3}");
  fixture_write (fixture, UI, "{\"remoteServerPort\":4}");
  fixture_open (fixture);

  g_assert_cmpstr (da_settings_get_string (fixture->settings, "themePreference"), ==, "dark");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "openaiTtsVoice"), ==, "m");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "mainAgentName"), ==, "t");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4);
}

static void
test_pins_of_a_shared_folder_are_not_ours (Fixture       *fixture,
                                           gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"pinnedSessionIds\":[\"theirs\"]}");
  fixture_open (fixture);

  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "pinnedSessionIds")[0], ==, NULL);
}

static void
test_a_wrong_value_is_reported_and_the_lower_layer_used (Fixture       *fixture,
                                                         gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_write (fixture, WORK_SETTINGS, "{\"remoteServerPort\":\"secret text\"}");
  fixture_open (fixture);

  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4000);
  fixture_assert_problem (fixture, "remoteServerPort", WORK_SETTINGS,
                          "a whole number from 1 to 65535", "4000", "global", NULL);
  g_assert_null (strstr (da_settings_get_problems (fixture->settings)[0], "secret text"));
  g_assert_null (da_settings_get_problems (fixture->settings)[1]);
}

static void
test_wrong_type_range_and_choice_fall_back_to_defaults (Fixture       *fixture,
                                                        gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerEnabled\":\"yes\",\"remoteServerPort\":70000,"
                                    "\"remoteServerLogLevel\":\"loud\",\"apiRetryCount\":4}");
  fixture_open (fixture);

  g_assert_false (da_settings_get_boolean (fixture->settings, "remoteServerEnabled"));
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "remoteServerLogLevel"), ==, "info");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "apiRetryCount"), ==, 4);
  fixture_assert_problem (fixture, "remoteServerEnabled", SETTINGS, "true or false", NULL);
  fixture_assert_problem (fixture, "remoteServerPort", SETTINGS, "from 1 to 65535", NULL);
  fixture_assert_problem (fixture, "remoteServerLogLevel", SETTINGS, "error, info, debug", NULL);
}

static void
test_null_and_unknown_keys_are_no_problem (Fixture       *fixture,
                                           gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":null,\"ofAnotherProgram\":{\"x\":1},"
                                    "\"loops\":[1]}");
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_nonnull (da_settings_peek_foreign (fixture->settings, "ofAnotherProgram"));
  g_assert_nonnull (da_settings_peek_foreign (fixture->settings, "loops"));
  g_assert_null (da_settings_peek_foreign (fixture->settings, "nobodyKnows"));
  g_assert_null (da_settings_peek_foreign (fixture->settings, "remoteServerPort"));
}

static void
test_stored_false_of_unlimited_iterations_is_honoured (Fixture       *fixture,
                                                       gconstpointer  unused)
{
  fixture_write (fixture, MCP, "{\"mcpUnlimitedIterations\":false,"
                               "\"mcpVerifyCompletionEnabled\":false}");
  fixture_open (fixture);

  g_assert_false (da_settings_get_boolean (fixture->settings, "mcpUnlimitedIterations"));
  g_assert_false (da_settings_get_boolean (fixture->settings, "mcpVerifyCompletionEnabled"));
}

static void
test_both_names_of_a_pair_give_one_value (Fixture       *fixture,
                                          gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"agentGroqModel\":\"new\"}");
  fixture_write (fixture, MCP, "{\"mcpToolsGroqModel\":\"old\",\"mcpToolsGeminiModel\":\"only\"}");
  fixture_write (fixture, WORK_MCP, "{\"mcpToolsProviderId\":\"groq\"}");
  fixture_open (fixture);

  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentGroqModel"), ==, "new");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "mcpToolsGroqModel"), ==, "new");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentGeminiModel"), ==, "only");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentProviderId"), ==, "groq");
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "agentProviderId"), ==,
                   DA_SETTING_ORIGIN_WORKSPACE);
}

static void
test_secrets_of_others_are_shown_but_are_no_settings (Fixture       *fixture,
                                                      gconstpointer  unused)
{
  fixture_write (fixture, MODELS, "{\"openaiApiKey\":\"sk-theirs\","
                                  "\"remoteServerApiKey\":\"dotagents-secret://key\"}");
  fixture_write (fixture, SETTINGS, "{\"discordBotToken\":\"bot\"}");
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_cmpstr (json_node_get_string (da_settings_peek_foreign (fixture->settings,
                                                                   "openaiApiKey")),
                   ==, "sk-theirs");
  g_assert_cmpstr (json_node_get_string (da_settings_peek_foreign (fixture->settings,
                                                                   "remoteServerApiKey")),
                   ==, "dotagents-secret://key");
  g_assert_cmpstr (json_node_get_string (da_settings_peek_foreign (fixture->settings,
                                                                   "discordBotToken")),
                   ==, "bot");
  g_assert_null (da_settings_peek_foreign (fixture->settings, "groqApiKey"));
}

static void
test_environment_and_command_line_win_in_this_order (Fixture       *fixture,
                                                     gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  fixture_write (fixture, MODELS, "{\"openaiBaseUrl\":\"http://file/v1\"}");
  fixture_write (fixture, SETTINGS, "{\"agentOpenaiModel\":\"file\"}");
  g_setenv ("OPENAI_BASE_URL", " http://env/v1 ", TRUE);
  g_setenv ("DOTAGENTS_MODEL", "123", TRUE);
  fixture_make (fixture);
  da_settings_override (fixture->settings, "mcpToolsOpenaiModel=set", &error);
  g_assert_no_error (error);
  fixture_open (fixture);

  g_assert_cmpstr (da_settings_get_string (fixture->settings, "openaiBaseUrl"), ==,
                   "http://env/v1");
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "openaiBaseUrl"), ==,
                   DA_SETTING_ORIGIN_ENVIRONMENT);
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentOpenaiModel"), ==, "set");
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "agentOpenaiModel"), ==,
                   DA_SETTING_ORIGIN_COMMAND_LINE);

  g_unsetenv ("OPENAI_BASE_URL");
  fixture_close (fixture);
  fixture_open (fixture);
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "openaiBaseUrl"), ==,
                   "http://file/v1");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentOpenaiModel"), ==, "123");
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "mcpToolsOpenaiModel"), ==,
                   DA_SETTING_ORIGIN_ENVIRONMENT);
  g_unsetenv ("DOTAGENTS_MODEL");
}

static void
test_overrides_take_json_or_bare_text (Fixture       *fixture,
                                       gconstpointer  unused)
{
  static const char *const assignments[] = {
    "remoteServerPort=8080", "remoteServerEnabled=true", "mainAgentName=007",
    "agentProviderId=\"groq\"", "remoteServerCorsOrigins=http://a, http://b",
    "remoteServerAllowedHosts=[\"h\"]", "agentGroqModel=a=b", "remoteServerPort=8081",
  };
  const char *const *origins;

  fixture_make (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (assignments); i++)
    {
      g_autoptr (GError) error = NULL;

      da_settings_override (fixture->settings, assignments[i], &error);
      g_assert_no_error (error);
    }
  fixture_open (fixture);

  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 8081);
  g_assert_true (da_settings_get_boolean (fixture->settings, "remoteServerEnabled"));
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "mainAgentName"), ==, "007");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentProviderId"), ==, "groq");
  g_assert_cmpstr (da_settings_get_string (fixture->settings, "agentGroqModel"), ==, "a=b");
  origins = da_settings_get_strv (fixture->settings, "remoteServerCorsOrigins");
  g_assert_cmpstr (origins[0], ==, "http://a");
  g_assert_cmpstr (origins[1], ==, "http://b");
  g_assert_null (origins[2]);
  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "remoteServerAllowedHosts")[0], ==,
                   "h");
  g_assert_false (fixture_has (fixture, "home"));
}

static void
test_a_wrong_override_is_refused (Fixture       *fixture,
                                  gconstpointer  unused)
{
  static const char *const assignments[][2] = {
    { "remoteServerPort", "name=value" },
    { "=1", "name=value" },
    { "nope=1", "nope" },
    { "remoteServerPort=0", "from 1 to 65535" },
    { "remoteServerEnabled=maybe", "true or false" },
    { "agentProviderId=skynet", "openai, groq" },
    { "openaiApiKey=sk-1", "secret" },
  };

  fixture_make (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (assignments); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (da_settings_override (fixture->settings, assignments[i][0], &error));
      g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, assignments[i][1]));
      g_assert_null (strstr (error->message, "sk-1"));
    }
}

static void
test_the_home_folder_as_workspace_is_no_second_layer (Fixture       *fixture,
                                                      gconstpointer  unused)
{
  g_autofree char *home = g_build_filename (fixture->root, "home", NULL);
  g_autofree char *roundabout = g_build_filename (fixture->root, "data", "..", "home", NULL);
  const char *const roots[] = { home, roundabout, "  ", "" };

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":1001}");
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      g_autoptr (DaSettings) settings = da_settings_new (fixture->agents, roots[i], NULL);

      da_settings_load (settings);
      g_assert_null (da_settings_get_workspace_dir (settings));
      g_assert_cmpint (da_settings_get_origin (settings, "remoteServerPort"), ==,
                       DA_SETTING_ORIGIN_GLOBAL);
    }
}

static void
test_a_file_that_holds_no_object_counts_as_empty (Fixture       *fixture,
                                                  gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "[1,2]");
  fixture_open (fixture);

  fixture_assert_problem (fixture, SETTINGS, "JSON object", NULL);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_autofree char *text = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (text, ==, "[1,2]");
}

static void
test_a_byte_order_mark_is_tolerated (Fixture       *fixture,
                                     gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "\xEF\xBB\xBF{\"remoteServerPort\":1234}");
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 1234);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_unsetenv ("OPENAI_BASE_URL");
  g_unsetenv ("DOTAGENTS_MODEL");

  FIXTURE_ADD ("/settings/layers/defaults-stand-when-there-is-no-file",
               test_defaults_stand_when_there_is_no_file);
  FIXTURE_ADD ("/settings/layers/reading-makes-no-file-and-no-folder",
               test_reading_makes_no_file_and_no_folder);
  FIXTURE_ADD ("/settings/layers/later-layers-win", test_later_layers_win);
  FIXTURE_ADD ("/settings/layers/the-merge-is-shallow", test_the_merge_is_shallow);
  FIXTURE_ADD ("/settings/layers/inside-a-layer-the-later-file-wins",
               test_inside_a_layer_the_later_file_wins);
  FIXTURE_ADD ("/settings/layers/pins-of-a-shared-folder-are-not-ours",
               test_pins_of_a_shared_folder_are_not_ours);
  FIXTURE_ADD ("/settings/layers/a-wrong-value-is-reported-and-the-lower-layer-used",
               test_a_wrong_value_is_reported_and_the_lower_layer_used);
  FIXTURE_ADD ("/settings/layers/wrong-type-range-and-choice-fall-back-to-defaults",
               test_wrong_type_range_and_choice_fall_back_to_defaults);
  FIXTURE_ADD ("/settings/layers/null-and-unknown-keys-are-no-problem",
               test_null_and_unknown_keys_are_no_problem);
  FIXTURE_ADD ("/settings/layers/stored-false-of-unlimited-iterations-is-honoured",
               test_stored_false_of_unlimited_iterations_is_honoured);
  FIXTURE_ADD ("/settings/layers/both-names-of-a-pair-give-one-value",
               test_both_names_of_a_pair_give_one_value);
  FIXTURE_ADD ("/settings/layers/secrets-of-others-are-shown-but-are-no-settings",
               test_secrets_of_others_are_shown_but_are_no_settings);
  FIXTURE_ADD ("/settings/layers/environment-and-command-line-win-in-this-order",
               test_environment_and_command_line_win_in_this_order);
  FIXTURE_ADD ("/settings/layers/overrides-take-json-or-bare-text",
               test_overrides_take_json_or_bare_text);
  FIXTURE_ADD ("/settings/layers/a-wrong-override-is-refused", test_a_wrong_override_is_refused);
  FIXTURE_ADD ("/settings/layers/the-home-folder-as-workspace-is-no-second-layer",
               test_the_home_folder_as_workspace_is_no_second_layer);
  FIXTURE_ADD ("/settings/layers/a-file-that-holds-no-object-counts-as-empty",
               test_a_file_that_holds_no_object_counts_as_empty);
  FIXTURE_ADD ("/settings/layers/a-byte-order-mark-is-tolerated",
               test_a_byte_order_mark_is_tolerated);

  return g_test_run ();
}
