/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-window"

#include <adwaita.h>
#include <string.h>

#include "da-access-devices.h"
#include "da-autostart.h"
#include "da-banner.h"
#include "da-copy-row.h"
#include "da-network.h"
#include "da-pairing-dialog.h"
#include "da-preferences-apply.h"
#include "da-preferences-bind-row.h"
#include "da-preferences-model-picker.h"
#include "da-preferences-remote-check.h"
#include "da-preferences-remote-requests.h"
#include "da-preferences-window.h"
#include "da-remote-rollback.h"
#include "da-test-util.h"
#include "ui-sample.h"

typedef struct {
  char *root;
  DaEngine *engine;
} Fixture;

/* (nullable): stands in for the system's own, without dbus-daemon for none */
static GTestDBus *system_bus;

/* After the display was opened: this takes DISPLAY out of the environment. */
static void
start_system_bus (void)
{
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");

  if (program == NULL)
    return;
  system_bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (system_bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (system_bus), TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
}

static void
stop_system_bus (void)
{
  g_autoptr(GDBusConnection) connection = NULL;

  if (system_bus == NULL)
    return;
  connection = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  g_test_dbus_stop (system_bus);
  g_clear_object (&system_bus);
}

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

static gboolean
is_gone (gpointer pointer)
{
  return *(gpointer *) pointer == NULL;
}

/* Destroys it and waits until nothing holds it. */
static void
destroy (gpointer window)
{
  gpointer weak = window;

  g_object_add_weak_pointer (window, &weak);
  gtk_window_destroy (window);
  da_test_await (is_gone, &weak);
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_child_visible (widget) || !gtk_widget_get_visible (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_strrstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
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

/* As the server would. */
static void
pretend_running (Fixture *self, const char *bind)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  da_settings_set (settings, "remoteServerEnabled", da_preferences_boolean (TRUE));
  da_settings_set (settings, "remoteServerBindAddress", da_preferences_string (bind));
  while (!da_settings_get_boolean (settings, "remoteServerEnabled")
         || strcmp (da_settings_get_string (settings, "remoteServerBindAddress"), bind) != 0)
    g_main_context_iteration (NULL, TRUE);
  da_remote_access_set_running (da_engine_get_remote_access (self->engine), bind, 3210, NULL,
                                NULL);
}

/* (transfer full) (nullable): skips the test without a network. */
static char *
find_address (void)
{
  g_autoptr(GPtrArray) addresses = da_network_list_addresses ();

  if (addresses->len > 0)
    return g_strdup (((DaNetworkAddress *) addresses->pdata[0])->address);
  g_test_skip ("this machine is in no network");
  return NULL;
}

static void
test_pages (Fixture *self, gconstpointer data)
{
  static const char *const pages[] = { "general", "models", "remote-server" };
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      da_preferences_window_show_page (window, pages[i]);
      gtk_window_present (GTK_WINDOW (window));
      da_test_iterate_for (50);
      g_assert_cmpstr (adw_preferences_window_get_visible_page_name (
                         ADW_PREFERENCES_WINDOW (window)), ==, pages[i]);
    }
  da_preferences_window_show_page (window, "no-such-page");
  g_assert_cmpstr (adw_preferences_window_get_visible_page_name (
                     ADW_PREFERENCES_WINDOW (window)), ==, "remote-server");
  destroy (window);
}

static gboolean
shows_text (GtkWidget *widget, const char *part)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return gtk_widget_get_mapped (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_text (child, part))
      return TRUE;
  return FALSE;
}

/* Without a keyring, as here, whoever enters a key is told where it goes. */
static void
test_secrets_file (Fixture *self, gconstpointer data)
{
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);
  g_autofree char *file = da_engine_dup_secrets_file (self->engine);

  g_assert_nonnull (file);
  da_preferences_window_show_page (window, "models");
  gtk_window_present (GTK_WINDOW (window));
  da_test_iterate_for (50);
  g_assert_true (shows_text (GTK_WIDGET (window), file));
  destroy (window);
}

static void
test_narrow (Fixture *self, gconstpointer data)
{
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);
  static const char *const pages[] = { "general", "models", "remote-server" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      int minimum;

      da_preferences_window_show_page (window, pages[i]);
      gtk_window_present (GTK_WINDOW (window));
      da_test_iterate_for (50);
      /* Without the frame that a display without shadows adds. */
      gtk_widget_measure (gtk_widget_get_first_child (GTK_WIDGET (window)),
                          GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      g_assert_cmpint (minimum, <=, 360);
    }
  destroy (window);
}

static void
test_reach (Fixture *self, gconstpointer data)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);

  da_preferences_window_show_page (window, "remote-server");
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "Nobody: it is off");
  pretend_running (self, "127.0.0.1");
  await_text (window, "Only this computer");
  await_text (window, "http://127.0.0.1:3210/v1");
  da_remote_access_set_state (remote, DA_REMOTE_FAILED, "Something is wrong");
  await_text (window, "Nobody: it could not start");
  await_text (window, "Something is wrong");
  da_remote_access_set_refused (remote, "desk.lan", NULL);
  await_text (window, "desk.lan");
  destroy (window);
}

typedef struct {
  DaSettings *settings;
  gint64 port;
} WantedPort;

static gboolean
has_port (gpointer data)
{
  WantedPort *wanted = data;

  return da_settings_get_int (wanted->settings, "remoteServerPort") == wanted->port;
}

/* As the server does when the new port cannot be had and the old one goes on. */
static void
refuse_port (Fixture *self, gint64 port)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  WantedPort wanted = { da_engine_get_settings (self->engine), port };

  da_settings_set (wanted.settings, "remoteServerPort", da_preferences_int (port));
  da_test_await (has_port, &wanted);
  da_remote_access_set_state (remote, DA_REMOTE_RUNNING, "Port in use by nginx");
  wanted.port = 3210;
  da_test_await (has_port, &wanted);
  /* Who asks for the status may ask later. */
  g_assert_cmpstr (da_remote_access_get_last_error (remote), ==, "Port in use by nginx");
}

static gboolean
is_not_shown (gpointer data)
{
  return !is_shown (data);
}

static void
test_rollback (Fixture *self, gconstpointer data)
{
  DaPreferencesWindow *window;
  Wanted toast = { NULL, "Left as it was: Port in use by nginx" };

  da_remote_rollback_watch (self->engine);
  pretend_running (self, "127.0.0.1");
  window = da_preferences_window_new (self->engine);
  toast.widget = window;
  da_preferences_window_show_page (window, "remote-server");
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "Only this computer");
  refuse_port (self, 80);
  da_test_await (is_shown, &toast);
  da_test_await (is_not_shown, &toast);
  /* The same again is told again. */
  refuse_port (self, 443);
  da_test_await (is_shown, &toast);
  destroy (window);
}

static void
test_outcomes (Fixture *self, gconstpointer data)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);
  GtkWidget *row = ui_sample_find_type (GTK_WIDGET (window), DA_TYPE_PREFERENCES_BIND_ROW);
  GListModel *choices = adw_combo_row_get_model (ADW_COMBO_ROW (row));

  da_preferences_window_show_page (window, "remote-server");
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "Nobody: it is off");
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), g_list_model_get_n_items (choices) - 1);
  await_text (window, "Applied when the server is switched on");
  pretend_running (self, "127.0.0.1");
  await_text (window, "The server is on");
  da_remote_access_set_running (remote, "127.0.0.1", 3211, NULL, NULL);
  await_text (window, "Applied. Phones and scripts need the new address");
  destroy (window);
}

/* The whole page, as it is on a screen that others see. */
static void
test_hidden_page (Fixture *self, gconstpointer data)
{
  g_autofree char *address = find_address ();
  DaSettings *settings = da_engine_get_settings (self->engine);
  DaPreferencesWindow *window;

  if (address == NULL)
    return;
  pretend_running (self, address);
  window = da_preferences_window_new (self->engine);
  da_preferences_window_show_page (window, "remote-server");
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, address);
  da_settings_set (settings, "streamerModeEnabled", da_preferences_boolean (TRUE));
  await_text (window, "Hidden while secrets are hidden");
  da_test_iterate_for (50);
  g_assert_false (has_text (GTK_WIDGET (window), address));
  destroy (window);
}

typedef struct {
  DaRemoteWatch *watch;
  gboolean warns;
} WantedWarning;

static gboolean
warns_of_firewalld (gpointer data)
{
  WantedWarning *wanted = data;
  const DaReachability *found = da_remote_watch_get_reachability (wanted->watch);

  return (found->repair == DA_REPAIR_FIREWALL
          && strstr (found->reason, "firewalld") != NULL) == wanted->warns;
}

static void
test_firewall (Fixture *self, gconstpointer data)
{
  static const DaRequestLogItem here = {
    NULL, "GET", "/v1/models", "127.0.0.1", NULL, 1000, 200, DA_REFUSAL_NONE };
  static const DaRequestLogItem outside = {
    NULL, "GET", "/v1/models", "203.0.113.9", NULL, 1000, 401, DA_REFUSAL_KEY };
  DaRequestLog *log = da_engine_get_request_log (self->engine);
  g_autofree char *address = find_address ();
  g_autoptr(GDBusConnection) firewalld = NULL;
  g_autoptr(DaRemoteWatch) watch = NULL;
  WantedWarning wanted = { NULL, TRUE };
  guint name;

  if (address == NULL || system_bus == NULL)
    return;
  pretend_running (self, address);
  watch = da_remote_watch_new (self->engine);
  wanted.watch = watch;
  g_assert_false (warns_of_firewalld (&wanted));
  firewalld = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (system_bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, NULL);
  name = g_bus_own_name_on_connection (firewalld, "org.fedoraproject.FirewallD1",
                                       G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  da_test_await (warns_of_firewalld, &wanted);
  da_request_log_add (log, &here);
  da_test_iterate_for (50);
  g_assert_true (warns_of_firewalld (&wanted));
  /* Whoever was heard got through, with a wrong key, too. */
  da_request_log_add (log, &outside);
  wanted.warns = FALSE;
  da_test_await (warns_of_firewalld, &wanted);
  /* That tells nothing of another port. */
  da_remote_access_set_running (da_engine_get_remote_access (self->engine), address, 3211, NULL,
                                NULL);
  wanted.warns = TRUE;
  da_test_await (warns_of_firewalld, &wanted);
  g_bus_unown_name (name);
}

static gboolean
has_no_device (gpointer engine)
{
  return g_list_model_get_n_items (
           da_access_get_devices (da_engine_get_access (engine))) == 0;
}

static gboolean
has_label (GtkWidget *widget, gconstpointer label)
{
  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0;
}

static void
claim (Fixture *self, const char *key)
{
  g_autoptr(DaIdentity) identity =
    da_access_authenticate (da_engine_get_access (self->engine), key, "192.168.1.23",
                            "DotAgents/1.2 (Android 14; Pixel 8)");

  g_assert_nonnull (identity);
}

static void
test_device (Fixture *self, gconstpointer data)
{
  DaPreferencesWindow *window = da_preferences_window_new (self->engine);
  DaAccess *access = da_engine_get_access (self->engine);
  g_autoptr(DaDevice) device = da_access_begin_pairing (access, DA_SCOPE_ALL);
  g_autofree char *key = g_strdup (da_device_peek_key (device));
  g_autoptr(DaIdentity) refused = NULL;

  da_preferences_window_show_page (window, "remote-server");
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "No device yet");
  claim (self, key);
  await_text (window, "192.168.1.23");
  g_signal_emit_by_name (ui_sample_find (GTK_WIDGET (window), has_label, "_Remove"), "clicked");
  da_test_await (has_no_device, self->engine);
  refused = da_access_authenticate (access, key, "192.168.1.23", NULL);
  g_assert_null (refused);
  await_text (window, "was cut off");
  await_text (window, "No device yet");
  g_signal_emit_by_name (ui_sample_find (GTK_WIDGET (window), has_label, "_Undo"), "clicked");
  await_text (window, "192.168.1.23");
  claim (self, key);
  destroy (window);
}

/* The dialog with the code */

static void
test_loopback (Fixture *self, gconstpointer data)
{
  DaPairingDialog *dialog;
  g_autofree char *link = NULL;

  pretend_running (self, "127.0.0.1");
  dialog = da_pairing_dialog_new (self->engine, NULL);
  gtk_window_present (GTK_WINDOW (dialog));
  await_text (dialog, "Phones Cannot Reach It Yet");
  link = da_pairing_dialog_dup_link (dialog);
  g_assert_null (link);
  destroy (dialog);
}

static void
test_code (Fixture *self, gconstpointer data)
{
  g_autofree char *address = find_address ();
  g_autofree char *link = NULL;
  g_autofree char *base = NULL;
  const char *key;
  DaPairingDialog *dialog;

  if (address == NULL)
    return;
  pretend_running (self, address);
  dialog = da_pairing_dialog_new (self->engine, NULL);
  gtk_window_present (GTK_WINDOW (dialog));
  await_text (dialog, "Waiting for a phone");
  link = da_pairing_dialog_dup_link (dialog);
  g_assert_true (g_str_has_prefix (link, "dotagents://config?baseUrl=http%3A%2F%2F"));
  key = strstr (link, "apiKey=") + strlen ("apiKey=");
  g_assert_cmpuint (strlen (key), ==, 64);
  claim (self, key);
  await_text (dialog, "Paired with");
  destroy (dialog);
  /* A code that was used outlives its dialog. */
  claim (self, key);
}

static void
test_closed_code (Fixture *self, gconstpointer data)
{
  g_autofree char *address = find_address ();
  g_autofree char *link = NULL;
  g_autoptr(DaIdentity) identity = NULL;
  DaPairingDialog *dialog;

  if (address == NULL)
    return;
  pretend_running (self, address);
  dialog = da_pairing_dialog_new (self->engine, NULL);
  gtk_window_present (GTK_WINDOW (dialog));
  await_text (dialog, "Waiting for a phone");
  link = da_pairing_dialog_dup_link (dialog);
  destroy (dialog);
  identity = da_access_authenticate (da_engine_get_access (self->engine),
                                     strstr (link, "apiKey=") + strlen ("apiKey="), NULL, NULL);
  g_assert_null (identity);
}

static void
test_streamer_mode (Fixture *self, gconstpointer data)
{
  g_autofree char *address = find_address ();
  g_autofree char *hidden = NULL;
  g_autofree char *shown = NULL;
  DaSettings *settings = da_engine_get_settings (self->engine);
  DaPairingDialog *dialog;

  if (address == NULL)
    return;
  pretend_running (self, address);
  da_settings_set (settings, "streamerModeEnabled", da_preferences_boolean (TRUE));
  while (!da_settings_get_boolean (settings, "streamerModeEnabled"))
    g_main_context_iteration (NULL, TRUE);
  dialog = da_pairing_dialog_new (self->engine, NULL);
  gtk_window_present (GTK_WINDOW (dialog));
  await_text (dialog, "The Code Is Hidden");
  hidden = da_pairing_dialog_dup_link (dialog);
  g_assert_null (hidden);
  g_signal_emit_by_name (ui_sample_find (GTK_WIDGET (dialog), has_label, "_Show It Anyway"),
                         "clicked");
  await_text (dialog, "Waiting for a phone");
  shown = da_pairing_dialog_dup_link (dialog);
  g_assert_nonnull (shown);
  destroy (dialog);
}

/* Parts */

static void
test_requests (Fixture *self, gconstpointer data)
{
  static const DaRequestLogItem item = {
    NULL, "GET", "/v1/models", "192.168.1.9", "desk.lan", 1000, 403, DA_REFUSAL_HOST };
  DaSettings *settings = da_engine_get_settings (self->engine);
  GtkWidget *window = adw_window_new ();
  GtkWidget *page = da_preferences_remote_requests_new (self->engine);

  adw_window_set_content (ADW_WINDOW (window), page);
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "No Requests");
  da_request_log_add (da_engine_get_request_log (self->engine), &item);
  await_text (window, "GET /v1/models");
  await_text (window, "unknown host name");
  g_signal_emit_by_name (ui_sample_find (page, has_label, "_Allow"), "clicked");
  while (!g_strv_contains (da_settings_get_strv (settings, "remoteServerAllowedHosts"),
                           "desk.lan"))
    g_main_context_iteration (NULL, TRUE);
  da_request_log_clear (da_engine_get_request_log (self->engine));
  await_text (window, "No Requests");
  destroy (window);
}

static void
test_check (Fixture *self, gconstpointer data)
{
  g_autoptr(DaRemoteWatch) watch = da_remote_watch_new (self->engine);
  GtkWidget *window = adw_window_new ();

  adw_window_set_content (ADW_WINDOW (window),
                          da_preferences_remote_check_new (self->engine, watch));
  gtk_window_present (GTK_WINDOW (window));
  await_text (window, "Nobody: it is off");
  destroy (window);
}

static void
test_picker (Fixture *self, gconstpointer data)
{
  GtkWidget *window = adw_window_new ();

  adw_window_set_content (ADW_WINDOW (window),
                          da_preferences_model_picker_new (self->engine, NULL, NULL));
  gtk_window_present (GTK_WINDOW (window));
  da_test_iterate_for (100);
  destroy (window);
}

static void
test_small_parts (Fixture *self, gconstpointer data)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *banner = da_banner_new ("The keyring is locked");
  DaCopyRow *row = g_object_new (DA_TYPE_COPY_ROW, "title", "Key", "secret", TRUE, "value",
                                 "0123 & <b>", NULL);

  gtk_box_append (GTK_BOX (box), banner);
  gtk_box_append (GTK_BOX (box), list);
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (row));
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  da_banner_set_revealed (DA_BANNER (banner), TRUE);
  await_text (window, "The keyring is locked");
  await_text (window, "••••");
  g_assert_false (has_text (GTK_WIDGET (row), "0123"));
  g_object_set (row, "secret", FALSE, NULL);
  await_text (window, "0123 & <b>");
  destroy (window);
}

static void
test_autostart (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (da_autostart_is_set ());
  g_assert_true (da_autostart_set (FALSE, &error));
  g_assert_true (da_autostart_set (TRUE, &error));
  g_assert_no_error (error);
  g_assert_true (da_autostart_is_set ());
  g_assert_true (da_autostart_set (FALSE, &error));
  g_assert_false (da_autostart_is_set ());
}

#define ADD(name, func) \
  g_test_add ("/ui/preferences-window/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  start_system_bus ();
  ADD ("every-page-is-shown-and-released", test_pages);
  ADD ("a-key-that-goes-into-a-file-says-so", test_secrets_file);
  ADD ("every-page-fits-a-narrow-window", test_narrow);
  ADD ("the-first-row-follows-the-server", test_reach);
  ADD ("a-change-that-cannot-be-made-is-taken-back-and-told-each-time", test_rollback);
  ADD ("each-change-says-what-became-of-it", test_outcomes);
  ADD ("hidden-secrets-hide-the-addresses", test_hidden_page);
  ADD ("a-firewall-is-told-of-until-somebody-got-through", test_firewall);
  ADD ("a-device-is-removed-and-brought-back", test_device);
  ADD ("loopback-offers-the-network-instead-of-a-code", test_loopback);
  ADD ("a-code-pairs-one-phone", test_code);
  ADD ("a-code-dies-with-its-dialog", test_closed_code);
  ADD ("hidden-secrets-hide-the-code-until-asked", test_streamer_mode);
  ADD ("a-refused-host-is-allowed-by-one-click", test_requests);
  ADD ("a-check-names-the-cause", test_check);
  ADD ("the-model-list-may-be-left-while-it-loads", test_picker);
  ADD ("a-secret-is-dots-until-revealed", test_small_parts);
  g_test_add_func ("/ui/preferences-window/start-at-login-is-a-file", test_autostart);
  status = g_test_run ();
  stop_system_bus ();
  return status;
}
