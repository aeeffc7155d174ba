/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-bind-row"

#include "config.h"

#include "da-preferences-bind-row.h"

#include <glib/gi18n-lib.h>

#include "da-network.h"
#include "da-preferences-apply.h"
#include "da-setting-link.h"

#define THIS_COMPUTER "127.0.0.1"
#define ALL_NETWORKS "0.0.0.0"

struct _DaPreferencesBindRow {
  AdwComboRow parent_instance;

  DaSettingLink *link;
  GPtrArray *addresses;   /* (nullable) */
  GStrv binds;            /* in the order of the model */
  gboolean filling;
  gboolean hides;         /* secrets are hidden: no names and addresses */
};

G_DEFINE_FINAL_TYPE (DaPreferencesBindRow, da_preferences_bind_row, ADW_TYPE_COMBO_ROW)

static guint
find_bind (DaPreferencesBindRow *self, const char *bind)
{
  for (guint i = 0; self->binds != NULL && self->binds[i] != NULL; i++)
    if (g_strcmp0 (self->binds[i], bind) == 0)
      return i;
  return GTK_INVALID_LIST_POSITION;
}

static void
add_choice (GtkStringList *names, GPtrArray *binds, const char *name, const char *bind)
{
  gtk_string_list_append (names, name);
  g_ptr_array_add (binds, g_strdup (bind));
}

static gboolean
has_bind (GPtrArray *binds, const char *bind)
{
  return g_ptr_array_find_with_equal_func (binds, bind, g_str_equal, NULL);
}

static char *
dup_title (DaPreferencesBindRow *self, const DaNetworkAddress *address)
{
  g_autofree char *name = NULL;

  if (self->hides)
    return g_strdup (da_network_kind_to_string (address->kind));
  name = da_network_address_dup_name (address);
  /* Translators: a network and this computer's address in it */
  return g_strdup_printf (_("%s: %s"), name, address->address);
}

static void
fill (DaPreferencesBindRow *self, const char *current)
{
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);
  GPtrArray *binds = g_ptr_array_new ();

  add_choice (names, binds, _("This computer only"), THIS_COMPUTER);
  for (guint i = 0; self->addresses != NULL && i < self->addresses->len; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (self->addresses, i);
      g_autofree char *text = dup_title (self, address);

      add_choice (names, binds, text, address->address);
    }
  add_choice (names, binds, _("All networks, also those joined later"), ALL_NETWORKS);
  if (current != NULL && !has_bind (binds, current))
    {
      g_autofree char *text = self->hides
                              ? g_strdup (_("An address that is not there now"))
                              : g_strdup_printf (_("%s (not there now)"), current);

      add_choice (names, binds, text, current);
    }
  g_ptr_array_add (binds, NULL);
  g_strfreev (self->binds);
  self->binds = (GStrv) g_ptr_array_free (binds, FALSE);
  self->filling = TRUE;
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (names));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), find_bind (self, current));
  self->filling = FALSE;
}

static void
refresh (GtkWidget *widget)
{
  DaPreferencesBindRow *self = DA_PREFERENCES_BIND_ROW (widget);

  fill (self, da_settings_get_string (da_setting_link_get_settings (self->link),
                                      da_setting_link_get_name (self->link)));
}

static void
on_selected_changed_cb (DaPreferencesBindRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (self->filling || da_setting_link_is_busy (self->link)
      || selected == GTK_INVALID_LIST_POSITION)
    return;
  da_setting_link_apply (self->link, da_preferences_string (self->binds[selected]));
}

static gboolean
is_same_list (GPtrArray *a, GPtrArray *b)
{
  if (a == NULL || a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const DaNetworkAddress *first = a->pdata[i];
      const DaNetworkAddress *second = b->pdata[i];

      if (g_strcmp0 (first->address, second->address) != 0
          || g_strcmp0 (first->network, second->network) != 0)
        return FALSE;
    }
  return TRUE;
}

void
da_preferences_bind_row_set_addresses (DaPreferencesBindRow *self,
                                       GPtrArray            *addresses)
{
  /* A list that is open must not change under the pointer for nothing. */
  if (is_same_list (self->addresses, addresses))
    return;
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  self->addresses = g_ptr_array_ref (addresses);
  da_setting_link_refresh (self->link);
}

void
da_preferences_bind_row_set_hides (DaPreferencesBindRow *self,
                                   gboolean              hides)
{
  if (self->hides == hides)
    return;
  self->hides = hides;
  da_setting_link_refresh (self->link);
}

static void
da_preferences_bind_row_set_property (GObject      *object,
                                      guint         id,
                                      const GValue *value,
                                      GParamSpec   *pspec)
{
  da_setting_link_set_property (DA_PREFERENCES_BIND_ROW (object)->link, id, value);
}

static void
da_preferences_bind_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  da_setting_link_get_property (DA_PREFERENCES_BIND_ROW (object)->link, id, value);
}

static void
da_preferences_bind_row_finalize (GObject *object)
{
  DaPreferencesBindRow *self = DA_PREFERENCES_BIND_ROW (object);

  g_clear_pointer (&self->link, da_setting_link_free);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_pointer (&self->binds, g_strfreev);
  G_OBJECT_CLASS (da_preferences_bind_row_parent_class)->finalize (object);
}

static void
da_preferences_bind_row_class_init (DaPreferencesBindRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = da_preferences_bind_row_finalize;
  object_class->set_property = da_preferences_bind_row_set_property;
  object_class->get_property = da_preferences_bind_row_get_property;
  da_setting_link_install (object_class);
}

static void
da_preferences_bind_row_init (DaPreferencesBindRow *self)
{
  self->link = da_setting_link_new (GTK_WIDGET (self), refresh);
  g_signal_connect (self, "notify::selected", G_CALLBACK (on_selected_changed_cb), NULL);
}
