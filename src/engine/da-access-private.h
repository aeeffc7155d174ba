/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-access.h"
#include "da-secrets.h"
#include "da-settings.h"

G_BEGIN_DECLS

/* For the engine only. */

DaAccess *_da_access_new         (void);
/* Finds the API key: environment, secret store, a key another program left in the shared folder
 * (literal or dotagents-secret:// reference, contract 10 1.11); makes one when there is none at all. A locked
 * keyring is not an error: there is no key then, every request is refused, and the notice says so. */
void      _da_access_load_async  (DaAccess *self, DaSecrets *secrets, DaSettings *settings,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean  _da_access_load_finish (DaAccess *self, GAsyncResult *result, GError **error);
gboolean  _da_access_was_made    (DaAccess *self);
/* (nullable): why there is no key. */
const char *_da_access_get_problem (DaAccess *self);

G_END_DECLS
