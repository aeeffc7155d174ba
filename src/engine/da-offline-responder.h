/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-llm-provider.h"
#include "da-store.h"

G_BEGIN_DECLS

/**
 * DaOfflineResponder:
 *
 * The embedded default: answers without network or model, from earlier conversations by full-text
 * search, and runs slash commands. Says plainly that it is no language model.
 */
#define DA_TYPE_OFFLINE_RESPONDER (da_offline_responder_get_type ())
G_DECLARE_FINAL_TYPE (DaOfflineResponder, da_offline_responder, DA, OFFLINE_RESPONDER,
                      DaLlmProvider)

DaLlmProvider *da_offline_responder_new (DaStore *store);

G_END_DECLS
