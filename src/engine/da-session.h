/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-run.h"

G_BEGIN_DECLS

typedef enum {
  DA_SESSION_ACTIVE,
  DA_SESSION_COMPLETED,
  DA_SESSION_ERROR,
  DA_SESSION_STOPPED,
} DaSessionStatus;

/**
 * DaSession:
 *
 * The engine's work on one conversation (contract 10 5.1): its current run, the runs that wait, its
 * state. Properties (all notify): "status" (int), "title" (string), "run" (DaRun, nullable),
 * "queue-length" (uint; also when only a text in the queue changed), "snoozed" (boolean),
 * "needs-input" (boolean: a question of the queue failed, or waits while nothing runs).
 */
#define DA_TYPE_SESSION (da_session_get_type ())
G_DECLARE_FINAL_TYPE (DaSession, da_session, DA, SESSION, GObject)

const char      *da_session_get_id              (DaSession *self);
const char      *da_session_get_conversation_id (DaSession *self);
const char      *da_session_get_title           (DaSession *self);
const char      *da_session_get_device_name     (DaSession *self);   /* (nullable) who began it */
DaSessionStatus  da_session_get_status          (DaSession *self);
const char      *da_session_status_to_string    (DaSessionStatus status);
gint64           da_session_get_start_time      (DaSession *self);
gint64           da_session_get_end_time        (DaSession *self);   /* 0 while active */
/* (nullable) current or last */
DaRun           *da_session_get_run             (DaSession *self);
guint            da_session_get_queue_length    (DaSession *self);
gboolean         da_session_get_snoozed         (DaSession *self);
void             da_session_set_snoozed         (DaSession *self, gboolean snoozed);

G_END_DECLS
