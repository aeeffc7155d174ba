/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-messages"

#include "da-chat-page-private.h"

#include <string.h>

/*
 * The rows of a conversation, and where the view is. Every message has a row, but only those about
 * the view are open: the last ones at once, the others as they are come to, one in a frame. So a
 * conversation opens in a time that hardly depends on its length, and no frame waits for rows that
 * are not seen. (To put older rows above the others when they are wanted is no way: GTK looks at
 * the style of all that comes behind something new in a list, and an open row has thirty parts.)
 */

#define LAST_ROWS 6            /* open before the first frame, and never closed */
#define MOVING_ROWS 4          /* open before the view while it moves */
#define RESTING_ROWS 10        /* open on both sides of the view when it rests */
#define ACTION_ROWS 1          /* beside the view get their buttons too, for who comes by key */
#define KEPT_ROWS 20           /* open rows that far away are closed */
#define REST_US (150 * 1000)   /* so long after it moved it rests */
#define GAP_PIXELS 8           /* more than between two rows */
#define STICK_PIXELS 24

static GtkAdjustment *
adjustment_of (DaChatPage *self)
{
  return gtk_scrolled_window_get_vadjustment (self->scroller);
}

static DaMessageRow *
row_at (DaChatPage *self, guint index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int) index);

  return row != NULL ? DA_MESSAGE_ROW (row) : NULL;
}

/* Where the upper edge of @widget is, seen from that of the view. By the value: what is scrolled is
 * put to its place only with the next layout. */
static double
offset_of (DaChatPage *self, GtkWidget *widget)
{
  GtkWidget *content = gtk_widget_get_first_child (gtk_scrolled_window_get_child (self->scroller));
  double y = 0;

  gtk_widget_translate_coordinates (widget, content, 0, 0, NULL, &y);
  return y - gtk_adjustment_get_value (adjustment_of (self));
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
         >= gtk_adjustment_get_upper (adjustment) - STICK_PIXELS;
}

/* The index of the row there; between two rows there is a gap that belongs to none. */
static guint
index_at (DaChatPage *self, double y)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_y (self->list, (int) y);

  if (row == NULL)
    row = gtk_list_box_get_row_at_y (self->list, (int) y + GAP_PIXELS);
  if (row != NULL)
    return MIN ((guint) gtk_list_box_row_get_index (row), self->messages->len - 1);
  return y < gtk_widget_get_height (GTK_WIDGET (self->list)) / 2.0 ? 0 : self->messages->len - 1;
}

/* Which rows are seen, at least in part; FALSE while that is not known. */
static gboolean
find_view (DaChatPage *self, guint *first, guint *last)
{
  GtkAdjustment *adjustment = adjustment_of (self);
  double page = gtk_adjustment_get_page_size (adjustment);
  double top;

  if (page <= 0 || self->messages->len == 0 || gtk_widget_get_height (GTK_WIDGET (self->list)) == 0
      || (self->stick && !is_at_end (adjustment)))
    return FALSE;
  top = -offset_of (self, GTK_WIDGET (self->list));
  *first = index_at (self, top);
  *last = index_at (self, top + page);
  return *first <= *last;
}

/* Opens that row; whether it was closed. */
static gboolean
open_row (DaChatPage *self, guint index)
{
  DaMessageRow *row = row_at (self, index);

  if (row == NULL || da_message_row_get_open (row))
    return FALSE;
  da_message_row_set_open (row, TRUE);
  return TRUE;
}

/* Opens a piece of that row; whether it was not open. */
static gboolean
open_some (DaChatPage *self, guint index)
{
  DaMessageRow *row = row_at (self, index);

  return row != NULL && da_message_row_open_some (row);
}

/* (nullable): the row in view that has the focus. */
static DaMessageRow *
focused_row (DaChatPage *self, guint first, guint last)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *row = focus != NULL ? gtk_widget_get_ancestor (focus, DA_TYPE_MESSAGE_ROW) : NULL;
  int index;

  if (row == NULL || gtk_widget_get_parent (row) != GTK_WIDGET (self->list))
    return NULL;
  index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));
  return index >= (int) first && index <= (int) last ? DA_MESSAGE_ROW (row) : NULL;
}

/* What the person looks at stays where it is: where the keyboard is, else of the open rows in view
 * the one that was there longer. */
static void
take_anchor (DaChatPage *self, guint first, guint last)
{
  DaMessageRow *focused = focused_row (self, first, last);

  self->anchor = focused;
  for (guint i = first; focused == NULL && i <= last; i++)
    {
      DaMessageRow *row = row_at (self, i);

      if (row == NULL || !da_message_row_get_open (row))
        continue;
      self->anchor = row;
      if (!self->moving_up)
        break;
    }
  if (self->anchor != NULL)
    self->anchor_offset = offset_of (self, GTK_WIDGET (self->anchor));
}

/* The next row to open that is not seen: where the view goes to while it moves, on both sides when
 * it rests. */
static gboolean
open_unseen (DaChatPage *self, guint first, guint last, gboolean moving)
{
  guint ahead = moving ? MOVING_ROWS : RESTING_ROWS;

  for (guint i = 1; i <= ahead; i++)
    {
      if ((self->moving_up || !moving) && first >= i && open_some (self, first - i))
        return TRUE;
      if ((!self->moving_up || !moving) && last + i < self->messages->len
          && open_some (self, last + i))
        return TRUE;
    }
  return FALSE;
}

/* Gives one row its buttons; whether one had none. */
static gboolean
add_actions (DaChatPage *self, guint first, guint last)
{
  for (guint i = first - MIN (first, ACTION_ROWS); i <= last + ACTION_ROWS; i++)
    {
      DaMessageRow *row = row_at (self, i);

      if (row != NULL && da_message_row_add_actions (row))
        return TRUE;
    }
  return FALSE;
}

/* Whether there is more to open. What is seen has to be open at once; of the rest a piece of one
 * row is as much as a frame has time for: its words are shaped and its parts styled in it. */
static gboolean
open_rows (DaChatPage *self, guint first, guint last, gboolean moving)
{
  gboolean opened = FALSE;

  for (guint i = first; i <= last; i++)
    opened |= open_row (self, i);
  return opened || (!moving && add_actions (self, first, last))
         || open_unseen (self, first, last, moving) || moving;
}

static gboolean
may_close (DaChatPage *self, GtkWidget *row)
{
  return row != GTK_WIDGET (self->answer) && row != GTK_WIDGET (self->failed)
         && gtk_widget_get_focus_child (row) == NULL;
}

/* Whether there is more to close. */
static gboolean
close_rows (DaChatPage *self, guint first, guint last)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list));

  for (guint i = 0; row != NULL && i + LAST_ROWS < self->messages->len;
       i++, row = gtk_widget_get_next_sibling (row))
    {
      if (i + KEPT_ROWS >= first && i <= last + KEPT_ROWS)
        continue;
      if (da_message_row_is_closed (DA_MESSAGE_ROW (row)) || !may_close (self, row))
        continue;
      da_message_row_set_open (DA_MESSAGE_ROW (row), FALSE);
      return TRUE;
    }
  return FALSE;
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
move_to (DaChatPage *self, double value)
{
  self->placing = TRUE;
  gtk_adjustment_set_value (adjustment_of (self), value);
  self->placing = FALSE;
}

/* Rows turned out to be of another height than was thought. */
static void
follow_anchor (DaChatPage *self)
{
  double moved = offset_of (self, GTK_WIDGET (self->anchor)) - self->anchor_offset;

  if (moved > -1 && moved < 1)
    return;
  /* A flick knows where it wants to end, which is elsewhere now: it would jump there. */
  gtk_scrolled_window_set_kinetic_scrolling (self->scroller, FALSE);
  gtk_scrolled_window_set_kinetic_scrolling (self->scroller, TRUE);
  move_to (self, gtk_adjustment_get_value (adjustment_of (self)) + moved);
}

static void
after_layout (GdkFrameClock *clock, DaChatPage *self)
{
  forget_layout (self);
  if (self->moved_late)
    gtk_widget_queue_allocate (gtk_scrolled_window_get_child (self->scroller));
  else if (self->anchor != NULL && !self->stick)
    follow_anchor (self);
  self->moved_late = FALSE;
}

/* A value that changes while the viewport is being allocated comes too late: it has placed its
 * child already and cannot be asked again from inside. The clock lays out again before it paints
 * when asked right behind the first time, so no frame shows the wrong place. */
static void
watch_layout (DaChatPage *self)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  if (clock == NULL || self->clock != NULL)
    return;
  self->clock = g_object_ref (clock);
  self->layout_id = g_signal_connect_after (clock, "layout", G_CALLBACK (after_layout), self);
}

static gboolean
rows_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  DaChatPage *self = DA_CHAT_PAGE (widget);
  gboolean moving = g_get_monotonic_time () - self->moved_at < REST_US;
  guint first, last;

  if (!moving)
    {
      gtk_widget_set_can_target (GTK_WIDGET (self->list), TRUE);
      if (self->keyed)
        _da_chat_page_show_focus (self);
      self->keyed = FALSE;
    }
  if (find_view (self, &first, &last))
    {
      take_anchor (self, first, last);
      watch_layout (self);
      if (open_rows (self, first, last, moving) || close_rows (self, first, last))
        return G_SOURCE_CONTINUE;
    }
  if (moving)
    return G_SOURCE_CONTINUE;
  self->anchor = NULL;
  self->rows_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
want_rows (DaChatPage *self)
{
  if (self->rows_tick == 0 && gtk_adjustment_get_page_size (adjustment_of (self)) > 0)
    self->rows_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), rows_tick, NULL, NULL);
}

/* By pages, the list scrolls in an animation, which ends where it is when rows turn out to be of
 * another height. */
static void
on_move_cursor (DaChatPage *self)
{
  self->keyed = TRUE;
  want_rows (self);
}

/* The size changed: a row grew, or rows came. */
static void
on_adjustment_changed (GtkAdjustment *adjustment, DaChatPage *self)
{
  if (self->stick)
    {
      move_to (self, gtk_adjustment_get_upper (adjustment)
                       - gtk_adjustment_get_page_size (adjustment));
      self->moved_late = TRUE;
      watch_layout (self);
    }
  gtk_revealer_set_reveal_child (self->down_revealer, !is_at_end (adjustment));
  want_rows (self);
}

static void
on_value_changed (GtkAdjustment *adjustment, DaChatPage *self)
{
  double value = gtk_adjustment_get_value (adjustment);

  self->stick = is_at_end (adjustment);
  if (!self->stick)
    gtk_widget_show (GTK_WIDGET (self->down_revealer));
  gtk_revealer_set_reveal_child (self->down_revealer, !self->stick);
  if (!self->placing)
    {
      self->moving_up = value < self->last_value;
      self->moved_at = g_get_monotonic_time ();
      self->anchor = NULL;
      /* What passes below the pointer would be styled anew, with all that follows it. */
      gtk_widget_set_can_target (GTK_WIDGET (self->list), FALSE);
    }
  self->last_value = value;
  want_rows (self);
}

void
_da_chat_page_init_messages (DaChatPage *self)
{
  GtkAdjustment *adjustment = adjustment_of (self);

  /* It looks for one in its parent only. */
  gtk_list_box_set_adjustment (self->list, adjustment);
  g_signal_connect_object (self->list, "move-cursor", G_CALLBACK (on_move_cursor), self,
                           G_CONNECT_SWAPPED);
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
  if (self->rows_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->rows_tick);
  self->rows_tick = 0;
  self->anchor = NULL;
  if (self->scroller == NULL)
    return;
  g_clear_signal_handler (&self->adjustment_ids[0], adjustment_of (self));
  g_clear_signal_handler (&self->adjustment_ids[1], adjustment_of (self));
}

void
_da_chat_page_show_focus (DaChatPage *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkAdjustment *adjustment = adjustment_of (self);
  double page = gtk_adjustment_get_page_size (adjustment);
  double top, bottom;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list)))
    return;
  top = offset_of (self, focus);
  bottom = top + gtk_widget_get_height (focus);
  if (bottom - top >= page && top < page && bottom > 0)
    return;
  if (top < 0)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + top);
  else if (bottom > page)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment)
                                            + MIN (bottom - page, top));
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
                    && g_strcmp0 (a->tool_calls, b->tool_calls) == 0
                    && g_strcmp0 (a->tool_results, b->tool_results) == 0
                    && g_strcmp0 (a->finish_reason, b->finish_reason) == 0);
}

/* Drops the rows of messages[from ..]. */
static void
drop_rows (DaChatPage *self, guint from)
{
  self->anchor = NULL;
  for (guint i = self->messages->len; i > from; i--)
    {
      DaMessageRow *row = row_at (self, i - 1);

      if (row == self->failed)
        self->failed = NULL;
      gtk_list_box_remove (self->list, GTK_WIDGET (row));
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
  guint same = 0;

  while (same < messages->len && same < self->messages->len
         && is_same (g_ptr_array_index (messages, same),
                     g_ptr_array_index (self->messages, same)))
    same++;
  drop_rows (self, same);
  for (guint i = same; i < messages->len; i++)
    add_message (self, g_ptr_array_index (messages, i));
  for (guint i = messages->len; i > same && i + LAST_ROWS > messages->len; i--)
    open_row (self, i - 1);
  want_rows (self);
  if (messages->len > 0 || self->answer != NULL)
    _da_chat_page_show_messages (self);
}
