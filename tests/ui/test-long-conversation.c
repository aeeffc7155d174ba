/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-long-conversation"

#include "da-chat-page.h"

#include <adwaita.h>

#include "da-message-row.h"
#include "da-test-util.h"
#include "da-worker.h"
#include "ui-sample.h"

#define HOUR (60LL * 60 * 1000)
#define MESSAGES 2000
#define UNSEEN (MESSAGES - 17) /* not opened when the list rests at its end, and not closed */
#define MANY_OPEN 80           /* of the rows; what is near the view, with room to spare */

typedef struct {
  char *root;
  DaEngine *engine;
  DaConversation *conversation;
  GtkWidget *page;
  GtkWidget *window;
  GtkListBox *list;
  GtkAdjustment *adjustment;
} Fixture;

static DaMessageRow *
row_at (Fixture *self, int index)
{
  return DA_MESSAGE_ROW (gtk_list_box_get_row_at_index (self->list, index));
}

static double
top_of (Fixture *self, DaMessageRow *row)
{
  double y = 0;

  g_assert_true (gtk_widget_translate_coordinates (GTK_WIDGET (row), self->page, 0, 0, NULL, &y));
  return y;
}

static int
height_of (DaMessageRow *row)
{
  return gtk_widget_get_allocated_height (GTK_WIDGET (row));
}

static gboolean
is_laid_out (gpointer row)
{
  int high;

  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, gtk_widget_get_allocated_width (row), &high,
                      NULL, NULL, NULL);
  return gtk_widget_get_allocated_height (row) == high;
}

static int
settled_height_of (DaMessageRow *row)
{
  da_test_await (is_laid_out, row);
  return height_of (row);
}

/* Whether all that is seen is open, and nothing waits to be. */
static gboolean
is_whole (gpointer data)
{
  Fixture *self = data;
  double page = gtk_adjustment_get_page_size (self->adjustment);
  guint seen = 0;

  if (page <= 0)
    return FALSE;
  for (int i = 0; i < MESSAGES; i++)
    {
      DaMessageRow *row = row_at (self, i);
      double top = row != NULL ? top_of (self, row) : 0;

      if (row == NULL)
        return FALSE;
      if (top + height_of (row) <= 0 || top >= page)
        continue;
      if (!da_message_row_get_open (row))
        return FALSE;
      seen++;
    }
  return seen > 0;
}

static guint
count_open (Fixture *self)
{
  guint n = 0;

  for (int i = 0; i < MESSAGES; i++)
    n += da_message_row_get_open (row_at (self, i));
  return n;
}

static gboolean
is_small (gpointer data)
{
  return is_whole (data) && count_open (data) < MANY_OPEN;
}

/* Until the rows about the view are open, and those that are far away closed again. */
static void
rest (Fixture *self)
{
  da_test_await (is_whole, self);
  da_test_iterate_for (400);
  da_test_await (is_small, self);
}

static gboolean
is_closed (gpointer row)
{
  return !da_message_row_get_open (row);
}

static gboolean
has_list (gpointer data)
{
  Fixture *self = data;
  GtkWidget *list = ui_sample_find_type (self->page, GTK_TYPE_LIST_BOX);

  return gtk_list_box_get_row_at_index (GTK_LIST_BOX (list), MESSAGES - 1) != NULL;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  GtkWidget *scroller;

  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
  self->conversation = ui_sample_conversation (self->engine, "Long", MESSAGES, HOUR);
  self->page = da_chat_page_new (self->engine, self->conversation->id);
  self->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 700, 600);
  gtk_window_set_child (GTK_WINDOW (self->window), self->page);
  gtk_window_present (GTK_WINDOW (self->window));
  da_test_await (has_list, self);
  self->list = GTK_LIST_BOX (ui_sample_find_type (self->page, GTK_TYPE_LIST_BOX));
  scroller = gtk_widget_get_ancestor (GTK_WIDGET (self->list), GTK_TYPE_SCROLLED_WINDOW);
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  rest (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_object_unref (self->conversation);
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->root);
}

static gboolean
is_at_end (Fixture *self)
{
  return ABS (gtk_adjustment_get_upper (self->adjustment)
              - gtk_adjustment_get_page_size (self->adjustment)
              - gtk_adjustment_get_value (self->adjustment)) < 1;
}

static void
scroll_to (Fixture *self, double value)
{
  gtk_adjustment_set_value (self->adjustment, value);
  rest (self);
}

static void
test_opens_at_its_end (Fixture *self, gconstpointer data)
{
  g_assert_true (is_at_end (self));
  g_assert_true (da_message_row_get_open (row_at (self, MESSAGES - 1)));
  g_assert_false (da_message_row_get_open (row_at (self, 0)));
}

static void
test_every_place_is_whole (Fixture *self, gconstpointer data)
{
  for (int part = 4; part >= 0; part--)
    scroll_to (self, gtk_adjustment_get_upper (self->adjustment) * part / 5);
  g_assert_true (da_message_row_get_open (row_at (self, 0)));
  g_assert_cmpfloat (gtk_adjustment_get_value (self->adjustment), ==, 0);
}

static void
test_closing_takes_no_place (Fixture *self, gconstpointer data)
{
  DaMessageRow *question = row_at (self, MESSAGES - 2);
  DaMessageRow *answer = row_at (self, MESSAGES - 1);
  int high[] = { height_of (question), height_of (answer) };
  GtkWidget *view = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (answer));

  g_object_ref (view);
  da_message_row_set_open (question, FALSE);
  da_message_row_set_open (answer, FALSE);
  da_test_await_finalize (view);
  g_assert_cmpint (settled_height_of (question), ==, high[0]);
  g_assert_cmpint (settled_height_of (answer), ==, high[1]);
}

/* What is opened piece by piece ends as what is opened at once, and so does what is closed between
 * two pieces. */
static void
test_opens_in_pieces (Fixture *self, gconstpointer data)
{
  DaMessageRow *row = row_at (self, UNSEEN);
  guint pieces = 0;
  int closed = height_of (row);
  int high;

  g_assert_true (da_message_row_is_closed (row));
  g_assert_true (da_message_row_open_some (row));
  g_assert_false (da_message_row_is_closed (row));
  g_assert_false (da_message_row_get_open (row));
  g_assert_cmpint (settled_height_of (row), >=, closed);
  da_message_row_set_open (row, FALSE);
  g_assert_true (da_message_row_is_closed (row));
  g_assert_cmpint (settled_height_of (row), ==, closed);
  while (da_message_row_open_some (row))
    pieces++;
  g_assert_cmpuint (pieces, >, 1);
  g_assert_true (da_message_row_get_open (row));
  high = settled_height_of (row);
  da_message_row_set_open (row, FALSE);
  da_message_row_open_some (row);
  da_message_row_set_open (row, TRUE);
  g_assert_cmpint (settled_height_of (row), ==, high);
}

static gboolean
has_actions (gpointer row)
{
  return da_message_row_has_actions (row);
}

static void
test_buttons_take_no_place (Fixture *self, gconstpointer data)
{
  DaMessageRow *rows[] = { row_at (self, UNSEEN), row_at (self, UNSEEN - 1) };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int high;

      g_assert_false (da_message_row_add_actions (rows[i]));
      da_message_row_set_open (rows[i], TRUE);
      high = settled_height_of (rows[i]);
      g_assert_false (da_message_row_has_actions (rows[i]));
      g_assert_true (da_message_row_add_actions (rows[i]));
      g_assert_cmpint (settled_height_of (rows[i]), ==, high);
    }
}

static void
test_what_is_seen_has_buttons (Fixture *self, gconstpointer data)
{
  da_test_await (has_actions, row_at (self, MESSAGES - 1));
  scroll_to (self, 0);
  da_test_await (has_actions, row_at (self, 0));
  g_assert_false (da_message_row_has_actions (row_at (self, MESSAGES / 2)));
}

/* Rows of a height that was only guessed come above the view, and nothing jumps. */
static void
test_nothing_jumps (Fixture *self, gconstpointer data)
{
  scroll_to (self, gtk_adjustment_get_upper (self->adjustment) / 2);
  for (int i = 0; i < 15; i++)
    {
      DaMessageRow *row = DA_MESSAGE_ROW (gtk_list_box_get_row_at_y (
        self->list, (int) (gtk_adjustment_get_value (self->adjustment) + 300)));
      double before = top_of (self, row);

      gtk_adjustment_set_value (self->adjustment,
                                gtk_adjustment_get_value (self->adjustment) - 200);
      da_test_iterate_for (250);
      da_test_await (is_whole, self);
      g_assert_cmpfloat_with_epsilon (top_of (self, row), before + 200, 1.5);
    }
}

static void
test_goes_back_to_the_end (Fixture *self, gconstpointer data)
{
  scroll_to (self, 0);
  gtk_widget_activate_action (self->page, "chat.scroll-down", NULL);
  rest (self);
  g_assert_true (is_at_end (self));
  da_test_await (is_closed, row_at (self, 0));
}

static gboolean
is_open (gpointer row)
{
  return da_message_row_get_open (row);
}

static void
test_what_has_the_focus_stays (Fixture *self, gconstpointer data)
{
  DaMessageRow *row = row_at (self, MESSAGES - 8);
  GtkWidget *view;

  da_test_await (is_open, row);
  view = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row));
  g_assert_true (gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD));
  scroll_to (self, 0);
  da_test_await (is_closed, row_at (self, MESSAGES - 9));
  g_assert_true (da_message_row_get_open (row));
}

static gboolean
is_focus_seen (gpointer data)
{
  Fixture *self = data;
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self->window));
  double page = gtk_adjustment_get_page_size (self->adjustment);
  double y = 0;

  g_assert_nonnull (focus);
  g_assert_true (gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list)));
  gtk_widget_translate_coordinates (focus, self->page, 0, 0, NULL, &y);
  return y + gtk_widget_get_height (focus) > 0 && y < page;
}

static void
test_keys_scroll (Fixture *self, gconstpointer data)
{
  static const struct { GtkMovementStep step; int count; } moves[] = {
    { GTK_MOVEMENT_DISPLAY_LINES, -1 }, { GTK_MOVEMENT_DISPLAY_LINES, -1 },
    { GTK_MOVEMENT_DISPLAY_LINES, -1 }, { GTK_MOVEMENT_DISPLAY_LINES, -1 },
    { GTK_MOVEMENT_DISPLAY_LINES, -1 }, { GTK_MOVEMENT_PAGES, -1 }, { GTK_MOVEMENT_PAGES, -1 },
    { GTK_MOVEMENT_BUFFER_ENDS, -1 }, { GTK_MOVEMENT_DISPLAY_LINES, 1 },
    { GTK_MOVEMENT_BUFFER_ENDS, 1 },
  };

  gtk_widget_grab_focus (GTK_WIDGET (row_at (self, MESSAGES - 1)));
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      g_signal_emit_by_name (self->list, "move-cursor", moves[i].step, moves[i].count, FALSE,
                             FALSE);
      rest (self);
      da_test_await (is_focus_seen, self);
    }
  g_assert_true (gtk_root_get_focus (GTK_ROOT (self->window))
                 == GTK_WIDGET (row_at (self, MESSAGES - 1)));
}

static void
test_tab_scrolls (Fixture *self, gconstpointer data)
{
  double before = gtk_adjustment_get_value (self->adjustment);

  gtk_widget_grab_focus (GTK_WIDGET (row_at (self, MESSAGES - 1)));
  for (guint i = 0; i < 6; i++)
    {
      gtk_widget_child_focus (self->window, GTK_DIR_UP);
      da_test_iterate_for (250);
      da_test_await (is_focus_seen, self);
    }
  g_assert_cmpfloat (gtk_adjustment_get_value (self->adjustment), <, before);
}

static gboolean
can_be_clicked (gpointer list)
{
  return gtk_widget_get_can_target (list);
}

/* Not only when everything about the view is open, which takes a second. */
static void
test_can_be_clicked_soon (Fixture *self, gconstpointer data)
{
  gtk_adjustment_set_value (self->adjustment, 0);
  g_assert_false (gtk_widget_get_can_target (GTK_WIDGET (self->list)));
  da_test_await (can_be_clicked, self->list);
  g_assert_false (da_message_row_get_open (row_at (self, 14)));
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/ui/long-conversation/opens-at-its-end", test_opens_at_its_end);
  ADD ("/ui/long-conversation/every-place-is-whole", test_every_place_is_whole);
  ADD ("/ui/long-conversation/closing-takes-no-place", test_closing_takes_no_place);
  ADD ("/ui/long-conversation/opens-in-pieces", test_opens_in_pieces);
  ADD ("/ui/long-conversation/buttons-take-no-place", test_buttons_take_no_place);
  ADD ("/ui/long-conversation/what-is-seen-has-buttons", test_what_is_seen_has_buttons);
  ADD ("/ui/long-conversation/keys-scroll", test_keys_scroll);
  ADD ("/ui/long-conversation/tab-scrolls", test_tab_scrolls);
  ADD ("/ui/long-conversation/can-be-clicked-soon", test_can_be_clicked_soon);
  ADD ("/ui/long-conversation/nothing-jumps", test_nothing_jumps);
  ADD ("/ui/long-conversation/goes-back-to-the-end", test_goes_back_to_the_end);
  ADD ("/ui/long-conversation/what-has-the-focus-stays", test_what_has_the_focus_stays);
#undef ADD
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
