/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-device-record.h"
#include "da-store.h"

G_BEGIN_DECLS

/* Paired devices: verbs on DaStore. */

/* (element-type DaDeviceRecord): those that are not revoked, last seen first. */
void       da_store_list_devices_async  (DaStore *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *da_store_list_devices_finish (DaStore *self, GAsyncResult *result, GError **error);
/* Inserts or updates by id. Without @durable (a new "last seen") a crash of the machine may lose
 * it. */
void       da_store_put_device_async    (DaStore *self, const DaDeviceRecord *record,
                                         gboolean durable, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
gboolean   da_store_put_device_finish   (DaStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
