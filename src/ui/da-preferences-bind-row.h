/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaPreferencesBindRow:
 *
 * Chooses where the server listens: this computer only, one of this machine's networks by name and
 * address, or all of them. What the settings say stays a choice even when the address is gone.
 */
#define DA_TYPE_PREFERENCES_BIND_ROW (da_preferences_bind_row_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesBindRow, da_preferences_bind_row, DA, PREFERENCES_BIND_ROW,
                      AdwComboRow)

/* (element-type DaNetworkAddress): this machine's now */
void da_preferences_bind_row_set_addresses (DaPreferencesBindRow *self,
                                            GPtrArray            *addresses);
/* TRUE: networks by their kind only, no names and addresses. */
void da_preferences_bind_row_set_hides     (DaPreferencesBindRow *self,
                                            gboolean              hides);

G_END_DECLS
