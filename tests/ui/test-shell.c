/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-shell"

#include <string.h>

#include <adwaita.h>

#include "da-chat-page.h"
#include "da-composer.h"
#include "da-conversation-row.h"
#include "da-empty-page.h"
#include "da-message-queue.h"
#include "da-message-actions.h"
#include "da-message-failure.h"
#include "da-message-list.h"
#include "da-message-row.h"
#include "da-queue-view.h"
#include "da-sidebar.h"
#include "da-test-util.h"
#include "da-tool-view.h"
#include "da-window.h"
#include "da-worker.h"
#include "ui-sample.h"

#define HOUR (60LL * 60 * 1000)

typedef struct {
  char *root;
  DaEngine *engine;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->root);
}

static guint
count (GtkWidget *widget, GType type)
{
  guint n = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? 1 : 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count (child, type);
  return n;
}

static void
assert_dies (GtkWidget *widget)
{
  g_object_ref_sink (widget);
  da_test_drain ();
  g_object_run_dispose (G_OBJECT (widget));
  da_test_await_finalize (widget);
}

/* With every part it can have. */
static GtkWidget *
opened_row_new (DaEngine *engine, DaMessage *message)
{
  DaMessageRow *row = DA_MESSAGE_ROW (da_message_row_new (engine, message));

  da_message_row_open (row);
  da_message_row_add_actions (row);
  da_message_row_set_status (row, "Trying again");
  da_message_row_set_failed (row, "No connection");
  da_message_row_set_status (row, "Trying again");
  return GTK_WIDGET (row);
}

static GtkWidget *
half_open_row_new (DaEngine *engine, DaMessage *message)
{
  GtkWidget *row = da_message_row_new (engine, message);

  da_message_row_open_some (DA_MESSAGE_ROW (row));
  return row;
}

static guint
count_type (GtkWidget *widget, const char *type)
{
  guint n = g_strcmp0 (G_OBJECT_TYPE_NAME (widget), type) == 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_type (child, type);
  return n;
}

static void
test_tools_are_shown_once (Fixture *self, gconstpointer data)
{
  g_autoptr(DaMessage) message = da_message_new (DA_ROLE_ASSISTANT, ui_sample_markdown);
  GtkWidget *row;

  message->tool_calls = g_strdup ("[{\"name\":\"read\",\"arguments\":{\"a\":1}}]");
  row = g_object_ref_sink (half_open_row_new (self->engine, message));
  da_message_row_open (DA_MESSAGE_ROW (row));
  g_assert_cmpuint (count_type (row, "GtkExpander"), ==, 1);
  g_assert_finalize_object (row);
}

static void
test_widgets_die (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  g_autoptr(DaMessage) message = da_message_new (DA_ROLE_ASSISTANT, ui_sample_markdown);
  GtkWidget *sidebar = g_object_new (DA_TYPE_SIDEBAR, NULL);

  message->tool_calls = g_strdup ("[{\"name\":\"read\",\"arguments\":{\"a\":1}}]");
  message->tool_results = g_strdup ("[{\"success\":false,\"content\":\"x\",\"error\":\"no\"}]");
  assert_dies (da_message_row_new (self->engine, message));
  assert_dies (da_message_row_new (self->engine, NULL));
  assert_dies (opened_row_new (self->engine, message));
  assert_dies (half_open_row_new (self->engine, message));
  assert_dies (da_message_actions_new (message));
  assert_dies (da_message_failure_new ());
  assert_dies (da_conversation_row_new (conversation, DA_CONVERSATION_ROW_PINNED, "Phone"));
  assert_dies (da_composer_new ());
  assert_dies (da_queue_view_new ());
  assert_dies (da_empty_page_new ());
  assert_dies (da_tool_view_new (message->tool_calls, message->tool_results));
  assert_dies (da_tool_view_new ("not json", "{}"));
  assert_dies (da_chat_page_new (self->engine, NULL));
  assert_dies (da_chat_page_new (self->engine, conversation->id));
  assert_dies (da_chat_page_new (self->engine, "conv_that_is_not_there"));
  da_sidebar_set_engine (DA_SIDEBAR (sidebar), self->engine);
  assert_dies (sidebar);
}

static void
test_window_dies (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  DaWindow *window = da_window_new (NULL, NULL);

  g_object_ref (window);
  da_window_set_engine (window, self->engine);
  gtk_window_present (GTK_WINDOW (window));
  da_test_iterate_for (100);
  da_window_open_conversation (window, conversation->id);
  da_window_toast (window, "A <b>toast</b>");
  da_test_iterate_for (100);
  gtk_window_destroy (GTK_WINDOW (window));
  da_test_await_finalize (window);
}

static gboolean
lists_conversation (gpointer window)
{
  return ui_sample_find_type (window, DA_TYPE_CONVERSATION_ROW) != NULL;
}

/* Not "New Conversation" first. */
static void
test_title_is_there_at_once (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  DaWindow *window = da_window_new (NULL, NULL);

  da_window_set_engine (window, self->engine);
  gtk_window_present (GTK_WINDOW (window));
  da_test_await (lists_conversation, window);
  da_window_open_conversation (window, conversation->id);
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (window)), ==, "One");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_window_dies_before_the_engine (Fixture *self, gconstpointer data)
{
  DaWindow *window = da_window_new (NULL, NULL);

  g_object_ref (window);
  gtk_window_present (GTK_WINDOW (window));
  da_window_set_failed (window, "No", "Because <this> & that", TRUE);
  da_test_iterate_for (50);
  gtk_window_destroy (GTK_WINDOW (window));
  da_test_await_finalize (window);
}

/* Chat */

typedef struct {
  GtkWidget *page;
  guint messages;
} Expect;

static gboolean
has_messages (gpointer data)
{
  Expect *expect = data;
  GtkWidget *row = ui_sample_find_type (expect->page, DA_TYPE_MESSAGE_ROW);

  if (count (expect->page, DA_TYPE_MESSAGE_ROW) != expect->messages)
    return FALSE;
  for (; row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      if (da_message_row_get_message (DA_MESSAGE_ROW (row)) == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
await_messages (GtkWidget *page, guint n)
{
  Expect expect = { page, n };

  da_test_await (has_messages, &expect);
}

static GtkWidget *
show_page (GtkWidget *page)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 700, 600);
  gtk_window_set_child (GTK_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
test_question_is_answered (Fixture *self, gconstpointer data)
{
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *window = show_page (page);
  GtkWidget *composer = ui_sample_find_type (page, DA_TYPE_COMPOSER);
  g_autofree char *draft = NULL;

  g_assert_null (da_chat_page_get_conversation_id (DA_CHAT_PAGE (page)));
  da_composer_set_draft (DA_COMPOSER (composer), "/help");
  da_composer_send (DA_COMPOSER (composer));
  g_assert_nonnull (da_chat_page_get_conversation_id (DA_CHAT_PAGE (page)));
  draft = da_composer_dup_draft (DA_COMPOSER (composer));
  g_assert_cmpstr (draft, ==, "");
  await_messages (page, 2);
  da_composer_set_draft (DA_COMPOSER (composer), "/version");
  da_composer_send (DA_COMPOSER (composer));
  await_messages (page, 4);
  /* What was stored is what is shown: reading again changes nothing. */
  da_test_iterate_for (300);
  await_messages (page, 4);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaRun) run = da_engine_chat_finish (DA_ENGINE (source), result, NULL);

  g_assert_nonnull (run);
}

static void
test_follows_others (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  GtkWidget *page = da_chat_page_new (self->engine, conversation->id);
  GtkWidget *window = show_page (page);
  g_autoptr(DaChatRequest) request = da_chat_request_new (conversation->id, "/help");

  await_messages (page, 2);
  request->client = DA_CLIENT_APP;
  da_engine_chat_async (self->engine, request, NULL, asked_cb, NULL);
  await_messages (page, 4);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_rows (gpointer page)
{
  return count (page, DA_TYPE_MESSAGE_ROW) > 0;
}

/* A provider of its own: one that takes connections and never answers, or none at all. */

static void
set_setting (Fixture *self, const char *name, const char *json)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaSettings *settings = da_engine_get_settings (self->engine);

  da_settings_set (settings, name, json_from_string (json, NULL));
  da_settings_flush_async (settings, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_settings_flush_finish (settings, result, &error);
  g_assert_no_error (error);
}

static void
use_provider (Fixture *self, guint port)
{
  g_autofree char *url = g_strdup_printf ("\"http://127.0.0.1:%u/v1\"", port);

  set_setting (self, "apiRetryCount", "0");
  set_setting (self, "agentOpenaiModel", "\"a-model\"");
  set_setting (self, "openaiBaseUrl", url);
}

static gboolean
is_shown (gpointer widget)
{
  return gtk_widget_get_mapped (widget);
}

static gboolean
does (GtkWidget *widget, gconstpointer action)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget)
         && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0;
}

static GtkWidget *
find_button (GtkWidget *widget, const char *action)
{
  return ui_sample_find (widget, does, action);
}

static gboolean
has_retry (gpointer page)
{
  return find_button (page, "chat.retry") != NULL;
}

static void
test_what_failed_is_asked_again (Fixture *self, gconstpointer data)
{
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *window = show_page (page);
  GtkWidget *composer = ui_sample_find_type (page, DA_TYPE_COMPOSER);
  g_autofree char *id = NULL;

  /* Nobody listens there. */
  use_provider (self, 1);
  da_composer_set_draft (DA_COMPOSER (composer), "/help");
  da_composer_send (DA_COMPOSER (composer));
  da_test_await (has_retry, page);
  g_assert_cmpuint (count (page, DA_TYPE_MESSAGE_ROW), ==, 2);
  /* Read again, it says the same once. */
  da_test_iterate_for (300);
  g_assert_cmpuint (count (page, DA_TYPE_MESSAGE_ROW), ==, 2);

  /* Opened anew, it still offers to. */
  id = g_strdup (da_chat_page_get_conversation_id (DA_CHAT_PAGE (page)));
  gtk_window_destroy (GTK_WINDOW (window));
  page = da_chat_page_new (self->engine, id);
  window = show_page (page);
  da_test_await (has_retry, page);

  set_setting (self, "openaiBaseUrl", "\"\"");
  g_signal_emit_by_name (find_button (page, "chat.retry"), "clicked");
  await_messages (page, 2);
  g_assert_null (find_button (page, "chat.retry"));
  da_test_iterate_for (300);
  await_messages (page, 2);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
has_icon (GtkWidget *widget, gconstpointer icon)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), icon) == 0;
}

static GtkWidget *
find_named (GtkWidget *widget, const char *icon)
{
  return ui_sample_find (widget, has_icon, icon);
}

static gboolean
waits_for_two (gpointer view)
{
  return da_queue_view_get_length (view) == 2;
}

static gboolean
waits_for_one (gpointer view)
{
  return da_queue_view_get_length (view) == 1;
}

static void
test_queue_shows_what_others_sent (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocketListener) silent = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (silent, NULL, NULL);
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *window = show_page (page);
  GtkWidget *composer = ui_sample_find_type (page, DA_TYPE_COMPOSER);
  GtkWidget *queue = ui_sample_find_type (page, DA_TYPE_QUEUE_VIEW);
  const char *id;
  g_autoptr(DaChatRequest) phone = NULL;
  g_autoptr(DaMessageQueue) waiting = NULL;
  g_autoptr(GError) error = NULL;

  use_provider (self, port);
  da_composer_set_draft (DA_COMPOSER (composer), "first");
  da_composer_send (DA_COMPOSER (composer));
  da_test_await (has_rows, page);
  da_composer_set_draft (DA_COMPOSER (composer), "second");
  da_composer_send (DA_COMPOSER (composer));
  id = da_chat_page_get_conversation_id (DA_CHAT_PAGE (page));
  phone = da_chat_request_new (id, "third, from a phone");
  phone->client = DA_CLIENT_APP;
  da_engine_chat_async (self->engine, phone, NULL, asked_cb, NULL);
  da_test_await (waits_for_two, queue);
  da_test_await (is_shown, queue);
  g_assert_cmpuint (count (queue, GTK_TYPE_LIST_BOX_ROW), ==, 2);

  waiting = da_engine_dup_queue (self->engine, id);
  da_engine_edit_queued (self->engine, id,
                         ((DaQueuedMessage *) waiting->messages->pdata[1])->id, "other words",
                         &error);
  g_assert_no_error (error);
  g_clear_pointer (&waiting, da_message_queue_free);
  /* The first button takes the first one back. */
  g_signal_emit_by_name (find_named (queue, "window-close-symbolic"), "clicked");
  da_test_await (waits_for_one, queue);
  waiting = da_engine_dup_queue (self->engine, id);
  g_assert_cmpuint (waiting->messages->len, ==, 1);
  g_assert_cmpstr (((DaQueuedMessage *) waiting->messages->pdata[0])->text, ==, "other words");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_blank_is_not_sent (Fixture *self, gconstpointer data)
{
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *composer = ui_sample_find_type (page, DA_TYPE_COMPOSER);

  g_object_ref_sink (page);
  da_composer_set_draft (DA_COMPOSER (composer), " \n\t");
  da_composer_send (DA_COMPOSER (composer));
  g_assert_null (da_chat_page_get_conversation_id (DA_CHAT_PAGE (page)));
  da_test_await_finalize (page);
}

/* P: 2,000 messages open in 300 ms. The limit here is far above: this runs with sanitizers on
 * busy machines too; what it guards is that not all rows are built. */
/* Attaching */

static const guchar dot_png[] = {
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
  0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4,
  0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50,
  0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45,
  0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

static void
keep_string (GtkWidget *composer, const char *text, char **out)
{
  g_free (*out);
  *out = g_strdup (text);
}

static gboolean
has_thumbnail (gpointer composer)
{
  return find_named (composer, "window-close-symbolic") != NULL;
}

static gboolean
has_string (gpointer data)
{
  return *(char **) data != NULL;
}

static void
test_picture_is_attached (void)
{
  g_autofree char *root = da_test_make_dir ();
  g_autofree char *path = g_build_filename (root, "a [dot].png", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  GtkWidget *composer = da_composer_new ();
  g_autofree char *sent = NULL;

  g_object_ref_sink (composer);
  g_assert_true (g_file_set_contents (path, (const char *) dot_png, sizeof dot_png, NULL));
  g_signal_connect (composer, "send", G_CALLBACK (keep_string), &sent);
  da_composer_set_draft (DA_COMPOSER (composer), "What is this?");
  da_composer_attach_file (DA_COMPOSER (composer), file);
  da_test_await (has_thumbnail, composer);
  da_composer_send (DA_COMPOSER (composer));
  g_assert_true (g_str_has_prefix (sent, "What is this?\n\n![a  dot .png](data:image/png;base64,"
                                         "iVBORw0KGgo"));
  g_assert_null (find_named (composer, "window-close-symbolic"));
  da_test_await_finalize (composer);
  da_test_remove_tree (root);
}

static gboolean
has_room (gpointer list)
{
  GtkWidget *picture = ui_sample_find_type (list, GTK_TYPE_PICTURE);

  return picture != NULL && gtk_widget_get_height (picture) == 64;
}

static void
test_picture_has_room_in_the_list (Fixture *self, gconstpointer data)
{
  g_autofree guchar *pixels = g_malloc0 (64 * 64 * 4);
  g_autoptr(GBytes) raw = g_bytes_new_static (pixels, 64 * 64 * 4);
  g_autoptr(GdkTexture) texture = gdk_memory_texture_new (64, 64, GDK_MEMORY_DEFAULT, raw, 64 * 4);
  g_autoptr(GBytes) png = gdk_texture_save_to_png_bytes (texture);
  g_autofree char *base64 = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));
  g_autofree char *text = g_strdup_printf ("look\n\n![x](data:image/png;base64,%s)", base64);
  g_autoptr(DaMessage) message = da_message_new (DA_ROLE_USER, text);
  GtkWidget *list = g_object_new (DA_TYPE_MESSAGE_LIST, NULL);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *window;

  da_message_list_set_engine (DA_MESSAGE_LIST (list), self->engine);
  da_message_list_insert (DA_MESSAGE_LIST (list), 0, message);
  da_message_row_open (da_message_list_need_row (DA_MESSAGE_LIST (list), 0));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  window = show_page (scroller);
  da_test_await (has_room, list);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_tab_reaches_the_messages (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  GtkWidget *page = da_chat_page_new (self->engine, conversation->id);
  GtkWidget *window = show_page (page);
  GtkWidget *focus = NULL;

  await_messages (page, 2);
  da_chat_page_focus_composer (DA_CHAT_PAGE (page));
  for (guint i = 0; i < 3; i++)
    {
      gtk_widget_child_focus (window, GTK_DIR_TAB_BACKWARD);
      focus = gtk_root_get_focus (GTK_ROOT (window));
    }
  g_assert_nonnull (focus);
  g_assert_nonnull (gtk_widget_get_ancestor (focus, DA_TYPE_MESSAGE_ROW));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A window with a text and a picture of eight by eight pixels in its field. (transfer full) */
static char *
dup_draft_with_picture (void)
{
  g_autofree guchar *pixels = g_malloc0 (8 * 8 * 4);
  g_autoptr(GBytes) raw = g_bytes_new_static (pixels, 8 * 8 * 4);
  g_autoptr(GdkTexture) texture = gdk_memory_texture_new (8, 8, GDK_MEMORY_DEFAULT, raw, 8 * 4);
  g_autoptr(GBytes) png = gdk_texture_save_to_png_bytes (texture);
  g_autofree char *base64 = g_base64_encode (g_bytes_get_data (png, NULL), g_bytes_get_size (png));

  return g_strdup_printf ("see ![this](x)\n\nand\n\n![one](data:image/png;base64,%s)\n\n"
                          "![two](data:image/png;base64,%s)", base64, base64);
}

typedef struct {
  DaComposer *composer;
  const char *draft;
} Draft;

static gboolean
is_drafted (gpointer data)
{
  Draft *self = data;
  g_autofree char *draft = da_composer_dup_draft (self->composer);

  return strlen (draft) == strlen (self->draft);
}

static void
test_draft_has_its_pictures (Fixture *self, gconstpointer data)
{
  g_autofree char *draft = dup_draft_with_picture ();
  g_autofree char *sent = NULL;
  GtkWidget *composer = g_object_ref_sink (da_composer_new ());
  GtkWidget *text = ui_sample_find_type (composer, GTK_TYPE_TEXT_VIEW);
  Draft wanted = { DA_COMPOSER (composer), draft };
  g_autofree char *words = NULL;

  da_composer_set_draft (DA_COMPOSER (composer), draft);
  da_test_await (is_drafted, &wanted);
  g_object_get (gtk_text_view_get_buffer (GTK_TEXT_VIEW (text)), "text", &words, NULL);
  g_assert_cmpstr (words, ==, "see ![this](x)\n\nand");
  g_signal_connect (composer, "send", G_CALLBACK (keep_string), &sent);
  da_composer_send (DA_COMPOSER (composer));
  g_assert_cmpuint (strlen (sent), ==, strlen (draft));
  da_test_await_finalize (composer);
}

static void
keep_unsent (GtkWidget *page, const char *id, const char *draft, const char *reason, char **out)
{
  g_assert_cmpuint (strlen (reason), >, 0);
  *out = g_strdup (draft);
}

static gboolean
is_answering (gpointer page)
{
  return ui_sample_find_type (page, DA_TYPE_MESSAGE_ROW) != NULL;
}

/* What is refused comes back whole, and what is refused when the person has gone on to another
 * conversation waits for them there. */
static void
activate (GtkWidget *window, const char *action)
{
  g_assert_true (gtk_widget_activate_action (window, action, NULL));
}

/* The person has begun another new conversation meanwhile. */
static void
test_unsent_comes_to_the_new_one (Fixture *self, gconstpointer data)
{
  DaWindow *window = da_window_new (NULL, NULL);
  GtkWidget *page, *other;
  g_autofree char *draft = NULL;

  da_window_set_engine (window, self->engine);
  gtk_window_present (GTK_WINDOW (window));
  activate (GTK_WIDGET (window), "win.new-conversation");
  page = g_object_ref (ui_sample_find_type (GTK_WIDGET (window), DA_TYPE_CHAT_PAGE));
  da_window_open_conversation (window, "conv_other");
  activate (GTK_WIDGET (window), "win.new-conversation");
  other = ui_sample_find_type (GTK_WIDGET (window), DA_TYPE_CHAT_PAGE);
  g_assert_true (page != other);
  g_signal_emit_by_name (page, "unsent", "", "some words", "no room");
  draft = da_chat_page_dup_draft (DA_CHAT_PAGE (other));
  g_assert_cmpstr (draft, ==, "some words");
  g_object_unref (page);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_refused_is_given_back (Fixture *self, gconstpointer data)
{
  g_autoptr(GSocketListener) silent = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (silent, NULL, NULL);
  g_autofree char *draft = dup_draft_with_picture ();
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *window = show_page (page);
  GtkWidget *composer = ui_sample_find_type (page, DA_TYPE_COMPOSER);
  Draft wanted = { DA_COMPOSER (composer), draft };
  g_autofree char *unsent = NULL;
  GtkWidget *gone;

  use_provider (self, port);
  set_setting (self, "mcpMessageQueueEnabled", "false");
  da_composer_set_draft (DA_COMPOSER (composer), "first");
  da_composer_send (DA_COMPOSER (composer));
  da_test_await (is_answering, page);
  da_composer_set_draft (DA_COMPOSER (composer), draft);
  da_test_await (is_drafted, &wanted);
  da_composer_send (DA_COMPOSER (composer));
  da_test_await (is_drafted, &wanted);

  da_composer_send (DA_COMPOSER (composer));
  gone = g_object_ref (page);
  g_signal_connect (gone, "unsent", G_CALLBACK (keep_unsent), &unsent);
  gtk_window_set_child (GTK_WINDOW (window), NULL);
  da_test_await (has_string, &unsent);
  g_assert_cmpuint (strlen (unsent), ==, strlen (draft));
  g_object_unref (gone);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_ampersand (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), data) != NULL;
}

static void
test_row_says_where_it_is_from (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) conversation = ui_sample_conversation (self->engine, "One", 2, HOUR);
  GtkWidget *row;

  g_free (conversation->last_message);
  conversation->last_message = g_strdup ("hello");
  row = da_conversation_row_new (conversation, DA_CONVERSATION_ROW_PINNED, "Phone");
  g_object_ref_sink (row);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Pinned. From Phone. hello");
  g_object_unref (row);
}

static void
test_model_may_be_named_anything (Fixture *self, gconstpointer data)
{
  GtkWidget *page;

  use_provider (self, 9);
  set_setting (self, "agentOpenaiModel", "\"R&D <1>\"");
  page = g_object_ref_sink (da_chat_page_new (self->engine, NULL));
  g_assert_nonnull (ui_sample_find (page, is_ampersand, "R&D <1>"));
  da_test_await_finalize (page);
}

static void
test_field_grows_with_its_words (Fixture *self, gconstpointer data)
{
  GtkWidget *page = da_chat_page_new (self->engine, NULL);
  GtkWidget *window = show_page (page);
  GtkWidget *text = ui_sample_find_type (page, GTK_TYPE_TEXT_VIEW);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (text));
  int natural;

  da_test_await (is_shown, text);
  gtk_widget_grab_focus (text);
  da_test_iterate_for (200);
  /* As pasting does. */
  gtk_text_buffer_insert_at_cursor (buffer, "one\ntwo\nthree\nfour\nfive\nsix", -1);
  gtk_text_view_scroll_mark_onscreen (GTK_TEXT_VIEW (text), gtk_text_buffer_get_insert (buffer));
  da_test_iterate_for (500);
  gtk_widget_measure (text, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (text), NULL, &natural,
                      NULL, NULL);
  g_assert_cmpint (gtk_widget_get_height (text), >=, natural);
  g_assert_cmpfloat (gtk_adjustment_get_value (gtk_scrollable_get_vadjustment (
                       GTK_SCROLLABLE (text))), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_what_is_no_picture_is_refused (void)
{
  g_autofree char *root = da_test_make_dir ();
  g_autofree char *text = g_build_filename (root, "notes.png", NULL);
  g_autofree char *broken = g_build_filename (root, "broken.png", NULL);
  const char *const paths[] = { text, broken, root, "/nonexistent/x.png" };

  da_test_write_file (text, "not a picture");
  da_test_write_file (broken, "\x89PNG\r\n\x1a\n and then nothing");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GFile) file = g_file_new_for_path (paths[i]);
      GtkWidget *composer = da_composer_new ();
      g_autofree char *told = NULL;

      g_object_ref_sink (composer);
      g_signal_connect (composer, "problem", G_CALLBACK (keep_string), &told);
      da_composer_attach_file (DA_COMPOSER (composer), file);
      da_test_await (has_string, &told);
      g_assert_null (find_named (composer, "window-close-symbolic"));
      da_test_await_finalize (composer);
    }
  da_test_remove_tree (root);
}

static void
test_one_line_of_markdown (void)
{
  static const struct {
    const char *text;
    const char *plain;
  } cases[] = {
    { "## Two **slow** days\n", "Two slow days\n" },
    { "see [the manual](https://example.org/a) first", "see the manual first" },
    { "![a chart](assets://conversation-image/c/x.png) of it", "a chart of it" },
    { "cut [off](https://exam", "cut off" },
    { "[x] done, a[1](2", "[x] done, a1" },
    { "[a [b](c) d]", "[a b d]" },
    { "[\002found\003](https://example.org) end", "\002found\003 end" },
    { "[open", "[open" },
    { "![", "![" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *plain = da_conversation_row_plain (cases[i].text);

      g_assert_cmpstr (plain, ==, cases[i].plain);
    }
}

static void
test_snippet_markup (void)
{
  static const struct {
    const char *snippet;
    const char *markup;
  } cases[] = {
    { "a \002b\003 c", "a <b>b</b> c" },
    { "\002<i>\003&", "<b>&lt;i&gt;</b>&amp;" },
    { "\002open", "<b>open</b>" },
    { "\003\003x\ny", "x y" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = da_conversation_row_markup (cases[i].snippet);

      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/ui/shell/widgets-die", test_widgets_die);
  ADD ("/ui/shell/tools-are-shown-once", test_tools_are_shown_once);
  ADD ("/ui/shell/the-window-dies", test_window_dies);
  ADD ("/ui/shell/the-title-is-there-at-once", test_title_is_there_at_once);
  ADD ("/ui/shell/the-window-dies-before-the-engine-starts", test_window_dies_before_the_engine);
  ADD ("/ui/shell/a-question-is-answered", test_question_is_answered);
  ADD ("/ui/shell/follows-what-others-ask", test_follows_others);
  ADD ("/ui/shell/what-failed-is-asked-again", test_what_failed_is_asked_again);
  ADD ("/ui/shell/the-queue-shows-what-others-sent", test_queue_shows_what_others_sent);
  ADD ("/ui/shell/a-blank-message-is-not-sent", test_blank_is_not_sent);
  ADD ("/ui/shell/a-row-says-where-it-is-from", test_row_says_where_it_is_from);
  ADD ("/ui/shell/a-model-may-be-named-anything", test_model_may_be_named_anything);
  ADD ("/ui/shell/a-draft-has-its-pictures", test_draft_has_its_pictures);
  ADD ("/ui/shell/unsent-comes-to-the-new-one", test_unsent_comes_to_the_new_one);
  ADD ("/ui/shell/what-is-refused-is-given-back", test_refused_is_given_back);
  ADD ("/ui/shell/a-picture-has-room-in-the-list", test_picture_has_room_in_the_list);
  ADD ("/ui/shell/the-tab-key-reaches-the-messages", test_tab_reaches_the_messages);
  ADD ("/ui/shell/the-field-grows-with-its-words", test_field_grows_with_its_words);
#undef ADD
  g_test_add_func ("/ui/shell/a-picture-is-attached", test_picture_is_attached);
  g_test_add_func ("/ui/shell/what-is-no-picture-is-refused", test_what_is_no_picture_is_refused);
  g_test_add_func ("/ui/shell/one-line-of-markdown", test_one_line_of_markdown);
  g_test_add_func ("/ui/shell/a-snippet-is-escaped", test_snippet_markup);
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
