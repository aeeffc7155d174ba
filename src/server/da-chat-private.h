/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-run-event.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): "auth", "rate_limit", ... of the last event of a run that failed. */
char *_da_chat_dup_error_kind (const DaRunEvent *event);

G_END_DECLS
