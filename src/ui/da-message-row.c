/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-row"

#include "config.h"

#include "da-message-row.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-markdown-view.h"
#include "da-time.h"
#include "da-tool-view.h"

#define SPOKEN_CHARS 1000      /* of a message, as the description of its row */

/* One message: what was said by whom, and what can be done with it. Made and fed by the chat page;
 * sends nothing itself but a copy to the clipboard. */
struct _DaMessageRow {
  GtkListBoxRow parent_instance;

  /* owned */
  DaEngine *engine;
  DaMessage *message;          /* (nullable) */
  DaMarkdownView *view;        /* (nullable) borrowed from the bubble */

  /* template */
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

G_DEFINE_FINAL_TYPE (DaMessageRow, da_message_row, GTK_TYPE_LIST_BOX_ROW)

static const char *
speaker (DaMessageRow *self)
{
  if (self->message == NULL)
    return _("Answer");
  switch (self->message->role)
    {
    case DA_ROLE_USER: return _("You");
    case DA_ROLE_ASSISTANT: return _("Answer");
    case DA_ROLE_TOOL: return _("Tool");
    case DA_ROLE_SYSTEM: return _("System");
    }
  g_assert_not_reached ();
}

static void
tell_reader (DaMessageRow *self)
{
  const char *text = self->view != NULL ? da_markdown_view_get_text (self->view) : "";
  g_autofree char *shown = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1),
                                                           SPOKEN_CHARS));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  speaker (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, shown, -1);
}

static void
ensure_view (DaMessageRow *self, DaMarkdownFlags flags)
{
  GtkWidget *view;

  if (self->view != NULL)
    return;
  view = da_markdown_view_new (self->engine, flags);
  gtk_box_append (self->bubble, view);
  self->view = DA_MARKDOWN_VIEW (view);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaMessageRow *self = DA_MESSAGE_ROW (widget);

  if (self->view == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          da_markdown_view_get_text (self->view));
  gtk_widget_activate_action (widget, "win.toast", "s", _("Message copied"));
}

static void
show_note (DaMessageRow *self)
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
style (DaMessageRow *self)
{
  gboolean user = self->message != NULL && self->message->role == DA_ROLE_USER;

  if (user)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self), "from-user");
      gtk_widget_add_css_class (GTK_WIDGET (self->bubble), "bubble");
      gtk_widget_set_halign (GTK_WIDGET (self->bubble), GTK_ALIGN_END);
      gtk_widget_set_halign (self->footer, GTK_ALIGN_END);
    }
  else
    {
      gtk_widget_add_css_class (GTK_WIDGET (self), "from-agent");
    }
}

void
da_message_row_set_status (DaMessageRow *self,
                           const char   *status)
{
  gtk_widget_set_visible (self->waiting, status != NULL);
  gtk_spinner_set_spinning (self->spinner, status != NULL);
  gtk_label_set_text (self->waiting_label, status != NULL ? status : "");
}

void
da_message_row_set_failed (DaMessageRow *self,
                           const char   *reason)
{
  da_message_row_set_status (self, NULL);
  gtk_label_set_text (self->failure_label, reason != NULL ? reason : "");
  gtk_widget_set_visible (self->failure, reason != NULL);
  /* Said once is enough. */
  gtk_widget_set_visible (GTK_WIDGET (self->note),
                          reason == NULL && *gtk_label_get_text (self->note) != '\0');
}

void
da_message_row_append (DaMessageRow *self,
                       const char   *text,
                       gsize         length)
{
  ensure_view (self, DA_MARKDOWN_FLAGS_NONE);
  da_markdown_view_append (self->view, text, length);
}

void
da_message_row_set_message (DaMessageRow *self,
                            DaMessage    *message)
{
  const char *text = message->display_content != NULL ? message->display_content
                                                      : message->content;
  g_autofree char *time = da_time_format_clock (message->timestamp);
  g_autofree char *full = da_time_format_full (message->timestamp);

  g_set_object (&self->message, message);
  da_message_row_set_status (self, NULL);
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
  style (self);
  show_note (self);
  tell_reader (self);
}

DaMessage *
da_message_row_get_message (DaMessageRow *self)
{
  return self->message;
}

static void
da_message_row_dispose (GObject *object)
{
  DaMessageRow *self = DA_MESSAGE_ROW (object);

  self->view = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_MESSAGE_ROW);
  g_clear_object (&self->engine);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (da_message_row_parent_class)->dispose (object);
}

static void
da_message_row_class_init (DaMessageRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_message_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, bubble);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, waiting);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, waiting_label);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, failure);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, failure_label);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, footer);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, note);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, actions);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, copy);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, branch);
  gtk_widget_class_bind_template_child (widget_class, DaMessageRow, time);
  gtk_widget_class_install_action (widget_class, "message.copy", NULL, copy_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "message.copy",
                                       NULL);
}

static void
da_message_row_init (DaMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
da_message_row_new (DaEngine  *engine,
                    DaMessage *message)
{
  DaMessageRow *self = g_object_new (DA_TYPE_MESSAGE_ROW, NULL);

  g_set_object (&self->engine, engine);
  if (message != NULL)
    {
      da_message_row_set_message (self, message);
      return GTK_WIDGET (self);
    }
  style (self);
  gtk_widget_set_visible (self->actions, FALSE);
  tell_reader (self);
  return GTK_WIDGET (self);
}
