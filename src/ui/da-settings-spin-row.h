/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaSettingsSpinRow:
 *
 * A row with a spin button for a whole-number setting; its range is the table's. A change is
 * applied when the person pauses, so that turning the wheel is one change. AdwSpinRow is newer
 * than our floor. Signal "value-changed": the number on the screen changed, applied or not.
 */
#define DA_TYPE_SETTINGS_SPIN_ROW (da_settings_spin_row_get_type ())
G_DECLARE_FINAL_TYPE (DaSettingsSpinRow, da_settings_spin_row, DA, SETTINGS_SPIN_ROW, AdwActionRow)

/* The number on the screen. */
int da_settings_spin_row_get_value (DaSettingsSpinRow *self);

G_END_DECLS
