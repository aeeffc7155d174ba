/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-local-group"

#include "config.h"

#include "da-preferences-local-group.h"

#include <glib/gi18n-lib.h>

#include "da-engine-models.h"
#include "da-local-providers.h"
#include "da-preferences-apply.h"

/* One row; the widgets belong to the group. */
typedef struct {
  DaPreferencesLocalGroup *group;
  DaLocalProvider *local;      /* owned */
  GtkWidget *row;
  GtkWidget *use_button;
  GtkWidget *used_label;
} Row;

struct _DaPreferencesLocalGroup {
  AdwPreferencesGroup parent_instance;

  /* owned */
  DaEngine *engine;            /* (nullable) */
  GCancellable *cancellable;   /* of the search */
  GPtrArray *rows;             /* of Row */
};

G_DEFINE_FINAL_TYPE (DaPreferencesLocalGroup, da_preferences_local_group,
                     ADW_TYPE_PREFERENCES_GROUP)

static void
row_free (gpointer data)
{
  Row *row = data;

  da_local_provider_free (row->local);
  g_free (row);
}

static gboolean
is_used (DaPreferencesLocalGroup *self, const DaLocalProvider *local)
{
  return g_strcmp0 (da_engine_get_provider_id (self->engine), local->id) == 0
         || da_local_provider_is_chosen (local, da_engine_get_settings (self->engine));
}

void
da_preferences_local_group_show (DaPreferencesLocalGroup *self)
{
  for (guint i = 0; i < self->rows->len && self->engine != NULL; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      gboolean used = is_used (self, row->local);

      gtk_widget_set_visible (row->use_button, !used);
      gtk_widget_set_visible (row->used_label, used);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
}

static void
use (DaPreferencesLocalGroup *self, const DaLocalProvider *local, const char *model)
{
  DaSettings *settings = da_engine_get_settings (self->engine);

  da_preferences_apply_all (GTK_WIDGET (self), settings,
                            da_local_provider_new_values (local, model, settings), NULL, NULL);
}

gboolean
da_preferences_local_group_use (DaPreferencesLocalGroup *self,
                                const char              *id,
                                const char              *model)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (g_strcmp0 (row->local->id, id) == 0)
        {
          use (self, row->local, model);
          return TRUE;
        }
    }
  return FALSE;
}

static void
on_use_clicked_cb (Row *row)
{
  use (row->group, row->local, row->local->models[0]);
}

/* Takes @local. */
static void
add_row (DaPreferencesLocalGroup *self, DaLocalProvider *local)
{
  Row *row = g_new0 (Row, 1);
  const guint n = g_strv_length (local->models);
  /* Translators: %u models, found at the address %s */
  g_autofree char *subtitle = g_strdup_printf (ngettext ("%u model at %s", "%u models at %s", n), n,
                                               local->base_url);
  /* Translators: what a button with the text "Use" does; %s is a program, as in "Use Ollama" */
  g_autofree char *name = g_strdup_printf (_("Use %s"), local->name);

  row->group = self;
  row->local = local;
  row->row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->row), local->name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row->row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row->row), 0);
  row->used_label = gtk_label_new (_("In use"));
  gtk_widget_add_css_class (row->used_label, "dim-label");
  row->use_button = gtk_button_new_with_mnemonic (_("_Use"));
  gtk_widget_set_valign (row->use_button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->use_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (row->use_button, "clicked", G_CALLBACK (on_use_clicked_cb), row);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row->row), row->used_label);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row->row), row->use_button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row->row);
  g_ptr_array_add (self->rows, row);
}

static void
clear_rows (DaPreferencesLocalGroup *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self),
                                  ((Row *) g_ptr_array_index (self->rows, i))->row);
  g_ptr_array_set_size (self->rows, 0);
}

/* So that a button that has the focus is not made anew for nothing. */
static gboolean
is_shown (DaPreferencesLocalGroup *self, GPtrArray *found)
{
  if (found->len != self->rows->len)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      const DaLocalProvider *local = g_ptr_array_index (found, i);
      const Row *row = g_ptr_array_index (self->rows, i);

      if (g_strcmp0 (local->base_url, row->local->base_url) != 0
          || !g_strv_equal ((const char *const *) local->models,
                            (const char *const *) row->local->models))
        return FALSE;
    }
  return TRUE;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaPreferencesLocalGroup) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = da_local_providers_find_finish (DA_ENGINE (source), result, &error);

  if (found == NULL || self->engine == NULL)
    return;
  if (!is_shown (self, found))
    {
      clear_rows (self);
      while (found->len > 0)
        add_row (self, g_ptr_array_steal_index (found, 0));
    }
  da_preferences_local_group_show (self);
}

void
da_preferences_local_group_look (DaPreferencesLocalGroup *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  da_local_providers_find_async (self->engine, self->cancellable, found_cb, g_object_ref (self));
}

void
da_preferences_local_group_set_engine (DaPreferencesLocalGroup *self,
                                       DaEngine                *engine)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  clear_rows (self);
  g_set_object (&self->engine, engine);
}

static void
da_preferences_local_group_finalize (GObject *object)
{
  DaPreferencesLocalGroup *self = DA_PREFERENCES_LOCAL_GROUP (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->engine);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (da_preferences_local_group_parent_class)->finalize (object);
}

static void
da_preferences_local_group_class_init (DaPreferencesLocalGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_preferences_local_group_finalize;
}

static void
da_preferences_local_group_init (DaPreferencesLocalGroup *self)
{
  self->rows = g_ptr_array_new_with_free_func (row_free);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), _("On This Computer"));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
