/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaStrvRow:
 *
 * An editable list of texts for a setting that is one: unfolds to the items, each with a button to
 * remove it, and an entry to add another. Properties besides those of DaSettingLink: "add-title"
 * (of the entry), "empty" (shown when there is none), "any" (what "*" means, in words), "check"
 * ("origin" or "host": what an item has to be, see da-strv-check.h).
 */
#define DA_TYPE_STRV_ROW (da_strv_row_get_type ())
G_DECLARE_FINAL_TYPE (DaStrvRow, da_strv_row, DA, STRV_ROW, AdwExpanderRow)

/* Adds @text to the list of setting @name, for a button elsewhere. Says so in a toast. */
void da_strv_row_append (GtkWidget *widget, GObject *settings, const char *name,
                         const char *text);

G_END_DECLS
