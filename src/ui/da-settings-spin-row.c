/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-settings-spin-row"

#include "da-settings-spin-row.h"

#include "da-preferences-apply.h"
#include "da-setting-link.h"

#define PAUSE_MS 700

struct _DaSettingsSpinRow {
  AdwActionRow parent_instance;

  DaSettingLink *link;
  GtkSpinButton *spin;
  guint pause_source;
};

enum {
  VALUE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaSettingsSpinRow, da_settings_spin_row, ADW_TYPE_ACTION_ROW)

static void
refresh (GtkWidget *widget)
{
  DaSettingsSpinRow *self = DA_SETTINGS_SPIN_ROW (widget);
  const char *name = da_setting_link_get_name (self->link);
  const DaSettingSpec *spec = da_setting_spec_find (name);

  g_clear_handle_id (&self->pause_source, g_source_remove);
  gtk_spin_button_set_range (self->spin, spec->minimum, spec->maximum);
  gtk_spin_button_set_value (self->spin,
                             da_settings_get_int (da_setting_link_get_settings (self->link),
                                                  name));
}

static gboolean
on_pause_over (gpointer user_data)
{
  DaSettingsSpinRow *self = user_data;

  self->pause_source = 0;
  da_setting_link_apply (self->link,
                         da_preferences_int (gtk_spin_button_get_value_as_int (self->spin)));
  return G_SOURCE_REMOVE;
}

static void
on_value_changed_cb (DaSettingsSpinRow *self)
{
  g_signal_emit (self, signals[VALUE_CHANGED], 0);
  if (da_setting_link_is_busy (self->link))
    return;
  g_clear_handle_id (&self->pause_source, g_source_remove);
  self->pause_source = g_timeout_add (PAUSE_MS, on_pause_over, self);
}

int
da_settings_spin_row_get_value (DaSettingsSpinRow *self)
{
  return gtk_spin_button_get_value_as_int (self->spin);
}

static void
da_settings_spin_row_dispose (GObject *object)
{
  DaSettingsSpinRow *self = DA_SETTINGS_SPIN_ROW (object);

  g_clear_handle_id (&self->pause_source, g_source_remove);
  G_OBJECT_CLASS (da_settings_spin_row_parent_class)->dispose (object);
}

static void
da_settings_spin_row_set_property (GObject      *object,
                                   guint         id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  DaSettingsSpinRow *self = DA_SETTINGS_SPIN_ROW (object);

  /* What was typed before the window closed counts. */
  if (id == DA_SETTING_LINK_PROP_SETTINGS && self->pause_source != 0)
    {
      g_clear_handle_id (&self->pause_source, g_source_remove);
      on_pause_over (self);
    }
  da_setting_link_set_property (self->link, id, value);
}

static void
da_settings_spin_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  da_setting_link_get_property (DA_SETTINGS_SPIN_ROW (object)->link, id, value);
}

static void
da_settings_spin_row_finalize (GObject *object)
{
  g_clear_pointer (&DA_SETTINGS_SPIN_ROW (object)->link, da_setting_link_free);
  G_OBJECT_CLASS (da_settings_spin_row_parent_class)->finalize (object);
}

static void
da_settings_spin_row_class_init (DaSettingsSpinRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_settings_spin_row_dispose;
  object_class->finalize = da_settings_spin_row_finalize;
  object_class->set_property = da_settings_spin_row_set_property;
  object_class->get_property = da_settings_spin_row_get_property;
  da_setting_link_install (object_class);
  signals[VALUE_CHANGED] = g_signal_new ("value-changed", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
da_settings_spin_row_init (DaSettingsSpinRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  self->spin = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, 1, 1));
  gtk_spin_button_set_numeric (self->spin, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->spin), 5);
  gtk_widget_set_valign (GTK_WIDGET (self->spin), GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->spin, "value-changed", G_CALLBACK (on_value_changed_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->spin));
  /* This also names it for a screen reader: by the row's title. */
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->spin));
}
