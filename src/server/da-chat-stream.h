/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-chat-request.h"
#include "da-request.h"
#include "da-run.h"

G_BEGIN_DECLS

/* Answers @request with the run as an event stream, from its first event on. */
void da_chat_stream_start  (DaRequest     *request,
                            DaRun         *run,
                            DaChatRequest *chat);
/* Answers @request with one JSON document when the run has ended. */
void da_chat_answer_start  (DaRequest     *request,
                            DaRun         *run,
                            DaChatRequest *chat);

G_END_DECLS
