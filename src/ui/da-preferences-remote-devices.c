/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-devices"

#include "config.h"

#include "da-preferences-remote-devices.h"

#include <glib/gi18n-lib.h>

#include "da-access-devices.h"
#include "da-preferences-remote-device.h"

#define REFRESH_SECONDS 20   /* "5 minutes ago" grows old */

struct _DaPreferencesRemoteDevices {
  AdwPreferencesGroup parent_instance;

  /* owned */
  DaEngine *engine;
  GPtrArray *rows;      /* the rows themselves belong to the group */

  GtkWidget *empty_row;
  guint refresh_source;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemoteDevices, da_preferences_remote_devices,
                     ADW_TYPE_PREFERENCES_GROUP)

static gboolean
on_refresh_due (gpointer user_data)
{
  DaPreferencesRemoteDevices *self = user_data;

  for (guint i = 0; i < self->rows->len; i++)
    da_preferences_remote_device_refresh (self->rows->pdata[i]);
  return G_SOURCE_CONTINUE;
}

static void
on_map_cb (DaPreferencesRemoteDevices *self)
{
  on_refresh_due (self);
  if (self->refresh_source == 0)
    self->refresh_source = g_timeout_add_seconds (REFRESH_SECONDS, on_refresh_due, self);
}

static void
on_unmap_cb (DaPreferencesRemoteDevices *self)
{
  g_clear_handle_id (&self->refresh_source, g_source_remove);
}

static void
show_streamer_mode (DaPreferencesRemoteDevices *self)
{
  gboolean hides = da_settings_get_boolean (da_engine_get_settings (self->engine),
                                            "streamerModeEnabled");

  for (guint i = 0; i < self->rows->len; i++)
    da_preferences_remote_device_set_hides (self->rows->pdata[i], hides);
}

static void
on_items_changed_cb (GListModel                 *devices,
                     guint                       position,
                     guint                       removed,
                     guint                       added,
                     DaPreferencesRemoteDevices *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self);

  for (guint i = 0; i < removed; i++)
    {
      adw_preferences_group_remove (group, self->rows->pdata[position]);
      g_ptr_array_remove_index (self->rows, position);
    }
  for (guint i = 0; i < added; i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, position + i);
      GtkWidget *row = da_preferences_remote_device_new (self->engine, device);

      g_ptr_array_insert (self->rows, (int) (position + i), row);
      adw_preferences_group_add (group, row);
    }
  /* A group only appends: what comes after the new ones goes to the end again. */
  for (guint i = position + added; added > 0 && i < self->rows->len; i++)
    {
      g_autoptr(GtkWidget) row = g_object_ref (self->rows->pdata[i]);

      adw_preferences_group_remove (group, row);
      adw_preferences_group_add (group, row);
    }
  gtk_widget_set_visible (self->empty_row, self->rows->len == 0);
  show_streamer_mode (self);
}

static void
forget (DaPreferencesRemoteDevices *self)
{
  GListModel *devices = da_access_get_devices (da_engine_get_access (self->engine));

  g_signal_handlers_disconnect_by_data (devices, self);
  g_signal_handlers_disconnect_by_data (da_engine_get_settings (self->engine), self);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_object (&self->engine);
}

void
da_preferences_remote_devices_set_engine (DaPreferencesRemoteDevices *self,
                                          DaEngine                   *engine)
{
  GListModel *devices;

  g_assert (self->engine == NULL || engine == NULL);
  if (engine == NULL)
    {
      forget (self);
      return;
    }
  devices = da_access_get_devices (da_engine_get_access (engine));
  self->engine = g_object_ref (engine);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (on_items_changed_cb), self, 0);
  g_signal_connect_object (da_engine_get_settings (engine), "changed::streamerModeEnabled",
                           G_CALLBACK (show_streamer_mode), self, G_CONNECT_SWAPPED);
  on_items_changed_cb (devices, 0, 0, g_list_model_get_n_items (devices), self);
}

static void
da_preferences_remote_devices_dispose (GObject *object)
{
  DaPreferencesRemoteDevices *self = DA_PREFERENCES_REMOTE_DEVICES (object);

  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (da_preferences_remote_devices_parent_class)->dispose (object);
}

static void
da_preferences_remote_devices_finalize (GObject *object)
{
  g_ptr_array_unref (DA_PREFERENCES_REMOTE_DEVICES (object)->rows);
  G_OBJECT_CLASS (da_preferences_remote_devices_parent_class)->finalize (object);
}

static void
da_preferences_remote_devices_class_init (DaPreferencesRemoteDevicesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_devices_dispose;
  G_OBJECT_CLASS (klass)->finalize = da_preferences_remote_devices_finalize;
}

static void
da_preferences_remote_devices_init (DaPreferencesRemoteDevices *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self);

  self->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (group, _("Paired Devices"));
  self->empty_row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->empty_row), _("No device yet"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->empty_row),
                               _("Each phone you pair gets a key of its own and is listed here"));
  adw_preferences_group_add (group, self->empty_row);
  g_signal_connect (self, "map", G_CALLBACK (on_map_cb), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (on_unmap_cb), NULL);
}
