/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-device.h"

G_BEGIN_DECLS

/* The devices of DaAccess. */

/* (transfer none): GListModel of DaDevice: paired ones, last seen first; no waiting codes. */
GListModel *da_access_get_devices            (DaAccess    *self);
/* (transfer none) (nullable) */
DaDevice   *da_access_find_device            (DaAccess    *self,
                                              const char  *id);

/* (transfer full): a fresh code. The first request with its key claims it. It ends after
 * DA_PAIRING_SECONDS, with da_access_end_pairing(), or with the program. */
DaDevice   *da_access_begin_pairing          (DaAccess    *self,
                                              unsigned     scopes);
/* Closes the code when nobody has used it; a claimed device stays. */
void        da_access_end_pairing            (DaAccess    *self,
                                              DaDevice    *device);

/* What a request tells of itself; contract 10 1.3. */
void        da_access_note_client_id         (DaAccess    *self,
                                              DaIdentity  *identity,
                                              const char  *client_id);
/* A request of @identity begins (+1) or ends (-1): what the device is doing now. */
void        da_access_note_request           (DaAccess    *self,
                                              DaIdentity  *identity,
                                              int          delta);

/* All durable, all complete after the store has them. Errors: DA_ERROR_NOT_FOUND, store errors; the
 * device is then as it was before, but one that was to be cut off stays so while the program runs:
 * the error says that this is not stored, and revoking it again tries again. */
void        da_access_rename_device_async    (DaAccess *self, const char *id, const char *name,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
void        da_access_set_scopes_async       (DaAccess *self, const char *id, unsigned scopes,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
/* Its key is refused from now on and its open requests end; @id NULL: all devices. */
void        da_access_revoke_device_async    (DaAccess *self, const char *id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
/* Undo of a revoke, while the program runs. */
void        da_access_restore_device_async   (DaAccess *self, const char *id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
gboolean    da_access_device_finish          (DaAccess *self, GAsyncResult *result, GError **error);

/* (transfer full): "chat,manage" and back; FALSE with DA_ERROR_INVALID for an unknown word. */
char       *da_scopes_to_string              (unsigned     scopes);
gboolean    da_scopes_parse                  (const char  *text,
                                              unsigned    *out,
                                              GError     **error);

G_END_DECLS
