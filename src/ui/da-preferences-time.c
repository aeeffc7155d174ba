/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-time"

#include "config.h"

#include "da-preferences-time.h"

#include <glib/gi18n-lib.h>

char *
da_preferences_dup_date (gint64 time_ms)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (time_ms / 1000);

  return time != NULL ? g_date_time_format (time, "%x %H:%M") : g_strdup ("");
}

char *
da_preferences_dup_ago (gint64 time_ms,
                        gint64 now_ms)
{
  const gint64 seconds = (now_ms - time_ms) / 1000;
  const int minutes = (int) (seconds / 60);
  const int hours = minutes / 60;

  if (time_ms == 0)
    return g_strdup (_("never"));
  /* A clock that was set back must not show minus seconds. */
  if (seconds < 60)
    return g_strdup (_("just now"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", minutes), minutes);
  if (hours < 24)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", hours), hours);
  if (hours < 48)
    return g_strdup (_("yesterday"));
  return da_preferences_dup_date (time_ms);
}
