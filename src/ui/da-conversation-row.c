/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-conversation-row"

#include "config.h"

#include "da-conversation-row.h"

#include <string.h>

#include <glib/gi18n.h>

#include "da-time.h"

/* One conversation in the sidebar. Shows; what its menu asks for is done by the window. */
struct _DaConversationRow {
  GtkListBoxRow parent_instance;

  /* owned */
  DaConversation *conversation;
  DaSession *session;          /* (nullable) */
  GtkWidget *menu;             /* (nullable) made when first opened */
  char *device_name;
  gulong session_ids[2];
  DaConversationRowFlags flags;

  /* template */
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *device;
  GtkWidget *pinned;
  GtkWidget *needs_you;
  GtkSpinner *running;
};

G_DEFINE_FINAL_TYPE (DaConversationRow, da_conversation_row, GTK_TYPE_LIST_BOX_ROW)

char *
da_conversation_row_markup (const char *snippet)
{
  g_autofree char *escaped = g_markup_escape_text (snippet, -1);
  g_autoptr(GString) out = g_string_new (NULL);
  gboolean bold = FALSE;

  /* The two marks are control characters, which the escaping has written as references. */
  for (const char *at = escaped; *at != '\0';)
    {
      gboolean start = g_str_has_prefix (at, "&#x2;");
      gboolean end = g_str_has_prefix (at, "&#x3;");

      if (!start && !end)
        {
          g_string_append_c (out, *at++ == '\n' ? ' ' : at[-1]);
          continue;
        }
      at += strlen ("&#x2;");
      if (start != bold)
        g_string_append (out, start ? "<b>" : "</b>");
      bold = start;
    }
  if (bold)
    g_string_append (out, "</b>");
  return g_strdup (out->str);
}

/* @at is the end of a link's words: returns the last byte of its address, which may be cut off. */
static const char *
skip_address (const char *at)
{
  const char *end = strchr (at, ')');

  return end != NULL ? end : at + strlen (at) - 1;
}

static gboolean
begins_link (const char *at)
{
  const char *end = strchr (at, ']');

  return end != NULL && end[1] == '(' && memchr (at + 1, '[', (gsize) (end - at - 1)) == NULL;
}

char *
da_conversation_row_plain (const char *text)
{
  g_autoptr(GString) out = g_string_new (NULL);
  gboolean in_link = FALSE;
  gboolean start = TRUE;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (at[0] == '!' && at[1] == '[' && begins_link (at + 1))
        continue;
      if (*at == '[' && begins_link (at))
        {
          in_link = TRUE;
          continue;
        }
      if (in_link && *at == ']')
        {
          in_link = FALSE;
          at = skip_address (at);
          continue;
        }
      if (strchr ("*`~|", *at) != NULL || (start && strchr ("#>-", *at) != NULL))
        continue;
      if (*at == ' ' && (out->len == 0 || out->str[out->len - 1] == ' '))
        continue;
      g_string_append_c (out, *at);
      start = *at == ' ';
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static GMenuItem *
item_new (const char *label, const char *action, const char *id)
{
  GMenuItem *item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", id);
  return item;
}

static void
append (GMenu *menu, const char *label, const char *action, const char *id)
{
  g_autoptr(GMenuItem) item = item_new (label, action, id);

  g_menu_append_item (menu, item);
}

GMenuModel *
da_conversation_menu_new (const char             *id,
                          DaConversationRowFlags  flags)
{
  g_autoptr(GMenu) menu = g_menu_new ();
  g_autoptr(GMenu) keep = g_menu_new ();
  g_autoptr(GMenu) export = g_menu_new ();
  g_autoptr(GMenu) remove = g_menu_new ();

  append (keep, _("_Rename…"), "win.rename", id);
  if ((flags & DA_CONVERSATION_ROW_PINNED) != 0)
    append (keep, _("Un_pin"), "win.unpin", id);
  else
    append (keep, _("_Pin"), "win.pin", id);
  if ((flags & DA_CONVERSATION_ROW_ARCHIVED) != 0)
    append (keep, _("Take Out of _Archive"), "win.unarchive", id);
  else
    append (keep, _("_Archive"), "win.archive", id);
  append (export, _("Export as _Markdown…"), "win.export-markdown", id);
  append (export, _("Export as _JSON…"), "win.export-json", id);
  append (remove, _("_Delete"), "win.delete", id);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (keep));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (export));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (remove));
  return G_MENU_MODEL (g_steal_pointer (&menu));
}

/* The popover took the release of the button, for which the press is still seen. */
static void
on_menu_closed (DaConversationRow *self)
{
  for (GtkWidget *at = GTK_WIDGET (self); at != NULL; at = gtk_widget_get_parent (at))
    gtk_widget_unset_state_flags (at, GTK_STATE_FLAG_ACTIVE);
}

static void
open_menu (DaConversationRow *self, const GdkRectangle *where)
{
  if (self->menu == NULL)
    {
      g_autoptr(GMenuModel) model = da_conversation_menu_new (self->conversation->id,
                                                              self->flags);

      self->menu = gtk_popover_menu_new_from_model (model);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
      g_signal_connect_swapped (self->menu, "closed", G_CALLBACK (on_menu_closed), self);
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), where);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary_pressed (GtkGestureClick *gesture, int n, double x, double y, DaConversationRow *self)
{
  GdkRectangle where = { (int) x, (int) y, 1, 1 };

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (self, &where);
}

static void
on_long_pressed (GtkGestureLongPress *gesture, double x, double y, DaConversationRow *self)
{
  GdkRectangle where = { (int) x, (int) y, 1, 1 };

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (self, &where);
}

static void
menu_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GdkRectangle where = { 12, gtk_widget_get_height (widget) - 6, 1, 1 };

  open_menu (DA_CONVERSATION_ROW (widget), &where);
}

static void
tell_reader (DaConversationRow *self, gboolean running, gboolean needs_you)
{
  g_autoptr(GString) text = g_string_new (gtk_label_get_text (self->subtitle));

  if (self->device_name != NULL)
    {
      g_autofree char *from = g_strdup_printf (_("From %s. "), self->device_name);

      g_string_prepend (text, from);
    }
  if (running)
    g_string_prepend (text, _("An answer is being made. "));
  if (needs_you)
    g_string_prepend (text, _("Needs you. "));
  if ((self->flags & DA_CONVERSATION_ROW_PINNED) != 0)
    g_string_prepend (text, _("Pinned. "));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (self->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

static void
show_marks (DaConversationRow *self)
{
  gboolean running = self->session != NULL
                     && da_session_get_status (self->session) == DA_SESSION_ACTIVE;
  gboolean needs_you = FALSE;

  if (self->session != NULL)
    g_object_get (self->session, "needs-input", &needs_you, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->running), running && !needs_you);
  gtk_spinner_set_spinning (self->running, running && !needs_you);
  gtk_widget_set_visible (self->needs_you, needs_you);
  tell_reader (self, running, needs_you);
}

void
da_conversation_row_set_session (DaConversationRow *self,
                                 DaSession         *session)
{
  if (self->session == session)
    {
      show_marks (self);
      return;
    }
  if (self->session != NULL)
    {
      g_clear_signal_handler (&self->session_ids[0], self->session);
      g_clear_signal_handler (&self->session_ids[1], self->session);
    }
  g_set_object (&self->session, session);
  if (session != NULL)
    {
      self->session_ids[0] = g_signal_connect_swapped (session, "notify::status",
                                                       G_CALLBACK (show_marks), self);
      self->session_ids[1] = g_signal_connect_swapped (session, "notify::needs-input",
                                                       G_CALLBACK (show_marks), self);
    }
  show_marks (self);
}

static void
da_conversation_row_dispose (GObject *object)
{
  DaConversationRow *self = DA_CONVERSATION_ROW (object);

  if (self->session != NULL)
    {
      g_clear_signal_handler (&self->session_ids[0], self->session);
      g_clear_signal_handler (&self->session_ids[1], self->session);
    }
  g_clear_object (&self->session);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), DA_TYPE_CONVERSATION_ROW);
  g_clear_object (&self->conversation);
  g_clear_pointer (&self->device_name, g_free);
  G_OBJECT_CLASS (da_conversation_row_parent_class)->dispose (object);
}

static void
da_conversation_row_class_init (DaConversationRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = da_conversation_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               DA_RESOURCE_BASE "/ui/da-conversation-row.ui");
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, title);
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, device);
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, pinned);
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, needs_you);
  gtk_widget_class_bind_template_child (widget_class, DaConversationRow, running);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary_pressed);
  gtk_widget_class_bind_template_callback (widget_class, on_long_pressed);
  gtk_widget_class_install_action (widget_class, "row.menu", NULL, menu_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "row.menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, "row.menu",
                                       NULL);
}

static void
da_conversation_row_init (DaConversationRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show (DaConversationRow *self)
{
  DaConversation *conversation = self->conversation;
  const char *title = *conversation->title != '\0' ? conversation->title : _("Untitled");
  gboolean found = (self->flags & DA_CONVERSATION_ROW_FOUND) != 0;
  g_autofree char *time = da_time_format_full (conversation->updated_at);
  g_autofree char *from = NULL;

  gtk_label_set_text (self->title, title);
  gtk_label_set_single_line_mode (self->subtitle, !found);
  gtk_label_set_wrap (self->subtitle, found);
  gtk_label_set_lines (self->subtitle, found ? 2 : -1);
  if (found)
    {
      g_autofree char *plain = da_conversation_row_plain (conversation->preview);
      g_autofree char *markup = da_conversation_row_markup (plain);

      gtk_label_set_markup (self->subtitle, markup);
    }
  else
    {
      g_autofree char *plain = da_conversation_row_plain (conversation->last_message);

      gtk_label_set_text (self->subtitle, plain);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle),
                          *gtk_label_get_text (self->subtitle) != '\0');
  gtk_widget_set_visible (self->pinned, (self->flags & DA_CONVERSATION_ROW_PINNED) != 0);
  gtk_widget_set_visible (self->device, self->device_name != NULL);
  if (self->device_name != NULL)
    {
      from = g_strdup_printf (_("From %s"), self->device_name);
      gtk_widget_set_tooltip_text (self->device, from);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), time);
}

void
da_conversation_row_set_conversation (DaConversationRow      *self,
                                      DaConversation         *conversation,
                                      DaConversationRowFlags  flags,
                                      const char             *device_name)
{
  /* What the menu offers, and for which conversation, is in it. */
  if (self->conversation != NULL
      && (strcmp (self->conversation->id, conversation->id) != 0 || self->flags != flags))
    g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_set_object (&self->conversation, conversation);
  self->flags = flags;
  g_free (self->device_name);
  self->device_name = g_strdup (device_name);
  show (self);
  show_marks (self);
}

GtkWidget *
da_conversation_row_new (DaConversation         *conversation,
                         DaConversationRowFlags  flags,
                         const char             *device_name)
{
  DaConversationRow *self = g_object_new (DA_TYPE_CONVERSATION_ROW, NULL);

  da_conversation_row_set_conversation (self, conversation, flags, device_name);
  return GTK_WIDGET (self);
}

DaConversation *
da_conversation_row_get_conversation (DaConversationRow *self)
{
  return self->conversation;
}
