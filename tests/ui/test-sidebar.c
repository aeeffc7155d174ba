/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-sidebar"

#include "da-sidebar.h"

#include <string.h>

#include "da-clock.h"
#include "da-day-watch.h"
#include "da-test-util.h"
#include "da-time.h"
#include "da-worker.h"
#include "ui-sample.h"

#define SECOND 1000LL
#define HOUR (60 * 60 * SECOND)
#define DAY (24 * HOUR)
#define NOON (1793620800 * SECOND)     /* 2 November 2026, 12:00 UTC, a Monday */

static gint64 turned;                  /* the wall clock, by so many milliseconds */

/* The tests do not depend on the time of the day at which they run. */
static void
turn_clock_to (gint64 ms)
{
  turned += ms - da_clock_now_ms ();
  da_clock_set_offset (turned, 0);
}

static void
test_days (void)
{
  static const struct { gint64 ago; const char *day; } rows[] = {
    { -HOUR, "Today" }, { 0, "Today" }, { 12 * HOUR, "Today" }, { 12 * HOUR + 1, "Yesterday" },
    { 36 * HOUR, "Yesterday" }, { 36 * HOUR + 1, "Saturday" }, { 6 * DAY, "Tuesday" },
    { 7 * DAY, "October" }, { 30 * DAY, "October" }, { 305 * DAY, "January" },
    { 307 * DAY, "2025" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *day = da_time_format_day (NOON - rows[i].ago, NOON);

      g_assert_cmpstr (day, ==, rows[i].day);
    }
}

static void
test_midnight (void)
{
  g_assert_cmpint (da_time_until_midnight (NOON), ==, 12 * HOUR);
  g_assert_cmpint (da_time_until_midnight (NOON + 12 * HOUR - 1), ==, 1);
  g_assert_cmpint (da_time_until_midnight (NOON + 12 * HOUR), ==, DAY);
  g_assert_cmpint (da_time_get_day (NOON + 12 * HOUR), ==, da_time_get_day (NOON) + 1);
  g_assert_cmpint (da_time_get_day (NOON + 12 * HOUR - 1), ==, da_time_get_day (NOON));
}

static void
count (gpointer times)
{
  (*(guint *) times)++;
}

static gboolean
is_one (gpointer times)
{
  return *(guint *) times == 1;
}

static void
test_watch_wakes_at_midnight (void)
{
  guint times = 0;
  DaDayWatch *watch;

  turn_clock_to (NOON + 12 * HOUR - SECOND / 2);
  watch = da_day_watch_new (count, &times);
  da_day_watch_look (watch);
  g_assert_cmpuint (times, ==, 0);
  da_test_await (is_one, &times);
  da_day_watch_look (watch);
  g_assert_cmpuint (times, ==, 1);
  da_day_watch_free (watch);
}

static gboolean
is_heading (GtkWidget *widget, gconstpointer text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "day-heading")
         && strcmp (gtk_label_get_text (GTK_LABEL (widget)), text) == 0;
}

static gboolean
says_today (gpointer sidebar)
{
  return ui_sample_find (sidebar, is_heading, "Today") != NULL;
}

static gboolean
says_yesterday (gpointer sidebar)
{
  return ui_sample_find (sidebar, is_heading, "Yesterday") != NULL;
}

/* The window that was left open overnight is used again. */
static void
test_another_day (void)
{
  g_autofree char *root = da_test_make_dir ();
  DaEngine *engine;
  g_autoptr(DaConversation) conversation = NULL;
  GtkWidget *sidebar, *window;

  turn_clock_to (NOON);
  engine = ui_sample_engine (root);
  conversation = ui_sample_conversation (engine, "Of today", 2, HOUR);
  sidebar = g_object_new (DA_TYPE_SIDEBAR, NULL);
  da_sidebar_set_engine (DA_SIDEBAR (sidebar), engine);
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), sidebar);
  gtk_window_present (GTK_WINDOW (window));
  da_test_await (says_today, sidebar);
  turn_clock_to (NOON + DAY);
  gtk_widget_set_state_flags (sidebar, GTK_STATE_FLAG_BACKDROP, FALSE);
  gtk_widget_unset_state_flags (sidebar, GTK_STATE_FLAG_BACKDROP);
  da_test_await (says_yesterday, sidebar);
  g_assert_false (says_today (sidebar));
  gtk_window_destroy (GTK_WINDOW (window));
  g_clear_object (&conversation);
  ui_sample_engine_stop (engine);
  da_test_remove_tree (root);
}

int
main (int argc, char *argv[])
{
  int status;

  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  g_test_add_func ("/ui/sidebar/days", test_days);
  g_test_add_func ("/ui/sidebar/midnight", test_midnight);
  g_test_add_func ("/ui/sidebar/watch-wakes-at-midnight", test_watch_wakes_at_midnight);
  g_test_add_func ("/ui/sidebar/another-day", test_another_day);
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
