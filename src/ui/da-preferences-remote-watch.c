/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-watch"

#include "config.h"

#include "da-preferences-remote-watch.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

#include "da-error.h"
#include "da-model-presets.h"
#include "da-preferences-apply.h"

struct _DaRemoteWatch {
  GObject parent_instance;

  /* owned */
  DaEngine *engine;
  DaReachability *reachability;
  GPtrArray *addresses;

  guint update_source;
  guint firewalld_watch;
  gboolean has_firewalld;
  guint proven_port;        /* somebody from another machine got through to it; 0: nobody yet */
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaRemoteWatch, da_remote_watch, G_TYPE_OBJECT)

static void
da_remote_watch_dispose (GObject *object)
{
  DaRemoteWatch *self = DA_REMOTE_WATCH (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  g_clear_handle_id (&self->firewalld_watch, g_bus_unwatch_name);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->reachability, da_reachability_free);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  G_OBJECT_CLASS (da_remote_watch_parent_class)->dispose (object);
}

static void
da_remote_watch_class_init (DaRemoteWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_remote_watch_dispose;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
da_remote_watch_init (DaRemoteWatch *self)
{
}

const char *
da_remote_watch_get_bind (DaRemoteWatch *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  DaSettings *settings = da_engine_get_settings (self->engine);

  if (da_remote_access_get_state (remote) == DA_REMOTE_RUNNING
      && da_remote_access_get_bind (remote) != NULL)
    return da_remote_access_get_bind (remote);
  return da_settings_get_string (settings, "remoteServerBindAddress");
}

guint
da_remote_watch_get_port (DaRemoteWatch *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);

  if (da_remote_access_get_state (remote) == DA_REMOTE_RUNNING
      && da_remote_access_get_port (remote) != 0)
    return da_remote_access_get_port (remote);
  return (guint) da_settings_get_int (da_engine_get_settings (self->engine), "remoteServerPort");
}

static void
update (DaRemoteWatch *self)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (self->engine);
  DaReachabilityState state = {
    .enabled = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                        "remoteServerEnabled"),
    .state = da_remote_access_get_state (remote),
    .bind = da_remote_watch_get_bind (self),
    .port = da_remote_watch_get_port (self),
    .has_key = da_access_has_key (da_engine_get_access (self->engine)),
    .keyring_locked = da_engine_get_secrets_locked (self->engine),
    .last_error = da_remote_access_get_last_error (remote),
  };

  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_pointer (&self->reachability, da_reachability_free);
  self->addresses = da_network_list_addresses ();
  state.addresses = self->addresses;
  /* A firewall decides port by port. */
  if (self->proven_port != state.port)
    state.firewall = da_network_find_firewall (self->has_firewalld);
  if (state.state == DA_REMOTE_FAILED)
    state.port_use = da_network_check_port (state.bind, state.port);
  self->reachability = da_reachability_new (&state);
}

static gboolean
on_update_due (gpointer user_data)
{
  DaRemoteWatch *self = user_data;

  self->update_source = 0;
  update (self);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
on_something_changed_cb (DaRemoteWatch *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add (on_update_due, self);
}

/* firewalld owns its name on the bus while it is on; its files tell nothing. */
static void
on_firewalld_appeared_cb (GDBusConnection *bus,
                          const char      *name,
                          const char      *owner,
                          gpointer         user_data)
{
  DaRemoteWatch *self = user_data;

  self->has_firewalld = TRUE;
  on_something_changed_cb (self);
}

/* Also when there is no system bus. */
static void
on_firewalld_vanished_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  DaRemoteWatch *self = user_data;

  if (!self->has_firewalld)
    return;
  self->has_firewalld = FALSE;
  on_something_changed_cb (self);
}

/* A request from outside, even a refused one, proves that no firewall is in the way. */
static void
on_requests_changed_cb (GListModel    *log,
                        guint          position,
                        guint          removed,
                        guint          added,
                        DaRemoteWatch *self)
{
  const guint port = da_remote_watch_get_port (self);

  for (guint i = position; i < position + added && self->proven_port != port; i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (log, i);

      if (!da_network_is_outside (self->addresses, da_request_log_entry_get_address (entry)))
        continue;
      self->proven_port = port;
      on_something_changed_cb (self);
    }
}

DaRemoteWatch *
da_remote_watch_new (DaEngine *engine)
{
  DaRemoteWatch *self = g_object_new (DA_TYPE_REMOTE_WATCH, NULL);
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (engine));

  self->engine = g_object_ref (engine);
  self->addresses = da_network_list_addresses ();
  self->firewalld_watch = g_bus_watch_name (G_BUS_TYPE_SYSTEM, DA_NETWORK_FIREWALLD_BUS_NAME,
                                            G_BUS_NAME_WATCHER_FLAGS_NONE,
                                            on_firewalld_appeared_cb, on_firewalld_vanished_cb,
                                            self, NULL);
  g_signal_connect_object (engine, "notify::secrets-locked", G_CALLBACK (on_something_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (log, "items-changed", G_CALLBACK (on_requests_changed_cb), self, 0);
  on_requests_changed_cb (log, 0, 0, g_list_model_get_n_items (log), self);
  g_signal_connect_object (da_engine_get_remote_access (engine), "notify",
                           G_CALLBACK (on_something_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_access (engine), "changed",
                           G_CALLBACK (on_something_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_settings (engine), "changed",
                           G_CALLBACK (on_something_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (on_something_changed_cb), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}

const DaReachability *
da_remote_watch_get_reachability (DaRemoteWatch *self)
{
  return self->reachability;
}

GPtrArray *
da_remote_watch_get_addresses (DaRemoteWatch *self)
{
  return self->addresses;
}

GPtrArray *
da_remote_watch_dup_open (DaRemoteWatch *self)
{
  return da_network_filter_for_bind (self->addresses, da_remote_watch_get_bind (self));
}

/* Repairs */

char *
da_remote_watch_dup_repair_label (DaRemoteWatch *self)
{
  guint next;

  switch (self->reachability->repair)
    {
    case DA_REPAIR_NONE: return NULL;
    case DA_REPAIR_SWITCH_ON: return g_strdup (_("_Switch On"));
    case DA_REPAIR_MAKE_KEY: return g_strdup (_("_Make a Key"));
    case DA_REPAIR_UNLOCK: return g_strdup (_("_Unlock"));
    case DA_REPAIR_THIS_COMPUTER: return g_strdup (_("_This Computer Only"));
    case DA_REPAIR_FIREWALL: return g_strdup (_("_How to Open It"));
    case DA_REPAIR_RETRY: return g_strdup (_("_Try Again"));
    case DA_REPAIR_OPEN_TO_NETWORK:
      if (self->addresses->len == 0)
        return NULL;
      return g_strdup (da_network_is_loopback (da_remote_watch_get_bind (self))
                       ? _("_Let Phones In") : _("_Use the New Address"));
    case DA_REPAIR_NEXT_PORT:
      next = da_network_find_free_port (da_remote_watch_get_bind (self),
                                        da_remote_watch_get_port (self));
      return next != 0 ? g_strdup_printf (_("_Use Port %u"), next) : NULL;
    }
  g_assert_not_reached ();
}

static void
key_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GtkWidget) widget = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *key = da_access_rotate_finish (DA_ACCESS (source), result, &error);

  da_preferences_toast (widget, key != NULL ? _("There is a key now") : error->message);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GtkWidget) widget = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_engine_unlock_secrets_finish (DA_ENGINE (source), result, &error))
    da_preferences_toast (widget, g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED)
                                    ? _("The keyring stays locked") : error->message);
}

/* The server tries again when it is switched on. */
static void
switched_off_cb (GtkWidget *widget, gboolean ok)
{
  DaSettings *settings = g_object_get_data (G_OBJECT (widget), "da-retry-settings");

  if (ok)
    da_preferences_apply (widget, settings, "remoteServerEnabled", da_preferences_boolean (TRUE),
                          NULL, NULL);
}

static void
show_firewall_help (DaRemoteWatch *self, GtkWidget *widget)
{
  const guint port = da_remote_watch_get_port (self);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));
  GtkWidget *dialog = adw_message_dialog_new (window, _("Open the Port"), NULL);
  g_autofree char *text =
    !self->has_firewalld
    ? g_strdup_printf ("sudo ufw allow %u/tcp", port)
    : g_strdup_printf ("sudo firewall-cmd --permanent --add-port=%u/tcp\n"
                       "sudo firewall-cmd --reload", port);
  GtkWidget *label = gtk_label_new (text);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                               _("If phones do not get through, type this in a terminal:"));
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "monospace");
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), label);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
open_to_network (DaRemoteWatch *self, GtkWidget *widget)
{
  GHashTable *values;
  const DaNetworkAddress *best;

  if (self->addresses->len == 0)
    {
      da_preferences_toast (widget, _("This computer is in no network"));
      return;
    }
  best = g_ptr_array_index (self->addresses, 0);
  values = da_model_presets_new_values ();
  g_hash_table_insert (values, g_strdup ("remoteServerBindAddress"),
                       da_preferences_string (best->address));
  g_hash_table_insert (values, g_strdup ("remoteServerEnabled"), da_preferences_boolean (TRUE));
  da_preferences_apply_all (widget, da_engine_get_settings (self->engine), values, NULL, NULL);
}

void
da_remote_watch_repair (DaRemoteWatch *self,
                        GtkWidget     *widget)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  switch (self->reachability->repair)
    {
    case DA_REPAIR_NONE:
      break;
    case DA_REPAIR_SWITCH_ON:
      da_preferences_apply (widget, settings, "remoteServerEnabled",
                            da_preferences_boolean (TRUE), NULL, NULL);
      break;
    case DA_REPAIR_MAKE_KEY:
      da_access_rotate_async (da_engine_get_access (self->engine), NULL, key_made_cb,
                              g_object_ref (widget));
      break;
    case DA_REPAIR_UNLOCK:
      da_engine_unlock_secrets_async (self->engine, NULL, unlocked_cb, g_object_ref (widget));
      break;
    case DA_REPAIR_THIS_COMPUTER:
      da_preferences_apply (widget, settings, "remoteServerBindAddress",
                            da_preferences_string ("127.0.0.1"), NULL, NULL);
      break;
    case DA_REPAIR_FIREWALL:
      show_firewall_help (self, widget);
      break;
    case DA_REPAIR_OPEN_TO_NETWORK:
      open_to_network (self, widget);
      break;
    case DA_REPAIR_NEXT_PORT:
      da_preferences_apply (widget, settings, "remoteServerPort",
                            da_preferences_int (
                              da_network_find_free_port (da_remote_watch_get_bind (self),
                                                         da_remote_watch_get_port (self))),
                            NULL, NULL);
      break;
    case DA_REPAIR_RETRY:
      g_object_set_data_full (G_OBJECT (widget), "da-retry-settings", g_object_ref (settings),
                              g_object_unref);
      da_preferences_apply (widget, settings, "remoteServerEnabled",
                            da_preferences_boolean (FALSE), NULL, switched_off_cb);
      break;
    }
}
