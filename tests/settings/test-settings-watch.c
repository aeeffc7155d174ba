/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-watch"

#include "da-settings.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "settings-test-util.h"

#define SETTINGS "home/.agents/dotagents-settings.json"
#define UI "home/.agents/layouts/ui.json"
#define WORK_SETTINGS "work/.agents/dotagents-settings.json"

/* Well over the debounce: only to show that something does not happen. */
#define QUIET_MS 700

typedef struct {
  Fixture *fixture;
  gint64   port;
} Wanted;

static gboolean
has_port (gpointer user_data)
{
  Wanted *wanted = user_data;

  return da_settings_get_int (wanted->fixture->settings, "remoteServerPort") == wanted->port;
}

static void
await_port (Fixture *fixture,
            gint64   port)
{
  Wanted wanted = { fixture, port };

  da_test_await (has_port, &wanted);
}

static gboolean
has_problem (gpointer user_data)
{
  Fixture *fixture = user_data;

  return da_settings_get_problems (fixture->settings)[0] != NULL;
}

static gboolean
has_no_problem (gpointer user_data)
{
  return !has_problem (user_data);
}

static void
test_a_change_by_another_program_is_picked_up (Fixture       *fixture,
                                               gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4001,\"remoteServerEnabled\":false}");
  await_port (fixture, 4001);

  g_assert_cmpuint (fixture->changed->len, ==, 1);
  g_assert_true (fixture_did_change (fixture, "remoteServerPort"));
}

static void
test_a_file_written_in_place_is_picked_up (Fixture       *fixture,
                                           gconstpointer  unused)
{
  g_autofree char *path = g_build_filename (fixture->root, SETTINGS, NULL);
  g_autoptr (GError) error = NULL;

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  g_file_set_contents_full (path, "{\"remoteServerPort\":4001}", -1, G_FILE_SET_CONTENTS_NONE,
                            0600, &error);
  g_assert_no_error (error);
  await_port (fixture, 4001);
}

static void
test_a_file_that_is_deleted_gives_the_defaults_back (Fixture       *fixture,
                                                     gconstpointer  unused)
{
  g_autofree char *path = g_build_filename (fixture->root, SETTINGS, NULL);

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  g_assert_cmpint (g_unlink (path), ==, 0);
  await_port (fixture, 3210);
}

static void
test_folders_made_later_are_noticed (Fixture       *fixture,
                                     gconstpointer  unused)
{
  fixture_open (fixture);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  await_port (fixture, 4000);
  fixture_write (fixture, WORK_SETTINGS, "{\"remoteServerPort\":5000}");
  await_port (fixture, 5000);

  /* From now on the folders themselves are watched. */
  fixture_write (fixture, WORK_SETTINGS, "{}");
  await_port (fixture, 4000);
  fixture_write (fixture, UI, "{\"remoteServerPort\":4002}");
  await_port (fixture, 4002);
}

static void
test_a_folder_that_is_deleted_and_made_again_is_watched_again (Fixture       *fixture,
                                                               gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  da_test_remove_tree (fixture->agents);
  await_port (fixture, 3210);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4001}");
  await_port (fixture, 4001);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4002}");
  await_port (fixture, 4002);
}

/* All of it within one debounce. On many file systems the new folder has the number of the old. */
static void
test_a_folder_that_is_replaced_at_once_is_watched_again (Fixture       *fixture,
                                                         gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_write (fixture, UI, "{}");
  fixture_open (fixture);
  for (int i = 1; i <= 3; i++)
    {
      g_autofree char *first = g_strdup_printf ("{\"remoteServerPort\":%d}", 4000 + 10 * i);
      g_autofree char *second = g_strdup_printf ("{\"remoteServerPort\":%d}", 4001 + 10 * i);
      g_autofree char *third = g_strdup_printf ("{\"remoteServerPort\":%d}", 4002 + 10 * i);

      da_test_remove_tree (fixture->agents);
      fixture_write (fixture, SETTINGS, first);
      fixture_write (fixture, UI, "{}");
      await_port (fixture, 4000 + 10 * i);
      fixture_write (fixture, SETTINGS, second);
      await_port (fixture, 4001 + 10 * i);
      fixture_write (fixture, UI, third);
      await_port (fixture, 4002 + 10 * i);
    }
}

static void
test_the_target_of_a_link_is_watched (Fixture       *fixture,
                                      gconstpointer  unused)
{
  g_autofree char *target = g_build_filename (fixture->root, "dotfiles", "s.json", NULL);
  g_autofree char *link = g_build_filename (fixture->root, SETTINGS, NULL);

  fixture_write (fixture, "dotfiles/s.json", "{\"remoteServerPort\":4000}");
  g_assert_cmpint (g_mkdir_with_parents (fixture->agents, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  fixture_open (fixture);
  fixture_write (fixture, "dotfiles/s.json", "{\"remoteServerPort\":4001}");
  await_port (fixture, 4001);
}

static void
on_logged (const char     *domain,
           GLogLevelFlags  level,
           const char     *message,
           gpointer        user_data)
{
  if (strstr (message, "was changed by another program") != NULL)
    (*(guint *) user_data)++;
}

static void
test_an_own_write_changes_nothing_twice (Fixture       *fixture,
                                         gconstpointer  unused)
{
  g_autoptr (GError) error = NULL;
  guint n_foreign = 0;
  guint handler = g_log_set_handler ("da-settings-reload", G_LOG_LEVEL_INFO, on_logged, &n_foreign);

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  g_assert_true (fixture_apply (fixture, "{\"remoteServerPort\":4001,\"themePreference\":\"dark\"}",
                                &error));
  g_assert_cmpuint (fixture->changed->len, ==, 2);
  da_test_iterate_for (QUIET_MS);
  g_assert_cmpuint (fixture->changed->len, ==, 2);
  g_assert_cmpuint (n_foreign, ==, 0);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4002}");
  await_port (fixture, 4002);
  g_assert_cmpuint (n_foreign, ==, 1);
  g_assert_cmpuint (fixture->changed->len, ==, 3);
  g_log_remove_handler ("da-settings-reload", handler);
}

static void
test_the_same_values_in_another_form_signal_nothing (Fixture       *fixture,
                                                     gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000,\"mainAgentName\":\"a\"}");
  fixture_open (fixture);
  fixture_write (fixture, SETTINGS, "{ \"mainAgentName\":\"\\u0061\",\n\"remoteServerPort\":4000.0,"
                                    "\"apiRetryCount\":\"wrong\" }");
  da_test_await (has_problem, fixture);
  g_assert_cmpuint (fixture->changed->len, ==, 0);
}

static void
test_problems_are_told_anew_at_each_reload (Fixture       *fixture,
                                            gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":0}");
  fixture_open (fixture);
  fixture_assert_problem (fixture, "remoteServerPort", NULL);
  fixture_write (fixture, SETTINGS, "{\"apiRetryCount\":-1,\"remoteServerPort\":4000}");
  await_port (fixture, 4000);
  fixture_assert_problem (fixture, "apiRetryCount", NULL);
  g_assert_null (da_settings_get_problems (fixture->settings)[1]);
  fixture_write (fixture, SETTINGS, "{}");
  da_test_await (has_no_problem, fixture);
}

/* A program that writes in place is seen half way: what was good stays until it is done. */
static void
test_a_half_written_file_changes_nothing (Fixture       *fixture,
                                          gconstpointer  unused)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000,\"mainAgentName\":\"keep\"}");
  fixture_open (fixture);
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":40");
  da_test_await (has_problem, fixture);
  fixture_assert_problem (fixture, SETTINGS, "not valid JSON", NULL);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 4000);
  g_assert_cmpuint (fixture->changed->len, ==, 0);
  text = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (text, ==, "{\"remoteServerPort\":40");

  /* A write of our own meanwhile starts from the last good content. */
  g_assert_true (fixture_apply (fixture, "{\"remoteServerPort\":4001}", &error));
  g_free (text);
  text = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (text, ==,
                   "{\n  \"remoteServerPort\": 4001,\n  \"mainAgentName\": \"keep\"\n}");
  fixture_assert_no_problems (fixture);

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4002}");
  await_port (fixture, 4002);
}

static void
test_other_files_in_the_folder_are_no_concern_of_ours (Fixture       *fixture,
                                                       gconstpointer  unused)
{
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  fixture_write (fixture, "home/.agents/agents/a/agent.md", "x");
  fixture_write (fixture, "home/.agents/notes.txt", "x");
  da_test_iterate_for (QUIET_MS);
  g_assert_cmpuint (fixture->changed->len, ==, 0);
  fixture_assert_no_problems (fixture);
}

static void
test_a_reload_on_demand_reads_the_private_file_too (Fixture       *fixture,
                                                    gconstpointer  unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  fixture_write (fixture, "data/settings.json", "{\"pinnedSessionIds\":[\"a\"]}");
  da_settings_reload_async (fixture->settings, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_true (da_settings_reload_finish (fixture->settings, result, &error));
  g_assert_cmpstr (da_settings_get_strv (fixture->settings, "pinnedSessionIds")[0], ==, "a");
  g_assert_true (fixture_did_change (fixture, "pinnedSessionIds"));
}

#define ADD(name, func) FIXTURE_ADD ("/settings/watch/" name, func)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  ADD ("a-change-by-another-program-is-picked-up", test_a_change_by_another_program_is_picked_up);
  ADD ("a-file-written-in-place-is-picked-up", test_a_file_written_in_place_is_picked_up);
  ADD ("a-file-that-is-deleted-gives-the-defaults-back",
       test_a_file_that_is_deleted_gives_the_defaults_back);
  ADD ("folders-made-later-are-noticed", test_folders_made_later_are_noticed);
  ADD ("a-folder-that-is-deleted-and-made-again-is-watched-again",
       test_a_folder_that_is_deleted_and_made_again_is_watched_again);
  ADD ("a-folder-that-is-replaced-at-once-is-watched-again",
       test_a_folder_that_is_replaced_at_once_is_watched_again);
  ADD ("the-target-of-a-link-is-watched", test_the_target_of_a_link_is_watched);
  ADD ("an-own-write-changes-nothing-twice", test_an_own_write_changes_nothing_twice);
  ADD ("the-same-values-in-another-form-signal-nothing",
       test_the_same_values_in_another_form_signal_nothing);
  ADD ("problems-are-told-anew-at-each-reload", test_problems_are_told_anew_at_each_reload);
  ADD ("a-half-written-file-changes-nothing", test_a_half_written_file_changes_nothing);
  ADD ("other-files-in-the-folder-are-no-concern-of-ours",
       test_other_files_in_the_folder_are_no_concern_of_ours);
  ADD ("a-reload-on-demand-reads-the-private-file-too",
       test_a_reload_on_demand_reads_the_private_file_too);

  return g_test_run ();
}
