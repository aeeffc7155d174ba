/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesModelsPage:
 *
 * Settings > Models: what answers now, the provider, its key (kept in the keyring and tried with
 * one call), its address and the model.
 */
#define DA_TYPE_PREFERENCES_MODELS_PAGE (da_preferences_models_page_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesModelsPage, da_preferences_models_page, DA,
                      PREFERENCES_MODELS_PAGE, AdwPreferencesPage)

/* Once, after creation. */
void da_preferences_models_page_set_engine (DaPreferencesModelsPage *self,
                                            DaEngine                *engine);

G_END_DECLS
