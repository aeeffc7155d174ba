/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaCopyRow:
 *
 * A row with a value to copy: an address, a key, a line of code. Properties: "value" (string);
 * "secret" (boolean): shown as dots until the person reveals it, again as dots when the row was out
 * of sight, and copied as a secret;
 * "code" (boolean): set in a fixed-width font.
 */
#define DA_TYPE_COPY_ROW (da_copy_row_get_type ())
G_DECLARE_FINAL_TYPE (DaCopyRow, da_copy_row, DA, COPY_ROW, AdwActionRow)

/* @value: (nullable): NULL shows a dash and cannot be copied */
void da_copy_row_set_value (DaCopyRow *self, const char *value);
/* Hides a revealed secret again. */
void da_copy_row_conceal   (DaCopyRow *self);

G_END_DECLS
