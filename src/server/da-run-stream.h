/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-request.h"
#include "da-run.h"

G_BEGIN_DECLS

/* The events of a run as an event stream, each with its number as "id" (WHATWG HTML, section
 * "Server-sent events"): a client that was cut off asks for what comes after the last it has. Of
 * our own; the chat route's stream keeps to the contract and has no numbers. Main thread. */

/* @after: the number of the last event the client has; 0: from the first. Answers with 400 when
 * there is no such event. */
void da_run_stream_start         (DaRequest    *request,
                                  DaRun        *run,
                                  guint64       after);
/* The same of a run that ended. Takes @journal. */
void da_run_stream_start_stored  (DaRequest    *request,
                                  DaRunJournal *journal,
                                  guint64       after);

G_END_DECLS
