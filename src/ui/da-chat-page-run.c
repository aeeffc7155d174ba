/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-run"

#include "config.h"

#include "da-chat-page-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-json.h"

/*
 * Follows the conversation's session: whoever asks (this window, a phone, a script), its run is
 * watched and its text appended as it comes.
 */

void
_da_chat_page_set_status (DaChatPage *self,
                          const char *text)
{
  gtk_label_set_text (self->status, text != NULL ? text : "");
}

static void
tell_retry (DaChatPage *self, const char *payload)
{
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *status = NULL;
  const char *reason = NULL;
  JsonObject *object;

  if (payload != NULL)
    root = da_json_parse (payload, strlen (payload), 64 * 1024, NULL);
  object = root != NULL ? da_json_need_object (root, NULL) : NULL;
  if (object != NULL)
    da_json_take_string (object, "reason", &reason, NULL);
  status = reason != NULL ? g_strdup_printf (_("Trying again: %s"), reason)
                          : g_strdup (_("Trying again"));
  da_message_row_set_status (self->answer, status);
}

static void
read_events (DaChatPage *self)
{
  const DaRunEvent *event;

  while ((event = da_run_peek_event (self->run, self->seen_event + 1)) != NULL)
    {
      self->seen_event++;
      if (event->type == DA_RUN_EVENT_RETRY && self->answer != NULL)
        tell_retry (self, event->payload);
    }
}

static void
unfollow (DaChatPage *self)
{
  if (self->run != NULL && self->run_watch != 0)
    da_run_unsubscribe (self->run, self->run_watch);
  self->run_watch = 0;
}

/* Also what a screen reader says when the answer is there. */
static void
tell_complete (DaChatPage *self)
{
  const char *model = da_run_get_model (self->run);
  const char *provider = da_run_get_provider_name (self->run);
  g_autofree char *text = NULL;

  if (provider != NULL && model != NULL && g_strcmp0 (model, "offline") != 0)
    text = g_strdup_printf (_("Answered by %s with %s"), provider, model);
  else if (provider != NULL)
    text = g_strdup_printf (_("Answered by %s"), provider);
  else
    text = g_strdup (_("The answer is complete"));
  _da_chat_page_set_status (self, text);
}

static void
show_end (DaChatPage *self)
{
  const GError *error = da_run_get_error (self->run);
  DaMessage *answer = da_run_get_answer (self->run);

  unfollow (self);
  da_composer_set_running (self->composer, FALSE);
  if (answer != NULL && self->answer != NULL)
    {
      DaMessageRow *row = self->answer;

      g_ptr_array_add (self->messages, g_object_ref (answer));
      da_message_row_set_message (row, answer);
      self->answer = NULL;
    }
  else
    {
      _da_chat_page_remove_answer (self);
    }
  _da_chat_page_update_failure (self);
  if (error != NULL)
    _da_chat_page_set_status (self, _("The answer failed"));
  else if (da_run_get_state (self->run) == DA_RUN_STATE_CANCELLED)
    _da_chat_page_set_status (self, _("Stopped"));
  else
    tell_complete (self);
}

static void
on_run (DaRun *run, gpointer user_data)
{
  DaChatPage *self = user_data;
  gsize length;
  const char *text = da_run_peek_text (run, &length);

  read_events (self);
  if (self->answer != NULL && length > self->seen_text)
    {
      da_message_row_set_status (self->answer, NULL);
      da_message_row_append (self->answer, text + self->seen_text, length - self->seen_text);
      self->seen_text = length;
    }
  if (da_run_is_finished (run))
    show_end (self);
}

static void
show_status (DaChatPage *self)
{
  const char *provider = da_run_get_provider_name (self->run);
  const char *model = da_run_get_model (self->run);
  g_autofree char *text = NULL;

  if (provider != NULL && model != NULL)
    text = g_strdup_printf (_("%s answers with %s"), provider, model);
  else
    text = g_strdup (_("An answer is being made"));
  _da_chat_page_set_status (self, text);
}

void
_da_chat_page_follow (DaChatPage *self,
                      DaRun      *run)
{
  DaConversation *conversation;

  if (self->run == run || da_run_is_finished (run)
      || da_run_get_state (run) == DA_RUN_STATE_QUEUED)
    return;
  unfollow (self);
  if (self->answer != NULL)
    _da_chat_page_remove_answer (self);
  _da_chat_page_forget_failure (self);
  g_set_object (&self->run, run);
  self->seen_event = 0;
  self->seen_text = 0;
  conversation = da_run_get_conversation (run);
  if (conversation != NULL && conversation->messages != NULL)
    _da_chat_page_sync (self, conversation->messages);
  self->answer = DA_MESSAGE_ROW (da_message_row_new (self->engine, NULL));
  da_message_row_set_status (self->answer, "");
  _da_chat_page_append_row (self, self->answer);
  da_composer_set_running (self->composer, TRUE);
  show_status (self);
  self->run_watch = da_run_subscribe (run, on_run, self);
  on_run (run, self);
}

/* The session */

static void
on_session_run (DaChatPage *self)
{
  DaRun *run = self->session != NULL ? da_session_get_run (self->session) : NULL;

  if (run != NULL)
    _da_chat_page_follow (self, run);
}

static void
on_run_state (DaChatPage *self)
{
  on_session_run (self);
}

static void
set_session (DaChatPage *self, DaSession *session)
{
  if (self->session == session)
    return;
  if (self->session != NULL)
    g_clear_signal_handler (&self->session_run_id, self->session);
  g_set_object (&self->session, session);
  da_queue_view_set_session (self->queue, session);
  if (session == NULL)
    return;
  self->session_run_id = g_signal_connect_swapped (session, "notify::run",
                                                   G_CALLBACK (on_run_state), self);
  on_session_run (self);
}

static void
on_sessions_changed (DaChatPage *self)
{
  if (self->conversation_id != NULL)
    set_session (self, da_engine_find_session_for (self->engine, self->conversation_id));
  on_session_run (self);
}

void
_da_chat_page_watch_sessions (DaChatPage *self)
{
  if (self->sessions == NULL)
    {
      self->sessions = g_object_ref (da_engine_get_sessions (self->engine));
      self->sessions_id = g_signal_connect_swapped (self->sessions, "items-changed",
                                                    G_CALLBACK (on_sessions_changed), self);
    }
  on_sessions_changed (self);
}

void
_da_chat_page_unwatch (DaChatPage *self)
{
  unfollow (self);
  if (self->queue != NULL)
    set_session (self, NULL);
  if (self->sessions != NULL)
    g_clear_signal_handler (&self->sessions_id, self->sessions);
  g_clear_object (&self->sessions);
  g_clear_object (&self->run);
  self->answer = NULL;
  self->failed = NULL;
}
