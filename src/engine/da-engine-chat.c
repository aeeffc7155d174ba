/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-chat"

#include "config.h"

#include "da-engine-private.h"

#include <glib/gi18n-lib.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-message-queue-private.h"
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

/* The phone posts the same messages again when its connection broke (contract 10 2.9): while the
 * run goes on, the same words are a repeat; after its end, the same words with as many messages. */
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

gboolean
_da_engine_start_next (DaEngine  *self,
                       DaSession *session)
{
  DaQueueItem *item;

  if (self->stopping != NULL || is_busy (session)
      || da_session_list_is_paused (self->sessions, da_session_get_conversation_id (session)))
    return FALSE;
  while ((item = _da_session_queue_next (session)) != NULL)
    {
      if (g_cancellable_is_cancelled (_da_run_get_cancellable (item->run)))
        {
          _da_session_queue_drop (session, item);
          continue;
        }
      _da_session_queue_set_state (session, item, DA_QUEUED_PROCESSING, NULL);
      start_run (self, session, item->run, item->request, NULL);
      return TRUE;
    }
  return FALSE;
}

/* What waited and has run leaves the queue, unless it failed: a person may try it again. */
static void
leave_queue (DaSession *session, DaRun *run)
{
  DaQueueItem *item = _da_session_queue_find_run (session, run);
  const GError *error = da_run_get_error (run);

  if (item == NULL)
    return;
  if (da_run_get_state (run) == DA_RUN_STATE_FAILED)
    _da_session_queue_set_state (session, item, DA_QUEUED_FAILED,
                                 error != NULL ? error->message : _("The run failed"));
  else
    _da_session_queue_drop (session, item);
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
  DaQueueItem *item = _da_session_queue_find_run (self->session, self->run);

  if (da_run_get_state (self->run) == DA_RUN_STATE_QUEUED)
    {
      if (item != NULL)
        _da_session_queue_drop (self->session, item);
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

void
_da_engine_watch_waiting (DaEngine  *self,
                          DaSession *session,
                          DaRun     *run)
{
  WaitingCancel *watch = g_new0 (WaitingCancel, 1);

  /* Not owned: the run's own cancellable cannot outlive the run, and the engine outlives both. */
  watch->engine = self;
  watch->session = session;
  watch->run = run;
  g_cancellable_connect (_da_run_get_cancellable (run), G_CALLBACK (on_waiting_cancelled), watch,
                         g_free);
}

DaRun *
_da_engine_make_run (DaEngine      *self,
                     DaSession     *session,
                     DaChatRequest *request)
{
  DaRun *run = _da_run_new (da_session_get_conversation_id (session), da_session_get_id (session),
                            _da_session_next_number (session), request->prompt,
                            request->cancel_on_disconnect);

  _da_run_set_request_size (run, request->messages->len);
  if (request->identity != NULL)
    _da_run_set_device_id (run, request->identity->device_id);
  g_hash_table_insert (self->runs, g_strdup (da_run_get_id (run)), g_object_ref (run));
  return run;
}

/* FALSE when the task has answered. */
static gboolean
may_wait (DaEngine *self, DaSession *session, DaChatRequest *request, GTask *task)
{
  if (request->again)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_CONFLICT, "%s",
                             _("An answer is being written in this conversation already"));
  else if (!da_settings_get_boolean (self->settings, "mcpMessageQueueEnabled"))
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_CONFLICT, "%s",
                             _("An answer is being written in this conversation, and messages "
                               "are not queued"));
  else if (da_session_get_queue_length (session) >= MAX_WAITING)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_BUSY, "%s",
                             _("Too many questions wait in this conversation"));
  else
    return TRUE;
  return FALSE;
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
  if (is_busy (session) && !may_wait (self, session, request, task))
    return;
  /* Not yet anybody else's: the person may have asked that nothing is kept. */
  request->store = request->store && da_settings_get_boolean (self->settings,
                                                              "conversationsEnabled");

  run = _da_engine_make_run (self, session, request);
  if (!is_busy (session))
    {
      start_run (self, session, run, request, g_steal_pointer (&task));
      return;
    }
  _da_engine_watch_waiting (self, session, run);
  _da_session_queue_push (session, run, request);
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
      leave_queue (session, run);
      _da_session_set_status (session, status_after (run));
      da_session_list_put (self->sessions, session);
      _da_engine_start_next (self, session);
    }
  if (self->stopping != NULL && self->active_runs == 0)
    stopped_cb (self);
}

/* What a script waits for ends with the stop: it would hang until somebody resumes. What a person
 * has sent stays, and its queue is paused; an emergency (@all) ends that, too. */
static void
stop_waiting (DaEngine *self, DaSession *session, gboolean all)
{
  g_autoptr(GPtrArray) ended = g_ptr_array_new_with_free_func (g_object_unref);
  const GQueue *queue = _da_session_peek_queue (session);
  gboolean left = FALSE;

  for (GList *link = queue->head; link != NULL; link = link->next)
    {
      DaQueueItem *item = link->data;

      if (item->state != DA_QUEUED_PENDING)
        continue;
      if (all || item->request->cancel_on_disconnect)
        g_ptr_array_add (ended, g_object_ref (item->run));
      else
        left = TRUE;
    }
  if (left)
    {
      da_session_list_set_paused (self->sessions, da_session_get_conversation_id (session), TRUE);
      _da_session_queue_touch (session);
    }
  for (guint i = 0; i < ended->len; i++)
    da_run_cancel (ended->pdata[i], "its session was stopped");
}

static gboolean
stop_one (DaEngine *self, DaSession *session, gboolean all)
{
  DaRun *run = da_session_get_run (session);
  gboolean was_active = da_session_get_status (session) == DA_SESSION_ACTIVE;

  stop_waiting (self, session, all);
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
      stop_one (self, session, FALSE);
      if (da_session_list_is_paused (self->sessions, da_session_get_conversation_id (session)))
        g_strv_builder_add (ids, da_session_get_conversation_id (session));
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
    report->sessions += stop_one (self, g_ptr_array_index (all, i), TRUE);
  g_message ("emergency stop: %u sessions stopped", report->sessions);
}

guint
da_engine_clear_sessions (DaEngine   *self,
                          const char *session_id)
{
  return da_session_list_clear (self->sessions, session_id);
}
