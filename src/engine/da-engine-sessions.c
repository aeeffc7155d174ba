/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-sessions"

#include "da-engine-private.h"

#include "da-conversation-store.h"
#include "da-run-store.h"
#include "da-session-private.h"

/* The finished sessions of earlier program runs, rebuilt from the journal of runs. */

static DaSessionStatus
status_of (DaRunState state)
{
  switch (state)
    {
    case DA_RUN_STATE_COMPLETED: return DA_SESSION_COMPLETED;
    case DA_RUN_STATE_FAILED: return DA_SESSION_ERROR;
    case DA_RUN_STATE_QUEUED:
    case DA_RUN_STATE_RUNNING:
    case DA_RUN_STATE_CANCELLED:
    case DA_RUN_STATE_INTERRUPTED:
      return DA_SESSION_STOPPED;
    }
  g_assert_not_reached ();
}

static void
add_session (DaEngine *self, DaRunRecord *record, GPtrArray *conversations)
{
  g_autoptr(DaSession) session = NULL;

  if (da_session_list_find (self->sessions, record->session_id) != NULL
      || da_session_list_find_for (self->sessions, record->conversation_id) != NULL)
    return;
  for (guint i = 0; i < conversations->len; i++)
    {
      DaConversation *conversation = g_ptr_array_index (conversations, i);

      if (g_strcmp0 (conversation->id, record->conversation_id) != 0)
        continue;
      session = _da_session_new_finished (record->session_id, record->conversation_id,
                                          conversation->title, status_of (record->state),
                                          record->started_at,
                                          record->ended_at > 0 ? record->ended_at
                                                               : record->started_at);
      da_session_list_put (self->sessions, session);
      return;
    }
}

static void
conversations_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  GPtrArray *runs = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) conversations = NULL;

  conversations = da_store_list_conversations_finish (DA_STORE (source), result, &error);
  for (guint i = 0; conversations != NULL && i < runs->len; i++)
    add_session (self, g_ptr_array_index (runs, i), conversations);
  g_task_return_boolean (task, TRUE);
}

static void
runs_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  GPtrArray *runs = da_store_list_runs_finish (DA_STORE (source), result, &error);
  DaConversationQuery query = { .limit = 2 * DA_SESSION_LIST_FINISHED };

  if (runs == NULL)
    {
      g_info ("earlier sessions cannot be shown: %s", error->message);
      g_task_return_boolean (task, FALSE);
      return;
    }
  g_task_set_task_data (task, runs, (GDestroyNotify) g_ptr_array_unref);
  da_store_list_conversations_async (DA_STORE (source), &query, g_task_get_cancellable (task),
                                     conversations_cb, g_object_ref (task));
}

void
_da_engine_load_sessions (DaEngine *self)
{
  GTask *task = g_task_new (self, self->cancellable, NULL, NULL);

  g_task_set_source_tag (task, _da_engine_load_sessions);
  da_store_list_runs_async (self->store, NULL, DA_SESSION_LIST_FINISHED, self->cancellable, runs_cb,
                            task);
}

static void
load_run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  DaRunJournal *journal = da_store_load_run_finish (DA_STORE (source), result, &error);

  if (journal == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, journal, (GDestroyNotify) da_run_journal_free);
}

void
da_engine_load_run_async (DaEngine            *self,
                          const char          *run_id,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_engine_load_run_async);
  da_store_load_run_async (self->store, run_id, 0, cancellable, load_run_cb, task);
}

DaRunJournal *
da_engine_load_run_finish (DaEngine      *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
