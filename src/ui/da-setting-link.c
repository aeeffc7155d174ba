/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-setting-link"

#include "config.h"

#include "da-setting-link.h"

#include <glib/gi18n-lib.h>

#include "da-preferences-apply.h"

struct _DaSettingLink {
  /* unowned */
  GtkWidget *row;
  DaSettingRefresh refresh;

  /* owned */
  DaSettings *settings;
  char *name;
  char *toast;

  gulong handler;
  gboolean busy;
};

DaSettingLink *
da_setting_link_new (GtkWidget        *row,
                     DaSettingRefresh  refresh)
{
  DaSettingLink *self = g_new0 (DaSettingLink, 1);

  self->row = row;
  self->refresh = refresh;
  return self;
}

static void
forget_settings (DaSettingLink *self)
{
  if (self->settings != NULL)
    g_clear_signal_handler (&self->handler, self->settings);
  g_clear_object (&self->settings);
}

void
da_setting_link_free (DaSettingLink *self)
{
  forget_settings (self);
  g_free (self->name);
  g_free (self->toast);
  g_free (self);
}

void
da_setting_link_install (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (klass, DA_SETTING_LINK_PROP_SETTING,
                                   g_param_spec_string ("setting", NULL, NULL, NULL, flags));
  g_object_class_install_property (klass, DA_SETTING_LINK_PROP_SETTINGS,
                                   g_param_spec_object ("settings", NULL, NULL, DA_TYPE_SETTINGS,
                                                        flags));
  g_object_class_install_property (klass, DA_SETTING_LINK_PROP_TOAST,
                                   g_param_spec_string ("toast", NULL, NULL, NULL, flags));
}

/* Who decides when the person cannot? */
static void
show_lock (DaSettingLink *self)
{
  DaSettingOrigin origin = da_settings_get_origin (self->settings, self->name);
  gboolean locked = origin == DA_SETTING_ORIGIN_ENVIRONMENT
                    || origin == DA_SETTING_ORIGIN_COMMAND_LINE;

  if (!locked && gtk_widget_get_sensitive (self->row))
    return;
  gtk_widget_set_sensitive (self->row, !locked);
  gtk_widget_set_tooltip_text (self->row,
                               !locked ? NULL
                               : origin == DA_SETTING_ORIGIN_ENVIRONMENT
                               ? _("Set by an environment variable")
                               : _("Set on the command line"));
}

void
da_setting_link_refresh (DaSettingLink *self)
{
  if (self->settings == NULL || self->name == NULL)
    return;
  self->busy = TRUE;
  self->refresh (self->row);
  self->busy = FALSE;
  show_lock (self);
}

static void
on_settings_changed_cb (DaSettings *settings, const DaSettingSpec *spec, DaSettingLink *self)
{
  da_setting_link_refresh (self);
}

static void
reconnect (DaSettingLink *self, DaSettings *settings)
{
  g_autofree char *signal = NULL;

  forget_settings (self);
  if (settings == NULL || self->name == NULL)
    return;
  self->settings = g_object_ref (settings);
  signal = g_strconcat ("changed::", self->name, NULL);
  self->handler = g_signal_connect (settings, signal, G_CALLBACK (on_settings_changed_cb), self);
  da_setting_link_refresh (self);
}

void
da_setting_link_set_property (DaSettingLink *self,
                              guint          id,
                              const GValue  *value)
{
  switch (id)
    {
    case DA_SETTING_LINK_PROP_SETTING:
      g_free (self->name);
      self->name = g_value_dup_string (value);
      break;
    case DA_SETTING_LINK_PROP_SETTINGS:
      reconnect (self, g_value_get_object (value));
      break;
    case DA_SETTING_LINK_PROP_TOAST:
      g_free (self->toast);
      self->toast = g_value_dup_string (value);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
da_setting_link_get_property (DaSettingLink *self,
                              guint          id,
                              GValue        *value)
{
  switch (id)
    {
    case DA_SETTING_LINK_PROP_SETTING: g_value_set_string (value, self->name); break;
    case DA_SETTING_LINK_PROP_SETTINGS: g_value_set_object (value, self->settings); break;
    case DA_SETTING_LINK_PROP_TOAST: g_value_set_string (value, self->toast); break;
    default: g_assert_not_reached ();
    }
}

DaSettings *
da_setting_link_get_settings (DaSettingLink *self)
{
  return self->settings;
}

const char *
da_setting_link_get_name (DaSettingLink *self)
{
  return self->name;
}

gboolean
da_setting_link_is_busy (DaSettingLink *self)
{
  return self->busy || self->settings == NULL;
}

/* Called with a living row only. */
static void
applied_cb (GtkWidget *row, gboolean ok)
{
  DaSettings *settings = NULL;

  if (ok)
    return;
  /* Setting the object again shows the stored value. */
  g_object_get (row, "settings", &settings, NULL);
  g_object_set (row, "settings", settings, NULL);
  g_clear_object (&settings);
}

void
da_setting_link_apply (DaSettingLink *self,
                       JsonNode      *value)
{
  da_preferences_apply (self->row, self->settings, self->name, value, self->toast, applied_cb);
}

void
da_setting_link_bind_all (GtkWidget  *root,
                          DaSettings *settings)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (root), "settings");

  if (pspec != NULL && pspec->value_type == DA_TYPE_SETTINGS)
    {
      g_object_set (root, "settings", settings, NULL);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    da_setting_link_bind_all (child, settings);
}
