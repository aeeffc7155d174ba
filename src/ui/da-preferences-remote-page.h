/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRemotePage:
 *
 * Settings > Remote Server. Changes settings and reads the engine's status objects; it never sees
 * the server. The first row is computed from all of them (da-preferences-remote-watch.h).
 */
#define DA_TYPE_PREFERENCES_REMOTE_PAGE (da_preferences_remote_page_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemotePage, da_preferences_remote_page, DA,
                      PREFERENCES_REMOTE_PAGE, AdwPreferencesPage)

/* Once, after creation. */
void da_preferences_remote_page_set_engine (DaPreferencesRemotePage *self,
                                            DaEngine                *engine);
/* Opens the dialog with the code. */
void da_preferences_remote_page_pair       (DaPreferencesRemotePage *self);

G_END_DECLS
