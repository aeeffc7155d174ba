/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-preferences-rows"

#include <adwaita.h>

#include "da-network.h"
#include "da-preferences-apply.h"
#include "da-preferences-bind-row.h"
#include "da-settings-choice-row.h"
#include "da-settings-entry-row.h"
#include "da-settings-spin-row.h"
#include "da-settings-switch-row.h"
#include "da-strv-check.h"
#include "da-strv-row.h"
#include "da-test-util.h"
#include "ui-sample.h"

typedef struct {
  char *root;
  char *agents;
  DaSettings *settings;
  GtkWidget *window;
  AdwToastOverlay *overlay;
  GtkWidget *list;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = da_test_make_dir ();
  self->agents = g_build_filename (self->root, "agents", NULL);
  /* A file where the folder should be: nothing can be stored. */
  if (data != NULL)
    da_test_write_file (self->agents, "in the way");
  self->settings = da_settings_new (self->agents, NULL, NULL);
  g_assert_true (da_settings_override (self->settings, "remoteServerLogLevel=debug", NULL));
  da_settings_load (self->settings);
  self->window = adw_window_new ();
  self->overlay = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  self->list = gtk_list_box_new ();
  adw_toast_overlay_set_child (self->overlay, self->list);
  adw_window_set_content (ADW_WINDOW (self->window), GTK_WIDGET (self->overlay));
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;

  gtk_window_destroy (GTK_WINDOW (self->window));
  da_settings_flush_async (self->settings, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_await_finalize (self->settings);
  da_test_remove_tree (self->root);
  g_free (self->agents);
  g_free (self->root);
}

static GtkWidget *
add_row (Fixture *self, GType type, const char *setting)
{
  GtkWidget *row = g_object_new (type, "title", "Row", "setting", setting, NULL);

  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
  return row;
}

static void
bind (Fixture *self, GtkWidget *row)
{
  g_object_set (row, "settings", self->settings, NULL);
}

static gboolean
has_label (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && g_strrstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_label (child, text))
      return TRUE;
  return FALSE;
}

static gboolean
streamer_is_on (gpointer data)
{
  return da_settings_get_boolean (((Fixture *) data)->settings, "streamerModeEnabled");
}

static gboolean
streamer_is_off (gpointer data)
{
  return !streamer_is_on (data);
}

static void
test_switch (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_SETTINGS_SWITCH_ROW, "streamerModeEnabled");
  GtkSwitch *toggle = GTK_SWITCH (ui_sample_find_type (row, GTK_TYPE_SWITCH));

  bind (self, row);
  g_assert_false (gtk_switch_get_active (toggle));
  gtk_switch_set_active (toggle, TRUE);
  da_test_await (streamer_is_on, self);
  /* A change from elsewhere, a phone's for instance, is shown. */
  da_settings_set (self->settings, "streamerModeEnabled", da_preferences_boolean (FALSE));
  da_test_await (streamer_is_off, self);
  g_assert_false (gtk_switch_get_active (toggle));
}

static gboolean
switch_is_off (gpointer toggle)
{
  return !gtk_switch_get_active (toggle);
}

static gboolean
toast_is_shown (gpointer data)
{
  return has_label (GTK_WIDGET (((Fixture *) data)->overlay), "agents");
}

static void
test_failure (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_SETTINGS_SWITCH_ROW, "streamerModeEnabled");
  GtkSwitch *toggle = GTK_SWITCH (ui_sample_find_type (row, GTK_TYPE_SWITCH));

  bind (self, row);
  g_test_expect_message ("da-ui-preferences-apply", G_LOG_LEVEL_WARNING, "*not applied*");
  gtk_switch_set_active (toggle, TRUE);
  da_test_await (switch_is_off, toggle);
  g_test_assert_expected_messages ();
  g_assert_false (streamer_is_on (self));
  /* The toast says why: it names the file. */
  da_test_await (toast_is_shown, self);
}

static void
test_locked (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_SETTINGS_CHOICE_ROW, "remoteServerLogLevel");
  const char *const names[] = { "Errors", "Requests", "All", NULL };
  g_autoptr(GtkStringList) model = gtk_string_list_new (names);

  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (model));
  bind (self, row);
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 2);
  g_assert_false (gtk_widget_get_sensitive (row));
  g_assert_cmpstr (gtk_widget_get_tooltip_text (row), ==, "Set on the command line");
}

static gboolean
theme_is_dark (gpointer settings)
{
  return g_strcmp0 (da_settings_get_string (settings, "themePreference"), "dark") == 0;
}

static gboolean
effort_is_unset (gpointer settings)
{
  return da_settings_get_string (settings, "openaiReasoningEffort") == NULL;
}

static gboolean
effort_is_low (gpointer settings)
{
  return g_strcmp0 (da_settings_get_string (settings, "openaiReasoningEffort"), "low") == 0;
}

static void
test_choice (Fixture *self, gconstpointer data)
{
  const char *const themes[] = { "System", "Light", "Dark", NULL };
  const char *const efforts[] = { "Unset", "None", "Minimal", "Low", "Medium", "High", "Highest",
                                  NULL };
  g_autoptr(GtkStringList) theme_names = gtk_string_list_new (themes);
  g_autoptr(GtkStringList) effort_names = gtk_string_list_new (efforts);
  GtkWidget *theme = add_row (self, DA_TYPE_SETTINGS_CHOICE_ROW, "themePreference");
  GtkWidget *effort = add_row (self, DA_TYPE_SETTINGS_CHOICE_ROW, "openaiReasoningEffort");

  adw_combo_row_set_model (ADW_COMBO_ROW (theme), G_LIST_MODEL (theme_names));
  adw_combo_row_set_model (ADW_COMBO_ROW (effort), G_LIST_MODEL (effort_names));
  bind (self, theme);
  bind (self, effort);
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (theme)), ==, 0);
  adw_combo_row_set_selected (ADW_COMBO_ROW (theme), 2);
  da_test_await (theme_is_dark, self->settings);
  adw_combo_row_set_selected (ADW_COMBO_ROW (effort), 3);
  da_test_await (effort_is_low, self->settings);
  adw_combo_row_set_selected (ADW_COMBO_ROW (effort), 0);
  da_test_await (effort_is_unset, self->settings);
}

static gboolean
port_is_4000 (gpointer settings)
{
  return da_settings_get_int (settings, "remoteServerPort") == 4000;
}

static void
test_spin (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_SETTINGS_SPIN_ROW, "remoteServerPort");
  GtkSpinButton *spin = GTK_SPIN_BUTTON (ui_sample_find_type (row, GTK_TYPE_SPIN_BUTTON));
  double low, high;

  bind (self, row);
  gtk_spin_button_get_range (spin, &low, &high);
  g_assert_cmpfloat (low, ==, 1);
  g_assert_cmpfloat (high, ==, 65535);
  g_assert_cmpint (da_settings_spin_row_get_value (DA_SETTINGS_SPIN_ROW (row)), ==, 3210);
  gtk_spin_button_set_value (spin, 3999);
  gtk_spin_button_set_value (spin, 4000);
  /* The person has not paused yet. */
  g_assert_cmpint (da_settings_get_int (self->settings, "remoteServerPort"), ==, 3210);
  da_test_await (port_is_4000, self->settings);
}

static gboolean
origins_are_named (gpointer settings)
{
  const char *const *origins = da_settings_get_strv (settings, "remoteServerCorsOrigins");

  return g_strcmp0 (origins[0], "https://a.example") == 0 && origins[1] == NULL;
}

static void
test_list (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_STRV_ROW, "remoteServerCorsOrigins");
  GtkWidget *entry;

  g_object_set (row, "any", "Every page", "empty", "None", "add-title", "Add", NULL);
  bind (self, row);
  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (row)), ==, "Every page");
  entry = ui_sample_find_type (row, ADW_TYPE_ENTRY_ROW);
  gtk_editable_set_text (GTK_EDITABLE (entry), " https://a.example ");
  g_signal_emit_by_name (entry, "apply");
  /* Naming one page means: no longer every page. */
  da_test_await (origins_are_named, self->settings);
  g_assert_cmpstr (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (row)), ==,
                   "https://a.example");
}

static gboolean
is_shown_button (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_is_visible (widget);
}

static void
test_list_check (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_STRV_ROW, "remoteServerCorsOrigins");
  GtkWidget *entry = NULL;
  const char *const *origins;

  g_object_set (row, "any", "Every page", "check", "origin", NULL);
  bind (self, row);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  entry = ui_sample_find_type (row, ADW_TYPE_ENTRY_ROW);
  da_test_iterate_for (50);
  gtk_widget_grab_focus (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), "a.example");
  g_signal_emit_by_name (entry, "apply");
  da_test_iterate_for (50);
  origins = da_settings_get_strv (self->settings, "remoteServerCorsOrigins");
  g_assert_cmpstr (origins[0], ==, "*");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "a.example");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_true (has_label (GTK_WIDGET (self->overlay), "A web page begins with"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "HTTPS://A.example:443/");
  g_assert_false (gtk_widget_has_css_class (entry, "error"));
  g_assert_nonnull (ui_sample_find (entry, is_shown_button, NULL));
  g_signal_emit_by_name (entry, "apply");
  da_test_await (origins_are_named, self->settings);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "");
  /* There is nothing to apply now. */
  g_assert_null (ui_sample_find (entry, is_shown_button, NULL));
}

static void
test_list_failure (Fixture *self, gconstpointer data)
{
  GtkWidget *row = add_row (self, DA_TYPE_STRV_ROW, "remoteServerCorsOrigins");
  GtkWidget *entry;

  bind (self, row);
  entry = ui_sample_find_type (row, ADW_TYPE_ENTRY_ROW);
  g_test_expect_message ("da-ui-preferences-apply", G_LOG_LEVEL_WARNING, "*not applied*");
  gtk_editable_set_text (GTK_EDITABLE (entry), "https://a.example");
  g_signal_emit_by_name (entry, "apply");
  da_test_await (toast_is_shown, self);
  g_test_assert_expected_messages ();
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "https://a.example");
}

static void
test_checks (void)
{
  const struct { DaStrvCheck check; const char *text, *expected; } table[] = {
    { da_strv_check_origin, "*", "*" },
    { da_strv_check_origin, "null", "null" },
    { da_strv_check_origin, "https://Example.org", "https://example.org" },
    { da_strv_check_origin, "https://example.org/", "https://example.org" },
    { da_strv_check_origin, "http://example.org:80", "http://example.org" },
    { da_strv_check_origin, "http://example.org:443", "http://example.org:443" },
    { da_strv_check_origin, "http://[::1]:5173", "http://[::1]:5173" },
    { da_strv_check_origin, "https://bücher.example", "https://xn--bcher-kva.example" },
    { da_strv_check_origin, "capacitor://localhost", "capacitor://localhost" },
    { da_strv_check_origin, "example.org", NULL },
    { da_strv_check_origin, "https://", NULL },
    { da_strv_check_origin, "file:///home", NULL },
    { da_strv_check_origin, "https://example.org/page", NULL },
    { da_strv_check_origin, "https://example.org?q", NULL },
    { da_strv_check_origin, "https://me@example.org", NULL },
    { da_strv_check_origin, "https://exa mple.org", NULL },
    { da_strv_check_origin, "https://*.example.org", NULL },
    { da_strv_check_origin, "https://example.org:0", NULL },
    { da_strv_check_origin, "https://example.org:99999", NULL },
    { da_strv_check_host, "Desk.lan", "desk.lan" },
    { da_strv_check_host, "desk_1", "desk_1" },
    { da_strv_check_host, "desk.lan:3210", "desk.lan" },
    { da_strv_check_host, "192.168.1.5:3210", "192.168.1.5" },
    { da_strv_check_host, "fd00::5", "[fd00::5]" },
    { da_strv_check_host, "[fd00::5]:3210", "[fd00::5]" },
    { da_strv_check_host, "bücher.example", "xn--bcher-kva.example" },
    { da_strv_check_host, "https://x", NULL },
    { da_strv_check_host, "x/v1", NULL },
    { da_strv_check_host, "*", NULL },
    { da_strv_check_host, "*.lan", NULL },
    { da_strv_check_host, "a b", NULL },
    { da_strv_check_host, "a..b", NULL },
    { da_strv_check_host, "0.0.0.0", NULL },
    { da_strv_check_host, "desk.lan:", NULL },
    { da_strv_check_host, "desk.lan:70000", NULL },
    { da_strv_check_host, "[desk.lan]", NULL },
    { da_strv_check_host, ":3210", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *problem = NULL;
      g_autofree char *checked = table[i].check (table[i].text, &problem);

      g_test_message ("%s", table[i].text);
      g_assert_cmpstr (checked, ==, table[i].expected);
      g_assert_true (checked != NULL || problem != NULL);
    }
}

static gboolean
bind_is_all (gpointer settings)
{
  return g_strcmp0 (da_settings_get_string (settings, "remoteServerBindAddress"), "0.0.0.0") == 0;
}

static const char *
get_choice (GtkWidget *row, guint position)
{
  GListModel *model = adw_combo_row_get_model (ADW_COMBO_ROW (row));

  return gtk_string_list_get_string (GTK_STRING_LIST (model), position);
}

static void
test_bind (Fixture *self, gconstpointer data)
{
  const DaNetworkRaw raw[] = {
    { "wlan0", "192.168.1.5", "Home", DA_NETWORK_WIFI, .is_up = TRUE },
    { "tailscale0", "100.64.0.1", NULL, DA_NETWORK_VPN, .is_up = TRUE },
  };
  g_autoptr(GPtrArray) addresses = da_network_sort (raw, G_N_ELEMENTS (raw), "wlan0");
  GtkWidget *row = add_row (self, DA_TYPE_PREFERENCES_BIND_ROW, "remoteServerBindAddress");

  bind (self, row);
  da_preferences_bind_row_set_addresses (DA_PREFERENCES_BIND_ROW (row), addresses);
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 0);
  g_assert_cmpstr (get_choice (row, 0), ==, "This computer only");
  g_assert_cmpstr (get_choice (row, 1), ==, "Wi-Fi “Home”: 192.168.1.5");
  g_assert_cmpstr (get_choice (row, 2), ==, "Tailscale: 100.64.0.1");
  da_preferences_bind_row_set_hides (DA_PREFERENCES_BIND_ROW (row), TRUE);
  g_assert_cmpstr (get_choice (row, 1), ==, "Wi-Fi");
  g_assert_cmpstr (get_choice (row, 2), ==, "Tailscale");
  da_preferences_bind_row_set_hides (DA_PREFERENCES_BIND_ROW (row), FALSE);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 3);
  da_test_await (bind_is_all, self->settings);
  /* An address that is gone stays a choice: nothing is changed behind the person's back. */
  da_settings_set (self->settings, "remoteServerBindAddress", da_preferences_string ("10.9.9.9"));
  while (bind_is_all (self->settings))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 4);
  g_assert_cmpstr (get_choice (row, 4), ==, "10.9.9.9 (not there now)");
}

#define ADD(name, data, func) \
  g_test_add ("/ui/preferences-rows/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ui_sample_init ();
  ADD ("a-switch-sets-and-shows", NULL, test_switch);
  ADD ("a-change-that-fails-puts-the-row-back-and-says-why", "broken", test_failure);
  ADD ("the-command-line-locks-a-row", NULL, test_locked);
  ADD ("a-choice-sets-and-unsets", NULL, test_choice);
  ADD ("a-number-is-set-when-the-person-pauses", NULL, test_spin);
  ADD ("a-named-page-replaces-every-page", NULL, test_list);
  ADD ("what-is-no-page-stays-in-the-entry-and-says-why", NULL, test_list_check);
  ADD ("what-was-not-stored-stays-in-the-entry", "broken", test_list_failure);
  ADD ("a-bind-is-chosen-by-network", NULL, test_bind);
  g_test_add_func ("/ui/preferences-rows/pages-and-hosts-are-as-the-server-has-them", test_checks);
  return g_test_run ();
}
