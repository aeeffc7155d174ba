/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-settings-switch-row"

#include "da-settings-switch-row.h"

#include "da-preferences-apply.h"
#include "da-setting-link.h"

struct _DaSettingsSwitchRow {
  AdwActionRow parent_instance;

  DaSettingLink *link;
  GtkSwitch *toggle;
};

G_DEFINE_FINAL_TYPE (DaSettingsSwitchRow, da_settings_switch_row, ADW_TYPE_ACTION_ROW)

static void
refresh (GtkWidget *widget)
{
  DaSettingsSwitchRow *self = DA_SETTINGS_SWITCH_ROW (widget);

  gtk_switch_set_active (self->toggle,
                         da_settings_get_boolean (da_setting_link_get_settings (self->link),
                                                  da_setting_link_get_name (self->link)));
}

static void
on_active_changed_cb (DaSettingsSwitchRow *self)
{
  if (!da_setting_link_is_busy (self->link))
    da_setting_link_apply (self->link,
                           da_preferences_boolean (gtk_switch_get_active (self->toggle)));
}

static void
da_settings_switch_row_set_property (GObject      *object,
                                     guint         id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  da_setting_link_set_property (DA_SETTINGS_SWITCH_ROW (object)->link, id, value);
}

static void
da_settings_switch_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  da_setting_link_get_property (DA_SETTINGS_SWITCH_ROW (object)->link, id, value);
}

static void
da_settings_switch_row_finalize (GObject *object)
{
  g_clear_pointer (&DA_SETTINGS_SWITCH_ROW (object)->link, da_setting_link_free);
  G_OBJECT_CLASS (da_settings_switch_row_parent_class)->finalize (object);
}

static void
da_settings_switch_row_class_init (DaSettingsSwitchRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = da_settings_switch_row_finalize;
  object_class->set_property = da_settings_switch_row_set_property;
  object_class->get_property = da_settings_switch_row_get_property;
  da_setting_link_install (object_class);
}

static void
da_settings_switch_row_init (DaSettingsSwitchRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  self->toggle = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->toggle), GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->toggle, "notify::active", G_CALLBACK (on_active_changed_cb),
                            self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
  /* This also names it for a screen reader: by the row's title. */
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
}
