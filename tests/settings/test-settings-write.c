/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-write"

#include "da-settings.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-error.h"
#include "settings-test-util.h"

#define SETTINGS "home/.agents/dotagents-settings.json"
#define MODELS "home/.agents/models.json"
#define MCP "home/.agents/mcp.json"
#define UI "home/.agents/layouts/ui.json"
#define WORK_SETTINGS "work/.agents/dotagents-settings.json"
#define WORK_MCP "work/.agents/mcp.json"
#define LOCAL "data/settings.json"

static void
apply (Fixture    *fixture,
       const char *json)
{
  g_autoptr (GError) error = NULL;

  fixture_apply (fixture, json, &error);
  g_assert_no_error (error);
}

static void
assert_file (Fixture    *fixture,
             const char *relative,
             const char *expected)
{
  g_autofree char *text = fixture_read (fixture, relative);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_the_first_write_makes_private_files (Fixture       *fixture,
                                          gconstpointer  unused)
{
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":4000,\"themePreference\":\"dark\","
                  "\"pinnedSessionIds\":[\"p\"]}");

  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 4000\n}");
  assert_file (fixture, UI, "{\n  \"themePreference\": \"dark\"\n}");
  assert_file (fixture, LOCAL, "{\n  \"pinnedSessionIds\": [\n    \"p\"\n  ]\n}");
  g_assert_cmpint (fixture_mode (fixture, SETTINGS), ==, 0600);
  g_assert_cmpint (fixture_mode (fixture, LOCAL), ==, 0600);
  g_assert_cmpint (fixture_mode (fixture, "home/.agents"), ==, 0700);
  g_assert_cmpint (fixture_mode (fixture, "home/.agents/layouts"), ==, 0700);
  g_assert_false (fixture_has (fixture, MODELS));
  g_assert_false (fixture_has (fixture, MCP));
  g_assert_false (fixture_has (fixture, "work"));
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4000);
  g_assert_cmpint (da_settings_get_origin (fixture->settings, "remoteServerPort"), ==,
                   DA_SETTING_ORIGIN_GLOBAL);
  g_assert_true (fixture_did_change (fixture, "remoteServerPort"));
  g_assert_cmpuint (fixture->changed->len, ==, 3);
}

static void
test_everything_else_in_the_file_stays (Fixture       *fixture,
                                        gconstpointer  unused)
{
  fixture_write (fixture, MODELS,
                 "{ \"zeta\": {\"b\":[1,2.5,1e3,-0.1,null,true],\"a\":\"\\u00e9\\u2028/\"},\n"
                 "\"openaiApiKey\":\"sk-theirs\", \"openaiTtsVoice\":\"echo\",\n"
                 "\"remoteServerPort\":\"misplaced and wrong\", \"big\":9007199254740993 }");
  g_assert_cmpint (g_chmod (fixture->agents, 0755), ==, 0);
  fixture_open (fixture);
  apply (fixture, "{\"openaiTtsVoice\":\"nova\"}");

  g_autofree char *text = fixture_read (fixture, MODELS);
  g_autoptr (JsonNode) is = parse_json (text);
  g_autoptr (JsonNode) should_be =
    parse_json ("{ \"zeta\": {\"b\":[1,2.5,1e3,-0.1,null,true],\"a\":\"\\u00e9\\u2028/\"},\n"
                "\"openaiApiKey\":\"sk-theirs\", \"openaiTtsVoice\":\"nova\",\n"
                "\"remoteServerPort\":\"misplaced and wrong\", \"big\":9007199254740993 }");

  g_assert_true (json_node_equal (is, should_be));
  /* In the order it had, and with numbers as other programs write them. */
  g_assert_true (g_str_has_prefix (text, "{\n  \"zeta\": {\n    \"b\": [\n      1,\n      2.5,\n"));
  g_assert_nonnull (strstr (text, "-0.1,"));
  g_assert_false (g_str_has_suffix (text, "\n"));
  /* What exists keeps the mode its owner gave it. */
  g_assert_cmpint (fixture_mode (fixture, "home/.agents"), ==, 0755);
}

static void
test_the_mode_and_the_link_of_a_file_are_kept (Fixture       *fixture,
                                               gconstpointer  unused)
{
  g_autofree char *target = g_build_filename (fixture->root, "dotfiles", "s.json", NULL);
  g_autofree char *link = g_build_filename (fixture->root, SETTINGS, NULL);

  fixture_write (fixture, "dotfiles/s.json", "{\"remoteServerPort\":4000}");
  g_assert_cmpint (g_chmod (target, 0640), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (fixture->agents, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":4001}");

  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  assert_file (fixture, "dotfiles/s.json", "{\n  \"remoteServerPort\": 4001\n}");
  g_assert_cmpint (fixture_mode (fixture, "dotfiles/s.json"), ==, 0640);
}

static void
test_what_does_not_change_is_not_written (Fixture       *fixture,
                                          gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":4000,\"remoteServerEnabled\":false,"
                  "\"openaiTtsVoice\":\"alloy\",\"agentProviderId\":\"openai\"}");

  assert_file (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  g_assert_false (fixture_has (fixture, MODELS));
  g_assert_false (fixture_has (fixture, MCP));
  g_assert_false (fixture_has (fixture, "home/.agents/.backups"));
  g_assert_cmpuint (fixture->changed->len, ==, 0);
}

static void
test_a_reset_removes_the_key_everywhere (Fixture       *fixture,
                                         gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000,\"x\":1}");
  fixture_write (fixture, UI, "{\"remoteServerPort\":4001}");
  fixture_write (fixture, WORK_SETTINGS, "{\"remoteServerPort\":4002,\"y\":1}");
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":null,\"mainAgentName\":null}");

  assert_file (fixture, SETTINGS, "{\n  \"x\": 1\n}");
  assert_file (fixture, UI, "{}");
  assert_file (fixture, WORK_SETTINGS, "{\n  \"y\": 1\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
}

static void
test_empty_text_unsets_where_the_row_says_so (Fixture       *fixture,
                                              gconstpointer  unused)
{
  fixture_write (fixture, MODELS, "{\"groqSttPrompt\":\"x\",\"mainAgentName\":\"\"}");
  fixture_open (fixture);
  apply (fixture, "{\"groqSttPrompt\":\"\",\"openaiBaseUrl\":\"u\"}");
  assert_file (fixture, MODELS, "{\n  \"mainAgentName\": \"\",\n  \"openaiBaseUrl\": \"u\"\n}");
  apply (fixture, "{\"openaiBaseUrl\":\"\"}");
  assert_file (fixture, MODELS, "{\n  \"mainAgentName\": \"\",\n  \"openaiBaseUrl\": \"\"\n}");
}

static void
test_a_misplaced_key_is_moved_home (Fixture       *fixture,
                                    gconstpointer  unused)
{
  fixture_write (fixture, MCP, "{\"remoteServerPort\":4000,\"mcpAutoPasteDelay\":5}");
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":4001}");

  assert_file (fixture, MCP, "{\n  \"mcpAutoPasteDelay\": 5\n}");
  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 4001\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4001);
}

static void
test_a_workspace_key_is_written_to_the_workspace (Fixture       *fixture,
                                                  gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_write (fixture, WORK_SETTINGS,
                 "{\"remoteServerPort\":5000,\"mainAgentName\":\"work\"}");
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":5001,\"apiRetryCount\":7}");

  assert_file (fixture, WORK_SETTINGS,
               "{\n  \"remoteServerPort\": 5001,\n  \"mainAgentName\": \"work\"\n}");
  /* Only the key that was changed: nothing of the workspace leaks here. */
  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 4000,\n  \"apiRetryCount\": 7\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 5001);
}

static void
test_overridden_values_are_stored_but_do_not_leak (Fixture       *fixture,
                                                   gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  g_setenv ("OPENAI_BASE_URL", "http://env/v1", TRUE);
  fixture_make (fixture);
  g_assert_true (da_settings_override (fixture->settings, "remoteServerPort=9999", NULL));
  g_assert_true (da_settings_override (fixture->settings, "mainAgentName=cmd", NULL));
  fixture_open (fixture);
  apply (fixture, "{\"remoteServerPort\":4001,\"openaiTtsVoice\":\"nova\"}");

  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 4001\n}");
  assert_file (fixture, MODELS, "{\n  \"openaiTtsVoice\": \"nova\"\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 9999);
  g_assert_false (fixture_did_change (fixture, "remoteServerPort"));

  /* Setting what the command line says already is a change of the file all the same. */
  apply (fixture, "{\"remoteServerPort\":9999}");
  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 9999\n}");
  g_unsetenv ("OPENAI_BASE_URL");
}

static void
test_both_names_of_a_pair_are_written (Fixture       *fixture,
                                       gconstpointer  unused)
{
  fixture_open (fixture);
  apply (fixture, "{\"mcpToolsGroqModel\":\"old name\"}");
  assert_file (fixture, SETTINGS, "{\n  \"agentGroqModel\": \"old name\"\n}");
  assert_file (fixture, MCP, "{\n  \"mcpToolsGroqModel\": \"old name\"\n}");
  g_assert_true (fixture_did_change (fixture, "agentGroqModel"));
  g_assert_true (fixture_did_change (fixture, "mcpToolsGroqModel"));

  apply (fixture, "{\"mcpToolsGroqModel\":\"loses\",\"agentGroqModel\":\"wins\"}");
  assert_file (fixture, SETTINGS, "{\n  \"agentGroqModel\": \"wins\"\n}");
  assert_file (fixture, MCP, "{\n  \"mcpToolsGroqModel\": \"wins\"\n}");

  apply (fixture, "{\"agentGroqModel\":null}");
  assert_file (fixture, SETTINGS, "{}");
  assert_file (fixture, MCP, "{}");
}

static void
test_a_pair_that_drifted_apart_is_made_equal (Fixture       *fixture,
                                              gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"agentGroqModel\":\"a\"}");
  fixture_write (fixture, MCP, "{\"mcpToolsGroqModel\":\"b\"}");
  fixture_open (fixture);
  apply (fixture, "{\"agentGroqModel\":\"a\"}");

  assert_file (fixture, MCP, "{\n  \"mcpToolsGroqModel\": \"a\"\n}");
}

static void
assert_refused (Fixture    *fixture,
                const char *json,
                const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fixture_apply (fixture, json, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, name));
}

static void
test_one_wrong_value_refuses_them_all (Fixture       *fixture,
                                       gconstpointer  unused)
{
  fixture_open (fixture);
  assert_refused (fixture, "{\"remoteServerPort\":4000,\"apiRetryCount\":\"x\"}", "apiRetryCount");
  assert_refused (fixture, "{\"remoteServerPort\":4000,\"nope\":1}", "nope");
  assert_refused (fixture, "{\"remoteServerPort\":4000,\"openaiApiKey\":\"k\"}", "openaiApiKey");
  assert_refused (fixture, "{\"remoteServerPort\":4000,\"openaiApiKey\":null}", "openaiApiKey");

  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_false (fixture_has (fixture, "home"));
}

/* The order of the files is not fixed, so whichever comes later must take the earlier back. Each
 * file takes four steps: write, fsync, rename, fsync of the folder. */
static void
test_a_failure_at_any_step_leaves_every_file_as_it_was (Fixture       *fixture,
                                                        gconstpointer  unused)
{
  static const int errors[] = { ENOSPC, EACCES, EIO };
  guint failures = 0;

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_write (fixture, MODELS, "{\"openaiTtsVoice\":\"echo\"}");
  fixture_open (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    for (guint nth = 1; nth <= 12; nth++)
      {
        g_autoptr (GError) error = NULL;
        gboolean is_done;

        da_atomic_file_fail_nth (nth, errors[i]);
        is_done = fixture_apply (fixture, "{\"remoteServerPort\":4001,\"openaiTtsVoice\":\"nova\","
                                          "\"themePreference\":\"dark\"}", &error);
        da_atomic_file_fail_nth (0, 0);
        g_assert_false (is_done);
        failures++;
        if (errors[i] == ENOSPC)
          g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
        else
          g_assert_cmpint (error->domain, ==, G_IO_ERROR);
        assert_file (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
        assert_file (fixture, MODELS, "{\"openaiTtsVoice\":\"echo\"}");
        g_assert_false (fixture_has (fixture, UI));
        g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4000);
        g_assert_cmpstr (da_settings_get_string (fixture->settings, "themePreference"), ==,
                         "system");
      }
  g_assert_cmpuint (failures, ==, 36);
  g_assert_cmpuint (fixture->changed->len, ==, 0);

  apply (fixture, "{\"remoteServerPort\":4001,\"openaiTtsVoice\":\"nova\"}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4001);
}

static void
test_a_file_we_cannot_hold_is_never_overwritten (Fixture       *fixture,
                                                 gconstpointer  unused)
{
  const char *text = "{\"remoteServerPort\":4000,\"twice\":1,\"twice\":2}";
  g_autoptr (GError) error = NULL;

  fixture_write (fixture, SETTINGS, text);
  fixture_open (fixture);
  fixture_assert_problem (fixture, SETTINGS, "not used", NULL);
  g_assert_false (fixture_apply (fixture, "{\"remoteServerPort\":4001}", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, SETTINGS));
  assert_file (fixture, SETTINGS, text);
}

/* Another program wrote between our last look and our write, and no signal has reached us yet. */
static void
test_a_key_another_program_has_just_written_is_kept (Fixture       *fixture,
                                                     gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000,\"apiRetryCount\":9,\"new\":1}");
  apply (fixture, "{\"remoteServerPort\":4001}");

  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 4001,\n  \"apiRetryCount\": 9,\n"
                                  "  \"new\": 1\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "apiRetryCount"), ==, 9);
  g_assert_true (fixture_did_change (fixture, "apiRetryCount"));
}

static void
test_writes_take_effect_in_the_order_they_were_asked_for (Fixture       *fixture,
                                                          gconstpointer  unused)
{
  g_autoptr (GAsyncResult) result = NULL;

  fixture_open (fixture);
  for (int port = 4000; port < 4020; port++)
    da_settings_set (fixture->settings, "remoteServerPort",
                     json_node_init_int (json_node_alloc (), port));
  /* Equal to what counts now, but not to what is on its way. */
  da_settings_set (fixture->settings, "remoteServerPort",
                   json_node_init_int (json_node_alloc (), 3210));
  da_settings_flush_async (fixture->settings, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_true (da_settings_flush_finish (fixture->settings, result, NULL));

  assert_file (fixture, SETTINGS, "{\n  \"remoteServerPort\": 3210\n}");
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_cmpuint (fixture->changed->len, ==, 21);
}

static void
test_a_failing_set_is_logged (Fixture       *fixture,
                              gconstpointer  unused)
{
  g_autoptr (GAsyncResult) result = NULL;

  fixture_open (fixture);
  g_test_expect_message ("da-settings-apply", G_LOG_LEVEL_WARNING,
                         "remoteServerPort was not changed:*from 1 to 65535*");
  da_settings_set (fixture->settings, "remoteServerPort",
                   json_node_init_int (json_node_alloc (), 0));
  da_settings_flush_async (fixture->settings, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_test_drain ();
  g_test_assert_expected_messages ();
}

static void
test_a_cancelled_apply_writes_nothing (Fixture       *fixture,
                                       gconstpointer  unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                         (GDestroyNotify) json_node_unref);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_cancellable_cancel (cancellable);
  g_hash_table_insert (values, (gpointer) "remoteServerPort",
                       json_node_init_int (json_node_alloc (), 4000));
  da_settings_apply_async (fixture->settings, values, cancellable, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_false (da_settings_apply_finish (fixture->settings, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (fixture_has (fixture, "home"));
}

typedef struct {
  Fixture *fixture;
  gint64   seen;
} Nested;

static void
on_port_changed (DaSettings          *settings,
                 const DaSettingSpec *spec,
                 gpointer             user_data)
{
  Nested *nested = user_data;

  nested->seen = da_settings_get_int (settings, "remoteServerPort");
  if (nested->seen == 4000)
    da_settings_set (settings, "remoteServerPort", json_node_init_int (json_node_alloc (), 4001));
}

static void
test_a_handler_may_change_settings_itself (Fixture       *fixture,
                                           gconstpointer  unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  Nested nested = { fixture, 0 };

  fixture_open (fixture);
  g_signal_connect (fixture->settings, "changed::remoteServerPort", G_CALLBACK (on_port_changed),
                    &nested);
  apply (fixture, "{\"remoteServerPort\":4000,\"apiRetryCount\":1}");
  da_settings_flush_async (fixture->settings, da_test_async_cb, &result);
  da_test_run_async (&result);

  g_assert_cmpint (nested.seen, ==, 4001);
  assert_file (fixture, SETTINGS, "{\n  \"apiRetryCount\": 1,\n  \"remoteServerPort\": 4001\n}");
}

static void
test_without_a_private_file_pins_have_no_place (Fixture       *fixture,
                                                gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;

  fixture->settings = da_settings_new (fixture->agents, NULL, NULL);
  fixture_open (fixture);
  g_assert_false (fixture_apply (fixture, "{\"pinnedSessionIds\":[\"a\"]}", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_UNAVAILABLE);
}

static void
test_a_borrowed_text_outlives_changes_of_other_settings (Fixture       *fixture,
                                                         gconstpointer  unused)
{
  const char *name;
  const char *const *origins;

  fixture_write (fixture, SETTINGS, "{\"mainAgentName\":\"stay\","
                                    "\"remoteServerCorsOrigins\":[\"a\"]}");
  fixture_open (fixture);
  name = da_settings_get_string (fixture->settings, "mainAgentName");
  origins = da_settings_get_strv (fixture->settings, "remoteServerCorsOrigins");
  apply (fixture, "{\"remoteServerPort\":4000}");
  g_assert_true (name == da_settings_get_string (fixture->settings, "mainAgentName"));
  g_assert_true (origins == da_settings_get_strv (fixture->settings, "remoteServerCorsOrigins"));
  g_assert_cmpstr (name, ==, "stay");
}

#define ADD(name, func) FIXTURE_ADD ("/settings/write/" name, func)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  ADD ("the-first-write-makes-private-files", test_the_first_write_makes_private_files);
  ADD ("everything-else-in-the-file-stays", test_everything_else_in_the_file_stays);
  ADD ("the-mode-and-the-link-of-a-file-are-kept", test_the_mode_and_the_link_of_a_file_are_kept);
  ADD ("what-does-not-change-is-not-written", test_what_does_not_change_is_not_written);
  ADD ("a-reset-removes-the-key-everywhere", test_a_reset_removes_the_key_everywhere);
  ADD ("empty-text-unsets-where-the-row-says-so", test_empty_text_unsets_where_the_row_says_so);
  ADD ("a-misplaced-key-is-moved-home", test_a_misplaced_key_is_moved_home);
  ADD ("a-workspace-key-is-written-to-the-workspace",
       test_a_workspace_key_is_written_to_the_workspace);
  ADD ("overridden-values-are-stored-but-do-not-leak",
       test_overridden_values_are_stored_but_do_not_leak);
  ADD ("both-names-of-a-pair-are-written", test_both_names_of_a_pair_are_written);
  ADD ("a-pair-that-drifted-apart-is-made-equal", test_a_pair_that_drifted_apart_is_made_equal);
  ADD ("one-wrong-value-refuses-them-all", test_one_wrong_value_refuses_them_all);
  ADD ("a-failure-at-any-step-leaves-every-file-as-it-was",
       test_a_failure_at_any_step_leaves_every_file_as_it_was);
  ADD ("a-file-we-cannot-hold-is-never-overwritten",
       test_a_file_we_cannot_hold_is_never_overwritten);
  ADD ("a-key-another-program-has-just-written-is-kept",
       test_a_key_another_program_has_just_written_is_kept);
  ADD ("writes-take-effect-in-the-order-they-were-asked-for",
       test_writes_take_effect_in_the_order_they_were_asked_for);
  ADD ("a-failing-set-is-logged", test_a_failing_set_is_logged);
  ADD ("a-cancelled-apply-writes-nothing", test_a_cancelled_apply_writes_nothing);
  ADD ("a-handler-may-change-settings-itself", test_a_handler_may_change_settings_itself);
  ADD ("without-a-private-file-pins-have-no-place",
       test_without_a_private_file_pins_have_no_place);
  ADD ("a-borrowed-text-outlives-changes-of-other-settings",
       test_a_borrowed_text_outlives_changes_of_other_settings);

  return g_test_run ();
}
