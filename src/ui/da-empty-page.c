/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-empty-page"

#include "config.h"

#include "da-empty-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "da-engine-models.h"

struct _DaEmptyPage {
  GtkWidget parent_instance;

  /* template */
  GtkStack *stack;
  GtkWidget *choices;
  AdwPreferencesRow *try_row;
};

G_DEFINE_FINAL_TYPE (DaEmptyPage, da_empty_page, GTK_TYPE_WIDGET)

static void
da_empty_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), DA_TYPE_EMPTY_PAGE);
  G_OBJECT_CLASS (da_empty_page_parent_class)->dispose (object);
}

static void
da_empty_page_class_init (DaEmptyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_empty_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-empty-page.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_bind_template_child (widget_class, DaEmptyPage, stack);
  gtk_widget_class_bind_template_child (widget_class, DaEmptyPage, choices);
  gtk_widget_class_bind_template_child (widget_class, DaEmptyPage, try_row);
}

static void
da_empty_page_init (DaEmptyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_empty_page_new (void)
{
  return g_object_new (DA_TYPE_EMPTY_PAGE, NULL);
}

void
da_empty_page_set_welcome (DaEmptyPage *self,
                           gboolean     welcome)
{
  gtk_stack_set_visible_child_name (self->stack, welcome ? "welcome" : "none");
}

void
da_empty_page_update (DaEmptyPage *self,
                      DaEngine    *engine)
{
  g_autofree char *subtitle = NULL;

  if (g_strcmp0 (da_engine_get_provider_id (engine), "offline") == 0)
    {
      adw_preferences_row_set_title (self->try_row, _("Try It Offline"));
      subtitle = g_strdup (_("Without a model: searches what you wrote, and nothing leaves this "
                             "computer"));
    }
  else
    {
      adw_preferences_row_set_title (self->try_row, _("Start a Conversation"));
      subtitle = g_strdup_printf (_("%s is ready"), da_engine_get_provider_name (engine));
    }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->try_row), subtitle);
}
