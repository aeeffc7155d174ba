/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-access.h"
#include "da-device.h"
#include "da-secrets.h"
#include "da-settings.h"
#include "da-store.h"

G_BEGIN_DECLS

/* For the engine only. */

/* The devices' part of DaAccess: da-access-devices.c, what people change of them
 * da-access-changes.c. */
typedef struct {
  DaStore    *store;           /* (nullable) until loaded */
  GListStore *devices;         /* DaDevice, paired */
  GPtrArray  *waiting;         /* DaDevice whose code is on a screen */
  GPtrArray  *revoked;         /* DaDevice that can be brought back */
  guint       expire_source;
} DaAccessDevices;

DaAccessDevices *_da_access_get_state         (DaAccess *self);
/* (transfer full) */
DaIdentity *_da_identity_new                  (DaIdentityKind kind, const char *name,
                                               unsigned scopes);
/* (transfer full) (nullable): @digest is 64 lower-case hexadecimal digits. */
DaIdentity *_da_access_authenticate_device    (DaAccess *self, const char *digest,
                                               const char *address, const char *user_agent);
void        _da_access_emit_paired            (DaAccess *self, DaDevice *device);
/* It was cut off, and the store could not be told. */
gboolean    _da_access_is_unstored            (DaDevice *device);
/* Hands every "last seen" to the store; before it closes. */
void        _da_access_flush_devices          (DaAccess *self);
void        _da_access_load_devices_async     (DaAccess *self, DaStore *store,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
gboolean    _da_access_load_devices_finish    (DaAccess *self, GAsyncResult *result,
                                               GError **error);

DaAccess *_da_access_new         (void);
/* Finds the API key: environment, secret store, a key another program left in the shared folder
 * (literal or dotagents-secret:// reference, contract 10 1.11); makes one when there is none at
 * all. A locked keyring is not an error: there is no key then, every request is refused, and
 * the notice says so. */
void      _da_access_load_async  (DaAccess *self, DaSecrets *secrets, DaSettings *settings,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean  _da_access_load_finish (DaAccess *self, GAsyncResult *result, GError **error);
gboolean  _da_access_was_made    (DaAccess *self);
/* (nullable): why there is no key. */
const char *_da_access_get_problem (DaAccess *self);

G_END_DECLS
