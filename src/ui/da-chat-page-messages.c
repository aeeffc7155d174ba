/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-messages"

#include "da-chat-page-private.h"

#include <string.h>

/* The messages of the list follow those that are stored. */

void
_da_chat_page_show_messages (DaChatPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "messages");
}

void
_da_chat_page_append_row (DaChatPage   *self,
                          DaMessageRow *row)
{
  da_message_list_append_row (self->list, row);
  _da_chat_page_show_messages (self);
}

/* Before a row goes. GTK would look for the next thing from the top of the window. */
static void
leave_row (DaChatPage *self, DaMessageRow *row)
{
  if (row == NULL)
    return;
  if (da_message_list_peek_focus (self->list) == row)
    da_chat_page_focus_composer (self);
  if (self->anchor == row)
    self->anchor = NULL;
  if (self->failed == row)
    self->failed = NULL;
}

void
_da_chat_page_remove_row (DaChatPage   *self,
                          DaMessageRow *row)
{
  leave_row (self, row);
  da_message_list_remove_row (self->list, row);
}

void
_da_chat_page_remove_answer (DaChatPage *self)
{
  DaMessageRow *row = g_steal_pointer (&self->answer);

  if (row != NULL)
    _da_chat_page_remove_row (self, row);
}

static gboolean
is_same (DaMessage *a, DaMessage *b)
{
  return a == b || (strcmp (a->id, b->id) == 0 && strcmp (a->content, b->content) == 0
                    && g_strcmp0 (a->display_content, b->display_content) == 0
                    && g_strcmp0 (a->tool_calls, b->tool_calls) == 0
                    && g_strcmp0 (a->tool_results, b->tool_results) == 0
                    && g_strcmp0 (a->finish_reason, b->finish_reason) == 0);
}

/* Drops messages[from ..]. */
static void
drop_messages (DaChatPage *self, guint from)
{
  for (guint i = self->messages->len; i > from; i--)
    {
      leave_row (self, da_message_list_peek_row (self->list, i - 1));
      da_message_list_remove (self->list, i - 1);
    }
  g_ptr_array_set_size (self->messages, (int) from);
}

/* The answer that was watched growing is stored now: its row becomes the message's. */
static gboolean
take_answer (DaChatPage *self, DaMessage *message)
{
  if (self->answer == NULL || self->run == NULL || message->role != DA_ROLE_ASSISTANT
      || g_strcmp0 (message->run_id, da_run_get_id (self->run)) != 0)
    return FALSE;
  da_message_row_set_message (self->answer, message);
  self->answer = NULL;
  return TRUE;
}

static void
add_message (DaChatPage *self, DaMessage *message)
{
  g_ptr_array_add (self->messages, g_object_ref (message));
  /* What has no message comes last. */
  if (!take_answer (self, message))
    da_message_list_insert (self->list, self->messages->len - 1, message);
}

void
_da_chat_page_sync (DaChatPage *self,
                    GPtrArray  *messages)
{
  guint same = 0;

  while (same < messages->len && same < self->messages->len
         && is_same (g_ptr_array_index (messages, same),
                     g_ptr_array_index (self->messages, same)))
    same++;
  drop_messages (self, same);
  for (guint i = same; i < messages->len; i++)
    add_message (self, g_ptr_array_index (messages, i));
  _da_chat_page_open_last (self, messages->len - same);
  if (messages->len > 0 || self->answer != NULL)
    _da_chat_page_show_messages (self);
}
