/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-long-conversation"

#include "da-chat-page-private.h"

#include <adwaita.h>

#include "da-message-list.h"
#include "da-message-row.h"
#include "da-test-util.h"
#include "da-worker.h"
#include "ui-sample.h"

#define HOUR (60LL * 60 * 1000)
#define MESSAGES 2000
#define UNSEEN (MESSAGES - 17) /* no row when the list rests at its end, and none dropped */
#define MANY_ROWS 80           /* what is near the view, with room to spare */

typedef struct {
  char *root;
  DaEngine *engine;
  DaConversation *conversation;
  GtkWidget *page;
  GtkWidget *window;
  DaMessageList *list;
  GtkAdjustment *adjustment;
} Fixture;

/* (nullable) */
static DaMessageRow *
row_at (Fixture *self, guint index)
{
  return da_message_list_peek_row (self->list, index);
}

static gboolean
is_open (Fixture *self, guint index)
{
  return row_at (self, index) != NULL && da_message_row_is_open (row_at (self, index));
}

/* In the view, as it is drawn. */
static double
top_of (Fixture *self, guint index)
{
  double y = 0;

  g_assert_true (gtk_widget_translate_coordinates (GTK_WIDGET (self->list), self->page, 0,
                                                   da_message_list_get_y (self->list, index), NULL,
                                                   &y));
  return y;
}

static gboolean
is_laid_out (gpointer row)
{
  int high;

  gtk_widget_measure (row, GTK_ORIENTATION_VERTICAL, gtk_widget_get_allocated_width (row), &high,
                      NULL, NULL, NULL);
  return gtk_widget_get_allocated_height (row) == high;
}

/* Of a row that is open. */
static int
settled_height_at (Fixture *self, guint index)
{
  da_test_await (is_laid_out, row_at (self, index));
  g_assert_cmpint (da_message_list_get_height (self->list, index), ==,
                   gtk_widget_get_allocated_height (GTK_WIDGET (row_at (self, index))));
  return da_message_list_get_height (self->list, index);
}

/* Whether all that is seen is open, and nothing waits to be. */
static gboolean
is_whole (gpointer data)
{
  Fixture *self = data;
  double page = gtk_adjustment_get_page_size (self->adjustment);
  guint seen = 0;

  if (page <= 0 || da_message_list_get_size (self->list) != MESSAGES)
    return FALSE;
  for (guint i = 0; i < MESSAGES; i++)
    {
      double top = top_of (self, i);

      if (top + da_message_list_get_height (self->list, i) <= 0 || top >= page)
        continue;
      if (!is_open (self, i))
        return FALSE;
      seen++;
    }
  return seen > 0;
}

static guint
count_rows (Fixture *self)
{
  guint n = 0;

  for (guint i = 0; i < MESSAGES; i++)
    n += row_at (self, i) != NULL;
  return n;
}

static gboolean
is_small (gpointer data)
{
  return is_whole (data) && count_rows (data) < MANY_ROWS;
}

/* Until the rows about the view are open, and those that are far away dropped. */
static void
rest (Fixture *self)
{
  da_test_await (is_whole, self);
  da_test_iterate_for (400);
  da_test_await (is_small, self);
}

/* As far from the end as rows are opened in any window of that height. */
static gboolean
is_opened (gpointer data)
{
  return is_open (data, MESSAGES - 10);
}

static gboolean
has_list (gpointer data)
{
  Fixture *self = data;

  return da_message_list_get_size (self->list) == MESSAGES;
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
  self->list = DA_MESSAGE_LIST (ui_sample_find_type (self->page, DA_TYPE_MESSAGE_LIST));
  da_test_await (has_list, self);
  scroller = gtk_widget_get_ancestor (GTK_WIDGET (self->list), GTK_TYPE_SCROLLED_WINDOW);
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  rest (self);
  da_test_await (is_opened, self);
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
  g_assert_true (is_open (self, MESSAGES - 1));
  g_assert_null (row_at (self, 0));
}

static void
test_every_place_is_whole (Fixture *self, gconstpointer data)
{
  for (int part = 4; part >= 0; part--)
    scroll_to (self, gtk_adjustment_get_upper (self->adjustment) * part / 5);
  g_assert_true (is_open (self, 0));
  g_assert_cmpfloat (gtk_adjustment_get_value (self->adjustment), ==, 0);
}

/* A row that is dropped leaves its place as it was, and so one that is made again. */
static void
test_dropping_takes_no_place (Fixture *self, gconstpointer data)
{
  const guint answer = MESSAGES - 9;
  double upper = gtk_adjustment_get_upper (self->adjustment);
  DaMessageRow *row = row_at (self, answer);
  int high;

  g_assert_true (is_open (self, answer));
  high = settled_height_at (self, answer);
  g_object_ref (row);
  da_message_list_drop_row (self->list, answer);
  da_test_await_finalize (row);
  g_assert_null (row_at (self, answer));
  da_test_iterate_for (50);
  g_assert_cmpint (da_message_list_get_height (self->list, answer), ==, high);
  g_assert_cmpfloat (gtk_adjustment_get_upper (self->adjustment), ==, upper);
  da_message_row_open (da_message_list_need_row (self->list, answer));
  g_assert_cmpint (settled_height_at (self, answer), ==, high);
}

/* What is opened piece by piece ends as what is opened at once, and so does what is dropped between
 * two pieces. */
static void
test_opens_in_pieces (Fixture *self, gconstpointer data)
{
  DaMessageRow *row;
  guint pieces = 0;
  int closed = da_message_list_get_height (self->list, UNSEEN);
  int high;

  g_assert_null (row_at (self, UNSEEN));
  row = da_message_list_need_row (self->list, UNSEEN);
  g_assert_true (da_message_row_open_some (row));
  g_assert_false (da_message_row_is_open (row));
  da_test_iterate_for (50);
  g_assert_cmpint (da_message_list_get_height (self->list, UNSEEN), >=, closed);
  da_message_list_drop_row (self->list, UNSEEN);
  row = da_message_list_need_row (self->list, UNSEEN);
  while (da_message_row_open_some (row))
    pieces++;
  g_assert_cmpuint (pieces, >, 1);
  g_assert_true (da_message_row_is_open (row));
  high = settled_height_at (self, UNSEEN);
  da_message_list_drop_row (self->list, UNSEEN);
  row = da_message_list_need_row (self->list, UNSEEN);
  da_message_row_open_some (row);
  da_message_row_open (row);
  g_assert_cmpint (settled_height_at (self, UNSEEN), ==, high);
}

/* For a screen reader the rows are in the order of the messages, whichever was made first. */
static void
test_rows_are_in_order (Fixture *self, gconstpointer data)
{
  int last = -1;

  da_message_list_need_row (self->list, 900);
  da_message_list_need_row (self->list, 3);
  da_message_list_need_row (self->list, 500);
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      int index = (int) da_message_list_find (self->list, DA_MESSAGE_ROW (row));

      g_assert_cmpint (index, >, last);
      last = index;
    }
  g_assert_cmpint (last, ==, MESSAGES - 1);
}

static gboolean
has_actions (gpointer row)
{
  return da_message_row_has_actions (row);
}

static void
test_buttons_take_no_place (Fixture *self, gconstpointer data)
{
  for (guint i = UNSEEN - 1; i <= UNSEEN; i++)
    {
      DaMessageRow *row = da_message_list_need_row (self->list, i);
      int high;

      g_assert_false (da_message_row_add_actions (row));
      da_message_row_open (row);
      high = settled_height_at (self, i);
      g_assert_false (da_message_row_has_actions (row));
      g_assert_true (da_message_row_add_actions (row));
      g_assert_cmpint (settled_height_at (self, i), ==, high);
    }
}

static void
test_what_is_seen_has_buttons (Fixture *self, gconstpointer data)
{
  da_test_await (has_actions, row_at (self, MESSAGES - 1));
  scroll_to (self, 0);
  da_test_await (has_actions, row_at (self, 0));
  g_assert_null (row_at (self, MESSAGES / 2));
}

/* Rows of a height that was only guessed come above the view, and nothing jumps. */
static void
test_nothing_jumps (Fixture *self, gconstpointer data)
{
  scroll_to (self, gtk_adjustment_get_upper (self->adjustment) / 2);
  for (int i = 0; i < 15; i++)
    {
      guint index = da_message_list_index_at (self->list,
                                              gtk_adjustment_get_value (self->adjustment) + 300);
      double before = top_of (self, index);

      gtk_adjustment_set_value (self->adjustment,
                                gtk_adjustment_get_value (self->adjustment) - 200);
      da_test_iterate_for (250);
      da_test_await (is_whole, self);
      g_assert_cmpfloat_with_epsilon (top_of (self, index), before + 200, 1.5);
    }
}

static gboolean
is_no_widget (gpointer row)
{
  return *(GtkWidget **) row == NULL;
}

/* Until it has been dropped. */
static void
await_no_row (Fixture *self, guint index)
{
  GtkWidget *row = (GtkWidget *) row_at (self, index);

  if (row != NULL)
    g_object_add_weak_pointer (G_OBJECT (row), (gpointer *) &row);
  da_test_await (is_no_widget, &row);
  g_assert_null (row_at (self, index));
}

static void
test_goes_back_to_the_end (Fixture *self, gconstpointer data)
{
  scroll_to (self, 0);
  gtk_widget_activate_action (self->page, "chat.scroll-down", NULL);
  rest (self);
  g_assert_true (is_at_end (self));
  await_no_row (self, 0);
}

static void
test_what_has_the_focus_stays (Fixture *self, gconstpointer data)
{
  const guint index = MESSAGES - 9;
  DaMessageRow *row = row_at (self, index);
  GtkWidget *view;

  g_assert_true (is_open (self, index));
  view = gtk_widget_get_first_child (GTK_WIDGET (row));
  g_assert_true (gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD));
  scroll_to (self, 0);
  g_assert_true (row_at (self, index) == row);
  await_no_row (self, index - 1);
  g_assert_true (gtk_widget_is_ancestor (gtk_root_get_focus (GTK_ROOT (self->window)),
                                         GTK_WIDGET (row)));
  gtk_widget_grab_focus (GTK_WIDGET (row));
  rest (self);
  scroll_to (self, 0);
  g_assert_true (row_at (self, index) == row);
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
      g_signal_emit_by_name (self->list, "move-cursor", moves[i].step, moves[i].count);
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

/* Far beyond what was made while the list rested. */
static void
test_tab_makes_rows (Fixture *self, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (row_at (self, MESSAGES - 1)));
  for (guint i = 0; i < 120; i++)
    {
      g_assert_true (gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_BACKWARD));
      g_assert_nonnull (da_message_list_peek_focus (self->list));
    }
  g_assert_cmpuint (da_message_list_find (self->list, da_message_list_peek_focus (self->list)), <,
                    UNSEEN);
  rest (self);
  g_assert_true (is_focus_seen (self));
}

static void
test_tab_enters_what_is_seen (Fixture *self, gconstpointer data)
{
  static const GtkDirectionType ways[] = { GTK_DIR_TAB_FORWARD, GTK_DIR_TAB_BACKWARD };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      guint entered;
      double top;

      gtk_window_set_focus (GTK_WINDOW (self->window), NULL);
      scroll_to (self, gtk_adjustment_get_upper (self->adjustment) / 2);
      g_assert_true (gtk_widget_child_focus (GTK_WIDGET (self->list), ways[i]));
      entered = da_message_list_find (self->list, da_message_list_peek_focus (self->list));
      top = top_of (self, entered);
      g_assert_cmpfloat (top, <, gtk_adjustment_get_page_size (self->adjustment));
      g_assert_cmpfloat (top + da_message_list_get_height (self->list, entered), >, 0);
    }
}

/* Who scrolls on after a key is not brought back to what it moved to. */
static void
test_scrolling_leaves_the_focus (Fixture *self, gconstpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (row_at (self, MESSAGES - 1)));
  g_signal_emit_by_name (self->list, "move-cursor", GTK_MOVEMENT_PAGES, -1);
  scroll_to (self, gtk_adjustment_get_value (self->adjustment) - 5000);
  g_assert_false (is_focus_seen (self));
}

static gpointer
ref_message (gconstpointer message, gpointer data)
{
  return g_object_ref ((gpointer) message);
}

/* GTK would look for the next thing from the top of the window, and scroll there. */
static void
test_focus_leaves_with_its_row (Fixture *self, gconstpointer data)
{
  g_autoptr(GPtrArray) fewer = NULL;

  gtk_widget_grab_focus (GTK_WIDGET (row_at (self, MESSAGES - 1)));
  fewer = g_ptr_array_copy (DA_CHAT_PAGE (self->page)->messages, ref_message, NULL);
  g_ptr_array_set_size (fewer, MESSAGES - 1);
  _da_chat_page_sync (DA_CHAT_PAGE (self->page), fewer);
  da_test_iterate_for (400);
  g_assert_null (da_message_list_peek_focus (self->list));
  g_assert_null (row_at (self, 0));
  g_assert_true (is_at_end (self));
}

static void
test_nothing_moves_when_it_becomes_narrower (Fixture *self, gconstpointer data)
{
  guint index;
  double before;

  scroll_to (self, gtk_adjustment_get_upper (self->adjustment) / 2);
  index = da_message_list_index_at (self->list, gtk_adjustment_get_value (self->adjustment)) + 1;
  before = top_of (self, index);
  g_assert_cmpfloat (before, >=, 0);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 500, 600);
  da_test_iterate_for (300);
  g_assert_cmpint (gtk_widget_get_width (self->page), <, 520);
  g_assert_cmpfloat_with_epsilon (top_of (self, index), before, 1.5);
}

static gboolean
is_selectable (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_LABEL (widget) && gtk_label_get_selectable (GTK_LABEL (widget));
}

/* It is what the middle button pastes elsewhere. */
static void
test_what_is_selected_stays (Fixture *self, gconstpointer data)
{
  const guint index = MESSAGES - 9;
  GtkWidget *label = ui_sample_find (GTK_WIDGET (row_at (self, index)), is_selectable, NULL);
  DaMessageRow *row = row_at (self, index);

  g_assert_false (da_message_row_is_in_use (row));
  gtk_label_select_region (GTK_LABEL (label), 0, 3);
  g_assert_true (da_message_row_is_in_use (row));
  scroll_to (self, 0);
  await_no_row (self, index - 1);
  g_assert_true (row_at (self, index) == row);
  gtk_label_select_region (GTK_LABEL (label), 0, 0);
  scroll_to (self, 100);
  await_no_row (self, index);
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
  g_assert_false (is_open (self, 11));
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
  ADD ("/ui/long-conversation/dropping-takes-no-place", test_dropping_takes_no_place);
  ADD ("/ui/long-conversation/opens-in-pieces", test_opens_in_pieces);
  ADD ("/ui/long-conversation/rows-are-in-order", test_rows_are_in_order);
  ADD ("/ui/long-conversation/buttons-take-no-place", test_buttons_take_no_place);
  ADD ("/ui/long-conversation/what-is-seen-has-buttons", test_what_is_seen_has_buttons);
  ADD ("/ui/long-conversation/keys-scroll", test_keys_scroll);
  ADD ("/ui/long-conversation/tab-scrolls", test_tab_scrolls);
  ADD ("/ui/long-conversation/tab-makes-rows", test_tab_makes_rows);
  ADD ("/ui/long-conversation/tab-enters-what-is-seen", test_tab_enters_what_is_seen);
  ADD ("/ui/long-conversation/scrolling-leaves-the-focus", test_scrolling_leaves_the_focus);
  ADD ("/ui/long-conversation/focus-leaves-with-its-row", test_focus_leaves_with_its_row);
  ADD ("/ui/long-conversation/nothing-moves-when-it-becomes-narrower",
       test_nothing_moves_when_it_becomes_narrower);
  ADD ("/ui/long-conversation/what-is-selected-stays", test_what_is_selected_stays);
  ADD ("/ui/long-conversation/can-be-clicked-soon", test_can_be_clicked_soon);
  ADD ("/ui/long-conversation/nothing-jumps", test_nothing_jumps);
  ADD ("/ui/long-conversation/goes-back-to-the-end", test_goes_back_to_the_end);
  ADD ("/ui/long-conversation/what-has-the-focus-stays", test_what_has_the_focus_stays);
#undef ADD
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
