/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-devices"

#include <adwaita.h>
#include <errno.h>
#include <string.h>

#include "da-access-devices.h"
#include "da-atomic-file.h"
#include "da-copy-row.h"
#include "da-database.h"
#include "da-fake-llm.h"
#include "da-preferences-remote-devices.h"
#include "da-preferences-remote-key.h"
#include "da-test-util.h"
#include "ui-sample.h"

/* The groups of the page with the paired devices and with the API key. */

typedef struct {
  char *root;
  DaEngine *engine;
  DaAccess *access;
  GtkWidget *window;
  GtkWidget *devices;
  GtkWidget *key_group;
  char *key;            /* of @device */
  DaDevice *device;
} Fixture;

static char *
pair (Fixture *self, DaDevice **device)
{
  g_autoptr(DaIdentity) identity = NULL;
  char *key;

  *device = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  key = g_strdup (da_device_peek_key (*device));
  identity = da_access_authenticate (self->access, key, "192.168.1.23", "okhttp/4.12.0");
  g_assert_nonnull (identity);
  return key;
}

static gboolean
knows (Fixture *self, const char *key)
{
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, key, "192.168.1.23",
                                                           NULL);

  return identity != NULL;
}

static gboolean
rename_to (Fixture *self, DaDevice *device, const char *name)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_access_rename_device_async (self->access, da_device_get_id (device), name, NULL,
                                 da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_access_device_finish (self->access, result, NULL);
}

static void
open_window (Fixture *self)
{
  GtkWidget *overlay = adw_toast_overlay_new ();
  GtkWidget *page = adw_preferences_page_new ();

  self->devices = g_object_new (DA_TYPE_PREFERENCES_REMOTE_DEVICES, NULL);
  self->key_group = g_object_new (DA_TYPE_PREFERENCES_REMOTE_KEY, NULL);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (self->devices));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (self->key_group));
  da_preferences_remote_devices_set_engine (DA_PREFERENCES_REMOTE_DEVICES (self->devices),
                                            self->engine);
  da_preferences_remote_key_set_engine (DA_PREFERENCES_REMOTE_KEY (self->key_group),
                                        self->engine);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), page);
  self->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (self->window), 600, 800);
  adw_window_set_content (ADW_WINDOW (self->window), overlay);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
  self->access = da_engine_get_access (self->engine);
  self->key = pair (self, &self->device);
  g_assert_true (rename_to (self, self->device, "Phone"));
  open_window (self);
}

static void
close_window (Fixture *self)
{
  da_preferences_remote_devices_set_engine (DA_PREFERENCES_REMOTE_DEVICES (self->devices), NULL);
  da_preferences_remote_key_set_engine (DA_PREFERENCES_REMOTE_KEY (self->key_group), NULL);
  gtk_window_destroy (GTK_WINDOW (self->window));
}

/* From now on the store takes no device, or takes them again. */
static void
refuse (Fixture *self, gboolean refuses)
{
  g_autofree char *path = g_build_filename (self->root, "data", "dotagents.db", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaDatabase) database = da_database_open (path, &error);

  g_assert_no_error (error);
  da_database_exec (database,
                    refuses ? "CREATE TRIGGER refuse BEFORE INSERT ON devices "
                              "BEGIN SELECT RAISE (ABORT, 'Refused by a test'); END"
                            : "DROP TRIGGER IF EXISTS refuse", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  close_window (self);
  refuse (self, FALSE);
  g_clear_object (&self->device);
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->key);
  g_free (self->root);
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_text (child, text))
      return TRUE;
  return FALSE;
}

typedef struct {
  gpointer widget;
  const char *text;
} Wanted;

static gboolean
is_shown (gpointer data)
{
  Wanted *wanted = data;

  return has_text (wanted->widget, wanted->text);
}

static void
await_text (gpointer widget, const char *text)
{
  Wanted wanted = { widget, text };

  da_test_await (is_shown, &wanted);
}

static gboolean
is_labelled (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

static void
click (gpointer root, const char *label)
{
  GtkWidget *button = ui_sample_find (root, is_labelled, label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
has_icon (GtkWidget *widget, gconstpointer icon)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (widget)), icon) == 0;
}

static void
click_icon (gpointer root, const char *icon)
{
  GtkWidget *button = ui_sample_find (root, has_icon, icon);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

/* (nullable) */
static GtkWidget *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr(GtkWidget) window = g_list_model_get_item (windows, i);

      /* The list keeps it alive. */
      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_visible (window))
        return window;
    }
  return NULL;
}

static gboolean
has_dialog (gpointer unused)
{
  return find_dialog () != NULL;
}

/* The row of a device */

static void
expect_warning (const char *pattern)
{
  g_test_expect_message ("da-ui-preferences-remote-device", G_LOG_LEVEL_WARNING, pattern);
}

static GtkEditable *
find_name (Fixture *self)
{
  return GTK_EDITABLE (ui_sample_find_type (self->devices, ADW_TYPE_ENTRY_ROW));
}

static void
test_typing (Fixture *self, gconstpointer unused)
{
  GtkEditable *name = find_name (self);

  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Phone");
  gtk_editable_set_text (name, "Ada's pho");
  /* The phone asks for something, and somebody renames it from another place. */
  g_assert_true (knows (self, self->key));
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Ada's pho");
  g_assert_true (rename_to (self, self->device, "Other"));
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Ada's pho");
  gtk_editable_set_text (name, " Ada's phone ");
  g_signal_emit_by_name (name, "apply");
  g_assert_cmpstr (da_device_get_name (self->device), ==, "Ada's phone");
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Ada's phone");
  await_text (self->devices, "Ada's phone");
  /* Nobody types any more: the name follows. */
  g_assert_true (rename_to (self, self->device, "Third"));
  g_assert_cmpstr (gtk_editable_get_text (name), ==, "Third");
}

static gboolean
is_phone_again (gpointer name)
{
  return g_str_equal (gtk_editable_get_text (name), "Phone");
}

static void
test_refused_name (Fixture *self, gconstpointer unused)
{
  GtkEditable *name = find_name (self);

  gtk_editable_set_text (name, "  ");
  g_signal_emit_by_name (name, "apply");
  da_test_await (is_phone_again, name);
  await_text (self->window, "A device needs a name");
  refuse (self, TRUE);
  gtk_editable_set_text (name, "Other");
  g_signal_emit_by_name (name, "apply");
  da_test_await (is_phone_again, name);
  g_assert_cmpstr (da_device_get_name (self->device), ==, "Phone");
}

static gboolean
is_switch_number (GtkWidget *widget, gconstpointer data)
{
  int *left = (int *) data;

  return GTK_IS_SWITCH (widget) && (*left)-- == 0;
}

/* The first one, 0, is the row's own, and hidden. */
static GtkSwitch *
find_switch (Fixture *self, int number)
{
  return GTK_SWITCH (ui_sample_find (self->devices, is_switch_number, &number));
}

static gboolean
switch_is_on (gpointer toggle)
{
  return gtk_switch_get_active (toggle);
}

static void
test_scopes (Fixture *self, gconstpointer unused)
{
  GtkSwitch *chat = find_switch (self, 1);
  GtkSwitch *manage = find_switch (self, 2);
  GtkSwitch *operator = find_switch (self, 3);

  gtk_switch_set_active (manage, FALSE);
  g_assert_cmpuint (da_device_get_scopes (self->device), ==, DA_SCOPE_CHAT | DA_SCOPE_OPERATOR);
  gtk_switch_set_active (operator, FALSE);
  g_assert_cmpuint (da_device_get_scopes (self->device), ==, DA_SCOPE_CHAT);
  g_assert_true (rename_to (self, self->device, "Stored"));
  refuse (self, TRUE);
  gtk_switch_set_active (manage, TRUE);
  await_text (self->window, "Refused by a test");
  g_assert_false (gtk_switch_get_active (manage));
  g_assert_cmpuint (da_device_get_scopes (self->device), ==, DA_SCOPE_CHAT);
  gtk_switch_set_active (chat, FALSE);
  da_test_await (switch_is_on, chat);
  g_assert_cmpuint (da_device_get_scopes (self->device), ==, DA_SCOPE_CHAT);
}

static gboolean
has_no_dialog (gpointer unused)
{
  return find_dialog () == NULL;
}

static void
restart (Fixture *self)
{
  close_window (self);
  g_clear_object (&self->device);
  ui_sample_engine_stop (self->engine);
  self->engine = ui_sample_engine (self->root);
  self->access = da_engine_get_access (self->engine);
  open_window (self);
}

static void
expect_cut_off (gboolean is_first)
{
  if (is_first)
    g_test_expect_message ("da-engine-access-devices", G_LOG_LEVEL_MESSAGE, "cut off Phone");
  g_test_expect_message ("da-engine-access-devices", G_LOG_LEVEL_WARNING, "*could not be stored*");
}

static void
test_refused_removal (Fixture *self, gconstpointer unused)
{
  refuse (self, TRUE);
  expect_cut_off (TRUE);
  click (self->devices, "_Remove");
  await_text (self->devices, "No device yet");
  g_assert_false (knows (self, self->key));
  da_test_await (has_dialog, NULL);
  g_test_assert_expected_messages ();
  await_text (find_dialog (), "Phone was cut off, but not for good");
  await_text (find_dialog (), "after a restart its key may work again");
  expect_cut_off (FALSE);
  click (find_dialog (), "_Try Again");
  da_test_await (has_no_dialog, NULL);
  da_test_await (has_dialog, NULL);
  g_test_assert_expected_messages ();
  refuse (self, FALSE);
  click (find_dialog (), "_Try Again");
  restart (self);
  g_assert_false (knows (self, self->key));
}

static void
test_refused_undo (Fixture *self, gconstpointer unused)
{
  click (self->devices, "_Remove");
  await_text (self->window, "Phone was cut off");
  await_text (self->devices, "No device yet");
  da_test_iterate_for (100);
  refuse (self, TRUE);
  expect_warning ("Phone could not be brought back*");
  click (self->window, "_Undo");
  await_text (self->window, "Refused by a test");
  g_test_assert_expected_messages ();
  await_text (self->devices, "No device yet");
  g_assert_false (knows (self, self->key));
}

static DaRun *
ask (Fixture *self, DaIdentity *identity)
{
  g_autoptr(DaChatRequest) request = da_chat_request_new ("conv_plan", "A plan for the week");
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaRun *run;

  request->identity = identity != NULL ? da_identity_ref (identity) : NULL;
  da_engine_chat_async (self->engine, request, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  run = da_engine_chat_finish (self->engine, result, &error);
  g_assert_no_error (error);
  return run;
}

static gboolean
is_finished (gpointer run)
{
  return da_run_is_finished (run);
}

static void
stop_run (DaRun *run)
{
  da_run_cancel (run, NULL);
  da_test_await (is_finished, run);
}

static void
test_activity (Fixture *self, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaFakeLlm) fake = da_fake_llm_new (0, &error);
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, self->key, NULL, NULL);
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autofree char *base = NULL;
  g_autoptr(DaRun) phone = NULL;
  g_autoptr(DaRun) desktop = NULL;

  g_assert_no_error (error);
  base = g_strdup_printf ("openaiBaseUrl=\"%s\"", da_fake_llm_get_base_url (fake));
  g_assert_true (da_settings_override (settings, base, NULL));
  g_assert_true (da_settings_override (settings, "agentOpenaiModel=\"script:silent\"", NULL));
  await_text (self->devices, "Last seen");
  da_access_note_request (self->access, identity, 1);
  await_text (self->devices, "Active now, 1 request open");
  phone = ask (self, identity);
  await_text (self->devices, "Active now in “A plan for the week”");
  da_access_note_request (self->access, identity, -1);
  stop_run (phone);
  await_text (self->devices, "Last seen");
  /* The same conversation, but it is the window that asks now. */
  desktop = ask (self, NULL);
  await_text (self->devices, "Last seen");
  stop_run (desktop);
}

/* The key */

static void
find_key_row (Fixture *self, DaCopyRow **row, char **key)
{
  *row = DA_COPY_ROW (ui_sample_find_type (self->key_group, DA_TYPE_COPY_ROW));
  *key = da_access_dup_api_key (self->access);
  g_assert_nonnull (*row);
  g_assert_nonnull (*key);
}

static void
test_reveal (Fixture *self, gconstpointer unused)
{
  g_autofree char *key = NULL;
  DaCopyRow *row;

  find_key_row (self, &row, &key);
  await_text (row, "••••");
  click_icon (row, "view-reveal-symbolic");
  await_text (row, key);
  click_icon (row, "view-conceal-symbolic");
  await_text (row, "••••");
  /* The window of the settings is only hidden when it is closed. */
  click_icon (row, "view-reveal-symbolic");
  await_text (row, key);
  gtk_widget_hide (self->window);
  gtk_window_present (GTK_WINDOW (self->window));
  await_text (row, "••••");
  g_assert_false (has_text (GTK_WIDGET (row), key));
}

static void
test_secret_again (Fixture *self, gconstpointer unused)
{
  g_autofree char *key = NULL;
  DaCopyRow *row;

  find_key_row (self, &row, &key);
  click_icon (row, "view-reveal-symbolic");
  await_text (row, key);
  g_object_set (row, "secret", FALSE, NULL);
  await_text (row, key);
  g_object_set (row, "secret", TRUE, NULL);
  await_text (row, "••••");
}

static void
test_copy (Fixture *self, gconstpointer unused)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (self->window);
  g_autofree char *key = NULL;
  GdkContentProvider *content;
  g_auto(GValue) value = G_VALUE_INIT;
  DaCopyRow *row;

  find_key_row (self, &row, &key);
  click_icon (row, "edit-copy-symbolic");
  await_text (self->window, "Clear the clipboard");
  g_assert_true (gdk_content_formats_contain_mime_type (gdk_clipboard_get_formats (clipboard),
                                                        "x-kde-passwordManagerHint"));
  content = gdk_clipboard_get_content (clipboard);
  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (content, &value, NULL));
  g_assert_cmpstr (g_value_get_string (&value), ==, key);
}

static GtkWidget *
ask_for_rotation (Fixture *self)
{
  click_icon (self->key_group, "view-refresh-symbolic");
  da_test_await (has_dialog, NULL);
  return find_dialog ();
}

static void
test_rotate (Fixture *self, gconstpointer unused)
{
  g_autofree char *before = da_access_dup_api_key (self->access);
  GtkWidget *dialog = ask_for_rotation (self);

  click (dialog, "_Cancel");
  da_test_await (has_no_dialog, NULL);
  g_assert_true (knows (self, before));
  dialog = ask_for_rotation (self);
  await_text (dialog, "Keep paired devices (Phone)");
  click (dialog, "_Replace");
  await_text (self->window, "There is a new key");
  g_assert_false (knows (self, before));
  g_assert_true (knows (self, self->key));
}

static void
cut_devices (GtkWidget *dialog)
{
  GtkWidget *keep = ui_sample_find_type (dialog, GTK_TYPE_CHECK_BUTTON);

  g_assert_true (gtk_check_button_get_active (GTK_CHECK_BUTTON (keep)));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (keep), FALSE);
  click (dialog, "_Replace");
}

static void
test_rotate_and_cut (Fixture *self, gconstpointer unused)
{
  g_autofree char *before = da_access_dup_api_key (self->access);

  cut_devices (ask_for_rotation (self));
  await_text (self->devices, "No device yet");
  g_assert_false (knows (self, before));
  g_assert_false (knows (self, self->key));
}

static void
test_failed_rotation (Fixture *self, gconstpointer unused)
{
  g_autofree char *before = da_access_dup_api_key (self->access);
  GtkWidget *dialog = ask_for_rotation (self);

  da_atomic_file_fail_nth (1, ENOSPC);
  cut_devices (dialog);
  await_text (self->window, "disk is full");
  da_atomic_file_fail_nth (0, 0);
  g_assert_true (knows (self, before));
  g_assert_true (knows (self, self->key));
}

static void
test_many_devices (Fixture *self, gconstpointer unused)
{
  GtkWidget *dialog;
  int minimum;

  g_assert_true (rename_to (self, self->device, "my_phone_of_2024"));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(DaDevice) device = NULL;
      g_autofree char *key = pair (self, &device);

      g_assert_true (rename_to (self, device, "A phone with a name that is rather long"));
    }
  dialog = ask_for_rotation (self);
  await_text (dialog, "my_phone_of_2024");
  gtk_widget_measure (ui_sample_find_type (dialog, GTK_TYPE_CHECK_BUTTON),
                      GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 250);
  click (dialog, "_Cancel");
}

#define ADD(name, func) \
  g_test_add ("/ui/preferences-devices/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  ADD ("what-is-typed-stays-while-the-phone-is-busy", test_typing);
  ADD ("a-name-that-is-refused-is-put-back", test_refused_name);
  ADD ("a-scope-is-switched-and-put-back-when-refused", test_scopes);
  ADD ("a-removal-that-is-not-stored-is-said-and-tried-again", test_refused_removal);
  ADD ("an-undo-that-is-not-stored-is-said", test_refused_undo);
  ADD ("a-device-is-in-a-conversation", test_activity);
  ADD ("a-revealed-key-is-dots-again-when-it-was-out-of-sight", test_reveal);
  ADD ("a-value-that-becomes-secret-again-is-dots", test_secret_again);
  ADD ("a-key-is-copied-as-a-secret", test_copy);
  ADD ("the-key-is-replaced-and-the-devices-stay", test_rotate);
  ADD ("the-key-is-replaced-and-the-devices-are-cut-off", test_rotate_and_cut);
  ADD ("a-key-that-is-not-replaced-cuts-nobody-off", test_failed_rotation);
  ADD ("the-names-of-many-devices-fit", test_many_devices);
  return g_test_run ();
}
