/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-setting-spec"

#include "da-setting-spec.h"

#include <string.h>

#include "settings-test-util.h"

static void
test_every_row_is_found_by_its_name (void)
{
  guint n;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  g_assert_cmpuint (n, >, 150);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (da_setting_spec_find (all[i].name) == &all[i]);
      g_assert_nonnull (all[i].summary);
      g_assert_cmpint (strlen (all[i].summary), >, 5);
    }
  g_assert_null (da_setting_spec_find ("noSuchSetting"));
  g_assert_null (da_setting_spec_find (""));
}

static void
test_every_default_fits_its_row (void)
{
  guint n;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) value = NULL;
      g_autoptr (JsonNode) checked = NULL;

      if (all[i].default_json == NULL)
        continue;
      value = parse_json (all[i].default_json);
      checked = da_settings_check (&all[i], value, &error);
      g_assert_no_error (error);
      /* "" may mean "not set", which is the same as the default "". */
      if (!JSON_NODE_HOLDS_NULL (checked))
        g_assert_true (json_node_equal (checked, value));
    }
}

static void
test_rows_agree_with_the_rule_for_files (void)
{
  guint n;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  for (guint i = 0; i < n; i++)
    if (all[i].file != da_setting_file_of (all[i].name))
      g_error ("%s is in another file than the rule says", all[i].name);
}

static void
test_the_rule_for_files_holds_for_foreign_keys (void)
{
  g_assert_cmpint (da_setting_file_of ("loops"), ==, DA_SETTING_FILE_NONE);
  g_assert_cmpint (da_setting_file_of ("pinnedSessionIds"), ==, DA_SETTING_FILE_LOCAL);
  g_assert_cmpint (da_setting_file_of ("panelWaveformSize"), ==, DA_SETTING_FILE_UI);
  g_assert_cmpint (da_setting_file_of ("panelTextInputSize"), ==, DA_SETTING_FILE_SETTINGS);
  g_assert_cmpint (da_setting_file_of ("mcpServers"), ==, DA_SETTING_FILE_MCP);
  g_assert_cmpint (da_setting_file_of ("someApiKey"), ==, DA_SETTING_FILE_MODELS);
  g_assert_cmpint (da_setting_file_of ("langfuseBaseUrl"), ==, DA_SETTING_FILE_MODELS);
  g_assert_cmpint (da_setting_file_of ("supertonicSpeed"), ==, DA_SETTING_FILE_MODELS);
  g_assert_cmpint (da_setting_file_of ("edgeTtsVoice"), ==, DA_SETTING_FILE_SETTINGS);
  g_assert_cmpint (da_setting_file_of ("acpAgents"), ==, DA_SETTING_FILE_SETTINGS);
}

static void
test_pairs_of_names_point_at_each_other (void)
{
  guint n, pairs = 0;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  for (guint i = 0; i < n; i++)
    {
      const DaSettingSpec *other;

      if (all[i].alias == NULL)
        {
          g_assert_true (da_setting_spec_canonical (&all[i]) == &all[i]);
          continue;
        }
      pairs++;
      other = da_setting_spec_find (all[i].alias);
      g_assert_nonnull (other);
      g_assert_cmpstr (other->alias, ==, all[i].name);
      g_assert_cmpint (other->type, ==, all[i].type);
      g_assert_cmpstr (other->default_json, ==, all[i].default_json);
      g_assert_true (g_str_has_prefix (da_setting_spec_canonical (&all[i])->name, "agent"));
    }
  g_assert_cmpuint (pairs, ==, 10);
}

static void
test_secrets_are_named_but_have_no_default (void)
{
  static const char *const secrets[] = {
    "openaiApiKey", "groqApiKey", "geminiApiKey", "remoteServerApiKey", "discordBotToken",
    "langfuseSecretKey", "chatgptWebAccessToken", "chatgptWebSessionToken", NULL,
  };
  guint n;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  for (guint i = 0; i < n; i++)
    if (all[i].type == DA_SETTING_SECRET)
      {
        g_assert_null (all[i].default_json);
        g_assert_true (g_strv_contains (secrets, all[i].name));
      }
  for (guint i = 0; secrets[i] != NULL; i++)
    g_assert_cmpint (da_setting_spec_find (secrets[i])->type, ==, DA_SETTING_SECRET);
}

/* Contract 30 C.2: what PATCH answers with an audit entry. */
static void
test_sensitive_rows_are_those_of_the_contract (void)
{
  static const char *const yes[] = {
    "remoteServerEnabled", "remoteServerPort", "remoteServerCorsOrigins", "openaiBaseUrl",
    "themePreference", "cloudflareTunnelMode", "whatsappEnabled", "discordEnabled",
    "langfuseEnabled", "localTraceLogPath", "openaiCompatiblePromptCaching", "launchAtLogin",
  };
  static const char *const no[] = {
    "agentProviderId", "mcpMaxIterations", "streamerModeEnabled", "ttsEnabled",
    "maxConversationsToKeep", "pinnedSessionIds", "predefinedPrompts", "chatgptWebAccountId",
  };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (da_setting_spec_find (yes[i])->flags & DA_SETTING_SENSITIVE);
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (da_setting_spec_find (no[i])->flags & DA_SETTING_SENSITIVE);
}

static void
assert_allowed (const char *name,
                const char *text)
{
  g_autofree char *allowed = da_setting_spec_dup_allowed (da_setting_spec_find (name));

  g_assert_cmpstr (allowed, ==, text);
}

static void
test_what_is_allowed_is_said_in_words (void)
{
  assert_allowed ("remoteServerPort", "a whole number from 1 to 65535");
  assert_allowed ("openaiTtsSpeed", "a number from 0.25 to 4");
  assert_allowed ("remoteServerLogLevel", "one of: error, info, debug");
  assert_allowed ("parakeetNumThreads", "one of: 1, 2, 4, 8");
  assert_allowed ("remoteServerEnabled", "true or false");
  assert_allowed ("remoteServerCorsOrigins", "a list of texts");
  assert_allowed ("predefinedPrompts", "a list");
  assert_allowed ("mcpConfig", "an object");
  assert_allowed ("remoteServerBindAddress", "an IP address");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/settings/spec/every-row-is-found-by-its-name",
                   test_every_row_is_found_by_its_name);
  g_test_add_func ("/settings/spec/every-default-fits-its-row", test_every_default_fits_its_row);
  g_test_add_func ("/settings/spec/rows-agree-with-the-rule-for-files",
                   test_rows_agree_with_the_rule_for_files);
  g_test_add_func ("/settings/spec/the-rule-for-files-holds-for-foreign-keys",
                   test_the_rule_for_files_holds_for_foreign_keys);
  g_test_add_func ("/settings/spec/pairs-of-names-point-at-each-other",
                   test_pairs_of_names_point_at_each_other);
  g_test_add_func ("/settings/spec/secrets-are-named-but-have-no-default",
                   test_secrets_are_named_but_have_no_default);
  g_test_add_func ("/settings/spec/sensitive-rows-are-those-of-the-contract",
                   test_sensitive_rows_are_those_of_the_contract);
  g_test_add_func ("/settings/spec/what-is-allowed-is-said-in-words",
                   test_what_is_allowed_is_said_in_words);

  return g_test_run ();
}
