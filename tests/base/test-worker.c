/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-worker"

#include "da-worker.h"

#include "da-macros.h"
#include "da-test-util.h"

typedef struct {
  GMutex    mutex;
  GCond     cond;
  gboolean  open;
  GString  *order;
} Gate;

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

static void
wait_at_gate (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  Gate *gate = task_data;

  g_assert_false (da_is_main_thread ());
  g_mutex_lock (&gate->mutex);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  g_task_return_boolean (task, TRUE);
}

static void
append_letter (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  GString *order = task_data;

  g_string_append_c (order, (char) ('a' + order->len % 26));
  g_task_return_int (task, (gssize) order->len);
}

static GTask *
make_task (gpointer       data,
           GCancellable  *cancellable,
           GAsyncResult **result)
{
  GTask *task = g_task_new (NULL, cancellable, da_test_async_cb, result);

  g_task_set_source_tag (task, make_task);
  g_task_set_task_data (task, data, NULL);
  return task;
}

static void
test_answers_on_the_main_loop (void)
{
  DaWorker *worker = da_worker_new ("test");
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GTask) task = make_task (order, NULL, &result);

  da_worker_push (worker, task, append_letter);
  g_assert_null (result);
  da_test_run_async (&result);
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, 1);
  da_test_await_finalize (worker);
}

static void
test_fifo (void)
{
  DaWorker *worker = da_worker_new ("test");
  g_autoptr (GString) order = g_string_new (NULL);
  GAsyncResult *results[200] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GTask) task = make_task (order, NULL, &results[i]);

      da_worker_push (worker, task, append_letter);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      da_test_run_async (&results[i]);
      g_assert_cmpint (g_task_propagate_int (G_TASK (results[i]), NULL), ==, i + 1);
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (da_worker_pending (worker), ==, 0);
  da_test_await_finalize (worker);
}

static void
test_stop_finishes_what_is_queued (void)
{
  g_autoptr (DaWorker) worker = da_worker_new ("test");
  g_autoptr (GString) order = g_string_new (NULL);
  GAsyncResult *results[50] = { NULL };
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GTask) late_task = make_task (order, NULL, &late);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GTask) task = make_task (order, NULL, &results[i]);

      da_worker_push (worker, task, append_letter);
    }
  da_worker_stop (worker);
  da_worker_stop (worker);
  g_assert_cmpuint (order->len, ==, 50);
  g_assert_cmpuint (da_worker_pending (worker), ==, 0);

  da_worker_push (worker, late_task, append_letter);
  da_test_run_async (&late);
  g_assert_cmpint (g_task_propagate_int (G_TASK (late), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpuint (order->len, ==, 50);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      da_test_run_async (&results[i]);
      g_object_unref (results[i]);
    }
  da_test_drain ();
}

static void
test_cancelled_before_its_turn_does_not_run (void)
{
  DaWorker *worker = da_worker_new ("test");
  Gate gate = { .open = FALSE };
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GTask) first_task = make_task (&gate, NULL, &first);
  g_autoptr (GTask) second_task = make_task (order, cancellable, &second);
  g_autoptr (GError) error = NULL;

  da_worker_push (worker, first_task, wait_at_gate);
  da_worker_push (worker, second_task, append_letter);
  g_assert_cmpuint (da_worker_pending (worker), ==, 2);
  g_cancellable_cancel (cancellable);
  gate_open (&gate);
  da_test_run_async (&first);
  da_test_run_async (&second);
  g_assert_cmpint (g_task_propagate_int (G_TASK (second), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (order->len, ==, 0);
  da_test_await_finalize (worker);
}

static void
note_thread (gpointer  data,
             GObject  *where_it_was)
{
  g_assert_true (da_is_main_thread ());
  *(guint *) data += 1;
}

static void
data_is_freed (gpointer data)
{
  g_assert_true (da_is_main_thread ());
  *(guint *) data += 1;
}

static void
answer_at_once (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

/* The last references to what a task holds go on the main thread, whichever thread is faster. */
static void
test_nothing_is_released_on_the_thread (void)
{
  DaWorker *worker = da_worker_new ("test");
  guint sources_gone = 0;
  guint data_gone = 0;
  const guint rounds = 500;

  for (guint i = 0; i < rounds; i++)
    {
      GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
      GTask *task = g_task_new (source, NULL, NULL, NULL);

      g_task_set_source_tag (task, test_nothing_is_released_on_the_thread);
      g_object_weak_ref (source, note_thread, &sources_gone);
      g_task_set_task_data (task, &data_gone, data_is_freed);
      da_worker_push (worker, task, answer_at_once);
      g_object_unref (task);
      g_object_unref (source);
      g_main_context_iteration (NULL, FALSE);
    }
  da_worker_stop (worker);
  da_test_drain ();
  g_assert_cmpuint (sources_gone, ==, rounds);
  g_assert_cmpuint (data_gone, ==, rounds);
  g_assert_finalize_object (worker);
}

static void
test_slow_worker_is_one (void)
{
  g_assert_true (da_worker_get_slow () == da_worker_get_slow ());
}

static gpointer
ask_from_elsewhere (gpointer data)
{
  return GINT_TO_POINTER (da_is_main_thread ());
}

static void
test_main_thread (void)
{
  /* First without a mark, then with one. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (da_is_main_thread ());
      g_assert_null (g_thread_join (g_thread_new ("other", ask_from_elsewhere, NULL)));
      da_main_thread_mark ();
    }
}

int
main (int   argc,
      char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/worker/main-thread-is-known", test_main_thread);
  g_test_add_func ("/base/worker/answers-on-the-main-loop", test_answers_on_the_main_loop);
  g_test_add_func ("/base/worker/jobs-run-in-order", test_fifo);
  g_test_add_func ("/base/worker/stop-finishes-what-is-queued", test_stop_finishes_what_is_queued);
  g_test_add_func ("/base/worker/cancelled-before-its-turn-does-not-run",
                   test_cancelled_before_its_turn_does_not_run);
  g_test_add_func ("/base/worker/nothing-is-released-on-the-thread",
                   test_nothing_is_released_on_the_thread);
  g_test_add_func ("/base/worker/slow-worker-is-one", test_slow_worker_is_one);

  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
