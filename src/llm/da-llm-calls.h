/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-llm-request.h"
#include "da-llm-scan.h"

G_BEGIN_DECLS

/**
 * DaLlmCalls:
 *
 * Assembles the tool calls of one answer from their deltas. Providers differ: most number the calls
 * and send arguments in pieces, some leave the number out, some number every call 0, some send
 * whole calls with the arguments as an object. A new id begins a new call whatever the number says.
 */
typedef struct _DaLlmCalls DaLlmCalls;

DaLlmCalls *da_llm_calls_new      (void);
void        da_llm_calls_free     (DaLlmCalls     *self);
/* Consumes the value of a "tool_calls" member; returns the bytes it added. */
gsize       da_llm_calls_read     (DaLlmCalls     *self,
                                   DaLlmScan      *scan);
/* (transfer full) (nullable): an array in OpenAI form; NULL when there was no call. */
char       *da_llm_calls_to_json  (DaLlmCalls     *self);
/* One DA_LLM_EVENT_TOOL_CALL each. */
void        da_llm_calls_announce (DaLlmCalls     *self,
                                   DaLlmEventFunc  func,
                                   gpointer        func_data);

G_END_DECLS
