/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-chat-request.h"
#include "da-message-queue.h"

G_BEGIN_DECLS

/* For the files of the engine only; in da-engine-chat.c but the last. */

/* Starts the next waiting question if nothing runs and the queue is not paused. */
gboolean  _da_engine_start_next    (DaEngine *self, DaSession *session);
/* (transfer full): a run for @request, known by its id. */
DaRun    *_da_engine_make_run      (DaEngine *self, DaSession *session, DaChatRequest *request);
/* @run waits: when it is cancelled meanwhile, it ends without having begun. */
void      _da_engine_watch_waiting (DaEngine *self, DaSession *session, DaRun *run);
/* The conversation is gone: nothing waits for it any more. */
void      _da_engine_drop_queue    (DaEngine *self, DaSession *session);

G_END_DECLS
