/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-chat-scroll"

#include "da-chat-page-private.h"

/*
 * Where the view is, and which messages have a row. Those about the view do: the last ones at once,
 * the others as they are come to, a piece in a frame. So a conversation opens in a time that hardly
 * depends on its length, and no frame waits for rows that are not seen.
 */

#define LAST_ROWS 6            /* open before the first frame; the last ones are not dropped */
#define MOVING_ROWS 4          /* open before the view while it moves */
#define RESTING_ROWS 10        /* open on both sides of the view when it rests */
#define ACTION_ROWS 1          /* beside the view get their buttons too, for who comes by key */
#define KEPT_ROWS 16           /* rows that far away are dropped */
#define MANY_ROWS 80           /* more are not kept while others are opened */
#define REST_US (150 * 1000)   /* so long after it moved it rests */
#define STICK_PIXELS 24
#define MARGIN_PIXELS 12       /* around what is scrolled to; as far as the list's own edge is */

static GtkAdjustment *
adjustment_of (DaChatPage *self)
{
  return gtk_scrolled_window_get_vadjustment (self->scroller);
}

/* Where the upper edge of the list is, seen from that of the view. By the value: what is scrolled
 * is put to its place only with the next layout. */
static double
list_offset (DaChatPage *self)
{
  GtkWidget *content = gtk_widget_get_first_child (gtk_scrolled_window_get_child (self->scroller));
  double y = 0;

  gtk_widget_translate_coordinates (GTK_WIDGET (self->list), content, 0, 0, NULL, &y);
  return y - gtk_adjustment_get_value (adjustment_of (self));
}

static double
offset_at (DaChatPage *self, guint index)
{
  return list_offset (self) + da_message_list_get_y (self->list, index);
}

static double
offset_of (DaChatPage *self, DaMessageRow *row)
{
  return offset_at (self, da_message_list_find (self->list, row));
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
         >= gtk_adjustment_get_upper (adjustment) - STICK_PIXELS;
}

/* Which rows are seen, at least in part; FALSE while that is not known. */
static gboolean
find_view (DaChatPage *self, guint *first, guint *last)
{
  GtkAdjustment *adjustment = adjustment_of (self);
  double page = gtk_adjustment_get_page_size (adjustment);
  double top;

  if (page <= 0 || da_message_list_get_size (self->list) == 0
      || gtk_widget_get_height (GTK_WIDGET (self->list)) == 0
      || (self->stick && !is_at_end (adjustment)))
    return FALSE;
  top = -list_offset (self);
  *first = da_message_list_index_at (self->list, top);
  *last = da_message_list_index_at (self->list, top + page);
  return TRUE;
}

/* Opens that row; whether it was closed. */
static gboolean
open_row (DaChatPage *self, guint index)
{
  DaMessageRow *row = da_message_list_need_row (self->list, index);

  if (row == NULL || da_message_row_is_open (row))
    return FALSE;
  da_message_row_open (row);
  return TRUE;
}

/* Opens a piece of that row; whether it was not open. */
static gboolean
open_some (DaChatPage *self, guint index)
{
  DaMessageRow *row = da_message_list_need_row (self->list, index);

  return row != NULL && da_message_row_open_some (row);
}

/* (nullable): the row in view that has the focus. */
static DaMessageRow *
focused_row (DaChatPage *self, guint first, guint last)
{
  DaMessageRow *row = da_message_list_peek_focus (self->list);
  guint index = row != NULL ? da_message_list_find (self->list, row) : 0;

  return row != NULL && index >= first && index <= last ? row : NULL;
}

/* (nullable): of the open rows in view the one that was there longer; at rest the first that begins
 * in it. */
static DaMessageRow *
find_anchor (DaChatPage *self, guint first, guint last, gboolean moving)
{
  DaMessageRow *found = NULL;

  for (guint i = first; i <= last; i++)
    {
      DaMessageRow *row = da_message_list_peek_row (self->list, i);

      if (row == NULL || !da_message_row_is_open (row))
        continue;
      if (found == NULL || (moving && self->moving_up))
        found = row;
      else if (!moving && offset_of (self, found) < 0)
        found = row;
    }
  return found;
}

/* What the person looks at stays where it is: where the keyboard is, else what is read. */
static void
take_anchor (DaChatPage *self, guint first, guint last, gboolean moving)
{
  self->anchor = focused_row (self, first, last);
  if (self->anchor == NULL)
    self->anchor = find_anchor (self, first, last, moving);
  if (self->anchor != NULL)
    self->anchor_offset = offset_of (self, self->anchor);
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
      if ((!self->moving_up || !moving) && last + i < da_message_list_get_size (self->list)
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
      DaMessageRow *row = da_message_list_peek_row (self->list, i);

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
         || open_unseen (self, first, last, moving);
}

static gboolean
may_drop (DaChatPage *self, DaMessageRow *row)
{
  return row != self->answer && row != self->failed && row != self->anchor
         && row != da_message_list_peek_focus (self->list) && !da_message_row_is_in_use (row);
}

/* Drops a row that is far from the view; FALSE when there is none. */
static gboolean
drop_row (DaChatPage *self, guint first, guint last)
{
  for (guint i = 0; i + LAST_ROWS < self->messages->len; i++)
    {
      DaMessageRow *row = da_message_list_peek_row (self->list, i);

      if (row == NULL || (i + KEPT_ROWS >= first && i <= last + KEPT_ROWS)
          || !may_drop (self, row))
        continue;
      da_message_list_drop_row (self->list, i);
      return TRUE;
    }
  return FALSE;
}

/* One in a frame that has opened none; when the view moves so fast that there is no such frame, all
 * above MANY_ROWS. Whether there may be more to drop. */
static gboolean
drop_rows (DaChatPage *self, guint first, guint last, gboolean busy)
{
  while (da_message_list_count_rows (self->list) > MANY_ROWS)
    if (!drop_row (self, first, last))
      break;
  return busy || drop_row (self, first, last);
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
  double moved = offset_of (self, self->anchor) - self->anchor_offset;

  if (moved > -1 && moved < 1)
    return;
  /* A flick knows where it wants to end, which is elsewhere now: it would jump there. */
  gtk_scrolled_window_set_kinetic_scrolling (self->scroller, FALSE);
  gtk_scrolled_window_set_kinetic_scrolling (self->scroller, TRUE);
  move_to (self, gtk_adjustment_get_value (adjustment_of (self)) + moved);
}

static void watch_layout (DaChatPage *self);

static void
after_layout (GdkFrameClock *clock, DaChatPage *self)
{
  forget_layout (self);
  if (self->moved_late)
    gtk_widget_queue_allocate (gtk_scrolled_window_get_child (self->scroller));
  else if (self->anchor != NULL && !self->stick)
    follow_anchor (self);
  self->moved_late = FALSE;
  /* Also at rest: the window may become narrower, or a picture come. */
  if (self->anchor != NULL)
    watch_layout (self);
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
  gboolean more = FALSE;
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
      take_anchor (self, first, last, moving);
      watch_layout (self);
      more = open_rows (self, first, last, moving);
      more = drop_rows (self, first, last, more);
    }
  if (more || moving)
    return G_SOURCE_CONTINUE;
  self->rows_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
want_rows (DaChatPage *self)
{
  if (self->rows_tick == 0 && gtk_adjustment_get_page_size (adjustment_of (self)) > 0)
    self->rows_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), rows_tick, NULL, NULL);
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
    }
  watch_layout (self);
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
      self->keyed = FALSE;
      /* What passes below the pointer would be styled anew, with all that follows it. */
      gtk_widget_set_can_target (GTK_WIDGET (self->list), FALSE);
    }
  self->last_value = value;
  want_rows (self);
}

/* Keys */

static guint
page_away (DaChatPage *self, guint index, int count)
{
  double step = gtk_adjustment_get_page_increment (adjustment_of (self)) * count;
  guint target = da_message_list_index_at (self->list,
                                           da_message_list_get_y (self->list, index) + step);

  /* A message may be longer than a page. */
  return target != index ? target : index + (guint) (count < 0 ? -1 : 1);
}

static void
on_move_cursor (DaChatPage *self, GtkMovementStep step, int count)
{
  DaMessageRow *row = da_message_list_peek_focus (self->list);
  guint index = row != NULL ? da_message_list_find (self->list, row) : 0;
  guint target;

  if (step == GTK_MOVEMENT_BUFFER_ENDS)
    target = count < 0 ? 0 : da_message_list_get_size (self->list) - 1;
  else if (step == GTK_MOVEMENT_PAGES)
    target = page_away (self, index, count);
  else
    target = index + (guint) count;
  /* Before the first it has wrapped to a number that no message has. */
  row = da_message_list_need_row (self->list, target);
  if (row == NULL)
    gtk_widget_error_bell (GTK_WIDGET (self->list));
  else
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

void
_da_chat_page_init_scroll (DaChatPage *self)
{
  GtkAdjustment *adjustment = adjustment_of (self);

  g_signal_connect_object (self->list, "move-cursor", G_CALLBACK (on_move_cursor), self,
                           G_CONNECT_SWAPPED);
  self->stick = TRUE;
  self->adjustment_ids[0] = g_signal_connect (adjustment, "changed",
                                              G_CALLBACK (on_adjustment_changed), self);
  self->adjustment_ids[1] = g_signal_connect (adjustment, "value-changed",
                                              G_CALLBACK (on_value_changed), self);
}

void
_da_chat_page_dispose_scroll (DaChatPage *self)
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

/* Scrolls as little as shows what goes from @top to @bottom; what is longer than the view only when
 * nothing of it is seen. */
static void
show_span (DaChatPage *self, double top, double bottom)
{
  GtkAdjustment *adjustment = adjustment_of (self);
  double page = gtk_adjustment_get_page_size (adjustment);
  double value = gtk_adjustment_get_value (adjustment);

  top -= MARGIN_PIXELS;
  bottom += MARGIN_PIXELS;
  if (bottom - top >= page && top < page && bottom > 0)
    return;
  if (top < 0)
    gtk_adjustment_set_value (adjustment, value + top);
  else if (bottom > page)
    gtk_adjustment_set_value (adjustment, value + MIN (bottom - page, top));
}

void
_da_chat_page_show_focus (DaChatPage *self)
{
  DaMessageRow *row = da_message_list_peek_focus (self->list);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  double top, y = 0;
  int high;

  if (row == NULL || focus == NULL)
    return;
  top = offset_of (self, row);
  /* A row that was made for the focus has no place yet, but the list knows it. */
  if (focus == GTK_WIDGET (row))
    high = da_message_list_get_height (self->list, da_message_list_find (self->list, row));
  else
    {
      gtk_widget_translate_coordinates (focus, GTK_WIDGET (row), 0, 0, NULL, &y);
      high = gtk_widget_get_height (focus);
    }
  show_span (self, top + y, top + y + high);
  self->keyed = TRUE;
  want_rows (self);
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
_da_chat_page_open_last (DaChatPage *self,
                         guint       n)
{
  for (guint i = 0; i < MIN (n, LAST_ROWS); i++)
    open_row (self, self->messages->len - 1 - i);
  want_rows (self);
}
