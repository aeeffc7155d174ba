/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-print"

#include "da-settings.h"

#include <string.h>

#include "settings-test-util.h"

#define SETTINGS "home/.agents/dotagents-settings.json"
#define MODELS "home/.agents/models.json"
#define MCP "home/.agents/mcp.json"

/* (transfer full): the line of one setting. */
static char *
find_line (const char *text,
           const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *start = g_strconcat (name, " ", NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], start))
      return g_strdup (lines[i]);
  g_error ("no line for %s", name);
}

static void
assert_line (const char *text,
             const char *name,
             ...)
{
  g_autofree char *line = find_line (text, name);
  const char *part;
  va_list args;

  va_start (args, name);
  while ((part = va_arg (args, const char *)) != NULL)
    if (strstr (line, part) == NULL)
      g_error ("“%s” is not in “%s”", part, line);
  va_end (args);
}

static void
test_every_setting_has_its_line (Fixture       *fixture,
                                 gconstpointer  unused)
{
  g_autofree char *text = NULL;
  g_autofree char *file = g_build_filename (fixture->root, SETTINGS, NULL);
  guint n;
  const DaSettingSpec *all = da_setting_spec_all (&n);

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  g_setenv ("OPENAI_BASE_URL", "http://env/v1", TRUE);
  fixture_make (fixture);
  g_assert_true (da_settings_override (fixture->settings, "apiRetryCount=2", NULL));
  fixture_open (fixture);
  text = da_settings_print (fixture->settings);
  g_unsetenv ("OPENAI_BASE_URL");

  for (guint i = 0; i < n; i++)
    assert_line (text, all[i].name, all[i].summary, NULL);
  assert_line (text, "remoteServerPort", " 4000 ", "global (", file, "from 1 to 65535",
               "Port of the server", NULL);
  assert_line (text, "openaiBaseUrl", "\"http://env/v1\"", "environment (OPENAI_BASE_URL)", NULL);
  assert_line (text, "apiRetryCount", " 2 ", "command line", NULL);
  assert_line (text, "remoteServerEnabled", " false ", "default", "true or false", NULL);
  assert_line (text, "agentGroqModel", "(not set)", "default", NULL);
  assert_line (text, "transcriptPostProcessingPrompt", "…", NULL);
}

static void
test_no_secret_is_printed (Fixture       *fixture,
                           gconstpointer  unused)
{
  g_autofree char *text = NULL;

  fixture_write (fixture, MODELS,
                 "{\"openaiApiKey\":\"SECRET1\",\"remoteServerApiKey\":\"SECRET2\","
                 "\"modelPresets\":[{\"id\":\"x\",\"apiKey\":\"SECRET3\"}]}");
  fixture_write (fixture, MCP,
                 "{\"mcpConfig\":{\"mcpServers\":{\"a\":{\"env\":{\"K\":\"SECRET4\"}}}}}");
  fixture_open (fixture);
  text = da_settings_print (fixture->settings);

  g_assert_null (strstr (text, "SECRET"));
  assert_line (text, "openaiApiKey", "(secret)", NULL);
  assert_line (text, "modelPresets", "(list, 1)", NULL);
  assert_line (text, "mcpConfig", "(object, 1)", NULL);
}

static void
test_columns_are_aligned (Fixture       *fixture,
                          gconstpointer  unused)
{
  g_autofree char *text = NULL;
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  fixture_write (fixture, SETTINGS, "{\"mainAgentName\":\"größer als ä\"}");
  fixture_open (fixture);
  text = da_settings_print (fixture->settings);
  a = find_line (text, "mainAgentName");
  b = find_line (text, "remoteServerEnabled");
  g_assert_cmpint (g_utf8_pointer_to_offset (a, strstr (a, "global (")), ==,
                   g_utf8_pointer_to_offset (b, strstr (b, "default")));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  FIXTURE_ADD ("/settings/print/every-setting-has-its-line", test_every_setting_has_its_line);
  FIXTURE_ADD ("/settings/print/no-secret-is-printed", test_no_secret_is_printed);
  FIXTURE_ADD ("/settings/print/columns-are-aligned", test_columns_are_aligned);

  return g_test_run ();
}
