/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * DaBanner:
 *
 * A strip with a sentence and a button above the content. AdwBanner is newer than our floor.
 * Properties: "title", "button-label" (string, nullable), "revealed" (boolean). Signal
 * "button-clicked".
 */
#define DA_TYPE_BANNER (da_banner_get_type ())
G_DECLARE_FINAL_TYPE (DaBanner, da_banner, DA, BANNER, GtkWidget)

/* (transfer floating) */
GtkWidget *da_banner_new              (const char *title);
/* Plain text, no markup. */
void       da_banner_set_title        (DaBanner   *self,
                                       const char *title);
/* @label: (nullable): with a mnemonic; NULL: no button */
void       da_banner_set_button_label (DaBanner   *self,
                                       const char *label);
/* Slides in or out. */
void       da_banner_set_revealed     (DaBanner   *self,
                                       gboolean    revealed);

G_END_DECLS
