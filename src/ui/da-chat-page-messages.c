/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-messages"

#include "da-chat-page-private.h"

#include <string.h>

/*
 * The rows of a conversation, and where the view is. Only the newest messages become rows at first;
 * older ones follow while the person scrolls up, a chunk at a time, without moving what is seen. So
 * a conversation opens in a time that does not depend on its length.
 */

#define CHUNK 24               /* some screens full */
#define NEAR_PIXELS 600        /* so close to the upper end the next chunk is built */
#define STICK_PIXELS 24

static GtkAdjustment *
adjustment_of (DaChatPage *self)
{
  return gtk_scrolled_window_get_vadjustment (self->scroller);
}

static void
show_older (DaChatPage *self)
{
  GtkAdjustment *adjustment = adjustment_of (self);
  guint first = self->first_shown > CHUNK ? self->first_shown - CHUNK : 0;

  if (self->first_shown == 0)
    return;
  self->anchor = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_value (adjustment);
  self->growing_up = TRUE;
  for (guint i = self->first_shown; i > first; i--)
    gtk_list_box_prepend (self->list, da_message_row_new (self->engine,
                                                          g_ptr_array_index (self->messages,
                                                                             i - 1)));
  self->first_shown = first;
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
         >= gtk_adjustment_get_upper (adjustment) - STICK_PIXELS;
}

static void
forget_layout (DaChatPage *self)
{
  /* A window that closes disposes of its clock, and that of its handlers. */
  if (self->clock != NULL && g_signal_handler_is_connected (self->clock, self->layout_id))
    g_signal_handler_disconnect (self->clock, self->layout_id);
  self->layout_id = 0;
  g_clear_object (&self->clock);
}

static void
after_layout (GdkFrameClock *clock, DaChatPage *self)
{
  forget_layout (self);
  gtk_widget_queue_allocate (gtk_scrolled_window_get_child (self->scroller));
}

/* The value changes while the viewport is being allocated, which has placed its child already and
 * cannot be asked again from inside. The clock lays out again before it paints when asked right
 * behind the first time, so no frame shows the wrong place. */
static void
place (DaChatPage *self, double value)
{
  GtkAdjustment *adjustment = adjustment_of (self);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  gtk_adjustment_set_value (adjustment, value);
  if (clock == NULL || self->clock != NULL)
    return;
  self->clock = g_object_ref (clock);
  self->layout_id = g_signal_connect_after (clock, "layout", G_CALLBACK (after_layout), self);
}

/* The size changed: a row grew, or rows came. */
static void
on_adjustment_changed (GtkAdjustment *adjustment, DaChatPage *self)
{
  double upper = gtk_adjustment_get_upper (adjustment);

  if (self->growing_up)
    {
      self->growing_up = FALSE;
      place (self, upper - self->anchor);
    }
  else if (self->stick)
    {
      place (self, upper - gtk_adjustment_get_page_size (adjustment));
    }
  gtk_revealer_set_reveal_child (self->down_revealer, !is_at_end (adjustment));
}

static void
on_value_changed (GtkAdjustment *adjustment, DaChatPage *self)
{
  self->stick = is_at_end (adjustment);
  if (!self->stick)
    gtk_widget_show (GTK_WIDGET (self->down_revealer));
  gtk_revealer_set_reveal_child (self->down_revealer, !self->stick);
  if (gtk_adjustment_get_value (adjustment) < NEAR_PIXELS && !self->growing_up
      && gtk_adjustment_get_page_size (adjustment) > 0)
    show_older (self);
}

void
_da_chat_page_init_messages (DaChatPage *self)
{
  GtkAdjustment *adjustment = adjustment_of (self);

  self->stick = TRUE;
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
  self->adjustment_ids[0] = g_signal_connect (adjustment, "changed",
                                              G_CALLBACK (on_adjustment_changed), self);
  self->adjustment_ids[1] = g_signal_connect (adjustment, "value-changed",
                                              G_CALLBACK (on_value_changed), self);
}

void
_da_chat_page_dispose_messages (DaChatPage *self)
{
  forget_layout (self);
  if (self->scroller == NULL)
    return;
  g_clear_signal_handler (&self->adjustment_ids[0], adjustment_of (self));
  g_clear_signal_handler (&self->adjustment_ids[1], adjustment_of (self));
}

void
_da_chat_page_scroll_down (DaChatPage *self)
{
  GtkAdjustment *adjustment = adjustment_of (self);

  self->stick = TRUE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment)
                                          - gtk_adjustment_get_page_size (adjustment));
}

void
_da_chat_page_show_messages (DaChatPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "messages");
}

void
_da_chat_page_append_row (DaChatPage *self,
                          GtkWidget  *row)
{
  gtk_list_box_append (self->list, row);
  _da_chat_page_show_messages (self);
}

void
_da_chat_page_remove_answer (DaChatPage *self)
{
  if (self->answer == NULL)
    return;
  gtk_list_box_remove (self->list, GTK_WIDGET (self->answer));
  self->answer = NULL;
}

static gboolean
is_same (DaMessage *a, DaMessage *b)
{
  return a == b || (strcmp (a->id, b->id) == 0 && strcmp (a->content, b->content) == 0
                    && g_strcmp0 (a->display_content, b->display_content) == 0
                    && g_strcmp0 (a->finish_reason, b->finish_reason) == 0);
}

/* Drops the rows of messages[from ..]. */
static void
drop_rows (DaChatPage *self, guint from)
{
  guint shown = self->messages->len - self->first_shown;
  guint keep = from > self->first_shown ? from - self->first_shown : 0;

  for (guint i = shown; i > keep; i--)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int) i - 1);

      if (GTK_WIDGET (row) == GTK_WIDGET (self->failed))
        self->failed = NULL;
      gtk_list_box_remove (self->list, GTK_WIDGET (row));
    }
  self->first_shown = MIN (self->first_shown, from);
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
  GtkListBoxRow *last = self->answer != NULL ? GTK_LIST_BOX_ROW (self->answer) : NULL;

  g_ptr_array_add (self->messages, g_object_ref (message));
  if (take_answer (self, message))
    return;
  /* What has no message comes last. */
  if (last == NULL && self->failed != NULL && da_message_row_get_message (self->failed) == NULL)
    last = GTK_LIST_BOX_ROW (self->failed);
  gtk_list_box_insert (self->list, da_message_row_new (self->engine, message),
                       last != NULL ? gtk_list_box_row_get_index (last) : -1);
}

void
_da_chat_page_sync (DaChatPage *self,
                    GPtrArray  *messages)
{
  gboolean first = self->messages->len == 0;
  guint same = 0;

  while (same < messages->len && same < self->messages->len
         && is_same (g_ptr_array_index (messages, same),
                     g_ptr_array_index (self->messages, same)))
    same++;
  if (same < self->messages->len)
    {
      drop_rows (self, same);
      g_ptr_array_set_size (self->messages, (int) same);
      first = same <= self->first_shown;
    }
  if (first && messages->len > same + CHUNK)
    {
      /* The rows begin at the newest; what lies before waits for the person to scroll there. */
      self->first_shown = messages->len - CHUNK;
      while (same < self->first_shown)
        g_ptr_array_add (self->messages, g_object_ref (g_ptr_array_index (messages, same++)));
    }
  for (guint i = same; i < messages->len; i++)
    add_message (self, g_ptr_array_index (messages, i));
  if (messages->len > 0 || self->answer != NULL)
    _da_chat_page_show_messages (self);
}
