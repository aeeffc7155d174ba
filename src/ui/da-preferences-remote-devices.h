/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRemoteDevices:
 *
 * The group of paired devices: one row each, in the order of DaAccess. Rows are kept while the list
 * changes, so that one a person has unfolded stays unfolded.
 */
#define DA_TYPE_PREFERENCES_REMOTE_DEVICES (da_preferences_remote_devices_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemoteDevices, da_preferences_remote_devices, DA,
                      PREFERENCES_REMOTE_DEVICES, AdwPreferencesGroup)

/* Once, after creation, and NULL when its page goes (da_setting_link_bind_all() says why). */
void da_preferences_remote_devices_set_engine (DaPreferencesRemoteDevices *self,
                                               DaEngine                   *engine);

G_END_DECLS
