/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesGeneralPage:
 *
 * Settings > General: what a person has to know, appearance, conversations, folders.
 */
#define DA_TYPE_PREFERENCES_GENERAL_PAGE (da_preferences_general_page_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesGeneralPage, da_preferences_general_page, DA,
                      PREFERENCES_GENERAL_PAGE, AdwPreferencesPage)

/* Once, after creation. */
void da_preferences_general_page_set_engine (DaPreferencesGeneralPage *self,
                                             DaEngine                 *engine);

G_END_DECLS
