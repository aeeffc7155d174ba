/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-run-event"

#include "da-run-event.h"

static void
test_type_words (void)
{
  DaRunEventType type;

  for (guint i = DA_RUN_EVENT_STARTED; i <= DA_RUN_EVENT_CANCELLED; i++)
    {
      g_assert_true (da_run_event_type_parse (da_run_event_type_to_string (i), &type));
      g_assert_cmpint (type, ==, i);
    }
  g_assert_cmpstr (da_run_event_type_to_string (DA_RUN_EVENT_DELTA), ==, "delta");
  g_assert_false (da_run_event_type_parse ("deltas", &type));
  g_assert_false (da_run_event_type_parse (NULL, &type));
}

static void
test_state_words (void)
{
  DaRunState state;

  for (guint i = DA_RUN_STATE_QUEUED; i <= DA_RUN_STATE_INTERRUPTED; i++)
    {
      g_assert_true (da_run_state_parse (da_run_state_to_string (i), &state));
      g_assert_cmpint (state, ==, i);
    }
  g_assert_cmpstr (da_run_state_to_string (DA_RUN_STATE_INTERRUPTED), ==, "interrupted");
  g_assert_false (da_run_state_parse ("Running", &state));
  g_assert_false (da_run_state_parse (NULL, &state));
}

static void
test_copy (void)
{
  DaRunEvent event = {
    .number = 7, .type = DA_RUN_EVENT_STEP, .time_ms = 5, .text_end = 9, .payload = g_strdup ("{}"),
  };
  g_autoptr (DaRunEvent) copy = da_run_event_copy (&event);

  g_clear_pointer (&event.payload, g_free);
  g_assert_cmpuint (copy->number, ==, 7);
  g_assert_cmpint (copy->type, ==, DA_RUN_EVENT_STEP);
  g_assert_cmpint (copy->time_ms, ==, 5);
  g_assert_cmpuint (copy->text_end, ==, 9);
  g_assert_cmpstr (copy->payload, ==, "{}");
  da_run_event_free (NULL);
}

static void
test_record (void)
{
  g_autoptr (DaRunRecord) record = da_run_record_new ();

  g_assert_null (record->id);
  g_assert_cmpint (record->state, ==, DA_RUN_STATE_QUEUED);
  record->id = g_strdup ("run_1");
  record->error = g_strdup ("x");
  da_run_record_free (NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/values/run-event/types-have-words", test_type_words);
  g_test_add_func ("/values/run-event/states-have-words", test_state_words);
  g_test_add_func ("/values/run-event/copy-owns-its-payload", test_copy);
  g_test_add_func ("/values/run-event/record-begins-empty", test_record);

  return g_test_run ();
}
