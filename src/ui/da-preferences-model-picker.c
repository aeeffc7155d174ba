/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-model-picker"

#include "config.h"

#include "da-preferences-model-picker.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-engine-models.h"

struct _DaPreferencesModelPicker {
  GtkBox parent_instance;

  /* owned */
  GCancellable *cancellable;
  char *current;               /* (nullable) */
  char *problem;               /* (nullable): why there is no list */
  GtkStringList *models;
  GtkFilterListModel *shown;

  /* template */
  GtkEditable *search_entry;
  GtkStack *stack;
  AdwStatusPage *empty_page;
  GtkButton *use_button;
  GtkListView *list;
};

enum {
  PICKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaPreferencesModelPicker, da_preferences_model_picker, GTK_TYPE_BOX)

static gboolean
is_wanted (gpointer item, gpointer user_data)
{
  DaPreferencesModelPicker *self = user_data;
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (self->search_entry), -1);
  g_autofree char *id = g_utf8_casefold (gtk_string_object_get_string (item), -1);

  return strstr (id, g_strstrip (wanted)) != NULL;
}

static void
show (DaPreferencesModelPicker *self)
{
  const char *typed = gtk_editable_get_text (self->search_entry);
  g_autofree char *label = g_strdup_printf (_("Use “%s”"), typed);
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0;
  g_autofree char *escaped = NULL;

  if (any)
    {
      gtk_stack_set_visible_child_name (self->stack, "list");
      return;
    }
  escaped = self->problem != NULL ? g_markup_escape_text (self->problem, -1) : NULL;
  adw_status_page_set_title (self->empty_page, self->problem != NULL ? _("No List of Models")
                                                                     : _("No Such Model Listed"));
  adw_status_page_set_description (self->empty_page, escaped);
  gtk_button_set_label (self->use_button, label);
  gtk_widget_set_visible (GTK_WIDGET (self->use_button), *typed != '\0');
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(DaModelInfo **) a)->id, (*(DaModelInfo **) b)->id);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesModelPicker) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) models = da_engine_list_models_finish (DA_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->models == NULL)
    return;
  if (models == NULL)
    self->problem = g_strdup (error->message);
  else
    g_ptr_array_sort (models, compare_ids);
  for (guint i = 0; models != NULL && i < models->len; i++)
    gtk_string_list_append (self->models, ((DaModelInfo *) models->pdata[i])->id);
  show (self);
}

static void
on_search_changed_cb (DaPreferencesModelPicker *self)
{
  gtk_filter_changed (gtk_filter_list_model_get_filter (self->shown),
                      GTK_FILTER_CHANGE_DIFFERENT);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "loading") != 0)
    show (self);
}

static void
pick (DaPreferencesModelPicker *self, const char *id)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (id));

  if (*trimmed != '\0')
    g_signal_emit (self, signals[PICKED], 0, trimmed);
}

static void
on_item_activated_cb (DaPreferencesModelPicker *self, guint position)
{
  g_autoptr(GtkStringObject) item = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  pick (self, gtk_string_object_get_string (item));
}

/* Enter takes the only one that is left, or what was typed. It can come before the search does,
 * which waits for the typing to end. */
static void
on_search_activated_cb (DaPreferencesModelPicker *self)
{
  guint n;

  on_search_changed_cb (self);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->shown));
  if (n == 1)
    on_item_activated_cb (self, 0);
  else if (n == 0)
    pick (self, gtk_editable_get_text (self->search_entry));
}

static void
on_use_clicked_cb (DaPreferencesModelPicker *self)
{
  pick (self, gtk_editable_get_text (self->search_entry));
}

static void
on_back_clicked_cb (DaPreferencesModelPicker *self)
{
  GtkWidget *window = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_PREFERENCES_WINDOW);

  adw_preferences_window_close_subpage (ADW_PREFERENCES_WINDOW (window));
}

static void
on_setup_cb (GtkListItemFactory *factory, GtkListItem *item, DaPreferencesModelPicker *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), check);
  gtk_list_item_set_child (item, box);
}

static void
on_bind_cb (GtkListItemFactory *factory, GtkListItem *item, DaPreferencesModelPicker *self)
{
  const char *id = gtk_string_object_get_string (gtk_list_item_get_item (item));
  GtkWidget *label = gtk_widget_get_first_child (gtk_list_item_get_child (item));

  gtk_label_set_text (GTK_LABEL (label), id);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (gtk_widget_get_parent (gtk_list_item_get_child (item))),
    GTK_ACCESSIBLE_PROPERTY_LABEL, id, -1);
  gtk_widget_set_visible (gtk_widget_get_next_sibling (label),
                          g_strcmp0 (id, self->current) == 0);
}

static void
da_preferences_model_picker_dispose (GObject *object)
{
  DaPreferencesModelPicker *self = DA_PREFERENCES_MODEL_PICKER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->shown);
  g_clear_object (&self->models);
  g_clear_pointer (&self->current, g_free);
  g_clear_pointer (&self->problem, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_PREFERENCES_MODEL_PICKER);
  G_OBJECT_CLASS (da_preferences_model_picker_parent_class)->dispose (object);
}

/* Whoever opens the list of three hundred models types what he looks for. */
static void
da_preferences_model_picker_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (da_preferences_model_picker_parent_class)->map (widget);
  gtk_widget_grab_focus (GTK_WIDGET (DA_PREFERENCES_MODEL_PICKER (widget)->search_entry));
}

static void
da_preferences_model_picker_class_init (DaPreferencesModelPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_preferences_model_picker_dispose;
  widget_class->map = da_preferences_model_picker_map;
  signals[PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (
    widget_class, DA_RESOURCE_BASE "/ui/da-preferences-model-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelPicker, search_entry);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelPicker, stack);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelPicker, empty_page);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelPicker, use_button);
  gtk_widget_class_bind_template_child (widget_class, DaPreferencesModelPicker, list);
  gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_use_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_item_activated_cb);
}

static void
da_preferences_model_picker_init (DaPreferencesModelPicker *self)
{
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (is_wanted, self, NULL));
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkNoSelection) selection = NULL;

  self->models = gtk_string_list_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->shown = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->models)), filter);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown)));
  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind_cb), self, 0);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
}

GtkWidget *
da_preferences_model_picker_new (DaEngine   *engine,
                                 const char *provider_id,
                                 const char *current)
{
  DaPreferencesModelPicker *self = g_object_new (DA_TYPE_PREFERENCES_MODEL_PICKER, NULL);

  self->current = g_strdup (current);
  self->cancellable = g_cancellable_new ();
  da_engine_list_models_async (engine, provider_id, self->cancellable, listed_cb,
                               g_object_ref (self));
  return GTK_WIDGET (self);
}
