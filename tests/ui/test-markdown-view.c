/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-markdown-view"

#include "da-markdown-view.h"

#include <string.h>

#include <adwaita.h>

#include "da-markdown-image.h"
#include "da-test-util.h"
#include "ui-sample.h"

static guint
count_children (GtkWidget *widget)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n++;
  return n;
}

static DaMarkdownView *
view_new (void)
{
  GtkWidget *view = da_markdown_view_new (NULL, DA_MARKDOWN_FLAGS_NONE);

  return DA_MARKDOWN_VIEW (g_object_ref_sink (view));
}

static void
test_streaming_keeps_widgets (void)
{
  DaMarkdownView *view = view_new ();
  GtkWidget *first;

  da_markdown_view_append (view, "One.\n\nTwo", 9);
  da_markdown_view_flush (view);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 2);
  first = gtk_widget_get_first_child (GTK_WIDGET (view));
  da_markdown_view_append (view, " is longer.\n\nThree", 18);
  da_markdown_view_flush (view);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 3);
  g_assert_true (gtk_widget_get_first_child (GTK_WIDGET (view)) == first);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (gtk_widget_get_next_sibling (first))), ==,
                   "Two is longer.");
  g_assert_cmpstr (da_markdown_view_get_text (view), ==, "One.\n\nTwo is longer.\n\nThree");
  g_assert_finalize_object (view);
}

static void
test_block_may_change_its_kind (void)
{
  DaMarkdownView *view = view_new ();

  da_markdown_view_append (view, "`", 1);
  da_markdown_view_flush (view);
  da_markdown_view_append (view, "``c\nint x;", 10);
  da_markdown_view_flush (view);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 1);
  da_markdown_view_append (view, "\n```\n\nend", 9);
  da_markdown_view_flush (view);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 2);
  g_assert_finalize_object (view);
}

static void
test_comes_in_pieces (void)
{
  static const char text[] = "# One\n\ntwo\n\n```c\nint three;\n```\n\n- four\n- five\n\n"
                             "six\n\nseven";
  DaMarkdownView *whole = view_new ();
  DaMarkdownView *view = view_new ();
  guint seen = 0;
  guint pieces = 1;

  da_markdown_view_set_text (whole, text);
  da_markdown_view_begin_text (view, text);
  g_assert_cmpstr (da_markdown_view_get_text (view), ==, text);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 0);
  for (; da_markdown_view_add_some (view); pieces++)
    {
      g_assert_cmpuint (count_children (GTK_WIDGET (view)), >, seen);
      seen = count_children (GTK_WIDGET (view));
    }
  g_assert_cmpuint (pieces, >, 1);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 7);
  g_assert_cmpuint (count_children (GTK_WIDGET (whole)), ==, 7);
  g_assert_false (da_markdown_view_add_some (view));
  g_assert_finalize_object (view);
  g_assert_finalize_object (whole);
}

static void
test_pieces_can_be_hurried (void)
{
  g_autoptr(GString) text = g_string_new ("first");
  DaMarkdownView *view = view_new ();
  GtkWidget *first;

  for (guint i = 0; i < 20; i++)
    g_string_append_printf (text, "\n\nparagraph %u", i);
  da_markdown_view_begin_text (view, text->str);
  g_assert_true (da_markdown_view_add_some (view));
  first = gtk_widget_get_first_child (GTK_WIDGET (view));
  da_markdown_view_flush (view);
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 21);
  g_assert_true (gtk_widget_get_first_child (GTK_WIDGET (view)) == first);
  g_assert_false (da_markdown_view_add_some (view));
  g_assert_finalize_object (view);
}

/* A block as long as a book is a piece, and one that is never finished goes too. */
static void
test_pieces_of_any_size (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  DaMarkdownView *view = view_new ();

  for (guint i = 0; i < 5000; i++)
    g_string_append (text, "word ");
  g_string_append (text, "\n\nend");
  da_markdown_view_begin_text (view, text->str);
  g_assert_true (da_markdown_view_add_some (view));
  g_assert_cmpuint (count_children (GTK_WIDGET (view)), ==, 1);
  g_assert_finalize_object (view);
}

/* The cost of one more word does not grow with what is there already. */
static void
test_cost_does_not_grow (void)
{
  DaMarkdownView *view = view_new ();
  gint64 first = 0;
  gint64 last = 0;

  for (guint round = 0; round < 100; round++)
    {
      gint64 begin = g_get_monotonic_time ();

      for (guint i = 0; i < 20; i++)
        {
          da_markdown_view_append (view, "Some words of an answer. ", 25);
          da_markdown_view_flush (view);
        }
      da_markdown_view_append (view, "\n\n", 2);
      if (round < 20)
        first += g_get_monotonic_time () - begin;
      else if (round >= 80)
        last += g_get_monotonic_time () - begin;
    }
  g_test_message ("first fifth %" G_GINT64_FORMAT " µs, last %" G_GINT64_FORMAT " µs", first,
                  last);
  g_assert_cmpint (last, <, 4 * first + 20000);
  g_assert_finalize_object (view);
}

static void
test_web_picture_is_not_fetched (void)
{
  GtkWidget *image = da_markdown_image_new (NULL, "https://example.org/a.png", "a cat");
  GtkWidget *child = gtk_widget_get_first_child (image);

  g_object_ref_sink (image);
  g_assert_true (GTK_IS_LABEL (child));
  g_assert_nonnull (strstr (gtk_label_get_label (GTK_LABEL (child)), "https://example.org/a.png"));
  g_assert_finalize_object (image);
}

static gboolean
has_picture (gpointer data)
{
  return ADW_IS_CLAMP (gtk_widget_get_first_child (data));
}

static void
test_data_picture_is_shown (void)
{
  GtkWidget *image = da_markdown_image_new (
    NULL,
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg==", "dot");

  g_object_ref_sink (image);
  da_test_await (has_picture, image);
  g_assert_finalize_object (image);
}

static void
test_broken_picture_is_told (void)
{
  static const char *const uris[] = {
    "data:image/png;base64,AAAA",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "file:///etc/hostname",
    "assets://conversation-image/conv/x.png",
    "assets://conversation-image/../../x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      GtkWidget *image = da_markdown_image_new (NULL, uris[i], "thing");

      g_object_ref_sink (image);
      da_test_iterate_for (20);
      g_assert_true (GTK_IS_LABEL (gtk_widget_get_first_child (image)));
      da_test_await_finalize (image);
    }
}

static void
test_dies_while_it_decodes (void)
{
  GtkWidget *image = da_markdown_image_new (NULL, "data:image/png;base64,AAAA", "x");

  g_object_ref_sink (image);
  g_object_run_dispose (G_OBJECT (image));
  da_test_await_finalize (image);
}

static gboolean
has_width (gpointer data)
{
  return gtk_adjustment_get_page_size (data) > 0;
}

/* Code begins at its left end, whichever way the language of the desktop runs, and leaves the wheel
 * to the conversation. */
static void
test_code_begins_at_its_left (void)
{
  g_autofree char *line = g_strnfill (400, 'x');
  g_autofree char *code = g_strdup_printf ("```\n%s\n```\n", line);
  GtkWidget *window = gtk_window_new ();
  g_autoptr(GListModel) controllers = NULL;
  GtkAdjustment *adjustment;
  GtkWidget *scroller;
  DaMarkdownView *view;

  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  view = view_new ();
  da_markdown_view_set_text (view, code);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (view));
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 300);
  gtk_window_present (GTK_WINDOW (window));
  scroller = ui_sample_find_type (window, GTK_TYPE_SCROLLED_WINDOW);
  adjustment = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller));
  da_test_await (has_width, adjustment);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), >, 1000);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0);
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);

  controllers = gtk_widget_observe_controllers (scroller);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller)
          && gtk_event_controller_get_name (controller) == NULL)
        g_assert_cmpint (gtk_event_controller_scroll_get_flags (
                           GTK_EVENT_CONTROLLER_SCROLL (controller))
                           & GTK_EVENT_CONTROLLER_SCROLL_VERTICAL, ==, 0);
    }
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (view);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  g_test_add_func ("/ui/markdown-view/streaming-keeps-the-widgets", test_streaming_keeps_widgets);
  g_test_add_func ("/ui/markdown-view/a-block-may-change-its-kind",
                   test_block_may_change_its_kind);
  g_test_add_func ("/ui/markdown-view/comes-in-pieces", test_comes_in_pieces);
  g_test_add_func ("/ui/markdown-view/pieces-can-be-hurried", test_pieces_can_be_hurried);
  g_test_add_func ("/ui/markdown-view/pieces-of-any-size", test_pieces_of_any_size);
  g_test_add_func ("/ui/markdown-view/cost-does-not-grow", test_cost_does_not_grow);
  g_test_add_func ("/ui/markdown-view/a-web-picture-is-not-fetched",
                   test_web_picture_is_not_fetched);
  g_test_add_func ("/ui/markdown-view/a-data-picture-is-shown", test_data_picture_is_shown);
  g_test_add_func ("/ui/markdown-view/a-broken-picture-is-told", test_broken_picture_is_told);
  g_test_add_func ("/ui/markdown-view/dies-while-it-decodes", test_dies_while_it_decodes);
  g_test_add_func ("/ui/markdown-view/code-begins-at-its-left", test_code_begins_at_its_left);
  return g_test_run ();
}
