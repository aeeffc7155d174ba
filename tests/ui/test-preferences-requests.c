/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-requests"

#include <adwaita.h>
#include <string.h>

#include "da-preferences-apply.h"
#include "da-preferences-remote-requests.h"
#include "da-preferences-request-row.h"
#include "da-test-util.h"
#include "ui-sample.h"

/* The list of requests, as a person uses it: filter, copy, clear, allow. */

typedef struct {
  char *root;
  DaEngine *engine;
  DaRequestLog *log;
  GtkWidget *window;
  GtkWidget *page;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
  self->log = da_engine_get_request_log (self->engine);
  self->window = adw_window_new ();
  self->page = da_preferences_remote_requests_new (self->engine);
  adw_window_set_content (ADW_WINDOW (self->window), self->page);
  gtk_window_present (GTK_WINDOW (self->window));
}

static gboolean
is_gone (gpointer pointer)
{
  return *(gpointer *) pointer == NULL;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gpointer weak = self->window;

  g_object_add_weak_pointer (G_OBJECT (self->window), &weak);
  gtk_window_destroy (GTK_WINDOW (self->window));
  da_test_await (is_gone, &weak);
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->root);
}

static gboolean
is_seen (GtkWidget *widget)
{
  return gtk_widget_get_visible (widget) && gtk_widget_get_child_visible (widget);
}

/* How many labels that can be seen have @text. */
static guint
count_texts (GtkWidget *widget, const char *text)
{
  guint n = 0;

  if (!is_seen (widget))
    return 0;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return 1;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_texts (child, text);
  return n;
}

static void
await_count (Fixture *self, const char *text, guint n)
{
  while (count_texts (self->page, text) != n)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
has_tooltip (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_widget_get_tooltip_text (widget), data) == 0;
}

static GtkWidget *
find_button (Fixture *self, const char *tooltip)
{
  GtkWidget *button = ui_sample_find (self->page, has_tooltip, tooltip);

  g_assert_nonnull (button);
  return button;
}

/* Of the row with @text among its labels. */
static gboolean
is_row_with (GtkWidget *widget, gconstpointer text)
{
  return DA_IS_PREFERENCES_REQUEST_ROW (widget) && gtk_widget_get_mapped (widget)
         && count_texts (widget, text) > 0;
}

static GtkWidget *
find_allow (Fixture *self, const char *text)
{
  GtkWidget *row = ui_sample_find (self->page, is_row_with, text);

  g_assert_nonnull (row);
  return ui_sample_find_type (row, GTK_TYPE_BUTTON);
}

static void
add (Fixture *self, const char *route, guint status, DaRefusal refusal, const char *refused)
{
  const DaRequestLogItem item = { NULL, "GET", route, "192.0.2.9", refused, 1000, status, refusal };

  da_request_log_add (self->log, &item);
}

static void
set_list (Fixture *self, const char *name, const char *text)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  JsonNode *node = json_from_string (text, NULL);

  da_settings_set (settings, name, node);
}

static void
await_listed (Fixture *self, const char *name, const char *text, gboolean listed)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  while (g_strv_contains (da_settings_get_strv (settings, name), text) != listed)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_filter (Fixture *self, gconstpointer data)
{
  GtkDropDown *filter = GTK_DROP_DOWN (ui_sample_find_type (self->page, GTK_TYPE_DROP_DOWN));
  GtkWidget *clear = find_button (self, "Clear");
  GtkWidget *copy = find_button (self, "Copy All");

  await_count (self, "No Requests", 1);
  g_assert_false (gtk_widget_get_sensitive (clear));
  add (self, "/good", 200, DA_REFUSAL_NONE, NULL);
  await_count (self, "GET /good", 1);
  gtk_drop_down_set_selected (filter, 2);
  /* There are requests: it does not say that there are none, and they can be cleared. */
  await_count (self, "None of These", 1);
  g_assert_cmpuint (count_texts (self->page, "No Requests"), ==, 0);
  g_assert_true (gtk_widget_get_sensitive (clear));
  g_assert_false (gtk_widget_get_sensitive (copy));
  add (self, "/refused", 401, DA_REFUSAL_KEY, NULL);
  add (self, "/broken", 500, DA_REFUSAL_NONE, NULL);
  add (self, "/left", 0, DA_REFUSAL_NONE, NULL);
  await_count (self, "GET /", 1);
  g_assert_cmpuint (count_texts (self->page, "GET /refused"), ==, 1);
  gtk_drop_down_set_selected (filter, 1);
  await_count (self, "GET /", 3);
  g_assert_cmpuint (count_texts (self->page, "GET /good"), ==, 0);
  g_assert_cmpuint (count_texts (self->page, "ended without an answer"), ==, 1);
  gtk_drop_down_set_selected (filter, 0);
  await_count (self, "GET /", 4);
  g_signal_emit_by_name (clear, "clicked");
  await_count (self, "No Requests", 1);
  g_assert_false (gtk_widget_get_sensitive (clear));
}

static gboolean
is_success (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "success");
}

static void
test_no_answer (Fixture *self, gconstpointer data)
{
  add (self, "/left", 0, DA_REFUSAL_NONE, NULL);
  await_count (self, "GET /left", 1);
  g_assert_null (ui_sample_find (self->page, is_success, NULL));
  add (self, "/good", 200, DA_REFUSAL_NONE, NULL);
  await_count (self, "GET /good", 1);
  g_assert_nonnull (ui_sample_find (self->page, is_success, NULL));
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, &error);
  g_assert_no_error (error);
}

static void
test_copy (Fixture *self, gconstpointer data)
{
  GtkDropDown *filter = GTK_DROP_DOWN (ui_sample_find_type (self->page, GTK_TYPE_DROP_DOWN));
  GdkClipboard *clipboard = gtk_widget_get_clipboard (self->page);
  char *text = NULL;

  add (self, "/good", 200, DA_REFUSAL_NONE, NULL);
  add (self, "/refused", 403, DA_REFUSAL_HOST, "desk.lan");
  await_count (self, "GET /", 2);
  gtk_drop_down_set_selected (filter, 2);
  await_count (self, "GET /", 1);
  g_signal_emit_by_name (find_button (self, "Copy All"), "clicked");
  gdk_clipboard_read_text_async (clipboard, NULL, text_cb, &text);
  while (text == NULL)
    g_main_context_iteration (NULL, TRUE);
  /* What is shown, and only that. */
  g_assert_true (g_str_has_suffix (text, " 192.0.2.9 - GET /refused 403 1ms refused: desk.lan\n"));
  g_assert_null (strstr (text, "/good"));
  g_free (text);
}

static void
test_allow_host (Fixture *self, gconstpointer data)
{
  add (self, "/one", 403, DA_REFUSAL_HOST, "desk.lan");
  add (self, "/two", 403, DA_REFUSAL_HOST, "desk.lan");
  add (self, "/else", 403, DA_REFUSAL_HOST, "other.lan");
  add (self, "/zero", 403, DA_REFUSAL_HOST, NULL);
  await_count (self, "GET /", 4);
  g_assert_true (gtk_widget_get_visible (find_allow (self, "GET /two")));
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /zero")));
  g_signal_emit_by_name (find_allow (self, "GET /one"), "clicked");
  await_listed (self, "remoteServerAllowedHosts", "desk.lan", TRUE);
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /one")));
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /two")));
  g_assert_true (gtk_widget_get_visible (find_allow (self, "GET /else")));
  /* A row that is made later, or used again, is no other. */
  add (self, "/later", 200, DA_REFUSAL_HOST, "desk.lan");
  await_count (self, "GET /later", 1);
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /later")));
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /one")));
  /* Taken off the list elsewhere, it can be allowed again. */
  set_list (self, "remoteServerAllowedHosts", "[]");
  await_listed (self, "remoteServerAllowedHosts", "desk.lan", FALSE);
  g_assert_true (gtk_widget_get_visible (find_allow (self, "GET /one")));
}

static void
test_allow_origin (Fixture *self, gconstpointer data)
{
  set_list (self, "remoteServerCorsOrigins", "[\"https://a.example\"]");
  await_listed (self, "remoteServerCorsOrigins", "https://a.example", TRUE);
  add (self, "/page", 403, DA_REFUSAL_ORIGIN, "https://b.example");
  await_count (self, "GET /page", 1);
  g_signal_emit_by_name (find_allow (self, "GET /page"), "clicked");
  await_listed (self, "remoteServerCorsOrigins", "https://b.example", TRUE);
  await_listed (self, "remoteServerCorsOrigins", "https://a.example", TRUE);
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /page")));
  /* Every page is allowed: one more would narrow nothing and help nobody. */
  set_list (self, "remoteServerCorsOrigins", "[\"*\"]");
  await_listed (self, "remoteServerCorsOrigins", "*", TRUE);
  g_assert_false (gtk_widget_get_visible (find_allow (self, "GET /page")));
}

#define ADD(name, func) \
  g_test_add ("/ui/preferences-requests/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  ADD ("a-filter-that-leaves-none-is-not-an-empty-list", test_filter);
  ADD ("a-request-without-an-answer-is-no-success", test_no_answer);
  ADD ("copying-takes-what-is-shown", test_copy);
  ADD ("a-host-is-allowed-on-every-row-at-once", test_allow_host);
  ADD ("a-page-is-allowed", test_allow_origin);
  return g_test_run ();
}
