/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui"

#include "config.h"

#include "da-ui.h"

#include <gtk/gtk.h>

#include "da-ui-resources.h"

void
da_ui_init (void)
{
  GtkIconTheme *icons;

  /* Naming it keeps the linker from dropping the object that registers it. */
  g_assert (da_ui_get_resource () != NULL);
  icons = gtk_icon_theme_get_for_display (gdk_display_get_default ());
  gtk_icon_theme_add_resource_path (icons, DA_RESOURCE_BASE "/icons");
}
