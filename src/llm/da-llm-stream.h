/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-error.h"
#include "da-llm-request.h"

G_BEGIN_DECLS

/* One event of a stream, and one unstreamed answer, may be this long. */
#define DA_LLM_STREAM_MAX_BYTES (8 * 1024 * 1024)

/**
 * DaLlmStream:
 *
 * The bytes of one successful response, in whatever pieces they come, to events and a result. Reads
 * an event stream, or a single JSON document from a provider that ignored "stream". Pure.
 */
typedef struct _DaLlmStream DaLlmStream;

typedef enum {
  DA_LLM_STREAM_MORE,     /* the answer goes on */
  DA_LLM_STREAM_TAIL,     /* the answer is complete; only counts and the end mark may follow */
  DA_LLM_STREAM_DONE,     /* the end mark was read */
  DA_LLM_STREAM_FAILED,
} DaLlmStreamState;

DaLlmStream      *da_llm_stream_new    (const char       *provider_name,
                                        DaLlmEventFunc    func,
                                        gpointer          func_data);
void              da_llm_stream_free   (DaLlmStream      *self);
/* After DONE or FAILED further bytes are ignored. */
DaLlmStreamState  da_llm_stream_feed   (DaLlmStream      *self,
                                        const char       *data,
                                        gsize             length);
/* (transfer full): no more bytes will come. @cut (nullable) is the transport's error; it counts
 * only when the answer was not complete. NULL with DA_LLM_ERROR. Call it once. */
DaLlmResult      *da_llm_stream_finish (DaLlmStream      *self,
                                        const GError     *cut,
                                        GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmStream, da_llm_stream_free)

G_END_DECLS
