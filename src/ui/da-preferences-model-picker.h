/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesModelPicker:
 *
 * The sub-page with the provider's own list of models and a search. What is typed can be used as it
 * is: not every provider lists all it has. Signal "picked" (string id).
 */
#define DA_TYPE_PREFERENCES_MODEL_PICKER (da_preferences_model_picker_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesModelPicker, da_preferences_model_picker, DA,
                      PREFERENCES_MODEL_PICKER, GtkBox)

/* @current: (nullable): gets a check mark. (transfer floating) */
GtkWidget *da_preferences_model_picker_new (DaEngine   *engine,
                                            const char *provider_id,
                                            const char *current);

G_END_DECLS
