/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaWorker:
 *
 * One named thread with a FIFO of jobs. A job gets immutable input in its task data, does the
 * blocking work, and answers through the GTask; the callback runs on the main loop.
 * There are two in the program: the database's, and the slow one for files and large JSON.
 */
#define DA_TYPE_WORKER (da_worker_get_type ())
G_DECLARE_FINAL_TYPE (DaWorker, da_worker, DA, WORKER, GObject)

DaWorker *da_worker_new       (const char      *name);
/* (transfer none): created on first use. */
DaWorker *da_worker_get_slow  (void);
/* Runs @func on the thread; takes its own reference to @task. After da_worker_stop() the task
 * fails with G_IO_ERROR_CLOSED. A cancelled task that has not started is answered without running.
 * The task, its data and its source object are released in the context the answer goes to. */
void      da_worker_push      (DaWorker        *self,
                               GTask           *task,
                               GTaskThreadFunc  func);
/* Finishes queued jobs, joins the thread; idempotent. Main thread. */
void      da_worker_stop      (DaWorker        *self);
guint     da_worker_pending   (DaWorker        *self);

G_END_DECLS
