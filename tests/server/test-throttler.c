/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-limits.h"
#include "da-throttler.h"

#define SECOND G_USEC_PER_SEC

static void
fail_times (DaThrottler *throttler,
            const char  *address,
            guint        n,
            gint64       now)
{
  for (guint i = 0; i < n; i++)
    da_throttler_failed (throttler, address, now);
}

static void
test_lock (void)
{
  g_autoptr (DaThrottler) throttler = da_throttler_new ();

  fail_times (throttler, "10.0.0.1", DA_LIMIT_AUTH_FAILURES - 1, SECOND);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", SECOND), ==, 0);
  fail_times (throttler, "10.0.0.1", 1, 2 * SECOND);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", 2 * SECOND), ==, 59);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", 60 * SECOND + 999999), ==, 1);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", 61 * SECOND), ==, 0);
}

static void
test_others (void)
{
  g_autoptr (DaThrottler) throttler = da_throttler_new ();

  fail_times (throttler, "10.0.0.1", 100, SECOND);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", SECOND), >, 0);
  g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.2", SECOND), ==, 0);
  g_assert_cmpuint (da_throttler_locked (throttler, "::1", SECOND), ==, 0);
}

static void
test_window (void)
{
  g_autoptr (DaThrottler) throttler = da_throttler_new ();

  /* Failures that are spread out never lock. */
  for (gint64 t = 1; t < 600; t += 4)
    {
      da_throttler_failed (throttler, "10.0.0.1", t * SECOND);
      g_assert_cmpuint (da_throttler_locked (throttler, "10.0.0.1", t * SECOND), ==, 0);
    }
}

static void
test_prefix (void)
{
  g_autoptr (DaThrottler) throttler = da_throttler_new ();

  for (guint i = 0; i < DA_LIMIT_AUTH_FAILURES; i++)
    {
      g_autofree char *address = g_strdup_printf ("2001:db8:1:2::%x", i + 1);

      da_throttler_failed (throttler, address, SECOND);
    }
  g_assert_cmpuint (da_throttler_locked (throttler, "2001:db8:1:2:ffff::9", SECOND), >, 0);
  g_assert_cmpuint (da_throttler_locked (throttler, "2001:db8:1:3::1", SECOND), ==, 0);
}

static void
test_bounded (void)
{
  g_autoptr (DaThrottler) throttler = da_throttler_new ();

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.%u.%u.%u", i >> 16, (i >> 8) & 255, i & 255);

      da_throttler_failed (throttler, address, SECOND);
    }
  g_assert_cmpuint (da_throttler_size (throttler), <=, 4096);
  /* Old ones make room at once. */
  da_throttler_failed (throttler, "11.0.0.1", 100 * SECOND);
  g_assert_cmpuint (da_throttler_size (throttler), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/throttler/the-twentieth-wrong-key-locks-until-the-minute-ends",
                   test_lock);
  g_test_add_func ("/server/throttler/other-addresses-are-not-affected", test_others);
  g_test_add_func ("/server/throttler/slow-failures-never-lock", test_window);
  g_test_add_func ("/server/throttler/one-ipv6-prefix-is-one-caller", test_prefix);
  g_test_add_func ("/server/throttler/a-flood-of-addresses-is-bounded", test_bounded);
  return g_test_run ();
}
