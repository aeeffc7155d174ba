/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-failure"

#include "config.h"

#include "da-message-failure.h"

struct _DaMessageFailure {
  GtkBox parent_instance;

  /* template */
  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (DaMessageFailure, da_message_failure, GTK_TYPE_BOX)

static void
da_message_failure_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), DA_TYPE_MESSAGE_FAILURE);
  G_OBJECT_CLASS (da_message_failure_parent_class)->dispose (object);
}

static void
da_message_failure_class_init (DaMessageFailureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_message_failure_dispose;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-message-failure.ui");
  gtk_widget_class_bind_template_child (widget_class, DaMessageFailure, label);
}

static void
da_message_failure_init (DaMessageFailure *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_message_failure_new (void)
{
  return g_object_new (DA_TYPE_MESSAGE_FAILURE, NULL);
}

void
da_message_failure_set_reason (DaMessageFailure *self,
                               const char       *reason)
{
  gtk_label_set_text (self->label, reason);
}
