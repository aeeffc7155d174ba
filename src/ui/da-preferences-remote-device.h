/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-access-devices.h"
#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRemoteDevice:
 *
 * One paired device: what it is doing, its name, what it may do, and the button that cuts it off.
 * Changes go to DaAccess; a change that fails is put back and said in a toast.
 */
#define DA_TYPE_PREFERENCES_REMOTE_DEVICE (da_preferences_remote_device_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemoteDevice, da_preferences_remote_device, DA,
                      PREFERENCES_REMOTE_DEVICE, AdwExpanderRow)

/* (transfer floating) */
GtkWidget *da_preferences_remote_device_new      (DaEngine                  *engine,
                                                  DaDevice                  *device);
/* (transfer none) */
DaDevice  *da_preferences_remote_device_get      (DaPreferencesRemoteDevice *self);
/* Shows how long ago it was seen again. */
void       da_preferences_remote_device_refresh  (DaPreferencesRemoteDevice *self);
/* @hides: streamer mode: no addresses */
void       da_preferences_remote_device_set_hides (DaPreferencesRemoteDevice *self,
                                                   gboolean                   hides);

G_END_DECLS
