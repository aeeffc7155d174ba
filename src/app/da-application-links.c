/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-links"

#include "config.h"

#include "da-application-private.h"

#include <glib/gi18n.h>

#include "da-link.h"

/*
 * dotagents:// links. Any web page can open one, so none changes anything: the dialog shows what
 * was in it and has only a button to close. A link that pairs is for a phone (contract 10 1.10).
 */

static void
add_row (GtkListBox *list, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  /* What comes from outside is never markup. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_list_box_append (list, row);
}

static GtkWidget *
contents_new (const DaLink *link)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  add_row (GTK_LIST_BOX (list), _("Kind"), link->kind);
  for (guint i = 0; i < link->values->len; i++)
    {
      const DaLinkValue *value = link->values->pdata[i];
      g_autofree char *hidden = NULL;

      if (value->value == NULL)
        hidden = g_strdup_printf (_("hidden (%u characters)"), value->n_hidden);
      add_row (GTK_LIST_BOX (list), value->name, hidden != NULL ? hidden : value->value);
    }
  if (link->n_more > 0)
    {
      g_autofree char *more = g_strdup_printf (ngettext ("%u more value", "%u more values",
                                                         link->n_more), link->n_more);

      add_row (GTK_LIST_BOX (list), more, NULL);
    }
  return list;
}

void
_da_application_open_link (DaApplication *self,
                           const char    *uri)
{
  g_autoptr(DaLink) link = da_link_parse (uri);
  GtkWidget *dialog;

  if (self->window == NULL)
    return;
  if (link == NULL)
    {
      da_window_toast (self->window, _("This link is not for DotAgents"));
      return;
    }
  /* One at a time, the newest: a page can open links faster than a person can close dialogs. */
  if (self->link_dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (self->link_dialog));
  dialog = adw_message_dialog_new (GTK_WINDOW (self->window),
                                   link->is_pairing ? _("This Link Is for a Phone")
                                                    : _("This Link Does Nothing Here"), NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                               link->is_pairing
                                 ? _("It connects the DotAgents app on a phone with a "
                                     "computer. Open it on the phone, or scan the code. "
                                     "Nothing was changed on this computer.")
                                 : _("Nothing was changed. This is what it says:"));
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), contents_new (link));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  g_set_weak_pointer (&self->link_dialog, dialog);
  gtk_window_present (GTK_WINDOW (dialog));
}
