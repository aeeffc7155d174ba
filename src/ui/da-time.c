/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-time"

#include "config.h"

#include "da-time.h"

#include <glib/gi18n.h>

static GDateTime *
local_time (gint64 ms)
{
  GDateTime *time = g_date_time_new_from_unix_local (ms / 1000);

  return time != NULL ? time : g_date_time_new_from_unix_utc (0);
}

static char *
format (gint64 ms, const char *pattern)
{
  g_autoptr(GDateTime) time = local_time (ms);
  char *text = g_date_time_format (time, pattern);

  return text != NULL ? text : g_strdup ("");
}

char *
da_time_format_clock (gint64 ms)
{
  /* Translators: a time of the day, see g_date_time_format() */
  return format (ms, _("%H:%M"));
}

char *
da_time_format_full (gint64 ms)
{
  /* Translators: a day and time of the day, see g_date_time_format() */
  return format (ms, _("%A, %-d %B %Y, %H:%M"));
}

static int
day_number (GDateTime *time)
{
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) g_date_time_get_day_of_month (time),
                  (GDateMonth) g_date_time_get_month (time),
                  (GDateYear) g_date_time_get_year (time));
  return (int) g_date_get_julian (&date);
}

char *
da_time_format_day (gint64 ms,
                    gint64 now)
{
  g_autoptr(GDateTime) time = local_time (ms);
  g_autoptr(GDateTime) today = local_time (now);
  int days = day_number (today) - day_number (time);

  if (days <= 0)
    return g_strdup (_("Today"));
  if (days == 1)
    return g_strdup (_("Yesterday"));
  if (days < 7)
    return g_date_time_format (time, "%A");
  if (g_date_time_get_year (time) != g_date_time_get_year (today))
    return g_date_time_format (time, "%Y");
  if (g_date_time_get_month (time) == g_date_time_get_month (today))
    return g_strdup (_("Earlier This Month"));
  return g_date_time_format (time, "%OB");
}

int
da_time_get_day (gint64 ms)
{
  g_autoptr(GDateTime) time = local_time (ms);

  return day_number (time);
}

gint64
da_time_until_midnight (gint64 ms)
{
  g_autoptr(GDateTime) time = local_time (ms);
  g_autoptr(GDateTime) tomorrow = g_date_time_add_days (time, 1);
  g_autoptr(GDateTime) midnight = NULL;

  midnight = g_date_time_new_local (g_date_time_get_year (tomorrow),
                                    g_date_time_get_month (tomorrow),
                                    g_date_time_get_day_of_month (tomorrow), 0, 0, 0);
  return g_date_time_to_unix (midnight) * 1000 - ms;
}
