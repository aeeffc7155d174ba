/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-device.h"
#include "da-device-record.h"

G_BEGIN_DECLS

/* For DaAccess only. */
DaDevice             *_da_device_new_waiting   (unsigned scopes);
DaDevice             *_da_device_new_stored    (const DaDeviceRecord *record);
const DaDeviceRecord *_da_device_get_record    (DaDevice *self);
DaIdentity           *_da_device_get_identity  (DaDevice *self);
void                  _da_device_claim         (DaDevice *self, const char *user_agent);
void                  _da_device_seen          (DaDevice *self, const char *address,
                                                const char *user_agent);
void                  _da_device_set_client_id (DaDevice *self, const char *client_id);
void                  _da_device_set_name      (DaDevice *self, const char *name);
void                  _da_device_set_scopes    (DaDevice *self, unsigned scopes);
void                  _da_device_revoke        (DaDevice *self);
void                  _da_device_restore       (DaDevice *self);
void                  _da_device_expire        (DaDevice *self);
void                  _da_device_add_requests  (DaDevice *self, int delta);
/* TRUE once a minute at most: "last seen" is worth storing again. */
gboolean              _da_device_should_store  (DaDevice *self);

G_END_DECLS
