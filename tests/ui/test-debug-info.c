/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-debug-info"

#include "da-debug-info.h"

#include <string.h>

#include "da-model-presets.h"
#include "da-test-util.h"
#include "ui-sample.h"

static void
test_settings (void)
{
  g_autofree char *root = da_test_make_dir ();
  DaEngine *engine = ui_sample_engine (root);
  g_autoptr(GHashTable) values = da_model_presets_new_values ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) model = g_string_new ("\"");
  g_autofree char *info = NULL;

  /* After the quote, a cut at any even number of bytes would halve a character. */
  for (guint i = 0; i < 250; i++)
    g_string_append (model, "ü");
  g_string_append_c (model, '"');
  g_hash_table_insert (values, g_strdup ("agentGroqModel"), json_from_string (model->str, NULL));
  g_hash_table_insert (values, g_strdup ("agentSystemPrompt"),
                       json_from_string ("\"You are the aide of Ms Rossi\"", NULL));
  g_hash_table_insert (values, g_strdup ("predefinedPrompts"),
                       json_from_string ("[{\"id\":\"1\",\"name\":\"Rossi\",\"content\":\"\"}]",
                                         NULL));
  g_hash_table_insert (values, g_strdup ("openaiBaseUrl"),
                       json_from_string ("\"https://rossi.example/v1\"", NULL));
  g_hash_table_insert (values, g_strdup ("agentProviderId"), json_from_string ("\"groq\"", NULL));
  g_hash_table_insert (values, g_strdup ("apiRetryCount"), json_from_string ("7", NULL));
  da_settings_apply_async (da_engine_get_settings (engine), values, NULL, da_test_async_cb,
                           &result);
  da_test_run_async (&result);
  da_settings_apply_finish (da_engine_get_settings (engine), result, &error);
  g_assert_no_error (error);
  info = da_debug_info_dup (engine);
  g_assert_true (g_utf8_validate (info, -1, NULL));
  g_assert_nonnull (strstr (info, "agentGroqModel = \"üüü"));
  g_assert_nonnull (strstr (info, "agentSystemPrompt = (set) ("));
  g_assert_nonnull (strstr (info, "predefinedPrompts = (set) ("));
  g_assert_nonnull (strstr (info, "openaiBaseUrl = (set) ("));
  g_assert_nonnull (strstr (info, "agentProviderId = \"groq\" ("));
  g_assert_nonnull (strstr (info, "apiRetryCount = 7 ("));
  g_assert_null (strstr (info, "ossi"));
  ui_sample_engine_stop (engine);
  da_test_remove_tree (root);
}

static void
test_without_engine (void)
{
  g_autofree char *info = da_debug_info_dup (NULL);

  g_assert_nonnull (strstr (info, "GTK 4."));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  g_test_add_func ("/ui/debug-info/free-text-stays-here", test_settings);
  g_test_add_func ("/ui/debug-info/without-engine", test_without_engine);
  return g_test_run ();
}
