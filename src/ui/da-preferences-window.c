/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-window"

#include "config.h"

#include "da-preferences-window.h"

#include "da-preferences-general-page.h"
#include "da-preferences-models-page.h"
#include "da-preferences-remote-page.h"
#include "da-ui.h"

struct _DaPreferencesWindow {
  AdwPreferencesWindow parent_instance;

  /* template */
  DaPreferencesGeneralPage *general_page;
  DaPreferencesModelsPage *models_page;
  DaPreferencesRemotePage *remote_page;
};

G_DEFINE_FINAL_TYPE (DaPreferencesWindow, da_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static void
da_preferences_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), DA_TYPE_PREFERENCES_WINDOW);
  G_OBJECT_CLASS (da_preferences_window_parent_class)->dispose (object);
}

static void
da_preferences_window_class_init (DaPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_window_dispose;
  da_ui_init ();
  g_type_ensure (DA_TYPE_PREFERENCES_GENERAL_PAGE);
  g_type_ensure (DA_TYPE_PREFERENCES_MODELS_PAGE);
  g_type_ensure (DA_TYPE_PREFERENCES_REMOTE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesWindow, general_page);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesWindow, models_page);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesWindow, remote_page);
}

static void
da_preferences_window_init (DaPreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

DaPreferencesWindow *
da_preferences_window_new (DaEngine *engine)
{
  DaPreferencesWindow *self = g_object_new (DA_TYPE_PREFERENCES_WINDOW, NULL);

  da_preferences_general_page_set_engine (self->general_page, engine);
  da_preferences_models_page_set_engine (self->models_page, engine);
  da_preferences_remote_page_set_engine (self->remote_page, engine);
  return self;
}

void
da_preferences_window_show_page (DaPreferencesWindow *self,
                                 const char          *page)
{
  static const char *const pages[] = { "general", "models", "remote-server", NULL };

  if (page == NULL || !g_strv_contains (pages, page))
    return;
  adw_preferences_window_close_subpage (ADW_PREFERENCES_WINDOW (self));
  adw_preferences_window_set_visible_page_name (ADW_PREFERENCES_WINDOW (self), page);
}

void
da_preferences_window_pair (DaPreferencesWindow *self)
{
  da_preferences_window_show_page (self, "remote-server");
  gtk_window_present (GTK_WINDOW (self));
  da_preferences_remote_page_pair (self->remote_page);
}
