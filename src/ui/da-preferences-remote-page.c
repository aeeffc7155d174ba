/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-page"

#include "config.h"

#include "da-preferences-remote-page.h"

#include <glib/gi18n-lib.h>

#include "da-autostart.h"
#include "da-copy-row.h"
#include "da-pairing-dialog.h"
#include "da-preferences-apply.h"
#include "da-preferences-bind-row.h"
#include "da-preferences-remote-check.h"
#include "da-preferences-remote-devices.h"
#include "da-preferences-remote-key.h"
#include "da-preferences-remote-requests.h"
#include "da-preferences-remote-watch.h"
#include "da-setting-link.h"
#include "da-settings-choice-row.h"
#include "da-settings-spin-row.h"
#include "da-settings-switch-row.h"
#include "da-strv-row.h"

/* The server and the program may both try; what came of it is told once. */
#define FAILURE_PAUSE_MS 200

struct _DaPreferencesRemotePage {
  AdwPreferencesPage parent_instance;

  /* owned */
  DaEngine *engine;
  DaRemoteWatch *watch;
  char *told;             /* (nullable): where the server was when a toast last told of it */
  char *failure;          /* (nullable): what is about to be told */

  DaRemoteState told_state;
  gboolean has_told;
  gboolean failure_while_on;
  guint failure_source;

  /* template */
  AdwActionRow *reach_row;
  GtkImage *reach_icon;
  GtkButton *repair_button;
  DaCopyRow *url_row;
  AdwPreferencesGroup *network_group;
  DaPreferencesRemoteDevices *devices;
  DaPreferencesRemoteKey *key_group;
  DaPreferencesBindRow *bind_row;
  DaSettingsSpinRow *port_row;
  AdwActionRow *refused_host_row;
  AdwActionRow *refused_origin_row;
  AdwActionRow *requests_row;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemotePage, da_preferences_remote_page,
                     ADW_TYPE_PREFERENCES_PAGE)

/* Who can reach it */

static const char *
get_icon (const DaReachability *reachability)
{
  if (reachability->is_problem)
    return "dialog-warning-symbolic";
  switch (reachability->reach)
    {
    case DA_REACH_NOBODY: return "network-offline-symbolic";
    case DA_REACH_THIS_COMPUTER: return "computer-symbolic";
    case DA_REACH_NETWORK: return "network-workgroup-symbolic";
    case DA_REACH_TAILNET: return "network-vpn-symbolic";
    case DA_REACH_INTERNET: return "network-wireless-signal-excellent-symbolic";
    }
  g_assert_not_reached ();
}

static void
show_reach (DaPreferencesRemotePage *self, gboolean hides)
{
  const DaReachability *reachability = da_remote_watch_get_reachability (self->watch);
  g_autofree char *label = da_remote_watch_dup_repair_label (self->watch);
  /* Addresses stay out of sight; what is wrong does not. */
  gboolean tells_addresses = reachability->reach == DA_REACH_NETWORK
                             || reachability->reach == DA_REACH_TAILNET
                             || reachability->reach == DA_REACH_INTERNET;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->reach_row),
                                 hides && reachability->reach == DA_REACH_INTERNET
                                 ? _("The internet") : reachability->who);
  adw_action_row_set_subtitle (self->reach_row, hides && tells_addresses
                                                ? _("Hidden while secrets are hidden")
                                                : reachability->reason);
  gtk_image_set_from_icon_name (self->reach_icon, get_icon (reachability));
  if (reachability->is_problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->reach_icon), "warning");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->reach_icon), "warning");
  gtk_widget_set_visible (GTK_WIDGET (self->repair_button), label != NULL);
  if (label != NULL)
    gtk_button_set_label (self->repair_button, label);
  da_preferences_name_buttons (GTK_WIDGET (self->repair_button));
}

static void
show_urls (DaPreferencesRemotePage *self, gboolean hides)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  g_autoptr(GPtrArray) open = da_remote_watch_dup_open (self->watch);
  const char *bind = da_remote_watch_get_bind (self->watch);
  const DaNetworkAddress *best = open->len > 0 ? g_ptr_array_index (open, 0) : NULL;
  g_autofree char *url =
    da_network_base_url (best != NULL ? best->address
                         : da_network_is_wildcard (bind) ? "127.0.0.1" : bind,
                         da_remote_watch_get_port (self->watch));
  gboolean running = da_remote_access_get_state (remote) == DA_REMOTE_RUNNING;

  da_copy_row_set_value (self->url_row, running ? url : NULL);
  g_object_set (self->url_row, "secret", hides, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->url_row), running);
  da_preferences_remote_key_set_url (self->key_group, hides ? "http://ADDRESS:PORT/v1" : url);
}

static void
show_port (DaPreferencesRemotePage *self)
{
  guint port, free_port;
  const char *bind;
  g_autofree char *text = NULL;
  DaRemoteAccess *remote;
  DaNetworkPort use;

  if (self->watch == NULL)
    return;
  remote = da_engine_get_remote_access (self->engine);
  bind = da_remote_watch_get_bind (self->watch);
  port = (guint) da_settings_spin_row_get_value (self->port_row);
  if (da_remote_access_get_state (remote) == DA_REMOTE_RUNNING
      && da_remote_access_get_port (remote) == port)
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->port_row), _("The server uses it"));
      return;
    }
  use = da_network_check_port (bind, port);
  free_port = use == DA_NETWORK_PORT_TAKEN ? da_network_find_free_port (bind, port) : 0;
  if (use == DA_NETWORK_PORT_FREE)
    text = g_strdup (_("Free"));
  else if (use == DA_NETWORK_PORT_FORBIDDEN)
    text = g_strdup (_("Ports below 1024 belong to the system"));
  else if (free_port != 0)
    text = g_strdup_printf (_("Taken by another program; %u is free"), free_port);
  else if (use == DA_NETWORK_PORT_TAKEN)
    text = g_strdup (_("Taken by another program"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->port_row), text != NULL ? text : "");
}

static void
show_refused (DaPreferencesRemotePage *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  g_autofree char *host = NULL;
  g_autofree char *origin = NULL;

  g_object_get (da_engine_get_remote_access (self->engine), "refused-host", &host,
                "refused-origin", &origin, NULL);
  adw_action_row_set_subtitle (self->refused_host_row, host != NULL ? host : "");
  gtk_widget_set_visible (GTK_WIDGET (self->refused_host_row),
                          host != NULL && !g_strv_contains (
                            da_settings_get_strv (settings, "remoteServerAllowedHosts"), host));
  adw_action_row_set_subtitle (self->refused_origin_row, origin != NULL ? origin : "");
  gtk_widget_set_visible (GTK_WIDGET (self->refused_origin_row),
                          origin != NULL && !g_strv_contains (
                            da_settings_get_strv (settings, "remoteServerCorsOrigins"), origin));
}

static void
tell (DaPreferencesRemotePage *self, const char *text)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    da_preferences_toast (GTK_WIDGET (self), text);
}

static gboolean
on_failure_due (gpointer user_data)
{
  DaPreferencesRemotePage *self = user_data;
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  g_autofree char *failure = g_steal_pointer (&self->failure);
  g_autofree char *text = NULL;

  self->failure_source = 0;
  if (self->failure_while_on)
    {
      /* Translators: why a change was not made */
      text = g_strdup_printf (_("Left as it was: %s"), failure);
      tell (self, text);
    }
  /* Else: a second try may have helped. */
  else if (da_remote_access_get_state (remote) == DA_REMOTE_FAILED)
    tell (self, failure);
  return G_SOURCE_REMOVE;
}

/* What does not work is news each time, also in the same words: the status forgets it between. */
static void
on_last_error_cb (DaPreferencesRemotePage *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  const char *failure = da_remote_access_get_last_error (remote);

  if (failure == NULL)
    return;
  g_free (self->failure);
  self->failure = g_strdup (failure);
  self->failure_while_on = da_remote_access_get_state (remote) == DA_REMOTE_RUNNING;
  if (self->failure_source == 0)
    self->failure_source = g_timeout_add (FAILURE_PAUSE_MS, on_failure_due, self);
}

/* What became of a change: the server answers through its status, not to us. */
static void
tell_outcome (DaPreferencesRemotePage *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  const DaRemoteState state = da_remote_access_get_state (remote);
  const DaRemoteState before = self->told_state;
  const gboolean first = !self->has_told;
  g_autofree char *now = NULL;
  gboolean moved;

  if (state == DA_REMOTE_STARTING)
    return;
  if (state == DA_REMOTE_RUNNING)
    now = g_strdup_printf ("%s:%u", da_remote_access_get_bind (remote),
                           da_remote_access_get_port (remote));
  moved = g_strcmp0 (now, self->told) != 0;
  g_free (self->told);
  self->told = g_steal_pointer (&now);
  self->told_state = state;
  self->has_told = TRUE;
  if (first || (state == before && !moved))
    return;
  if (state == DA_REMOTE_OFF)
    tell (self, _("The server is off"));
  else if (state == DA_REMOTE_RUNNING && before != DA_REMOTE_RUNNING)
    tell (self, _("The server is on"));
  else if (state == DA_REMOTE_RUNNING)
    tell (self, _("Applied. Phones and scripts need the new address"));
}

/* While the server is off, nobody but the row itself can say what becomes of a change. */
static void
set_toasts (DaPreferencesRemotePage *self)
{
  gboolean enabled = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                              "remoteServerEnabled");
  const char *text = enabled ? NULL : _("Applied when the server is switched on");

  g_object_set (self->bind_row, "toast", text, NULL);
  g_object_set (self->port_row, "toast", text, NULL);
}

static void
show (DaPreferencesRemotePage *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  gboolean hides = da_settings_get_boolean (settings, "streamerModeEnabled");
  const char *bind = da_settings_get_string (settings, "remoteServerBindAddress");

  show_reach (self, hides);
  show_urls (self, hides);
  show_port (self);
  show_refused (self);
  da_preferences_bind_row_set_hides (self->bind_row, hides);
  da_preferences_bind_row_set_addresses (self->bind_row,
                                         da_remote_watch_get_addresses (self->watch));
  adw_preferences_group_set_description (
    self->network_group,
    da_network_is_loopback (bind) ? NULL
    : da_network_is_wildcard (bind)
    ? _("Everybody in every network this computer joins can try to get in, in a café too. Only "
        "a key keeps them out, and the connection is not encrypted.")
    : _("Everybody in this network can try to get in. Only a key keeps them out, and the "
        "connection is not encrypted."));
  set_toasts (self);
  tell_outcome (self);
}

static void
show_requests (DaPreferencesRemotePage *self)
{
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (self->engine));
  const guint n = g_list_model_get_n_items (log);
  guint refused = 0;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (log, i);

      if (da_request_log_entry_get_refusal (entry) != DA_REFUSAL_NONE)
        refused++;
    }
  count = n == 0 ? g_strdup (_("None yet"))
                 : g_strdup_printf (ngettext ("One", "The last %u", n), n);
  if (refused > 0)
    /* Translators: "The last 12", then how many of them were refused */
    text = g_strdup_printf (ngettext ("%s; %u refused", "%s; %u refused", refused), count,
                            refused);
  adw_action_row_set_subtitle (self->requests_row, text != NULL ? text : count);
}

/* What the person does */

static void
on_repair_clicked_cb (DaPreferencesRemotePage *self)
{
  da_remote_watch_repair (self->watch, GTK_WIDGET (self));
}

void
da_preferences_remote_page_pair (DaPreferencesRemotePage *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));

  gtk_window_present (GTK_WINDOW (da_pairing_dialog_new (self->engine, window)));
}

static void
on_pair_activated_cb (DaPreferencesRemotePage *self)
{
  da_preferences_remote_page_pair (self);
}

static void
present (DaPreferencesRemotePage *self, GtkWidget *subpage)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);

  adw_preferences_window_present_subpage (ADW_PREFERENCES_WINDOW (window), subpage);
}

static void
on_requests_activated_cb (DaPreferencesRemotePage *self)
{
  present (self, da_preferences_remote_requests_new (self->engine));
}

static void
on_check_activated_cb (DaPreferencesRemotePage *self)
{
  present (self, da_preferences_remote_check_new (self->engine, self->watch));
}

static void
on_allow_host_clicked_cb (DaPreferencesRemotePage *self)
{
  da_strv_row_append (GTK_WIDGET (self), G_OBJECT (da_engine_get_settings (self->engine)),
                      "remoteServerAllowedHosts",
                      adw_action_row_get_subtitle (self->refused_host_row));
}

static void
on_allow_origin_clicked_cb (DaPreferencesRemotePage *self)
{
  da_strv_row_append (GTK_WIDGET (self), G_OBJECT (da_engine_get_settings (self->engine)),
                      "remoteServerCorsOrigins",
                      adw_action_row_get_subtitle (self->refused_origin_row));
}

/* Start at login is a file of the desktop besides being a setting. */
static void
on_autostart_changed_cb (DaPreferencesRemotePage *self)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  gboolean wanted = da_settings_get_boolean (settings, "launchAtLogin");
  g_autoptr(GError) error = NULL;

  if (da_autostart_set (wanted, &error))
    return;
  da_preferences_toast (GTK_WIDGET (self), error->message);
  g_signal_handlers_block_by_func (settings, on_autostart_changed_cb, self);
  da_settings_set (settings, "launchAtLogin", da_preferences_boolean (!wanted));
  g_signal_handlers_unblock_by_func (settings, on_autostart_changed_cb, self);
}

void
da_preferences_remote_page_set_engine (DaPreferencesRemotePage *self,
                                       DaEngine                *engine)
{
  DaSettings *settings = da_engine_get_settings (engine);
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (engine));

  g_assert (self->engine == NULL);
  self->engine = g_object_ref (engine);
  self->watch = da_remote_watch_new (engine);
  da_setting_link_bind_all (GTK_WIDGET (self), settings);
  da_preferences_remote_devices_set_engine (self->devices, engine);
  da_preferences_remote_key_set_engine (self->key_group, engine);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_remote_access (engine), "notify::last-error",
                           G_CALLBACK (on_last_error_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (log, "items-changed", G_CALLBACK (show_requests), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::launchAtLogin",
                           G_CALLBACK (on_autostart_changed_cb), self, G_CONNECT_SWAPPED);
  show (self);
  show_requests (self);
}

static void
da_preferences_remote_page_dispose (GObject *object)
{
  DaPreferencesRemotePage *self = DA_PREFERENCES_REMOTE_PAGE (object);

  g_clear_handle_id (&self->failure_source, g_source_remove);
  g_clear_object (&self->watch);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->told, g_free);
  g_clear_pointer (&self->failure, g_free);
  if (self->devices != NULL)
    {
      da_setting_link_bind_all (GTK_WIDGET (self), NULL);
      da_preferences_remote_devices_set_engine (self->devices, NULL);
      da_preferences_remote_key_set_engine (self->key_group, NULL);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_REMOTE_PAGE);
  G_OBJECT_CLASS (da_preferences_remote_page_parent_class)->dispose (object);
}

static void
da_preferences_remote_page_class_init (DaPreferencesRemotePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_page_dispose;
  g_type_ensure (DA_TYPE_COPY_ROW);
  g_type_ensure (DA_TYPE_PREFERENCES_BIND_ROW);
  g_type_ensure (DA_TYPE_PREFERENCES_REMOTE_DEVICES);
  g_type_ensure (DA_TYPE_PREFERENCES_REMOTE_KEY);
  g_type_ensure (DA_TYPE_SETTINGS_CHOICE_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_SPIN_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_SWITCH_ROW);
  g_type_ensure (DA_TYPE_STRV_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-remote-page.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, reach_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, reach_icon);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, repair_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, url_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, network_group);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, devices);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, key_group);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, bind_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, port_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, refused_host_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, refused_origin_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemotePage, requests_row);
  gtk_widget_class_bind_template_callback (widget_class, on_repair_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_pair_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_requests_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_check_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_allow_host_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_allow_origin_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_port);
}

static void
da_preferences_remote_page_init (DaPreferencesRemotePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
