/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-shortcuts"

#include "config.h"

#include "da-shortcuts-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* GtkShortcutsWindow lays its groups out in columns that do not fit a narrow window, and has to be
 * built with every window; this one is a list as in the settings, made when asked for. */

static const struct {
  const char *group;           /* of this and of those that follow */
  const char *title;
  const char *keys;
} rows[] = {
  { NC_ ("shortcut window", "General"),
    NC_ ("shortcut window", "Settings"), "<ctrl>comma" },
  { NULL, NC_ ("shortcut window", "Keyboard shortcuts"), "<ctrl>question" },
  { NULL, NC_ ("shortcut window", "Main menu"), "F10" },
  { NULL, NC_ ("shortcut window", "Close window"), "<ctrl>w" },
  { NULL, NC_ ("shortcut window", "Quit"), "<ctrl>q" },
  { NC_ ("shortcut window", "Conversations"),
    NC_ ("shortcut window", "New conversation"), "<ctrl>n" },
  { NULL, NC_ ("shortcut window", "Try a failed answer again"), "<ctrl>r" },
  { NULL, NC_ ("shortcut window", "Search"), "<ctrl>f" },
  { NULL, NC_ ("shortcut window", "Previous conversation"), "<ctrl>Page_Up" },
  { NULL, NC_ ("shortcut window", "Next conversation"), "<ctrl>Page_Down" },
  { NULL, NC_ ("shortcut window", "Rename"), "F2" },
  { NULL, NC_ ("shortcut window", "Export as Markdown"), "<ctrl><shift>e" },
  { NULL, NC_ ("shortcut window", "Conversation menu"), "<shift>F10" },
  { NC_ ("shortcut window", "Messages"),
    NC_ ("shortcut window", "Send"), "Return" },
  { NULL, NC_ ("shortcut window", "New line"), "<shift>Return" },
  { NULL, NC_ ("shortcut window", "Stop the answer"), "Escape" },
  { NULL, NC_ ("shortcut window", "Copy message"), "<ctrl>c" },
  { NULL, NC_ ("shortcut window", "Newest message"), "<ctrl>End" },
};

static GtkWidget *
row_new (const char *title, const char *keys)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *label = gtk_shortcut_label_new (keys);
  g_autofree char *spoken = NULL;
  GdkModifierType modifiers;
  guint key;

  gtk_accelerator_parse (keys, &key, &modifiers);
  spoken = gtk_accelerator_get_label (key, modifiers);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  spoken, -1);
  return row;
}

GtkWindow *
da_shortcuts_window_new (GtkWindow *parent)
{
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group = NULL;
  GtkWidget *window = g_object_new (ADW_TYPE_PREFERENCES_WINDOW,
                                    "title", _("Keyboard Shortcuts"),
                                    "transient-for", parent,
                                    "modal", TRUE,
                                    "destroy-with-parent", TRUE,
                                    "hide-on-close", TRUE,
                                    "default-width", 480,
                                    "default-height", 640,
                                    NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].group != NULL)
        {
          group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
          adw_preferences_group_set_title (group, g_dpgettext2 (NULL, "shortcut window",
                                                                rows[i].group));
          adw_preferences_page_add (page, group);
        }
      adw_preferences_group_add (group, row_new (g_dpgettext2 (NULL, "shortcut window",
                                                               rows[i].title),
                                                 rows[i].keys));
    }
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), page);
  return GTK_WINDOW (window);
}
