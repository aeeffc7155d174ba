/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-actions"

#include "config.h"

#include "da-message-actions.h"

#include "da-time.h"

struct _DaMessageActions {
  GtkBox parent_instance;

  /* template */
  GtkActionable *branch;
  GtkLabel *time;
};

G_DEFINE_FINAL_TYPE (DaMessageActions, da_message_actions, GTK_TYPE_BOX)

static void
da_message_actions_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), DA_TYPE_MESSAGE_ACTIONS);
  G_OBJECT_CLASS (da_message_actions_parent_class)->dispose (object);
}

static void
da_message_actions_class_init (DaMessageActionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_message_actions_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-message-actions.ui");
  gtk_widget_class_bind_template_child (widget_class, DaMessageActions, branch);
  gtk_widget_class_bind_template_child (widget_class, DaMessageActions, time);
}

static void
da_message_actions_init (DaMessageActions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_message_actions_new (DaMessage *message)
{
  DaMessageActions *self = g_object_new (DA_TYPE_MESSAGE_ACTIONS, NULL);
  g_autofree char *time = da_time_format_clock (message->timestamp);
  g_autofree char *full = da_time_format_full (message->timestamp);

  gtk_label_set_text (self->time, time);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->time), full);
  /* Only now: a name without its target is a mismatch. */
  gtk_actionable_set_action_target (self->branch, "s", message->id);
  gtk_actionable_set_action_name (self->branch, "chat.branch");
  return GTK_WIDGET (self);
}
