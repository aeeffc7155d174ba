/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-copy-row"

#include "config.h"

#include "da-copy-row.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-preferences-apply.h"

#define DOTS "••••••••••••"

struct _DaCopyRow {
  AdwActionRow parent_instance;

  /* owned */
  char *value;

  GtkWidget *reveal;
  GtkWidget *copy;
  gboolean is_secret;
  gboolean is_code;
  gboolean is_shown;
};

enum {
  PROP_0,
  PROP_VALUE,
  PROP_SECRET,
  PROP_CODE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (DaCopyRow, da_copy_row, ADW_TYPE_ACTION_ROW)

static void
show (DaCopyRow *self)
{
  gboolean hidden = self->is_secret && !self->is_shown;
  g_autofree char *escaped = NULL;
  g_autofree char *markup = NULL;

  if (self->value == NULL || *self->value == '\0')
    markup = g_strdup ("—");
  else if (hidden)
    markup = g_strdup (DOTS);
  else
    {
      escaped = g_markup_escape_text (self->value, -1);
      /* A hyphen at the end of a line would look like part of the text. */
      markup = g_strdup_printf ("<span insert_hyphens=\"false\"%s>%s</span>",
                                self->is_code || self->is_secret ? " font_family=\"monospace\""
                                                                 : "", escaped);
    }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), markup);
  gtk_widget_set_sensitive (self->copy, self->value != NULL && *self->value != '\0');
  gtk_widget_set_visible (self->reveal, self->is_secret && self->value != NULL);
  gtk_button_set_icon_name (GTK_BUTTON (self->reveal),
                            hidden ? "view-reveal-symbolic" : "view-conceal-symbolic");
  gtk_widget_set_tooltip_text (self->reveal, hidden ? _("Show") : _("Hide"));
}

static void
on_reveal_clicked_cb (DaCopyRow *self)
{
  self->is_shown = !self->is_shown;
  show (self);
}

static void
on_copy_clicked_cb (DaCopyRow *self)
{
  da_preferences_copy (GTK_WIDGET (self), self->value, self->is_secret);
}

void
da_copy_row_set_value (DaCopyRow  *self,
                       const char *value)
{
  if (g_strcmp0 (self->value, value) == 0)
    return;
  g_free (self->value);
  self->value = g_strdup (value);
  self->is_shown = FALSE;
  show (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUE]);
}

void
da_copy_row_conceal (DaCopyRow *self)
{
  self->is_shown = FALSE;
  show (self);
}

static void
set_secret (DaCopyRow *self, gboolean is_secret)
{
  /* What was in plain sight before is not what the person has asked to see. */
  if (is_secret && !self->is_secret)
    self->is_shown = FALSE;
  self->is_secret = is_secret;
  show (self);
}

static void
on_title_changed_cb (DaCopyRow *self)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self));
  g_autofree char *copy = g_strdup_printf (_("Copy %s"), title);
  g_autofree char *reveal = g_strdup_printf (_("Show or hide %s"), title);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  copy, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->reveal), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reveal, -1);
}

static void
da_copy_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DaCopyRow *self = DA_COPY_ROW (object);

  switch (id)
    {
    case PROP_VALUE: da_copy_row_set_value (self, g_value_get_string (value)); break;
    case PROP_SECRET: set_secret (self, g_value_get_boolean (value)); break;
    case PROP_CODE: self->is_code = g_value_get_boolean (value); show (self); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_copy_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaCopyRow *self = DA_COPY_ROW (object);

  switch (id)
    {
    case PROP_VALUE: g_value_set_string (value, self->value); break;
    case PROP_SECRET: g_value_set_boolean (value, self->is_secret); break;
    case PROP_CODE: g_value_set_boolean (value, self->is_code); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_copy_row_finalize (GObject *object)
{
  DaCopyRow *self = DA_COPY_ROW (object);

  if (self->is_secret && self->value != NULL)
    explicit_bzero (self->value, strlen (self->value));
  g_free (self->value);
  G_OBJECT_CLASS (da_copy_row_parent_class)->finalize (object);
}

static void
da_copy_row_class_init (DaCopyRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = da_copy_row_finalize;
  object_class->set_property = da_copy_row_set_property;
  object_class->get_property = da_copy_row_get_property;
  properties[PROP_VALUE] = g_param_spec_string ("value", NULL, NULL, NULL, flags);
  properties[PROP_SECRET] = g_param_spec_boolean ("secret", NULL, NULL, FALSE, flags);
  properties[PROP_CODE] = g_param_spec_boolean ("code", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static GtkWidget *
add_button (DaCopyRow *self, const char *icon, const char *tooltip, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_swapped (button, "clicked", callback, self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
  return button;
}

static void
da_copy_row_init (DaCopyRow *self)
{
  self->reveal = add_button (self, "view-reveal-symbolic", NULL, G_CALLBACK (on_reveal_clicked_cb));
  self->copy = add_button (self, "edit-copy-symbolic", _("Copy"), G_CALLBACK (on_copy_clicked_cb));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  g_signal_connect (self, "notify::title", G_CALLBACK (on_title_changed_cb), NULL);
  /* A window that is only hidden, and a page that was left, show it as dots when they come back. */
  g_signal_connect (self, "unmap", G_CALLBACK (da_copy_row_conceal), NULL);
  show (self);
}
