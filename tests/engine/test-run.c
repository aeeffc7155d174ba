/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-run"

#include "da-macros.h"
#include "da-run-private.h"
#include "da-test-util.h"

typedef struct {
  DaRun *run;
  guint64 cursor;
  GString *text;
  gsize from;
  guint calls;
  guint id;
} Reader;

static void
read_all (DaRun *run, gpointer user_data)
{
  Reader *self = user_data;
  const DaRunEvent *event;

  self->calls++;
  while ((event = da_run_peek_event (run, self->cursor + 1)) != NULL)
    {
      self->cursor++;
      g_assert_cmpuint (event->number, ==, self->cursor);
      g_string_append_len (self->text, da_run_peek_text (run, NULL) + self->from,
                           event->text_end - self->from);
      self->from = event->text_end;
    }
}

static void
test_every_reader_sees_all_text_once (void)
{
  g_autoptr(DaRun) run = _da_run_new ("conv_1", "session_1", 1, "hello", FALSE);
  Reader early = { .run = run, .text = g_string_new (NULL) };
  Reader late = { .run = run, .text = g_string_new (NULL) };

  early.id = da_run_subscribe (run, read_all, &early);
  _da_run_append_event (run, DA_RUN_EVENT_STARTED, NULL);
  for (guint i = 0; i < 100; i++)
    {
      _da_run_append_text (run, "ab", 2);
      if (i % 3 == 0)
        _da_run_publish (run);
      if (i == 50)
        late.id = da_run_subscribe (run, read_all, &late);
    }
  _da_run_append_event (run, DA_RUN_EVENT_DONE, NULL);
  da_test_drain ();
  g_assert_cmpstr (early.text->str, ==, da_run_peek_text (run, NULL));
  g_assert_cmpstr (late.text->str, ==, da_run_peek_text (run, NULL));
  g_assert_cmpuint (early.text->len, ==, 200);
  da_run_unsubscribe (run, early.id);
  da_run_unsubscribe (run, late.id);
  g_string_free (early.text, TRUE);
  g_string_free (late.text, TRUE);
}

static void
test_text_of_one_turn_is_one_event (void)
{
  g_autoptr(DaRun) run = _da_run_new ("conv_1", "session_1", 1, "hello", FALSE);
  Reader reader = { .run = run, .text = g_string_new (NULL) };

  reader.id = da_run_subscribe (run, read_all, &reader);
  for (guint i = 0; i < 1000; i++)
    _da_run_append_text (run, "x", 1);
  da_test_drain ();
  g_assert_cmpuint (reader.calls, ==, 0);
  _da_run_publish (run);
  g_assert_cmpuint (da_run_get_last_event (run), ==, 1);
  g_assert_cmpuint (reader.calls, ==, 1);
  /* Nothing new, nothing said; and an event takes the text along that came before it. */
  _da_run_publish (run);
  da_test_drain ();
  g_assert_cmpuint (reader.calls, ==, 1);
  _da_run_append_text (run, "y", 1);
  _da_run_append_event (run, DA_RUN_EVENT_DONE, NULL);
  _da_run_publish (run);
  da_test_drain ();
  g_assert_cmpuint (reader.calls, ==, 2);
  g_assert_cmpuint (reader.text->len, ==, 1001);
  da_run_unsubscribe (run, reader.id);
  g_string_free (reader.text, TRUE);
}

static void
unsubscribe_other (DaRun *run, gpointer user_data)
{
  Reader *self = user_data;

  self->calls++;
  if (self->id != 0)
    da_run_unsubscribe (run, self->id);
  self->id = 0;
}

static void
test_a_reader_may_remove_another_while_called (void)
{
  g_autoptr(DaRun) run = _da_run_new ("conv_1", "session_1", 1, "hello", FALSE);
  Reader first = { 0 };
  Reader second = { .text = g_string_new (NULL) };

  da_run_subscribe (run, unsubscribe_other, &first);
  first.id = da_run_subscribe (run, read_all, &second);
  _da_run_append_text (run, "x", 1);
  _da_run_publish (run);
  g_assert_cmpuint (first.calls, ==, 1);
  g_assert_cmpuint (second.calls, ==, 0);
  g_string_free (second.text, TRUE);
}

static void
test_the_last_client_that_leaves_cancels_a_scripts_run (void)
{
  g_autoptr(DaRun) script = _da_run_new ("c", "s", 1, "hello", TRUE);
  g_autoptr(DaRun) phone = _da_run_new ("c", "s", 1, "hello", FALSE);

  da_run_attach (script);
  da_run_attach (script);
  da_run_detach (script);
  g_assert_false (g_cancellable_is_cancelled (_da_run_get_cancellable (script)));
  da_run_detach (script);
  g_assert_true (g_cancellable_is_cancelled (_da_run_get_cancellable (script)));

  da_run_attach (phone);
  da_run_detach (phone);
  g_assert_false (g_cancellable_is_cancelled (_da_run_get_cancellable (phone)));
}

static void
test_the_stored_journal_merges_deltas (void)
{
  g_autoptr(DaRun) run = _da_run_new ("c", "s", 1, "hello", FALSE);
  guint64 cursor = 0;
  g_autoptr(GPtrArray) events = NULL;

  _da_run_append_event (run, DA_RUN_EVENT_STARTED, NULL);
  for (guint i = 0; i < 5; i++)
    {
      _da_run_append_text (run, "abc", 3);
      da_run_peek_event (run, da_run_get_last_event (run));
    }
  g_assert_cmpuint (da_run_get_last_event (run), ==, 6);
  events = _da_run_dup_events (run, &cursor);
  g_assert_cmpuint (events->len, ==, 2);
  g_assert_cmpuint (((DaRunEvent *) events->pdata[1])->number, ==, 6);
  g_assert_cmpuint (((DaRunEvent *) events->pdata[1])->text_end, ==, 15);
  g_assert_cmpuint (cursor, ==, 6);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  g_test_add_func ("/engine/run/every-reader-sees-all-text-once",
                   test_every_reader_sees_all_text_once);
  g_test_add_func ("/engine/run/text-of-one-turn-is-one-event", test_text_of_one_turn_is_one_event);
  g_test_add_func ("/engine/run/a-reader-may-remove-another-while-called",
                   test_a_reader_may_remove_another_while_called);
  g_test_add_func ("/engine/run/the-last-client-that-leaves-cancels-a-scripts-run",
                   test_the_last_client_that_leaves_cancels_a_scripts_run);
  g_test_add_func ("/engine/run/the-stored-journal-merges-deltas",
                   test_the_stored_journal_merges_deltas);
  return g_test_run ();
}
