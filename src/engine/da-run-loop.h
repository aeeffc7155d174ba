/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine-private.h"
#include "da-run-private.h"

G_BEGIN_DECLS

/**
 * da_run_loop_start:
 * @started: (nullable) (transfer full): a task that returns the run once the question is stored, or
 *   the error that kept it from being stored; %NULL for a run that waited in a queue
 *
 * Drives one run from question to stored answer:
 *
 *   choose provider -> store the question -> build the prompt -> fit it -> ask -> store the answer
 *                                               ^                   |
 *                                               +-- does not fit ---+   (smaller target, three
 *                                               times)
 *
 * Every exit stores what was said and ends the run. Shaped so that a tool phase goes between
 * "ask" and "store the answer" and leads back to "build".
 */
void da_run_loop_start (DaEngine *engine, DaSession *session, DaRun *run, DaChatRequest *request,
                        GTask *started);

G_END_DECLS
