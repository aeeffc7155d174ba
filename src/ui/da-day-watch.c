/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-day-watch"

#include "da-day-watch.h"

#include "da-clock.h"
#include "da-time.h"

#define MOST_SECONDS (60 * 60)

struct _DaDayWatch {
  DaDayWatchFunc changed;
  gpointer user_data;
  int day;
  guint timeout;
};

static void wait_for_midnight (DaDayWatch *self);

static gboolean
timeout_cb (gpointer user_data)
{
  DaDayWatch *self = user_data;

  self->timeout = 0;
  wait_for_midnight (self);
  da_day_watch_look (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_midnight (DaDayWatch *self)
{
  gint64 seconds = da_time_until_midnight (da_clock_now_ms ()) / 1000;

  self->timeout = g_timeout_add_seconds ((guint) CLAMP (seconds + 1, 1, MOST_SECONDS), timeout_cb,
                                         self);
}

DaDayWatch *
da_day_watch_new (DaDayWatchFunc changed,
                  gpointer       user_data)
{
  DaDayWatch *self = g_new0 (DaDayWatch, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->day = da_time_get_day (da_clock_now_ms ());
  wait_for_midnight (self);
  return self;
}

void
da_day_watch_free (DaDayWatch *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_free (self);
}

void
da_day_watch_look (DaDayWatch *self)
{
  int day = da_time_get_day (da_clock_now_ms ());

  if (day == self->day)
    return;
  self->day = day;
  self->changed (self->user_data);
}
