/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-view"

#include "config.h"

#include "da-message-view.h"

#include <string.h>


#include <glib/gi18n.h>

#include "da-markdown-view.h"
#include "da-time.h"
#include "da-tool-view.h"

/* What is seen of one message, and what can be done with it. Made and fed by its row. */
struct _DaMessageView {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  DaMessage *message;          /* (nullable) */
  DaMarkdownView *view;        /* (nullable) borrowed from the bubble */

  /* template */
  GtkWidget *box;
  GtkBox *bubble;
  GtkWidget *waiting;
  GtkSpinner *spinner;
  GtkLabel *waiting_label;
  GtkWidget *failure;
  GtkLabel *failure_label;
  GtkWidget *footer;
  GtkLabel *note;
  GtkWidget *actions;
  GtkWidget *copy;
  GtkWidget *branch;
  GtkLabel *time;
};

G_DEFINE_FINAL_TYPE (DaMessageView, da_message_view, GTK_TYPE_WIDGET)

static void
ensure_view (DaMessageView *self, DaMarkdownFlags flags)
{
  GtkWidget *view;

  if (self->view != NULL)
    return;
  view = da_markdown_view_new (self->engine, flags);
  gtk_box_append (self->bubble, view);
  self->view = DA_MARKDOWN_VIEW (view);
}

static void
show_note (DaMessageView *self)
{
  const char *reason = self->message->finish_reason;
  const char *note = NULL;

  if (self->message->is_summary)
    note = _("Summary of earlier messages");
  else if (g_strcmp0 (reason, "cancelled") == 0)
    note = _("Stopped");
  else if (g_strcmp0 (reason, "interrupted") == 0)
    note = _("Interrupted: the program ended");
  else if (g_strcmp0 (reason, "length") == 0)
    note = _("Cut off: the model's limit was reached");
  else if (g_strcmp0 (reason, "error") == 0)
    note = _("Cut off by an error");
  gtk_label_set_text (self->note, note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
}

static void
align (DaMessageView *self)
{
  if (self->message->role != DA_ROLE_USER)
    return;
  gtk_widget_add_css_class (GTK_WIDGET (self->bubble), "bubble");
  gtk_widget_set_halign (GTK_WIDGET (self->bubble), GTK_ALIGN_END);
  gtk_widget_set_halign (self->footer, GTK_ALIGN_END);
}

void
da_message_view_set_status (DaMessageView *self,
                           const char   *status)
{
  gtk_widget_set_visible (self->waiting, status != NULL);
  gtk_spinner_set_spinning (self->spinner, status != NULL);
  gtk_label_set_text (self->waiting_label, status != NULL ? status : "");
}

void
da_message_view_set_failed (DaMessageView *self,
                           const char   *reason)
{
  da_message_view_set_status (self, NULL);
  gtk_label_set_text (self->failure_label, reason != NULL ? reason : "");
  gtk_widget_set_visible (self->failure, reason != NULL);
  /* Said once is enough. */
  gtk_widget_set_visible (GTK_WIDGET (self->note),
                          reason == NULL && *gtk_label_get_text (self->note) != '\0');
}

void
da_message_view_append (DaMessageView *self,
                       const char   *text,
                       gsize         length)
{
  ensure_view (self, DA_MARKDOWN_FLAGS_NONE);
  da_markdown_view_append (self->view, text, length);
}

void
da_message_view_set_message (DaMessageView *self,
                            DaMessage    *message)
{
  const char *text = message->display_content != NULL ? message->display_content
                                                      : message->content;
  g_autofree char *time = da_time_format_clock (message->timestamp);
  g_autofree char *full = da_time_format_full (message->timestamp);

  g_set_object (&self->message, message);
  da_message_view_set_status (self, NULL);
  if (*text != '\0')
    {
      ensure_view (self, message->role == DA_ROLE_USER ? DA_MARKDOWN_KEEP_BREAKS
                                                       : DA_MARKDOWN_FLAGS_NONE);
      if (strcmp (da_markdown_view_get_text (self->view), text) != 0)
        da_markdown_view_set_text (self->view, text);
      else
        da_markdown_view_flush (self->view);
    }
  if (message->tool_calls != NULL || message->tool_results != NULL)
    gtk_box_append (self->bubble, da_tool_view_new (message->tool_calls, message->tool_results));
  gtk_label_set_text (self->time, time);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->time), full);
  /* Only now: a name without its target is a mismatch. */
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->branch), "s", message->id);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->branch), "chat.branch");
  gtk_widget_set_visible (self->actions, TRUE);
  align (self);
  show_note (self);
}

const char *
da_message_view_get_text (DaMessageView *self)
{
  return self->view != NULL ? da_markdown_view_get_text (self->view) : "";
}

static void
da_message_view_dispose (GObject *object)
{
  DaMessageView *self = DA_MESSAGE_VIEW (object);

  self->view = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_MESSAGE_VIEW);
  g_clear_object (&self->engine);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (da_message_view_parent_class)->dispose (object);
}

static void
da_message_view_class_init (DaMessageViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_message_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-message-view.ui");
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, box);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, bubble);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, waiting);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, spinner);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, waiting_label);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, failure);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, failure_label);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, footer);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, note);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, actions);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, copy);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, branch);
  gtk_widget_class_bind_template_child (widget_class, DaMessageView, time);
}

static void
da_message_view_init (DaMessageView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_message_view_new (DaEngine *engine)
{
  DaMessageView *self = g_object_new (DA_TYPE_MESSAGE_VIEW, NULL);

  g_set_object (&self->engine, engine);
  gtk_widget_set_visible (self->actions, FALSE);
  return GTK_WIDGET (self);
}
