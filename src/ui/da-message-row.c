/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-message-row"

#include "config.h"

#include "da-message-row.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-message-view.h"

#define SPOKEN_CHARS 1000      /* of a message, as the description of its row */

struct _DaMessageRow {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  DaMessage *message;          /* (nullable) */
  DaMessageView *view;         /* (nullable) borrowed: its child, when it is not closed */

  gboolean open;               /* all of it is there */
};

G_DEFINE_FINAL_TYPE (DaMessageRow, da_message_row, GTK_TYPE_WIDGET)

static const char *
text_of (DaMessage *message)
{
  return message->display_content != NULL ? message->display_content : message->content;
}

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
  const char *text = self->message != NULL ? text_of (self->message) : "";
  g_autofree char *shown = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1),
                                                           SPOKEN_CHARS));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  speaker (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, shown, -1);
}

static void
style (DaMessageRow *self)
{
  gboolean user = self->message != NULL && self->message->role == DA_ROLE_USER;

  gtk_widget_add_css_class (GTK_WIDGET (self), user ? "from-user" : "from-agent");
}

static void
make_view (DaMessageRow *self)
{
  self->view = DA_MESSAGE_VIEW (da_message_view_new (self->engine));
  gtk_widget_set_parent (GTK_WIDGET (self->view), GTK_WIDGET (self));
}

/* How high it is may be another thing now, though its child is as it was. */
static void
finish_opening (DaMessageRow *self)
{
  if (!self->open)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  self->open = TRUE;
}

void
da_message_row_open (DaMessageRow *self)
{
  if (self->open)
    return;
  if (self->view == NULL)
    make_view (self);
  if (self->message != NULL)
    da_message_view_set_message (self->view, self->message);
  finish_opening (self);
}

gboolean
da_message_row_open_some (DaMessageRow *self)
{
  if (self->open || self->message == NULL)
    return FALSE;
  if (self->view == NULL)
    {
      make_view (self);
      da_message_view_begin_message (self->view, self->message);
    }
  if (!da_message_view_add_some (self->view))
    finish_opening (self);
  return TRUE;
}

gboolean
da_message_row_is_open (DaMessageRow *self)
{
  return self->open;
}

static gboolean
is_in_use (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_selection_bounds (GTK_LABEL (widget), NULL, NULL);
  if (GTK_IS_EXPANDER (widget) && gtk_expander_get_expanded (GTK_EXPANDER (widget)))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (is_in_use (child))
      return TRUE;
  return FALSE;
}

gboolean
da_message_row_is_in_use (DaMessageRow *self)
{
  return is_in_use (GTK_WIDGET (self));
}

gboolean
da_message_row_has_actions (DaMessageRow *self)
{
  return self->view != NULL && da_message_view_has_actions (self->view);
}

gboolean
da_message_row_add_actions (DaMessageRow *self)
{
  if (!self->open || self->message == NULL || da_message_row_has_actions (self))
    return FALSE;
  da_message_view_add_actions (self->view);
  return TRUE;
}

static DaMessageView *
opened (DaMessageRow *self)
{
  da_message_row_open (self);
  return self->view;
}

void
da_message_row_set_status (DaMessageRow *self,
                           const char   *status)
{
  da_message_view_set_status (opened (self), status);
}

void
da_message_row_set_failed (DaMessageRow *self,
                           const char   *reason)
{
  if (reason != NULL || self->view != NULL)
    da_message_view_set_failed (opened (self), reason);
}

void
da_message_row_append (DaMessageRow *self,
                       const char   *text,
                       gsize         length)
{
  da_message_view_append (opened (self), text, length);
}

void
da_message_row_set_message (DaMessageRow *self,
                            DaMessage    *message)
{
  g_set_object (&self->message, message);
  if (self->view != NULL)
    {
      da_message_view_set_message (self->view, message);
      finish_opening (self);
    }
  style (self);
  tell_reader (self);
}

DaMessage *
da_message_row_get_message (DaMessageRow *self)
{
  return self->message;
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  DaMessageRow *self = DA_MESSAGE_ROW (widget);
  const char *text = self->message != NULL ? text_of (self->message)
                                           : da_message_view_get_text (opened (self));

  if (*text == '\0')
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.toast", "s", _("Message copied"));
}

/* Also when a screen reader moves the focus: who shows the row is told. */
static gboolean
da_message_row_grab_focus (GtkWidget *widget)
{
  if (!GTK_WIDGET_CLASS (da_message_row_parent_class)->grab_focus (widget))
    return FALSE;
  gtk_widget_activate_action (widget, "chat.show-focus", NULL);
  return TRUE;
}

/* From the row forward into it, and backward from what is in it to the row. */
static gboolean
da_message_row_focus (GtkWidget *widget, GtkDirectionType direction)
{
  DaMessageRow *self = DA_MESSAGE_ROW (widget);
  GtkWidget *inside = gtk_widget_get_focus_child (widget);
  gboolean back = direction == GTK_DIR_TAB_BACKWARD || direction == GTK_DIR_LEFT;
  gboolean forward = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_RIGHT;
  gboolean at_row = gtk_widget_is_focus (widget);

  if (inside != NULL)
    return gtk_widget_child_focus (inside, direction) || (back && gtk_widget_grab_focus (widget));
  if ((at_row ? forward : back) && self->view != NULL
      && gtk_widget_child_focus (GTK_WIDGET (self->view), direction))
    return TRUE;
  return !at_row && gtk_widget_grab_focus (widget);
}

static void
da_message_row_dispose (GObject *object)
{
  DaMessageRow *self = DA_MESSAGE_ROW (object);

  g_clear_pointer ((GtkWidget **) &self->view, gtk_widget_unparent);
  self->open = FALSE;
  g_clear_object (&self->engine);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (da_message_row_parent_class)->dispose (object);
}

static void
da_message_row_class_init (DaMessageRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = da_message_row_dispose;
  widget_class->grab_focus = da_message_row_grab_focus;
  widget_class->focus = da_message_row_focus;
  gtk_widget_class_install_action (widget_class, "message.copy", NULL, copy_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "message.copy",
                                       NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "message");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
}

static void
da_message_row_init (DaMessageRow *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
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
  da_message_row_open (self);
  style (self);
  tell_reader (self);
  return GTK_WIDGET (self);
}
