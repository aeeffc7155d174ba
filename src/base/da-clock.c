/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-clock"

#include "da-clock.h"

/* Read from the worker threads as well, so both are accessed atomically. */
static gint64 wall_offset_ms;
static gint64 monotonic_offset_ms;

gint64
da_clock_now_ms (void)
{
  return g_get_real_time () / 1000 + __atomic_load_n (&wall_offset_ms, __ATOMIC_RELAXED);
}

gint64
da_clock_monotonic_us (void)
{
  return g_get_monotonic_time ()
         + __atomic_load_n (&monotonic_offset_ms, __ATOMIC_RELAXED) * 1000;
}

void
da_clock_set_offset (gint64 wall_ms,
                     gint64 monotonic_ms)
{
  __atomic_store_n (&wall_offset_ms, wall_ms, __ATOMIC_RELAXED);
  __atomic_store_n (&monotonic_offset_ms, monotonic_ms, __ATOMIC_RELAXED);
}

/* Times outside the years 1 to 9999 (damaged data) are shown as the nearest bound rather than
 * failing the reply that contains them. */
char *
da_clock_format_iso (gint64 ms)
{
  const gint64 lowest = G_GINT64_CONSTANT (-62135596800);
  const gint64 highest = G_GINT64_CONSTANT (253402300799);
  gint64 seconds = ms / 1000;
  int rest = (int) (ms % 1000);
  g_autoptr (GDateTime) time = NULL;

  if (rest < 0)
    {
      rest += 1000;
      seconds -= 1;
    }

  time = g_date_time_new_from_unix_utc (CLAMP (seconds, lowest, highest));
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", g_date_time_get_year (time),
                          g_date_time_get_month (time), g_date_time_get_day_of_month (time),
                          g_date_time_get_hour (time), g_date_time_get_minute (time),
                          g_date_time_get_second (time), rest);
}
