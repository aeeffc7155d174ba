/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPairingDialog:
 *
 * Shows a fresh code for one phone, through which address, for how long, and what becomes of it.
 * The code dies with the dialog unless it was used. When nobody could use a code, the dialog says
 * so and offers the remedy instead of a code that cannot work.
 */
#define DA_TYPE_PAIRING_DIALOG (da_pairing_dialog_get_type ())
G_DECLARE_FINAL_TYPE (DaPairingDialog, da_pairing_dialog, DA, PAIRING_DIALOG, AdwWindow)

/* @parent: (nullable) */
DaPairingDialog *da_pairing_dialog_new      (DaEngine        *engine,
                                             GtkWindow       *parent);
/* (nullable) (transfer full): the link that is on the screen */
char            *da_pairing_dialog_dup_link (DaPairingDialog *self);

G_END_DECLS
