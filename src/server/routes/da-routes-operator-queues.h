/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-request.h"

G_BEGIN_DECLS

/* The handlers of da-routes-operator-queues.c; the rows are in da-routes-operator-sessions.c. */
void da_queues_list   (DaRequest *request);
void da_queues_pause  (DaRequest *request);
void da_queues_resume (DaRequest *request);
void da_queues_clear  (DaRequest *request);
void da_queues_remove (DaRequest *request);
void da_queues_retry  (DaRequest *request);
void da_queues_edit   (DaRequest *request);

G_END_DECLS
