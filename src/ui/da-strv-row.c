/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-strv-row"

#include "config.h"

#include "da-strv-row.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-preferences-apply.h"
#include "da-setting-link.h"
#include "da-strv-check.h"

struct _DaStrvRow {
  AdwExpanderRow parent_instance;

  /* owned */
  DaSettingLink *link;
  char *add_title;
  char *empty;
  char *any;
  char *check_name;
  char *pending;         /* (nullable): typed, and not yet in the list */
  GPtrArray *rows;       /* of the items; unowned */

  DaStrvCheck check;     /* (nullable) */

  AdwEntryRow *entry;
};

enum {
  PROP_ADD_TITLE = DA_SETTING_LINK_N_PROPS,
  PROP_EMPTY,
  PROP_ANY,
  PROP_CHECK,
};

G_DEFINE_FINAL_TYPE (DaStrvRow, da_strv_row, ADW_TYPE_EXPANDER_ROW)

static JsonNode *
make_list (const char *const *items, const char *without, const char *with)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  g_autoptr(JsonArray) array = json_array_new ();

  for (guint i = 0; items[i] != NULL; i++)
    if (g_strcmp0 (items[i], without) != 0 && g_strcmp0 (items[i], with) != 0)
      json_array_add_string_element (array, items[i]);
  if (with != NULL)
    json_array_add_string_element (array, with);
  json_node_set_array (node, array);
  return node;
}

static const char *const *
get_items (DaStrvRow *self)
{
  return da_settings_get_strv (da_setting_link_get_settings (self->link),
                               da_setting_link_get_name (self->link));
}

static void
on_remove_clicked_cb (GtkButton *button, DaStrvRow *self)
{
  const char *text = g_object_get_data (G_OBJECT (button), "da-text");

  da_setting_link_apply (self->link, make_list (get_items (self), text, NULL));
}

static void
mark_entry (DaStrvRow *self, gboolean wrong)
{
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
on_entry_changed_cb (AdwEntryRow *entry, DaStrvRow *self)
{
  mark_entry (self, FALSE);
}

/* The button to apply would come back for a text that nobody typed. */
static void
clear_entry (DaStrvRow *self)
{
  adw_entry_row_set_show_apply_button (self->entry, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  adw_entry_row_set_show_apply_button (self->entry, TRUE);
}

/* (transfer full) (nullable): NULL for nothing and for what is told to be wrong. */
static char *
dup_checked (DaStrvRow *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  const char *problem = NULL;
  char *checked;

  if (*text == '\0')
    return NULL;
  if (self->check == NULL)
    return g_steal_pointer (&text);
  checked = self->check (text, &problem);
  mark_entry (self, checked == NULL);
  if (checked == NULL)
    da_preferences_toast (GTK_WIDGET (self), problem);
  return checked;
}

static void
on_add_applied_cb (AdwEntryRow *entry, DaStrvRow *self)
{
  g_autofree char *text = dup_checked (self);
  const char *const *items = get_items (self);
  const char *without = NULL;

  if (text == NULL)
    return;
  if (g_strv_contains (items, text))
    {
      clear_entry (self);
      return;
    }
  /* Naming one page means: no longer every page. */
  if (strcmp (text, "*") != 0 && self->any != NULL && g_strv_contains (items, "*"))
    without = "*";
  /* It stays where it was typed until it is in the list. */
  g_free (self->pending);
  self->pending = g_strdup (text);
  da_setting_link_apply (self->link, make_list (items, without, text));
}

static GtkWidget *
make_row (DaStrvRow *self, const char *text)
{
  gboolean is_any = self->any != NULL && strcmp (text, "*") == 0;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *label = g_strdup_printf (_("Remove %s"), text);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  if (is_any)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), self->any);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "da-text", g_strdup (text), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_remove_clicked_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
show_summary (DaStrvRow *self, const char *const *items)
{
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  if (items[0] == NULL)
    text = g_strdup (self->empty);
  else if (self->any != NULL && g_strv_contains (items, "*"))
    text = g_strdup (self->any);
  else
    text = g_strjoinv (_(", "), (char **) items);
  escaped = g_markup_escape_text (text != NULL ? text : "", -1);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), escaped);
}

static void
refresh (GtkWidget *widget)
{
  DaStrvRow *self = DA_STRV_ROW (widget);
  const char *const *items = get_items (self);

  for (guint i = 0; i < self->rows->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  /* The entry stays below the items. */
  g_object_ref (self->entry);
  if (gtk_widget_get_parent (GTK_WIDGET (self->entry)) != NULL)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), GTK_WIDGET (self->entry));
  for (guint i = 0; items[i] != NULL; i++)
    {
      GtkWidget *row = make_row (self, items[i]);

      g_ptr_array_add (self->rows, row);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
    }
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), GTK_WIDGET (self->entry));
  g_object_unref (self->entry);
  if (self->pending != NULL && g_strv_contains (items, self->pending))
    {
      g_clear_pointer (&self->pending, g_free);
      clear_entry (self);
    }
  show_summary (self, items);
}

static void
set_check (DaStrvRow *self, const char *name)
{
  g_free (self->check_name);
  self->check_name = g_strdup (name);
  self->check = g_strcmp0 (name, "origin") == 0 ? da_strv_check_origin
                : g_strcmp0 (name, "host") == 0 ? da_strv_check_host : NULL;
}

static void
da_strv_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DaStrvRow *self = DA_STRV_ROW (object);

  switch (id)
    {
    case PROP_ADD_TITLE:
      g_free (self->add_title);
      self->add_title = g_value_dup_string (value);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->entry), self->add_title);
      break;
    case PROP_EMPTY:
      g_free (self->empty);
      self->empty = g_value_dup_string (value);
      break;
    case PROP_ANY:
      g_free (self->any);
      self->any = g_value_dup_string (value);
      break;
    case PROP_CHECK:
      set_check (self, g_value_get_string (value));
      break;
    default:
      da_setting_link_set_property (self->link, id, value);
    }
}

static void
da_strv_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaStrvRow *self = DA_STRV_ROW (object);

  switch (id)
    {
    case PROP_ADD_TITLE: g_value_set_string (value, self->add_title); break;
    case PROP_EMPTY: g_value_set_string (value, self->empty); break;
    case PROP_ANY: g_value_set_string (value, self->any); break;
    case PROP_CHECK: g_value_set_string (value, self->check_name); break;
    default: da_setting_link_get_property (self->link, id, value);
    }
}

static void
da_strv_row_dispose (GObject *object)
{
  DaStrvRow *self = DA_STRV_ROW (object);

  g_clear_object (&self->entry);
  G_OBJECT_CLASS (da_strv_row_parent_class)->dispose (object);
}

static void
da_strv_row_finalize (GObject *object)
{
  DaStrvRow *self = DA_STRV_ROW (object);

  g_clear_pointer (&self->link, da_setting_link_free);
  g_ptr_array_unref (self->rows);
  g_free (self->add_title);
  g_free (self->empty);
  g_free (self->any);
  g_free (self->check_name);
  g_free (self->pending);
  G_OBJECT_CLASS (da_strv_row_parent_class)->finalize (object);
}

static void
da_strv_row_class_init (DaStrvRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = da_strv_row_dispose;
  object_class->finalize = da_strv_row_finalize;
  object_class->set_property = da_strv_row_set_property;
  object_class->get_property = da_strv_row_get_property;
  da_setting_link_install (object_class);
  g_object_class_install_property (object_class, PROP_ADD_TITLE,
                                   g_param_spec_string ("add-title", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_EMPTY,
                                   g_param_spec_string ("empty", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_ANY,
                                   g_param_spec_string ("any", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_CHECK,
                                   g_param_spec_string ("check", NULL, NULL, NULL, flags));
}

static void
da_strv_row_init (DaStrvRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  self->rows = g_ptr_array_new ();
  self->entry = g_object_ref_sink (ADW_ENTRY_ROW (adw_entry_row_new ()));
  adw_entry_row_set_show_apply_button (self->entry, TRUE);
  g_signal_connect (self->entry, "apply", G_CALLBACK (on_add_applied_cb), self);
  g_signal_connect (self->entry, "changed", G_CALLBACK (on_entry_changed_cb), self);
}

void
da_strv_row_append (GtkWidget  *widget,
                    GObject    *settings,
                    const char *name,
                    const char *text)
{
  const char *const *items = da_settings_get_strv (DA_SETTINGS (settings), name);
  g_autofree char *toast = g_strdup_printf (_("%s is allowed now"), text);

  da_preferences_apply (widget, DA_SETTINGS (settings), name, make_list (items, NULL, text),
                        toast, NULL);
}
