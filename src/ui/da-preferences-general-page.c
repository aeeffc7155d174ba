/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-general-page"

#include "config.h"

#include "da-preferences-general-page.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-preferences-apply.h"
#include "da-setting-link.h"
#include "da-settings-choice-row.h"
#include "da-settings-spin-row.h"
#include "da-settings-switch-row.h"

struct _DaPreferencesGeneralPage {
  AdwPreferencesPage parent_instance;

  /* owned */
  DaEngine *engine;

  /* template */
  AdwPreferencesGroup *notices_group;
  AdwActionRow *language_row;
  AdwActionRow *agents_row;
  AdwActionRow *data_row;
  AdwActionRow *state_row;
};

G_DEFINE_FINAL_TYPE (DaPreferencesGeneralPage, da_preferences_general_page,
                     ADW_TYPE_PREFERENCES_PAGE)

static void
open_folder (DaPreferencesGeneralPage *self, const char *path)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  g_autoptr(GFile) folder = g_file_new_for_path (path);
  g_autofree char *uri = g_file_get_uri (folder);

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    da_preferences_toast (GTK_WIDGET (self), _("This folder does not exist yet"));
  else
    gtk_show_uri (window, uri, GDK_CURRENT_TIME);
}

static void
on_open_agents_clicked_cb (DaPreferencesGeneralPage *self)
{
  open_folder (self, da_settings_get_agents_dir (da_engine_get_settings (self->engine)));
}

static void
on_open_data_clicked_cb (DaPreferencesGeneralPage *self)
{
  open_folder (self, da_engine_get_data_dir (self->engine));
}

static void
on_open_state_clicked_cb (DaPreferencesGeneralPage *self)
{
  open_folder (self, da_engine_get_state_dir (self->engine));
}

/* "~" is what people call their home. */
static void
show_path (AdwActionRow *row, const char *path)
{
  const char *home = g_get_home_dir ();
  g_autofree char *text = NULL;

  if (g_str_has_prefix (path, home) && path[strlen (home)] == '/')
    text = g_strconcat ("~", path + strlen (home), NULL);
  adw_action_row_set_subtitle (row, text != NULL ? text : path);
}

static void
show_notices (DaPreferencesGeneralPage *self)
{
  g_auto(GStrv) notices = da_engine_dup_notices (self->engine);

  gtk_widget_set_visible (GTK_WIDGET (self->notices_group), notices[0] != NULL);
  for (guint i = 0; notices[i] != NULL; i++)
    {
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), notices[i]);
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
      adw_preferences_group_add (self->notices_group, row);
    }
}

static void
show_language (DaPreferencesGeneralPage *self)
{
  /* Translators: the name of this translation's language, in that language */
  const char *name = C_("language", "English");
  g_autofree char *text = g_strdup_printf (_("%s, as in the system settings"), name);

  adw_action_row_set_subtitle (self->language_row, text);
}

void
da_preferences_general_page_set_engine (DaPreferencesGeneralPage *self,
                                        DaEngine                 *engine)
{
  DaSettings *settings = da_engine_get_settings (engine);

  g_assert (self->engine == NULL);
  self->engine = g_object_ref (engine);
  da_setting_link_bind_all (GTK_WIDGET (self), settings);
  show_path (self->agents_row, da_settings_get_agents_dir (settings));
  show_path (self->data_row, da_engine_get_data_dir (engine));
  show_path (self->state_row, da_engine_get_state_dir (engine));
  show_notices (self);
  show_language (self);
}

static void
da_preferences_general_page_dispose (GObject *object)
{
  DaPreferencesGeneralPage *self = DA_PREFERENCES_GENERAL_PAGE (object);

  g_clear_object (&self->engine);
  da_setting_link_bind_all (GTK_WIDGET (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_GENERAL_PAGE);
  G_OBJECT_CLASS (da_preferences_general_page_parent_class)->dispose (object);
}

static void
da_preferences_general_page_class_init (DaPreferencesGeneralPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_general_page_dispose;
  g_type_ensure (DA_TYPE_SETTINGS_CHOICE_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_SPIN_ROW);
  g_type_ensure (DA_TYPE_SETTINGS_SWITCH_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-general-page.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesGeneralPage, notices_group);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesGeneralPage, language_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesGeneralPage, agents_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesGeneralPage, data_row);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesGeneralPage, state_row);
  gtk_widget_class_bind_template_callback (widget_class, on_open_agents_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_open_data_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_open_state_clicked_cb);
}

static void
da_preferences_general_page_init (DaPreferencesGeneralPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
