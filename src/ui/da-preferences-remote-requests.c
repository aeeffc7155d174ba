/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-requests"

#include "config.h"

#include "da-preferences-remote-requests.h"

#include <glib/gi18n.h>

#include "da-preferences-apply.h"
#include "da-preferences-request-row.h"

/* In the order of the drop-down. */
typedef enum {
  SHOW_ALL,
  SHOW_ERRORS,
  SHOW_REFUSALS,
} Show;

struct _DaPreferencesRemoteRequests {
  GtkBox parent_instance;

  /* owned */
  DaEngine *engine;
  GtkFilterListModel *shown;

  /* template */
  GtkDropDown *filter;
  GtkStack *stack;
  GtkListView *list;
  GtkWidget *copy_button;
  GtkWidget *clear_button;
};

G_DEFINE_FINAL_TYPE (DaPreferencesRemoteRequests, da_preferences_remote_requests, GTK_TYPE_BOX)

static gboolean
is_wanted (gpointer item, gpointer user_data)
{
  DaPreferencesRemoteRequests *self = user_data;

  switch ((Show) gtk_drop_down_get_selected (self->filter))
    {
    case SHOW_ALL: return TRUE;
    case SHOW_ERRORS:
      return da_request_log_entry_get_status (item) == 0
             || da_request_log_entry_get_status (item) >= 400;
    case SHOW_REFUSALS: return da_request_log_entry_get_refusal (item) != DA_REFUSAL_NONE;
    }
  return TRUE;
}

static void
on_filter_changed_cb (DaPreferencesRemoteRequests *self)
{
  if (self->shown != NULL)
    gtk_filter_changed (gtk_filter_list_model_get_filter (self->shown),
                        GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_items_changed_cb (DaPreferencesRemoteRequests *self)
{
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (self->engine));
  const gboolean any = g_list_model_get_n_items (log) > 0;
  const gboolean any_shown = g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0;

  gtk_stack_set_visible_child_name (self->stack,
                                    any_shown ? "list" : any ? "filtered" : "empty");
  gtk_widget_set_sensitive (self->copy_button, any_shown);
  gtk_widget_set_sensitive (self->clear_button, any);
}

static void
on_back_clicked_cb (DaPreferencesRemoteRequests *self)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);

  adw_preferences_window_close_subpage (ADW_PREFERENCES_WINDOW (window));
}

static void
on_clear_clicked_cb (DaPreferencesRemoteRequests *self)
{
  da_request_log_clear (da_engine_get_request_log (self->engine));
}

static void
on_copy_clicked_cb (DaPreferencesRemoteRequests *self)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GListModel *shown = G_LIST_MODEL (self->shown);

  for (guint i = 0; i < g_list_model_get_n_items (shown); i++)
    {
      g_autoptr(DaRequestLogEntry) entry = g_list_model_get_item (shown, i);
      g_autofree char *line = da_request_log_entry_dup_text (entry);

      g_string_append_printf (text, "%s\n", line);
    }
  da_preferences_copy (GTK_WIDGET (self), text->str, FALSE);
}

static void
on_setup_cb (GtkListItemFactory *factory, GtkListItem *item, DaPreferencesRemoteRequests *self)
{
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_child (item,
                           da_preferences_request_row_new (da_engine_get_settings (self->engine)));
}

static void
on_bind_cb (GtkListItemFactory *factory, GtkListItem *item, DaPreferencesRemoteRequests *self)
{
  GtkWidget *row = gtk_list_item_get_child (item);
  DaRequestLogEntry *entry = gtk_list_item_get_item (item);
  g_autofree char *text = da_request_log_entry_dup_text (entry);

  da_preferences_request_row_set_entry (DA_PREFERENCES_REQUEST_ROW (row), entry);
  /* What has the focus is the list's own part around it. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (row)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* What has the focus is a button inside, which GTK leaves without the name. */
static void
name_filter (DaPreferencesRemoteRequests *self)
{
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (self->filter))),
    GTK_ACCESSIBLE_PROPERTY_LABEL, _("Which requests"), -1);
}

static void
fill (DaPreferencesRemoteRequests *self)
{
  GListModel *log = G_LIST_MODEL (da_engine_get_request_log (self->engine));
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkNoSelection) selection = NULL;

  self->shown = gtk_filter_list_model_new (g_object_ref (log), filter);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown)));
  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (on_items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  /* A request that is not shown can be cleared all the same. */
  g_signal_connect_object (log, "items-changed", G_CALLBACK (on_items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  on_items_changed_cb (self);
}

static void
da_preferences_remote_requests_dispose (GObject *object)
{
  DaPreferencesRemoteRequests *self = DA_PREFERENCES_REMOTE_REQUESTS (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->shown);
  g_clear_object (&self->engine);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_REMOTE_REQUESTS);
  G_OBJECT_CLASS (da_preferences_remote_requests_parent_class)->dispose (object);
}

static void
da_preferences_remote_requests_class_init (DaPreferencesRemoteRequestsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_remote_requests_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-remote-requests.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteRequests, filter);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteRequests, stack);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteRequests, list);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteRequests, copy_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesRemoteRequests, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_clear_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_changed_cb);
}

static void
da_preferences_remote_requests_init (DaPreferencesRemoteRequests *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_filter (self);
}

GtkWidget *
da_preferences_remote_requests_new (DaEngine *engine)
{
  DaPreferencesRemoteRequests *self = g_object_new (DA_TYPE_PREFERENCES_REMOTE_REQUESTS, NULL);

  self->engine = g_object_ref (engine);
  fill (self);
  return GTK_WIDGET (self);
}
