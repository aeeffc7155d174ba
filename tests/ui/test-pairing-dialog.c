/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-pairing-dialog"

#include <adwaita.h>
#include <string.h>

#include "da-access-devices.h"
#include "da-clock.h"
#include "da-network.h"
#include "da-pairing-dialog.h"
#include "da-preferences-apply.h"
#include "da-request-log.h"
#include "da-test-util.h"
#include "ui-sample.h"

/* What becomes of a code on the screen; test-preferences-window.c has the way there. */

typedef struct {
  char *root;
  char *address;            /* (nullable): this machine is in no network */
  DaEngine *engine;
  DaAccess *access;
  DaPairingDialog *dialog;  /* (nullable) */
} Fixture;

static void
set_setting (Fixture *self, const char *name, JsonNode *value)
{
  g_autoptr(GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                        (GDestroyNotify) json_node_unref);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  DaSettings *settings = da_engine_get_settings (self->engine);

  g_hash_table_insert (values, g_strdup (name), value);
  da_settings_apply_async (settings, values, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_settings_apply_finish (settings, result, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr(GPtrArray) addresses = da_network_list_addresses ();

  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
  self->access = da_engine_get_access (self->engine);
  if (addresses->len == 0)
    return;
  self->address = g_strdup (((DaNetworkAddress *) addresses->pdata[0])->address);
  /* As the server would. */
  set_setting (self, "remoteServerEnabled", da_preferences_boolean (TRUE));
  set_setting (self, "remoteServerBindAddress", da_preferences_string (self->address));
  da_remote_access_set_running (da_engine_get_remote_access (self->engine), self->address, 3210,
                                NULL, NULL);
  self->dialog = da_pairing_dialog_new (self->engine, NULL);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  da_clock_set_offset (0, 0);
  if (self->dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (self->dialog));
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->address);
  g_free (self->root);
}

static gboolean
has_network (Fixture *self)
{
  if (self->address == NULL)
    g_test_skip ("this machine is in no network");
  return self->address != NULL;
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_child_visible (widget) || !gtk_widget_get_visible (widget))
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
await_text (Fixture *self, const char *text)
{
  Wanted wanted = { self->dialog, text };

  da_test_await (is_shown, &wanted);
}

static gboolean
is_labelled (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

static void
click (Fixture *self, const char *label)
{
  g_signal_emit_by_name (ui_sample_find (GTK_WIDGET (self->dialog), is_labelled, label),
                         "clicked");
}

/* (transfer full): of the code on the screen */
static char *
dup_key (Fixture *self)
{
  g_autofree char *link = da_pairing_dialog_dup_link (self->dialog);

  g_assert_nonnull (link);
  return g_strdup (strstr (link, "apiKey=") + strlen ("apiKey="));
}

static void
claim (Fixture *self, const char *key)
{
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, key, "192.168.1.23",
                                                           "okhttp/4.12.0");

  g_assert_nonnull (identity);
}

/* What the dialog watches has changed, without anything that matters to it. */
static void
change_something (Fixture *self)
{
  static gboolean dark;

  dark = !dark;
  set_setting (self, "themePreference", da_preferences_string (dark ? "dark" : "light"));
  da_test_drain ();
}

static void
test_removed (Fixture *self, gconstpointer unused)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *key = NULL;
  g_autofree char *other = NULL;
  g_autofree char *link = NULL;
  g_autoptr(DaDevice) device = NULL;

  if (!has_network (self))
    return;
  key = dup_key (self);
  claim (self, key);
  await_text (self, "Paired with Android phone");
  device = g_list_model_get_item (da_access_get_devices (self->access), 0);
  /* The button of the notification, or another device. */
  da_access_revoke_device_async (self->access, da_device_get_id (device), NULL, da_test_async_cb,
                                 &result);
  da_test_run_async (&result);
  await_text (self, "Android phone Was Removed");
  change_something (self);
  g_assert_true (has_text (GTK_WIDGET (self->dialog), "Was Removed"));
  link = da_pairing_dialog_dup_link (self->dialog);
  g_assert_null (link);
  click (self, "_New Code");
  await_text (self, "Waiting for a phone");
  other = dup_key (self);
  g_assert_cmpstr (other, !=, key);
}

static void
test_expired (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaIdentity) identity = NULL;
  g_autofree char *key = NULL;
  g_autofree char *other = NULL;

  if (!has_network (self))
    return;
  key = dup_key (self);
  await_text (self, "Works for one phone");
  da_clock_set_offset (DA_PAIRING_SECONDS * 1000 + 1, DA_PAIRING_SECONDS * 1000 + 1);
  await_text (self, "The Code Ran Out");
  await_text (self, "A code works once, and for ten minutes.");
  change_something (self);
  g_assert_true (has_text (GTK_WIDGET (self->dialog), "The Code Ran Out"));
  da_clock_set_offset (0, 0);
  identity = da_access_authenticate (self->access, key, "192.168.1.23", NULL);
  g_assert_null (identity);
  click (self, "_New Code");
  await_text (self, "Waiting for a phone");
  other = dup_key (self);
  g_assert_cmpstr (other, !=, key);
}

static void
test_menu (Fixture *self, gconstpointer unused)
{
  AdwComboRow *row;
  GListModel *model;

  if (!has_network (self))
    return;
  await_text (self, "Waiting for a phone");
  row = ADW_COMBO_ROW (ui_sample_find_type (GTK_WIDGET (self->dialog), ADW_TYPE_COMBO_ROW));
  model = adw_combo_row_get_model (row);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 1);
  g_assert_nonnull (strstr (gtk_string_list_get_string (GTK_STRING_LIST (model), 0),
                            self->address));
  change_something (self);
  g_assert_true (adw_combo_row_get_model (row) == model);
}

static void
knock (Fixture *self, const char *who, const char *address)
{
  const DaRequestLogItem item = {
    .who = who, .method = "GET", .route = "/v1/models", .address = address, .duration_us = 1000,
    .status = who != NULL ? 200 : 401, .refusal = who != NULL ? DA_REFUSAL_NONE : DA_REFUSAL_KEY,
  };

  da_request_log_add (da_engine_get_request_log (self->engine), &item);
}

static void
test_reached (Fixture *self, gconstpointer unused)
{
  if (!has_network (self))
    return;
  await_text (self, "Waiting for a phone");
  knock (self, NULL, "127.0.0.1");
  knock (self, "Another phone", "192.168.1.8");
  da_test_iterate_for (2 * DA_REQUEST_LOG_MS);
  g_assert_true (has_text (GTK_WIDGET (self->dialog), "Waiting for a phone"));
  /* The newest one need not be the one that matters. */
  knock (self, NULL, "192.168.1.9");
  knock (self, NULL, "127.0.0.1");
  await_text (self, "A phone at 192.168.1.9 reached the server");
}

#define ADD(name, func) \
  g_test_add ("/ui/pairing-dialog/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  ADD ("a-phone-that-was-removed-leaves-no-old-code", test_removed);
  ADD ("a-code-that-ran-out-is-renewed-by-the-person", test_expired);
  ADD ("the-addresses-stay-as-they-are", test_menu);
  ADD ("a-stranger-at-the-door-is-seen", test_reached);
  return g_test_run ();
}
