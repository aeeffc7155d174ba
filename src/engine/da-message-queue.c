/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-queue"

#include "config.h"

#include "da-message-queue-private.h"

#include <glib/gi18n-lib.h>

#include "da-engine-private.h"
#include "da-error.h"
#include "da-llm-request.h"
#include "da-run-private.h"
#include "da-session-private.h"

/* What a person does to the questions that wait. Admission and order are in da-engine-chat.c. */

const char *
da_queued_state_to_string (DaQueuedState state)
{
  switch (state)
    {
    case DA_QUEUED_PENDING: return "pending";
    case DA_QUEUED_PROCESSING: return "processing";
    case DA_QUEUED_FAILED: return "failed";
    }
  g_assert_not_reached ();
}

static void
queued_message_free (gpointer data)
{
  DaQueuedMessage *self = data;

  g_free (self->id);
  g_free (self->session_id);
  g_free (self->text);
  g_free (self->error);
  g_free (self);
}

void
da_message_queue_free (DaMessageQueue *self)
{
  g_ptr_array_unref (self->messages);
  g_free (self->conversation_id);
  g_free (self);
}

static DaQueuedMessage *
copy_item (const DaQueueItem *item)
{
  DaQueuedMessage *copy = g_new0 (DaQueuedMessage, 1);

  copy->id = g_strdup (item->id);
  copy->session_id = g_strdup (da_run_get_session_id (item->run));
  copy->text = g_strdup (item->request->prompt);
  copy->error = g_strdup (item->error);
  copy->created_at = item->created_at;
  copy->state = item->state;
  copy->is_stored = da_run_get_conversation (item->run) != NULL;
  return copy;
}

static DaMessageQueue *
copy_queue (DaEngine *self, DaSession *session)
{
  DaMessageQueue *copy = g_new0 (DaMessageQueue, 1);

  copy->conversation_id = g_strdup (da_session_get_conversation_id (session));
  copy->is_paused = da_session_list_is_paused (self->sessions, copy->conversation_id);
  copy->messages = g_ptr_array_new_with_free_func (queued_message_free);
  for (GList *link = _da_session_peek_queue (session)->head; link != NULL; link = link->next)
    g_ptr_array_add (copy->messages, copy_item (link->data));
  return copy;
}

GPtrArray *
da_engine_list_queues (DaEngine *self)
{
  GPtrArray *queues = g_ptr_array_new_with_free_func ((GDestroyNotify) da_message_queue_free);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);

      if (_da_session_peek_queue (session)->length > 0)
        g_ptr_array_add (queues, copy_queue (self, session));
    }
  return queues;
}

DaMessageQueue *
da_engine_dup_queue (DaEngine   *self,
                     const char *conversation_id)
{
  DaSession *session = da_session_list_find_for (self->sessions, conversation_id);

  if (session == NULL || _da_session_peek_queue (session)->length == 0)
    return NULL;
  return copy_queue (self, session);
}

static void
set_paused (DaEngine *self, const char *conversation_id, gboolean paused)
{
  DaSession *session = da_session_list_find_for (self->sessions, conversation_id);

  da_session_list_set_paused (self->sessions, conversation_id, paused);
  if (session != NULL)
    _da_session_queue_touch (session);
}

void
da_engine_pause_queue (DaEngine   *self,
                       const char *conversation_id)
{
  set_paused (self, conversation_id, TRUE);
}

gboolean
da_engine_resume_queue (DaEngine   *self,
                        const char *conversation_id)
{
  DaSession *session = da_session_list_find_for (self->sessions, conversation_id);

  set_paused (self, conversation_id, FALSE);
  return session != NULL && _da_engine_start_next (self, session);
}

/* A pending one may have a client that waits for its answer: it is told that there will be none. */
static void
drop_item (DaSession *session, DaQueueItem *item)
{
  g_autoptr(DaRun) run = item->state == DA_QUEUED_PENDING ? g_object_ref (item->run) : NULL;

  _da_session_queue_drop (session, item);
  if (run != NULL)
    da_run_cancel (run, "its question was taken out of the queue");
}

static void
drop_all (DaSession *session, gboolean also_processing)
{
  GList *link = _da_session_peek_queue (session)->head;

  while (link != NULL)
    {
      DaQueueItem *item = link->data;

      link = link->next;
      if (also_processing || item->state != DA_QUEUED_PROCESSING)
        drop_item (session, item);
    }
}

void
_da_engine_drop_queue (DaEngine  *self,
                       DaSession *session)
{
  drop_all (session, TRUE);
  da_session_list_set_paused (self->sessions, da_session_get_conversation_id (session), FALSE);
}

static gboolean
is_processing (DaSession *session)
{
  for (GList *link = _da_session_peek_queue (session)->head; link != NULL; link = link->next)
    if (((DaQueueItem *) link->data)->state == DA_QUEUED_PROCESSING)
      return TRUE;
  return FALSE;
}

gboolean
da_engine_clear_queue (DaEngine    *self,
                       const char  *conversation_id,
                       GError     **error)
{
  DaSession *session = da_session_list_find_for (self->sessions, conversation_id);

  if (session == NULL)
    return TRUE;
  if (is_processing (session))
    {
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                   _("A message of this queue is being answered; stop it first"));
      return FALSE;
    }
  drop_all (session, FALSE);
  return TRUE;
}

/* (nullable): NULL when there is none, or it is being answered. */
static DaQueueItem *
find_item (DaEngine    *self,
           const char  *conversation_id,
           const char  *message_id,
           DaSession  **session,
           GError     **error)
{
  DaQueueItem *item = NULL;

  *session = da_session_list_find_for (self->sessions, conversation_id);
  if (*session != NULL)
    item = _da_session_queue_find_id (*session, message_id);
  if (item == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_NOT_FOUND, _("This message is not in the queue"));
      return NULL;
    }
  if (item->state != DA_QUEUED_PROCESSING)
    return item;
  g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, _("This message is being answered"));
  return NULL;
}

gboolean
da_engine_remove_queued (DaEngine    *self,
                         const char  *conversation_id,
                         const char  *message_id,
                         GError     **error)
{
  DaSession *session;
  DaQueueItem *item = find_item (self, conversation_id, message_id, &session, error);

  if (item == NULL)
    return FALSE;
  drop_item (session, item);
  return TRUE;
}

/* A run that ended cannot begin again: another one takes its place, that nobody waits for. */
static void
make_pending (DaEngine *self, DaSession *session, DaQueueItem *item)
{
  g_autoptr(DaRun) run = NULL;

  item->request->cancel_on_disconnect = FALSE;
  run = _da_engine_make_run (self, session, item->request);
  g_set_object (&item->run, run);
  _da_engine_watch_waiting (self, session, run);
  _da_session_queue_set_state (session, item, DA_QUEUED_PENDING, NULL);
}

gboolean
da_engine_retry_queued (DaEngine    *self,
                        const char  *conversation_id,
                        const char  *message_id,
                        gboolean    *started,
                        GError     **error)
{
  DaSession *session;
  DaQueueItem *item = find_item (self, conversation_id, message_id, &session, error);

  if (item == NULL)
    return FALSE;
  if (item->state != DA_QUEUED_FAILED)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, _("This message has not failed"));
      return FALSE;
    }
  make_pending (self, session, item);
  *started = _da_engine_start_next (self, session);
  return TRUE;
}

/* The request was handed over, but nobody reads it before its run starts. */
static void
set_text (DaQueueItem *item, const char *text)
{
  GPtrArray *messages = item->request->messages;

  for (guint i = messages->len; i > 0; i--)
    {
      DaLlmMessage *message = g_ptr_array_index (messages, i - 1);

      if (message->role != DA_ROLE_USER)
        continue;
      g_clear_pointer (&message->parts, g_free);
      g_free (message->content);
      message->content = g_strdup (text);
      break;
    }
  g_free (item->request->prompt);
  item->request->prompt = g_strdup (text);
}

gboolean
da_engine_edit_queued (DaEngine    *self,
                       const char  *conversation_id,
                       const char  *message_id,
                       const char  *text,
                       GError     **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  DaSession *session;
  DaQueueItem *item = find_item (self, conversation_id, message_id, &session, error);

  if (item == NULL)
    return FALSE;
  if (*trimmed == '\0')
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, _("A message needs a text"));
      return FALSE;
    }
  if (da_run_get_conversation (item->run) != NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                   _("This message is in the conversation already"));
      return FALSE;
    }
  set_text (item, trimmed);
  _da_session_queue_touch (session);
  if (item->state == DA_QUEUED_FAILED)
    make_pending (self, session, item);
  else
    _da_run_set_prompt (item->run, trimmed);
  _da_engine_start_next (self, session);
  return TRUE;
}
