/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaSettingsEntryRow:
 *
 * An entry with an apply button for a text setting.
 */
#define DA_TYPE_SETTINGS_ENTRY_ROW (da_settings_entry_row_get_type ())
G_DECLARE_FINAL_TYPE (DaSettingsEntryRow, da_settings_entry_row, DA, SETTINGS_ENTRY_ROW,
                      AdwEntryRow)

G_END_DECLS
