/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings-backup"

#include "da-settings.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-clock.h"
#include "settings-test-util.h"

#define SETTINGS "home/.agents/dotagents-settings.json"
#define BACKUPS "home/.agents/.backups"

static void
set_port (Fixture *fixture,
          int      port)
{
  g_autofree char *json = g_strdup_printf ("{\"remoteServerPort\":%d}", port);
  g_autoptr (GError) error = NULL;

  fixture_apply (fixture, json, &error);
  g_assert_no_error (error);
}

/* "dotagents-settings.json.<12 digits>." for the path in this fixture. */
static char *
dup_prefix (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->root, SETTINGS, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, path, -1);

  digest[12] = '\0';
  return g_strdup_printf ("dotagents-settings.json.%s.", digest);
}

static void
put_backup (Fixture    *fixture,
            const char *stamp,
            const char *text)
{
  g_autofree char *prefix = dup_prefix (fixture);
  g_autofree char *relative = g_strdup_printf (BACKUPS "/%s%s.bak", prefix, stamp);

  fixture_write (fixture, relative, text);
}

/* Contract 20 A.6 has this path hash in its example. */
static void
test_the_name_of_a_backup_is_that_of_the_contract (Fixture       *fixture,
                                                   gconstpointer  unused)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *prefix = dup_prefix (fixture);
  g_autofree char *relative = NULL;
  g_autofree char *text = NULL;
  const char *stamp;

  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\":4000}");
  fixture_open (fixture);
  set_port (fixture, 4001);

  names = fixture_list (fixture, BACKUPS);
  g_assert_cmpuint (names->len, ==, 1);
  g_assert_true (g_str_has_prefix (names->pdata[0], prefix));
  stamp = (const char *) names->pdata[0] + strlen (prefix);
  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d-\\d{3}Z\\.bak$",
                                       stamp, 0, 0));
  relative = g_build_filename (BACKUPS, names->pdata[0], NULL);
  text = fixture_read (fixture, relative);
  g_assert_cmpstr (text, ==, "{\"remoteServerPort\":4000}");
  g_assert_cmpint (fixture_mode (fixture, relative), ==, 0600);
  g_assert_cmpint (fixture_mode (fixture, BACKUPS), ==, 0700);
}

static void
test_a_new_file_and_an_unchanged_one_make_no_backup (Fixture       *fixture,
                                                     gconstpointer  unused)
{
  fixture_open (fixture);
  set_port (fixture, 4000);
  set_port (fixture, 4000);
  g_assert_false (fixture_has (fixture, BACKUPS));
}

static void
test_ten_backups_are_kept_and_those_of_others_too (Fixture       *fixture,
                                                   gconstpointer  unused)
{
  g_autoptr (GPtrArray) names = NULL;
  guint ours = 0;
  gboolean has_first = FALSE;

  fixture_write (fixture, BACKUPS "/dotagents-settings.json.000000000000.2020.bak", "{}");
  fixture_write (fixture, BACKUPS "/unrelated.txt", "x");
  put_backup (fixture, "2020-01-01T00-00-00-000Z", "{}");
  fixture_open (fixture);
  for (int i = 0; i < 15; i++)
    {
      set_port (fixture, 4000 + i);
      /* A name has milliseconds: without this two writes could share one. */
      da_clock_set_offset ((i + 1) * 1000, 0);
    }
  da_clock_set_offset (0, 0);

  names = fixture_list (fixture, BACKUPS);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *prefix = dup_prefix (fixture);

      ours += g_str_has_prefix (names->pdata[i], prefix) ? 1 : 0;
      has_first = has_first || strstr (names->pdata[i], "2020-01-01") != NULL;
    }
  g_assert_cmpuint (ours, ==, 10);
  g_assert_false (has_first);
  g_assert_cmpuint (names->len, ==, 12);
}

static void
test_a_damaged_file_comes_back_from_the_newest_good_backup (Fixture       *fixture,
                                                            gconstpointer  unused)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) names = NULL;
  gboolean has_kept = FALSE;

  put_backup (fixture, "2026-01-01T00-00-00-000Z", "{\"remoteServerPort\":1}");
  put_backup (fixture, "2026-01-02T00-00-00-000Z", "{\"remoteServerPort\":2}");
  put_backup (fixture, "2026-01-03T00-00-00-000Z", "{\"remoteServerPort\":3");
  put_backup (fixture, "2026-01-04T00-00-00-000Z", "[]");
  fixture_write (fixture, SETTINGS, "{\"remoteServerPort\": 4000,");
  fixture_open (fixture);

  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 2);
  text = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (text, ==, "{\"remoteServerPort\":2}");
  fixture_assert_problem (fixture, SETTINGS, "not valid JSON", "2026-01-02T00-00-00-000Z", NULL);

  /* The damaged text is kept as a backup itself. */
  names = fixture_list (fixture, BACKUPS);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *relative = g_build_filename (BACKUPS, names->pdata[i], NULL);
      g_autofree char *kept = fixture_read (fixture, relative);

      has_kept = has_kept || g_str_equal (kept, "{\"remoteServerPort\": 4000,");
    }
  g_assert_true (has_kept);

  /* Restored once, the next start finds nothing wrong. */
  fixture_close (fixture);
  fixture_open (fixture);
  fixture_assert_no_problems (fixture);
}

static void
test_every_kind_of_damage_is_repaired (Fixture       *fixture,
                                       gconstpointer  unused)
{
  static const char *const damages[] = {
    "", " \n", "{", "{\"a\":1}{", "{'a':1}", "// c\n{}", "{\"a\":\"\xff\xfe\"}", "<html>",
    "{\"a\":01}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      put_backup (fixture, "2026-01-02T00-00-00-000Z", "{\"remoteServerPort\":2}");
      fixture_write (fixture, SETTINGS, damages[i]);
      fixture_open (fixture);
      g_test_message ("%s", da_settings_get_problems (fixture->settings)[0]);
      g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 2);
      fixture_assert_problem (fixture, SETTINGS, "put in its place", NULL);
      fixture_close (fixture);
    }
}

/* JSON that other programs may well read: putting an old backup in its place would lose data. */
static void
test_json_that_is_only_too_much_for_us_is_left_alone (Fixture       *fixture,
                                                      gconstpointer  unused)
{
  g_autofree char *open_brackets = g_strnfill (100, '[');
  g_autofree char *close_brackets = g_strnfill (100, ']');
  g_autofree char *deep = g_strdup_printf ("{\"a\":%s%s}", open_brackets, close_brackets);
  const char *const texts[] = {
    deep, "{\"a\":1,\"a\":2}", "{\"a\":1e999}", "{\"a\":123456789012345678901234567890}",
    "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}",
  };

  put_backup (fixture, "2026-01-02T00-00-00-000Z", "{\"remoteServerPort\":2}");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = NULL;

      fixture_write (fixture, SETTINGS, texts[i]);
      fixture_open (fixture);
      g_test_message ("%s", da_settings_get_problems (fixture->settings)[0]);
      fixture_assert_problem (fixture, SETTINGS, "is not used", NULL);
      g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
      text = fixture_read (fixture, SETTINGS);
      g_assert_cmpstr (text, ==, texts[i]);
      fixture_close (fixture);
    }
}

static void
test_a_missing_file_is_not_restored (Fixture       *fixture,
                                     gconstpointer  unused)
{
  put_backup (fixture, "2026-01-02T00-00-00-000Z", "{\"remoteServerPort\":2}");
  fixture_open (fixture);

  fixture_assert_no_problems (fixture);
  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 3210);
  g_assert_false (fixture_has (fixture, SETTINGS));
}

static void
test_damage_without_a_backup_counts_as_empty_and_is_kept_at_the_next_write (Fixture       *fixture,
                                                                            gconstpointer  unused)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *relative = NULL;
  g_autofree char *kept = NULL;
  g_autoptr (GPtrArray) names = NULL;

  fixture_write (fixture, SETTINGS, "{oops");
  fixture_open (fixture);
  fixture_assert_problem (fixture, SETTINGS, "taken as empty", NULL);
  before = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (before, ==, "{oops");

  set_port (fixture, 4000);
  after = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (after, ==, "{\n  \"remoteServerPort\": 4000\n}");
  fixture_assert_no_problems (fixture);
  names = fixture_list (fixture, BACKUPS);
  g_assert_cmpuint (names->len, ==, 1);
  relative = g_build_filename (BACKUPS, names->pdata[0], NULL);
  kept = fixture_read (fixture, relative);
  g_assert_cmpstr (kept, ==, "{oops");
}

static void
test_a_backup_that_cannot_be_put_back_is_used_all_the_same (Fixture       *fixture,
                                                            gconstpointer  unused)
{
  g_autofree char *text = NULL;

  put_backup (fixture, "2026-01-02T00-00-00-000Z", "{\"remoteServerPort\":2,\"x\":1}");
  fixture_write (fixture, SETTINGS, "{oops");
  da_atomic_file_fail_nth (1, ENOSPC);
  fixture_open (fixture);
  da_atomic_file_fail_nth (0, 0);

  g_assert_cmpint (da_settings_get_int (fixture->settings, "remoteServerPort"), ==, 2);
  fixture_assert_problem (fixture, SETTINGS, "cannot be put in its place", NULL);

  /* The next write brings back what the backup held. */
  set_port (fixture, 4000);
  text = fixture_read (fixture, SETTINGS);
  g_assert_cmpstr (text, ==, "{\n  \"remoteServerPort\": 4000,\n  \"x\": 1\n}");
}

static void
test_what_stood_in_a_damaged_file_is_not_quoted (Fixture       *fixture,
                                                 gconstpointer  unused)
{
  fixture_write (fixture, "home/.agents/models.json",
                 "{\"openaiApiKey\": sk-abcdefghijklmnopqrstuvwxyz0123456789}");
  fixture_open (fixture);

  g_assert_nonnull (da_settings_get_problems (fixture->settings)[0]);
  g_assert_null (strstr (da_settings_get_problems (fixture->settings)[0], "abcdefghijklm"));
}

#define ADD(name, func) FIXTURE_ADD ("/settings/backup/" name, func)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  ADD ("the-name-of-a-backup-is-that-of-the-contract",
       test_the_name_of_a_backup_is_that_of_the_contract);
  ADD ("a-new-file-and-an-unchanged-one-make-no-backup",
       test_a_new_file_and_an_unchanged_one_make_no_backup);
  ADD ("ten-backups-are-kept-and-those-of-others-too",
       test_ten_backups_are_kept_and_those_of_others_too);
  ADD ("a-damaged-file-comes-back-from-the-newest-good-backup",
       test_a_damaged_file_comes_back_from_the_newest_good_backup);
  ADD ("every-kind-of-damage-is-repaired", test_every_kind_of_damage_is_repaired);
  ADD ("json-that-is-only-too-much-for-us-is-left-alone",
       test_json_that_is_only_too_much_for_us_is_left_alone);
  ADD ("a-missing-file-is-not-restored", test_a_missing_file_is_not_restored);
  ADD ("damage-without-a-backup-counts-as-empty-and-is-kept-at-the-next-write",
       test_damage_without_a_backup_counts_as_empty_and_is_kept_at_the_next_write);
  ADD ("a-backup-that-cannot-be-put-back-is-used-all-the-same",
       test_a_backup_that_cannot_be_put_back_is_used_all_the_same);
  ADD ("what-stood-in-a-damaged-file-is-not-quoted",
       test_what_stood_in_a_damaged_file_is_not_quoted);

  return g_test_run ();
}
