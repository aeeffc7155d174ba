/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-settings-entry-row"

#include "da-settings-entry-row.h"

#include "da-preferences-apply.h"
#include "da-setting-link.h"

struct _DaSettingsEntryRow {
  AdwEntryRow parent_instance;

  DaSettingLink *link;
};

G_DEFINE_FINAL_TYPE (DaSettingsEntryRow, da_settings_entry_row, ADW_TYPE_ENTRY_ROW)

static void
refresh (GtkWidget *widget)
{
  DaSettingsEntryRow *self = DA_SETTINGS_ENTRY_ROW (widget);
  const char *text = da_settings_get_string (da_setting_link_get_settings (self->link),
                                             da_setting_link_get_name (self->link));

  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self)), text != NULL ? text : "") == 0)
    return;
  /* The apply button belongs to changes a person makes. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self), text != NULL ? text : "");
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self), TRUE);
}

static void
on_apply_cb (DaSettingsEntryRow *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self))));

  if (!da_setting_link_is_busy (self->link))
    da_setting_link_apply (self->link, da_preferences_string (text));
}

static void
da_settings_entry_row_set_property (GObject      *object,
                                    guint         id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  da_setting_link_set_property (DA_SETTINGS_ENTRY_ROW (object)->link, id, value);
}

static void
da_settings_entry_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  da_setting_link_get_property (DA_SETTINGS_ENTRY_ROW (object)->link, id, value);
}

static void
da_settings_entry_row_finalize (GObject *object)
{
  g_clear_pointer (&DA_SETTINGS_ENTRY_ROW (object)->link, da_setting_link_free);
  G_OBJECT_CLASS (da_settings_entry_row_parent_class)->finalize (object);
}

static void
da_settings_entry_row_class_init (DaSettingsEntryRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = da_settings_entry_row_finalize;
  object_class->set_property = da_settings_entry_row_set_property;
  object_class->get_property = da_settings_entry_row_get_property;
  da_setting_link_install (object_class);
}

static void
da_settings_entry_row_init (DaSettingsEntryRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self), TRUE);
  g_signal_connect (self, "apply", G_CALLBACK (on_apply_cb), NULL);
}
