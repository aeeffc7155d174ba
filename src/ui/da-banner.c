/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-banner"

#include "da-banner.h"

struct _DaBanner {
  GtkWidget parent_instance;

  GtkWidget *revealer;
  GtkLabel *title;
  GtkButton *button;
};

enum {
  PROP_0,
  PROP_TITLE,
  PROP_BUTTON_LABEL,
  PROP_REVEALED,
  N_PROPS
};

enum {
  BUTTON_CLICKED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaBanner, da_banner, GTK_TYPE_WIDGET)

void
da_banner_set_title (DaBanner   *self,
                     const char *title)
{
  gtk_label_set_text (self->title, title != NULL ? title : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title != NULL ? title : "", -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

void
da_banner_set_button_label (DaBanner   *self,
                            const char *label)
{
  gtk_button_set_label (self->button, label != NULL ? label : "");
  gtk_widget_set_visible (GTK_WIDGET (self->button), label != NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUTTON_LABEL]);
}

void
da_banner_set_revealed (DaBanner *self,
                        gboolean  revealed)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), revealed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REVEALED]);
}

static void
on_button_clicked_cb (DaBanner *self)
{
  g_signal_emit (self, signals[BUTTON_CLICKED], 0);
}

static void
da_banner_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  DaBanner *self = DA_BANNER (object);

  switch (id)
    {
    case PROP_TITLE: da_banner_set_title (self, g_value_get_string (value)); break;
    case PROP_BUTTON_LABEL: da_banner_set_button_label (self, g_value_get_string (value)); break;
    case PROP_REVEALED: da_banner_set_revealed (self, g_value_get_boolean (value)); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_banner_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaBanner *self = DA_BANNER (object);

  switch (id)
    {
    case PROP_TITLE: g_value_set_string (value, gtk_label_get_text (self->title)); break;
    case PROP_BUTTON_LABEL:
      g_value_set_string (value, gtk_widget_get_visible (GTK_WIDGET (self->button))
                                 ? gtk_button_get_label (self->button) : NULL);
      break;
    case PROP_REVEALED:
      g_value_set_boolean (value,
                           gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer)));
      break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_banner_dispose (GObject *object)
{
  g_clear_pointer (&DA_BANNER (object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (da_banner_parent_class)->dispose (object);
}

static void
da_banner_class_init (DaBannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = da_banner_dispose;
  object_class->set_property = da_banner_set_property;
  object_class->get_property = da_banner_get_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_BUTTON_LABEL] = g_param_spec_string ("button-label", NULL, NULL, NULL, flags);
  properties[PROP_REVEALED] = g_param_spec_boolean ("revealed", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[BUTTON_CLICKED] = g_signal_new ("button-clicked", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "da-banner");
}

static void
da_banner_init (DaBanner *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->title, TRUE);
  gtk_label_set_xalign (self->title, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  self->button = GTK_BUTTON (gtk_button_new ());
  gtk_button_set_use_underline (self->button, TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_button_clicked_cb), self);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->button));
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
}

GtkWidget *
da_banner_new (const char *title)
{
  return g_object_new (DA_TYPE_BANNER, "title", title, NULL);
}
