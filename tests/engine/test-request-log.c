/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-request-log"

#include "da-request-log.h"
#include "da-test-util.h"

static void
count_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
await_length (GListModel *log, guint n)
{
  while (g_list_model_get_n_items (log) != n)
    g_main_context_iteration (NULL, TRUE);
}

static void
add (DaRequestLog *log, guint status)
{
  const DaRequestLogItem item = { "Phone", "GET", "/v1/models", "10.0.0.2", .status = status,
                                  .duration_us = 12345 };

  da_request_log_add (log, &item);
}

static void
test_newest_first (void)
{
  g_autoptr(DaRequestLog) log = da_request_log_new ();
  guint changes = 0;

  g_signal_connect (log, "items-changed", G_CALLBACK (count_cb), &changes);
  add (log, 200);
  add (log, 404);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, 0);
  await_length (G_LIST_MODEL (log), 2);
  g_assert_cmpuint (changes, ==, 1);
  {
    g_autoptr(DaRequestLogEntry) first = g_list_model_get_item (G_LIST_MODEL (log), 0);
    g_autofree char *text = da_request_log_entry_dup_text (first);

    g_assert_cmpuint (da_request_log_entry_get_status (first), ==, 404);
    g_assert_cmpint (da_request_log_entry_get_duration (first), ==, 12);
    g_assert_true (g_str_has_suffix (text, " 10.0.0.2 Phone GET /v1/models 404 12ms"));
  }
}

static void
test_bounded (void)
{
  g_autoptr(DaRequestLog) log = da_request_log_new ();

  for (guint i = 0; i < 5000; i++)
    add (log, 200 + i % 300);
  await_length (G_LIST_MODEL (log), DA_REQUEST_LOG_ENTRIES);
  {
    g_autoptr(DaRequestLogEntry) first = g_list_model_get_item (G_LIST_MODEL (log), 0);
    g_autoptr(DaRequestLogEntry) last = g_list_model_get_item (G_LIST_MODEL (log),
                                                               DA_REQUEST_LOG_ENTRIES - 1);
    gpointer beyond = g_list_model_get_item (G_LIST_MODEL (log), DA_REQUEST_LOG_ENTRIES);

    g_assert_cmpuint (da_request_log_entry_get_status (first), ==, 200 + 4999 % 300);
    g_assert_cmpuint (da_request_log_entry_get_status (last), ==, 200 + 4800 % 300);
    g_assert_null (beyond);
  }
  add (log, 599);
  {
    g_autoptr(DaRequestLogEntry) first = NULL;

    do
      {
        g_clear_object (&first);
        g_main_context_iteration (NULL, TRUE);
        first = g_list_model_get_item (G_LIST_MODEL (log), 0);
      }
    while (da_request_log_entry_get_status (first) != 599);
  }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, DA_REQUEST_LOG_ENTRIES);
}

/* What stays must not be told as changed: a list that is looked at would jump. */
static void
follow_cb (GListModel *model, guint position, guint removed, guint added, gpointer user_data)
{
  GPtrArray *copy = user_data;

  g_assert_cmpuint (position + removed, <=, copy->len);
  if (removed > 0)
    g_ptr_array_remove_range (copy, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (copy, (int) (position + i), g_list_model_get_item (model, position + i));
  g_assert_cmpuint (copy->len, ==, g_list_model_get_n_items (model));
  g_assert_cmpuint (removed, <=, 3);
  g_assert_cmpuint (added, <=, DA_REQUEST_LOG_ENTRIES);
}

static void
test_what_stays_is_not_told (void)
{
  g_autoptr(DaRequestLog) log = da_request_log_new ();
  g_autoptr(GPtrArray) copy = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer newest;

  g_signal_connect (log, "items-changed", G_CALLBACK (follow_cb), copy);
  for (guint i = 0; i < DA_REQUEST_LOG_ENTRIES; i++)
    add (log, 200);
  await_length (G_LIST_MODEL (log), DA_REQUEST_LOG_ENTRIES);
  newest = copy->pdata[0];
  for (guint i = 0; i < 3; i++)
    add (log, 404);
  while (copy->pdata[0] == newest)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (copy->pdata[3] == newest);
  for (guint i = 0; i < DA_REQUEST_LOG_ENTRIES; i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (G_LIST_MODEL (log), i);

      g_assert_true (entry == copy->pdata[i]);
    }
}

static void
test_clear (void)
{
  DaRequestLog *log = da_request_log_new ();
  guint changes = 0;

  add (log, 200);
  await_length (G_LIST_MODEL (log), 1);
  add (log, 200);
  g_signal_connect (log, "items-changed", G_CALLBACK (count_cb), &changes);
  da_request_log_clear (log);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, 0);
  g_assert_cmpuint (changes, ==, 1);
  da_request_log_clear (log);
  g_assert_cmpuint (changes, ==, 1);
  g_assert_finalize_object (log);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/request-log/the-newest-comes-first-and-two-are-one-change",
                   test_newest_first);
  g_test_add_func ("/engine/request-log/only-the-last-two-hundred-are-kept", test_bounded);
  g_test_add_func ("/engine/request-log/what-stays-is-not-told-as-changed",
                   test_what_stays_is_not_told);
  g_test_add_func ("/engine/request-log/clearing-forgets-what-waits-too", test_clear);
  return g_test_run ();
}
