/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaSettingsChoiceRow:
 *
 * A list to choose from for a setting with fixed choices. The model's strings stand in the order
 * of the table's choices; with one string more, the first means "not set".
 */
#define DA_TYPE_SETTINGS_CHOICE_ROW (da_settings_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (DaSettingsChoiceRow, da_settings_choice_row, DA, SETTINGS_CHOICE_ROW,
                      AdwComboRow)

G_END_DECLS
