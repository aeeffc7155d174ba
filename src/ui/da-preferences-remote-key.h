/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRemoteKey:
 *
 * The group with the API key for scripts: masked, reveal, copy, replace, and examples.
 */
#define DA_TYPE_PREFERENCES_REMOTE_KEY (da_preferences_remote_key_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemoteKey, da_preferences_remote_key, DA,
                      PREFERENCES_REMOTE_KEY, AdwPreferencesGroup)

/* Once, after creation, and NULL when its page goes (da_setting_link_bind_all() says why). */
void da_preferences_remote_key_set_engine (DaPreferencesRemoteKey *self,
                                           DaEngine               *engine);
/* What the examples call; ends in /v1. */
void da_preferences_remote_key_set_url    (DaPreferencesRemoteKey *self,
                                           const char             *url);

G_END_DECLS
