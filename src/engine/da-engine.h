/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-access.h"
#include "da-audit-log.h"
#include "da-chat-request.h"
#include "da-conversation.h"
#include "da-remote-access.h"
#include "da-request-log.h"
#include "da-run.h"
#include "da-session.h"
#include "da-settings.h"

G_BEGIN_DECLS

typedef struct {
  const char        *data_dir;       /* private data, 0700 */
  const char        *state_dir;      /* logs, audit, diagnostics, 0700 */
  const char        *agents_dir;     /* the global layer, usually ~/.agents */
  const char        *workspace_dir;  /* (nullable) the workspace layer */
  /* (nullable) NULL-terminated "name=value" of the command line */
  const char *const *overrides;
  gboolean           allow_keyring;
} DaEngineOptions;

/**
 * DaEngine:
 *
 * The product without a face: settings, secrets, store, providers, sessions and runs. The one
 * context object; there are no globals. Main thread. The server and the window are two readers of
 * the same engine and never meet.
 *
 * Properties: "secrets-locked" (boolean, notify): the keyring is locked and keys could not be read.
 * Signals: "conversation-changed" (string id; NULL: several) after a stored conversation changed.
 */
#define DA_TYPE_ENGINE (da_engine_get_type ())
G_DECLARE_FINAL_TYPE (DaEngine, da_engine, DA, ENGINE, GObject)

/* Loads the settings; does no other I/O. */
DaEngine       *da_engine_new                (const DaEngineOptions *options);
/* Opens secrets and store, makes the API key at the first start. Errors: DA_ERROR_CONFLICT (another
 * process owns the data folder; the message names it), store errors. */
void            da_engine_start_async        (DaEngine *self, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
gboolean        da_engine_start_finish       (DaEngine *self, GAsyncResult *result, GError **error);
/* Cancels runs (their text is stored), flushes, closes. At most five seconds. */
void            da_engine_stop_async         (DaEngine *self, GAsyncReadyCallback callback,
                                              gpointer user_data);
gboolean        da_engine_stop_finish        (DaEngine *self, GAsyncResult *result, GError **error);

/* (transfer none) */
DaSettings     *da_engine_get_settings       (DaEngine *self);
DaAccess       *da_engine_get_access         (DaEngine *self);
DaRemoteAccess *da_engine_get_remote_access  (DaEngine *self);
DaAuditLog     *da_engine_get_audit_log      (DaEngine *self);
/* The last requests, for the window; the server adds. */
DaRequestLog   *da_engine_get_request_log    (DaEngine *self);
/* GListModel of DaSession: active first, then the last 20 finished, newest first. */
GListModel     *da_engine_get_sessions       (DaEngine *self);
DaSession      *da_engine_find_session       (DaEngine *self, const char *session_id);
DaSession      *da_engine_find_session_for   (DaEngine *self, const char *conversation_id);
/* TRUE when the API key was made by this very start. */
gboolean        da_engine_is_first_start     (DaEngine *self);
/* (nullable): what a person must know: a database kept aside, a setting that is wrong. */
char          **da_engine_dup_notices        (DaEngine *self);
gboolean        da_engine_get_secrets_locked (DaEngine *self);
/* (transfer full) (nullable): the file that keys are kept in because no keyring answers; a person
 * is told where keys are entered. */
char           *da_engine_dup_secrets_file   (DaEngine *self);
/* For a person's click: asks for the keyring's password, then reads the keys that were missing, so
 * that server and providers go on. DA_ERROR_LOCKED: refused, or nobody answered. */
void            da_engine_unlock_secrets_async  (DaEngine *self, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
gboolean        da_engine_unlock_secrets_finish (DaEngine *self, GAsyncResult *result,
                                                 GError **error);
const char     *da_engine_get_data_dir       (DaEngine *self);
const char     *da_engine_get_state_dir      (DaEngine *self);
gint64          da_engine_get_start_time     (DaEngine *self);   /* Unix ms */

/**
 * da_engine_chat_async:
 *
 * Asks. Completes when the question is stored and the run exists, or waits in its conversation's
 * queue (state queued). The same question to a conversation whose run is still going
 * answers with that run (contract 10 10.5). Errors: DA_ERROR_INVALID, DA_ERROR_NOT_FOUND (profile),
 * DA_ERROR_NO_SPACE, DA_ERROR_BUSY (too many runs or a full queue).
 *
 * Returns (finish): (transfer full): the run
 */
void            da_engine_chat_async         (DaEngine *self, DaChatRequest *request,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
DaRun          *da_engine_chat_finish        (DaEngine *self, GAsyncResult *result, GError **error);
/* (transfer full) (nullable): a run that is going, queued, or ended a short while ago. */
DaRun          *da_engine_find_run           (DaEngine *self, const char *run_id);
/* One that ended, as it is stored. DA_ERROR_NOT_FOUND. (transfer full) */
void            da_engine_load_run_async     (DaEngine *self, const char *run_id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
DaRunJournal   *da_engine_load_run_finish    (DaEngine *self, GAsyncResult *result,
                                              GError **error);

/* Stops the runs and the queue of one session; (transfer full): the conversation ids whose
 * queue was paused. */
char          **da_engine_stop_session       (DaEngine *self, const char *session_id);
typedef struct { guint sessions, processes_killed, processes_remaining; } DaStopReport;
void            da_engine_emergency_stop     (DaEngine *self, DaStopReport *report);
/* Dismisses finished sessions; @session_id NULL: all of them. Returns how many. */
guint           da_engine_clear_sessions     (DaEngine *self, const char *session_id);

G_END_DECLS
