/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-request.h"

G_BEGIN_DECLS

/* The handlers of da-routes-conversations-write.c; the rows are in da-routes-conversations.c. */
void da_conversations_create     (DaRequest *request);
void da_conversations_put        (DaRequest *request);
void da_conversations_branch     (DaRequest *request);
void da_conversations_delete     (DaRequest *request);
void da_conversations_delete_all (DaRequest *request);

/* (nullable): the checked ":id"; when it breaks a rule, answers 400 itself and returns NULL. */
const char *da_conversations_need_id (DaRequest *request);

G_END_DECLS
