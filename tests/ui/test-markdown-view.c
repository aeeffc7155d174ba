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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  g_test_add_func ("/ui/markdown-view/streaming-keeps-the-widgets", test_streaming_keeps_widgets);
  g_test_add_func ("/ui/markdown-view/a-block-may-change-its-kind",
                   test_block_may_change_its_kind);
  g_test_add_func ("/ui/markdown-view/cost-does-not-grow", test_cost_does_not_grow);
  g_test_add_func ("/ui/markdown-view/a-web-picture-is-not-fetched",
                   test_web_picture_is_not_fetched);
  g_test_add_func ("/ui/markdown-view/a-data-picture-is-shown", test_data_picture_is_shown);
  g_test_add_func ("/ui/markdown-view/a-broken-picture-is-told", test_broken_picture_is_told);
  g_test_add_func ("/ui/markdown-view/dies-while-it-decodes", test_dies_while_it_decodes);
  return g_test_run ();
}
