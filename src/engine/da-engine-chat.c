/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-chat"

#include "config.h"

#include "da-engine-private.h"

#include <glib/gi18n-lib.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-random.h"
#include "da-run-loop.h"
#include "da-session-private.h"

/* Admission: which session, is it a repeat, does it wait? */

#define MAX_ACTIVE_RUNS 1000        /* streams are limited at the server; this guards the engine */
#define MAX_WAITING 50              /* questions of one conversation */
#define REPEAT_MS (120 * 1000)      /* how long after its end a run answers a repeated post */
#define ENDED_KEPT 16               /* ended runs kept in memory for that */

static DaSession *
open_session (DaEngine *self, DaChatRequest *request, const char *conversation_id)
{
  DaSession *session = da_session_list_find_for (self->sessions, conversation_id);
  g_autofree char *title = NULL;

  if (session != NULL)
    return g_object_ref (session);
  title = da_conversation_title_from (request->prompt);
  session = _da_session_new (conversation_id, title,
                             request->identity != NULL ? request->identity->name : NULL);
  da_session_set_snoozed (session, request->client != DA_CLIENT_DESKTOP
                                   && !da_settings_get_boolean (self->settings,
                                                                "remoteServerAutoShowPanel"));
  return session;
}

/* The phone posts the same messages again when its connection broke (contract 10 2.9): while the run
 * goes on, the same words are a repeat; after its end, the same words with as many messages. */
static DaRun *
find_repeat (DaSession *session, DaChatRequest *request)
{
  DaRun *run = da_session_get_run (session);
  gint64 age;

  if (request->conversation_id == NULL)
    return NULL;
  if (run != NULL && g_strcmp0 (da_run_get_prompt (run), request->prompt) == 0)
    {
      if (!da_run_is_finished (run))
        return run;
      age = da_clock_now_ms () - _da_run_get_ended_at (run);
      if (request->client == DA_CLIENT_APP && age >= 0 && age < REPEAT_MS
          && da_run_get_state (run) == DA_RUN_STATE_COMPLETED
          && da_run_get_last_event (run) > 0
          && _da_run_get_request_size (run) == request->messages->len)
        return run;
    }
  return _da_session_queue_find (session, request->prompt);
}

static gboolean
is_busy (DaSession *session)
{
  DaRun *run = da_session_get_run (session);

  return run != NULL && !da_run_is_finished (run);
}

static void
start_run (DaEngine *self, DaSession *session, DaRun *run, DaChatRequest *request, GTask *started)
{
  self->active_runs++;
  _da_session_set_run (session, run);
  _da_session_set_status (session, DA_SESSION_ACTIVE);
  da_session_list_put (self->sessions, session);
  da_run_loop_start (self, session, run, request, started);
}

static void
start_next (DaEngine *self, DaSession *session)
{
  for (;;)
    {
      g_autoptr(DaChatRequest) request = NULL;
      g_autoptr(DaRun) run = NULL;
      gpointer data = NULL;

      run = _da_session_queue_pop (session, &data);
      request = data;
      if (run == NULL)
        return;
      if (g_cancellable_is_cancelled (_da_run_get_cancellable (run)))
        continue;
      start_run (self, session, run, request, NULL);
      return;
    }
}

/* A run that is cancelled while it waits never starts; it ends here. */
typedef struct {
  DaEngine *engine;
  DaSession *session;
  DaRun *run;
} WaitingCancel;

static void
waiting_cancel_free (gpointer data)
{
  WaitingCancel *self = data;

  g_object_unref (self->session);
  g_object_unref (self->run);
  g_object_unref (self->engine);
  g_free (self);
}

static gboolean
cancel_waiting_cb (gpointer data)
{
  WaitingCancel *self = data;

  if (_da_session_queue_remove (self->session, self->run)
      || da_run_get_state (self->run) == DA_RUN_STATE_QUEUED)
    {
      _da_run_set_outcome (self->run, "cancelled", NULL, 0, 0, NULL);
      _da_run_set_state (self->run, DA_RUN_STATE_CANCELLED);
      _da_run_append_event (self->run, DA_RUN_EVENT_CANCELLED, NULL);
      g_hash_table_remove (self->engine->runs, da_run_get_id (self->run));
    }
  return G_SOURCE_REMOVE;
}

static void
on_waiting_cancelled (GCancellable *cancellable, gpointer data)
{
  WaitingCancel *self = data;
  WaitingCancel *copy;

  if (da_run_get_state (self->run) != DA_RUN_STATE_QUEUED)
    return;
  copy = g_new0 (WaitingCancel, 1);
  copy->engine = g_object_ref (self->engine);
  copy->session = g_object_ref (self->session);
  copy->run = g_object_ref (self->run);
  g_idle_add_full (G_PRIORITY_DEFAULT, cancel_waiting_cb, copy, waiting_cancel_free);
}

static void
enqueue (DaEngine *self, DaSession *session, DaRun *run, DaChatRequest *request)
{
  WaitingCancel *watch = g_new0 (WaitingCancel, 1);

  /* Not owned: the run's own cancellable cannot outlive the run, and the engine outlives both. */
  watch->engine = self;
  watch->session = session;
  watch->run = run;
  g_cancellable_connect (_da_run_get_cancellable (run), G_CALLBACK (on_waiting_cancelled), watch,
                         g_free);
  _da_session_queue_push (session, run, da_chat_request_ref (request),
                          (GDestroyNotify) da_chat_request_unref);
}

void
da_engine_chat_async (DaEngine            *self,
                      DaChatRequest       *request,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *conversation_id = NULL;
  g_autoptr(DaSession) session = NULL;
  g_autoptr(DaRun) run = NULL;
  DaRun *repeat;

  g_task_set_source_tag (task, da_engine_chat_async);
  if (!self->started || self->stopping != NULL || self->active_runs >= MAX_ACTIVE_RUNS)
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_BUSY, "%s",
                               _("Too much is going on; try again shortly"));
      return;
    }
  conversation_id = request->conversation_id != NULL ? g_strdup (request->conversation_id)
                                                     : da_random_id ("conv");
  session = open_session (self, request, conversation_id);
  repeat = find_repeat (session, request);
  if (repeat != NULL)
    {
      g_info ("a repeated question attaches to run %s", da_run_get_id (repeat));
      g_task_return_pointer (task, g_object_ref (repeat), g_object_unref);
      return;
    }
  if (is_busy (session) && da_session_get_queue_length (session) >= MAX_WAITING)
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_BUSY, "%s",
                               _("Too many questions wait in this conversation"));
      return;
    }

  run = _da_run_new (conversation_id, da_session_get_id (session),
                     _da_session_next_number (session), request->prompt,
                     request->cancel_on_disconnect);
  _da_run_set_request_size (run, request->messages->len);
  g_hash_table_insert (self->runs, g_strdup (da_run_get_id (run)), g_object_ref (run));
  if (!is_busy (session))
    {
      start_run (self, session, run, request, g_steal_pointer (&task));
      return;
    }
  enqueue (self, session, run, request);
  g_task_return_pointer (task, g_steal_pointer (&run), g_object_unref);
}

DaRun *
da_engine_chat_finish (DaEngine      *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

DaRun *
da_engine_find_run (DaEngine   *self,
                    const char *run_id)
{
  DaRun *run = g_hash_table_lookup (self->runs, run_id);

  return run != NULL ? g_object_ref (run) : NULL;
}

static DaSessionStatus
status_after (DaRun *run)
{
  switch (da_run_get_state (run))
    {
    case DA_RUN_STATE_COMPLETED: return DA_SESSION_COMPLETED;
    case DA_RUN_STATE_CANCELLED: return DA_SESSION_STOPPED;
    case DA_RUN_STATE_QUEUED:
    case DA_RUN_STATE_RUNNING:
    case DA_RUN_STATE_FAILED:
    case DA_RUN_STATE_INTERRUPTED:
      return DA_SESSION_ERROR;
    }
  g_assert_not_reached ();
}

static void
stopped_cb (DaEngine *self)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->stopping);

  g_clear_handle_id (&self->stop_source, g_source_remove);
  g_task_return_boolean (task, TRUE);
}

void
_da_engine_run_ended (DaEngine *self,
                      DaRun    *run)
{
  DaSession *session = da_session_list_find (self->sessions, da_run_get_session_id (run));

  g_assert (self->active_runs > 0);
  self->active_runs--;
  g_queue_push_tail (&self->ended, g_strdup (da_run_get_id (run)));
  while (self->ended.length > ENDED_KEPT)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->ended);

      g_hash_table_remove (self->runs, oldest);
    }
  if (session != NULL && da_session_get_run (session) == run)
    {
      _da_session_set_status (session, status_after (run));
      da_session_list_put (self->sessions, session);
      if (self->stopping == NULL)
        start_next (self, session);
    }
  if (self->stopping != NULL && self->active_runs == 0)
    stopped_cb (self);
}

static void
stop_waiting (DaEngine *self, DaSession *session)
{
  for (;;)
    {
      gpointer data = NULL;
      g_autoptr(DaRun) run = _da_session_queue_pop (session, &data);
      g_autoptr(DaChatRequest) request = data;

      if (run == NULL)
        return;
      da_run_cancel (run, "its session was stopped");
    }
}

static gboolean
stop_one (DaEngine *self, DaSession *session)
{
  DaRun *run = da_session_get_run (session);
  gboolean was_active = da_session_get_status (session) == DA_SESSION_ACTIVE;

  stop_waiting (self, session);
  if (run != NULL)
    da_run_cancel (run, "stopped by a person");
  return was_active;
}

char **
da_engine_stop_session (DaEngine   *self,
                        const char *session_id)
{
  DaSession *session = da_session_list_find (self->sessions, session_id);
  g_autoptr(GStrvBuilder) ids = g_strv_builder_new ();

  if (session != NULL)
    {
      if (da_session_get_queue_length (session) > 0)
        g_strv_builder_add (ids, da_session_get_conversation_id (session));
      stop_one (self, session);
    }
  return g_strv_builder_end (ids);
}

void
da_engine_emergency_stop (DaEngine     *self,
                          DaStopReport *report)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));

  *report = (DaStopReport) { 0 };
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, g_list_model_get_item (G_LIST_MODEL (self->sessions), i));
  for (guint i = 0; i < all->len; i++)
    report->sessions += stop_one (self, g_ptr_array_index (all, i));
  g_message ("emergency stop: %u sessions stopped", report->sessions);
}

guint
da_engine_clear_sessions (DaEngine   *self,
                          const char *session_id)
{
  return da_session_list_clear (self->sessions, session_id);
}
