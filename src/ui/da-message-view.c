/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-view"

#include "config.h"

#include "da-message-view.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-markdown-view.h"
#include "da-message-actions.h"
#include "da-message-failure.h"
#include "da-tool-view.h"

/* What is seen of one message, and what can be done with it. Made and fed by its row. In a frame of
 * a list that is scrolled one is made, so no part is before it is wanted, and there is no template:
 * most messages are a bubble with some words and an empty line below. */
struct _DaMessageView {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  DaMessage *message;          /* (nullable) */

  /* borrowed: children */
  GtkBox *bubble;
  GtkBox *footer;
  DaMarkdownView *view;        /* (nullable) */
  GtkWidget *status;           /* (nullable) */
  DaMessageFailure *failure;   /* (nullable) */
  GtkWidget *note;             /* (nullable) */
  GtkWidget *actions;          /* (nullable) */
  GtkWidget *tools;            /* (nullable) */
};

G_DEFINE_FINAL_TYPE (DaMessageView, da_message_view, GTK_TYPE_WIDGET)

static const char *
text_of (DaMessage *message)
{
  return message->display_content != NULL ? message->display_content : message->content;
}

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

static const char *
note_on (DaMessage *message)
{
  const char *reason = message->finish_reason;

  if (message->is_summary)
    return _("Summary of earlier messages");
  if (g_strcmp0 (reason, "cancelled") == 0)
    return _("Stopped");
  if (g_strcmp0 (reason, "interrupted") == 0)
    return _("Interrupted: the program ended");
  if (g_strcmp0 (reason, "length") == 0)
    return _("Cut off: the model's limit was reached");
  if (g_strcmp0 (reason, "error") == 0)
    return _("Cut off by an error");
  return NULL;
}

static GtkWidget *
note_new (const char *text)
{
  static const char *const classes[] = { "caption", "dim-label", "message-note", NULL };
  GtkWidget *note = gtk_label_new (text);

  gtk_widget_set_css_classes (note, (const char **) classes);
  return note;
}

static void
show_note (DaMessageView *self)
{
  const char *note = self->message != NULL ? note_on (self->message) : NULL;

  if (self->note != NULL)
    gtk_box_remove (self->footer, self->note);
  self->note = NULL;
  /* With the failure above it, it would be said twice. */
  if (note == NULL || self->failure != NULL)
    return;
  self->note = note_new (note);
  gtk_box_prepend (self->footer, self->note);
}

static void
align (DaMessageView *self)
{
  if (self->message->role != DA_ROLE_USER)
    return;
  gtk_widget_add_css_class (GTK_WIDGET (self->bubble), "bubble");
  gtk_widget_set_halign (GTK_WIDGET (self->bubble), GTK_ALIGN_END);
  gtk_widget_set_halign (GTK_WIDGET (self->footer), GTK_ALIGN_END);
}

static GtkWidget *
status_new (const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *spinner = gtk_spinner_new ();
  GtkWidget *label = gtk_label_new (text);

  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_margin_top (box, 3);
  gtk_box_append (GTK_BOX (box), spinner);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

void
da_message_view_set_status (DaMessageView *self,
                            const char    *status)
{
  if (self->status != NULL && status != NULL)
    {
      gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (self->status)), status);
      return;
    }
  g_clear_pointer (&self->status, gtk_widget_unparent);
  if (status == NULL)
    return;
  self->status = status_new (status);
  gtk_widget_insert_after (self->status, GTK_WIDGET (self), GTK_WIDGET (self->bubble));
}

void
da_message_view_set_failed (DaMessageView *self,
                            const char    *reason)
{
  da_message_view_set_status (self, NULL);
  if (reason == NULL && self->failure != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->failure));
      self->failure = NULL;
    }
  else if (reason != NULL)
    {
      if (self->failure == NULL)
        {
          self->failure = DA_MESSAGE_FAILURE (da_message_failure_new ());
          gtk_widget_insert_before (GTK_WIDGET (self->failure), GTK_WIDGET (self),
                                    GTK_WIDGET (self->footer));
        }
      da_message_failure_set_reason (self->failure, reason);
    }
  show_note (self);
}

void
da_message_view_append (DaMessageView *self,
                        const char    *text,
                        gsize          length)
{
  ensure_view (self, DA_MARKDOWN_FLAGS_NONE);
  da_markdown_view_append (self->view, text, length);
}

static void
show_tools (DaMessageView *self)
{
  DaMessage *message = self->message;

  if (self->tools != NULL)
    gtk_box_remove (self->bubble, self->tools);
  self->tools = NULL;
  if (message->tool_calls == NULL && message->tool_results == NULL)
    return;
  self->tools = da_tool_view_new (message->tool_calls, message->tool_results);
  gtk_box_append (self->bubble, self->tools);
}

static void
take_message (DaMessageView *self, DaMessage *message)
{
  if (self->actions != NULL && message != self->message)
    {
      gtk_box_remove (self->footer, self->actions);
      self->actions = NULL;
    }
  g_set_object (&self->message, message);
  da_message_view_set_status (self, NULL);
  if (*text_of (message) != '\0')
    ensure_view (self, message->role == DA_ROLE_USER ? DA_MARKDOWN_KEEP_BREAKS
                                                     : DA_MARKDOWN_FLAGS_NONE);
  show_tools (self);
  align (self);
  show_note (self);
}

void
da_message_view_set_message (DaMessageView *self,
                             DaMessage     *message)
{
  const char *text = text_of (message);

  take_message (self, message);
  if (*text == '\0')
    return;
  if (strcmp (da_markdown_view_get_text (self->view), text) != 0)
    da_markdown_view_set_text (self->view, text);
  else
    da_markdown_view_flush (self->view);
}

void
da_message_view_begin_message (DaMessageView *self,
                               DaMessage     *message)
{
  take_message (self, message);
  if (self->view != NULL)
    da_markdown_view_begin_text (self->view, text_of (message));
}

gboolean
da_message_view_add_some (DaMessageView *self)
{
  return self->view != NULL && da_markdown_view_add_some (self->view);
}

void
da_message_view_add_actions (DaMessageView *self)
{
  if (self->actions != NULL || self->message == NULL)
    return;
  self->actions = da_message_actions_new (self->message);
  gtk_box_append (self->footer, self->actions);
}

gboolean
da_message_view_has_actions (DaMessageView *self)
{
  return self->actions != NULL;
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
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  self->view = NULL;
  self->status = NULL;
  self->failure = NULL;
  self->note = NULL;
  self->actions = NULL;
  self->tools = NULL;
  g_clear_object (&self->engine);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (da_message_view_parent_class)->dispose (object);
}

static void
da_message_view_class_init (DaMessageViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_message_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
da_message_view_init (DaMessageView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  self->bubble = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  self->footer = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2));
  gtk_widget_add_css_class (GTK_WIDGET (self->footer), "message-footer");
  gtk_widget_set_parent (GTK_WIDGET (self->bubble), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->footer), GTK_WIDGET (self));
}

GtkWidget *
da_message_view_new (DaEngine *engine)
{
  DaMessageView *self = g_object_new (DA_TYPE_MESSAGE_VIEW, NULL);

  g_set_object (&self->engine, engine);
  return GTK_WIDGET (self);
}
