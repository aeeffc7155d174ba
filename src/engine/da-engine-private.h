/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"
#include "da-provider-pool.h"
#include "da-session-list.h"
#include "da-store.h"

G_BEGIN_DECLS

/* In the data folder; used where there is no keyring. */
#define DA_ENGINE_SECRETS_FILE "secrets.json"

/* For the files of the engine only. */
struct _DaEngine {
  GObject parent_instance;

  /* owned */
  char *data_dir;
  char *state_dir;
  DaSettings *settings;
  DaSecrets *secrets;              /* (nullable) until started */
  DaStore *store;
  DaAccess *access;
  DaRemoteAccess *remote_access;
  DaAuditLog *audit_log;
  DaRequestLog *request_log;
  DaProviderPool *pool;
  DaSessionList *sessions;
  GHashTable *runs;                /* id -> DaRun: queued, running, and a few that ended */
  GQueue ended;                    /* ids of the ended ones, oldest first */
  GCancellable *cancellable;       /* fires on stop: background work ends */
  GTask *stopping;                 /* (nullable) */

  gint64 start_time;
  guint active_runs;
  guint purge_source;
  guint stop_source;
  int lock_fd;
  guint allow_keyring : 1;
  guint started : 1;
};

enum {
  DA_ENGINE_CONVERSATION_CHANGED,
  DA_ENGINE_N_SIGNALS
};

/* @id: (nullable): several conversations changed. */
void     _da_engine_conversation_changed (DaEngine *self, const char *id);
/* A run reached its end: book-keeping, next in the queue, the stop that waits for it. */
void     _da_engine_run_ended            (DaEngine *self, DaRun *run);
/* Makes a title with the model, in the background (contract 10 9.11). Takes nothing. */
void     _da_engine_make_title           (DaEngine *self, DaProviderChoice *choice, DaRun *run);
/* Fills the list of finished sessions from the stored runs, in the background. */
void     _da_engine_load_sessions        (DaEngine *self);

G_END_DECLS
