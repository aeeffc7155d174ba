/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-failure"

#include "config.h"

#include "da-chat-page-private.h"

#include <string.h>

#include <glib/gi18n.h>

/*
 * A question without a whole answer: the provider refused, the connection broke, the program ended.
 * The last row of the conversation says why and offers to ask again. Found out from what is stored,
 * so it is there after a restart too; the reason itself is known only while the run is.
 */

static gboolean
is_answering (DaChatPage *self)
{
  DaRun *run = self->session != NULL ? da_session_get_run (self->session) : NULL;

  return self->answer != NULL || (self->run != NULL && !da_run_is_finished (self->run))
         || (run != NULL && !da_run_is_finished (run));
}

static DaMessage *
last_message (DaChatPage *self)
{
  guint n = self->messages->len;

  return n > 0 ? g_ptr_array_index (self->messages, n - 1) : NULL;
}

static gboolean
is_broken (DaMessage *message)
{
  return message->role == DA_ROLE_ASSISTANT
         && (g_strcmp0 (message->finish_reason, "error") == 0
             || g_strcmp0 (message->finish_reason, "interrupted") == 0);
}

static const char *
reason_of (DaChatPage *self, DaMessage *last)
{
  const GError *error = self->run != NULL ? da_run_get_error (self->run) : NULL;
  gboolean cancelled = self->run != NULL
                       && da_run_get_state (self->run) == DA_RUN_STATE_CANCELLED;

  if (last->role != DA_ROLE_USER
      && (self->run == NULL || g_strcmp0 (last->run_id, da_run_get_id (self->run)) != 0))
    return _("This answer broke off before its end");
  if (error != NULL)
    return error->message;
  return cancelled ? _("Stopped before there was an answer") : _("This message has no answer");
}

const char *
_da_chat_page_peek_unanswered (DaChatPage *self)
{
  DaMessage *last = last_message (self);

  if (last == NULL || is_answering (self) || (last->role != DA_ROLE_USER && !is_broken (last)))
    return NULL;
  for (guint i = self->messages->len; i > 0; i--)
    {
      DaMessage *message = g_ptr_array_index (self->messages, i - 1);

      if (message->role == DA_ROLE_USER)
        return message->content;
    }
  return NULL;
}

void
_da_chat_page_forget_failure (DaChatPage *self)
{
  DaMessageRow *row = g_steal_pointer (&self->failed);

  if (row == NULL)
    return;
  if (da_message_row_get_message (row) == NULL)
    _da_chat_page_remove_row (self, row);
  else
    da_message_row_set_failed (row, NULL);
}

/* The row of the broken answer, or one of its own below the question. */
static DaMessageRow *
find_row (DaChatPage *self, DaMessage *last)
{
  DaMessageRow *row;

  if (self->failed != NULL
      && da_message_row_get_message (self->failed) == (last->role == DA_ROLE_USER ? NULL : last))
    return self->failed;
  _da_chat_page_forget_failure (self);
  if (last->role == DA_ROLE_USER)
    {
      row = DA_MESSAGE_ROW (da_message_row_new (self->engine, NULL));
      _da_chat_page_append_row (self, row);
      return row;
    }
  return da_message_list_need_row (self->list, self->messages->len - 1);
}

void
_da_chat_page_update_failure (DaChatPage *self)
{
  gboolean can_retry = _da_chat_page_peek_unanswered (self) != NULL;
  DaMessage *last = last_message (self);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.retry", can_retry);
  if (!can_retry)
    {
      _da_chat_page_forget_failure (self);
      return;
    }
  self->failed = find_row (self, last);
  if (self->failed != NULL)
    da_message_row_set_failed (self->failed, reason_of (self, last));
}
