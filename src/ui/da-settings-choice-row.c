/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-settings-choice-row"

#include "da-settings-choice-row.h"

#include "da-preferences-apply.h"
#include "da-setting-link.h"

struct _DaSettingsChoiceRow {
  AdwComboRow parent_instance;

  DaSettingLink *link;
};

G_DEFINE_FINAL_TYPE (DaSettingsChoiceRow, da_settings_choice_row, ADW_TYPE_COMBO_ROW)

static const char *const *
get_choices (DaSettingsChoiceRow *self)
{
  return da_setting_spec_find (da_setting_link_get_name (self->link))->choices;
}

/* How many strings of the model come before the first choice: 0 or 1. */
static guint
get_offset (DaSettingsChoiceRow *self)
{
  const guint n = g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (self)));
  const guint choices = g_strv_length ((char **) get_choices (self));

  g_assert (n == choices || n == choices + 1);
  return n - choices;
}

static void
refresh (GtkWidget *widget)
{
  DaSettingsChoiceRow *self = DA_SETTINGS_CHOICE_ROW (widget);
  const char *const *choices = get_choices (self);
  const char *value = da_settings_get_string (da_setting_link_get_settings (self->link),
                                              da_setting_link_get_name (self->link));
  guint selected = 0;

  for (guint i = 0; choices[i] != NULL; i++)
    if (g_strcmp0 (choices[i], value) == 0)
      selected = i + get_offset (self);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), selected);
}

/* The news of a value that the row itself was given comes late, after the link is busy no longer:
 * g_object_set() holds it back until the property is set. So the value is compared. */
static void
on_selected_changed_cb (DaSettingsChoiceRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  const char *value;
  const char *chosen;
  guint offset;

  if (da_setting_link_is_busy (self->link) || selected == GTK_INVALID_LIST_POSITION)
    return;
  offset = get_offset (self);
  chosen = selected < offset ? NULL : get_choices (self)[selected - offset];
  value = da_settings_get_string (da_setting_link_get_settings (self->link),
                                  da_setting_link_get_name (self->link));
  if (g_strcmp0 (chosen, value) == 0)
    return;
  da_setting_link_apply (self->link, chosen != NULL ? da_preferences_string (chosen)
                                                    : json_node_new (JSON_NODE_NULL));
}

static void
da_settings_choice_row_set_property (GObject      *object,
                                     guint         id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  da_setting_link_set_property (DA_SETTINGS_CHOICE_ROW (object)->link, id, value);
}

static void
da_settings_choice_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  da_setting_link_get_property (DA_SETTINGS_CHOICE_ROW (object)->link, id, value);
}

static void
da_settings_choice_row_finalize (GObject *object)
{
  g_clear_pointer (&DA_SETTINGS_CHOICE_ROW (object)->link, da_setting_link_free);
  G_OBJECT_CLASS (da_settings_choice_row_parent_class)->finalize (object);
}

static void
da_settings_choice_row_class_init (DaSettingsChoiceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = da_settings_choice_row_finalize;
  object_class->set_property = da_settings_choice_row_set_property;
  object_class->get_property = da_settings_choice_row_get_property;
  da_setting_link_install (object_class);
}

static void
da_settings_choice_row_init (DaSettingsChoiceRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  g_signal_connect (self, "notify::selected", G_CALLBACK (on_selected_changed_cb), NULL);
}
