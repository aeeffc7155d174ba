/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-links"

#include "config.h"

#include "da-application-private.h"

#include <string.h>

#include <glib/gi18n.h>

/*
 * dotagents:// links. Any web page can open one, so none changes anything: the dialog shows what
 * was in it and has only a button to close. A link that pairs is for a phone (contract 10 1.10).
 */

#define MAX_SHOWN 400

/* What a person may see of a value: keys stay hidden, the rest is whole up to a limit. */
static char *
shown (const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (strstr (lower, "key") != NULL || strstr (lower, "token") != NULL
      || strstr (lower, "secret") != NULL || strstr (lower, "password") != NULL)
    return g_strdup_printf (_("hidden (%u characters)"), (guint) g_utf8_strlen (valid, -1));
  if (g_utf8_strlen (valid, -1) > MAX_SHOWN)
    {
      g_autofree char *cut = g_utf8_substring (valid, 0, MAX_SHOWN);

      return g_strconcat (cut, "…", NULL);
    }
  return g_steal_pointer (&valid);
}

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
contents_new (GUri *uri)
{
  GtkWidget *list = gtk_list_box_new ();
  g_autofree char *kind = shown ("kind", g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : "");
  GUriParamsIter iter;
  char *name;
  char *value;

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  add_row (GTK_LIST_BOX (list), _("Kind"), kind);
  if (g_uri_get_query (uri) == NULL)
    return list;
  g_uri_params_iter_init (&iter, g_uri_get_query (uri), -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      g_autofree char *owned_name = name;
      g_autofree char *owned_value = value;
      g_autofree char *text = shown (name, value);
      g_autofree char *label = shown ("name", name);

      add_row (GTK_LIST_BOX (list), label, text);
    }
  return list;
}

void
_da_application_open_link (DaApplication *self,
                           const char    *uri)
{
  g_autoptr(GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED, NULL);
  gboolean pairing;
  GtkWidget *dialog;

  if (self->window == NULL)
    return;
  if (parsed == NULL || strcmp (g_uri_get_scheme (parsed), "dotagents") != 0)
    {
      da_window_toast (self->window, _("This link is not for DotAgents"));
      return;
    }
  pairing = g_strcmp0 (g_uri_get_host (parsed), "config") == 0;
  dialog = adw_message_dialog_new (GTK_WINDOW (self->window),
                                   pairing ? _("This Link Is for a Phone")
                                           : _("This Link Does Nothing Here"), NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                               pairing ? _("It connects the DotAgents app on a phone with a "
                                           "computer. Open it on the phone, or scan the code. "
                                           "Nothing was changed on this computer.")
                                       : _("Nothing was changed. This is what it says:"));
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), contents_new (parsed));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}
