/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-conversation.h"
#include "da-message.h"
#include "da-run-event.h"

G_BEGIN_DECLS

/**
 * DaStore:
 *
 * The private database ($XDG_DATA_HOME/dotagents/dotagents.db, SQLite, WAL, synchronous=FULL) and
 * the attachments folder beside it. One connection on one DaWorker; every call is asynchronous and
 * answers on the main loop, in the order of the calls. A finished write is durable
 * (da_store_begin_run_async() tells how it differs). A write that
 * fails leaves nothing behind (one transaction each). Errors: DA_ERROR_NOT_FOUND, _INVALID,
 * _CONFLICT, _NO_SPACE (disk full), _BUSY (locked by another process for more than 5 s), _CORRUPT.
 */
#define DA_TYPE_STORE (da_store_get_type ())
G_DECLARE_FINAL_TYPE (DaStore, da_store, DA, STORE, GObject)

DaStore    *da_store_new               (const char           *data_dir);
/* Opens, migrates (resources data/sql/NNNN-name.sql), marks runs that were running as interrupted
 * and stores their partial text. A database that is not one, or fails its check, is renamed
 * to dotagents.db.corrupt-<date> (with -wal/-shm), a fresh one is made, and
 * da_store_get_recovery_notice() tells the person. */
void        da_store_open_async        (DaStore              *self,
                                        GCancellable         *cancellable,
                                        GAsyncReadyCallback   callback,
                                        gpointer              user_data);
gboolean    da_store_open_finish       (DaStore              *self,
                                        GAsyncResult         *result,
                                        GError              **error);
/* (nullable) (transfer none) */
const char *da_store_get_recovery_notice (DaStore            *self);
/* Finishes queued jobs, checkpoints, closes, joins the thread. Blocking but bounded. */
void        da_store_close             (DaStore              *self);

G_END_DECLS
