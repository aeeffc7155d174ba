/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaSettingsSwitchRow:
 *
 * A row with a switch for a boolean setting. AdwSwitchRow is newer than our floor.
 */
#define DA_TYPE_SETTINGS_SWITCH_ROW (da_settings_switch_row_get_type ())
G_DECLARE_FINAL_TYPE (DaSettingsSwitchRow, da_settings_switch_row, DA, SETTINGS_SWITCH_ROW,
                      AdwActionRow)

G_END_DECLS
