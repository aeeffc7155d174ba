/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-clock"

#include "da-clock.h"

static void
assert_iso (gint64      ms,
            const char *wanted)
{
  g_autofree char *text = da_clock_format_iso (ms);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_iso (void)
{
  assert_iso (0, "1970-01-01T00:00:00.000Z");
  assert_iso (G_GINT64_CONSTANT (1795335204446), "2026-11-22T08:13:24.446Z");
  assert_iso (7, "1970-01-01T00:00:00.007Z");
  assert_iso (-1, "1969-12-31T23:59:59.999Z");
  assert_iso (-1000, "1969-12-31T23:59:59.000Z");
}

static void
test_iso_of_damaged_times (void)
{
  g_autofree char *highest = da_clock_format_iso (G_MAXINT64);
  g_autofree char *lowest = da_clock_format_iso (G_MININT64);

  g_assert_true (g_str_has_prefix (highest, "9999-12-31T23:59:59."));
  g_assert_true (g_str_has_prefix (lowest, "0001-01-01T00:00:00."));
}

static void
test_offsets_turn_both_clocks (void)
{
  gint64 wall = da_clock_now_ms ();
  gint64 monotonic = da_clock_monotonic_us ();

  da_clock_set_offset (-86400000, 5000);
  g_assert_cmpint (da_clock_now_ms (), <, wall - 86400000 + 60000);
  g_assert_cmpint (da_clock_monotonic_us (), >=, monotonic + 5000000);
  da_clock_set_offset (0, 0);
  g_assert_cmpint (da_clock_now_ms (), >=, wall);
  g_assert_cmpint (da_clock_monotonic_us (), >=, monotonic);
}

static void
test_now_is_now (void)
{
  gint64 before = g_get_real_time () / 1000;
  gint64 now = da_clock_now_ms ();

  g_assert_cmpint (now, >=, before);
  g_assert_cmpint (now, <=, g_get_real_time () / 1000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/clock/iso-form", test_iso);
  g_test_add_func ("/base/clock/damaged-times-have-a-form", test_iso_of_damaged_times);
  g_test_add_func ("/base/clock/offsets-turn-both-clocks", test_offsets_turn_both_clocks);
  g_test_add_func ("/base/clock/now-is-now", test_now_is_now);

  return g_test_run ();
}
