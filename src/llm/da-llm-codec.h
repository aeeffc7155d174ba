/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-error.h"
#include "da-llm-request.h"

G_BEGIN_DECLS

typedef enum {
  DA_LLM_WIRE_STREAM_OPTIONS = 1 << 0,  /* ask for usage in a stream */
  DA_LLM_WIRE_CACHE_KEY      = 1 << 1,  /* send the conversation id as prompt_cache_key */
} DaLlmWireFlags;

/* (transfer full): the body of POST {base}/chat/completions for @request. */
GBytes *da_llm_codec_write_request (DaLlmRequest   *request,
                                    DaLlmWireFlags  flags);

/**
 * DaLlmCodec:
 *
 * Reads one answer of the chat-completions dialect: chunks of a stream, or one whole completion.
 * Turns text into events as it comes and collects the rest. Pure: no I/O, no clock.
 */
typedef struct _DaLlmCodec DaLlmCodec;

/* @provider_name is for error sentences; @func (nullable) is called from within the read. */
DaLlmCodec  *da_llm_codec_new          (const char      *provider_name,
                                        DaLlmEventFunc   func,
                                        gpointer         func_data);
void         da_llm_codec_free         (DaLlmCodec      *self);
/* One JSON document: a chunk, a whole completion or an error object. FALSE (DA_LLM_ERROR) ends the
 * answer; what came before it has been delivered. */
gboolean     da_llm_codec_read         (DaLlmCodec      *self,
                                        const char      *json,
                                        gsize            length,
                                        GError         **error);
/* TRUE once a choice was seen at all; TRUE once the provider said why it stopped. */
gboolean     da_llm_codec_has_choice   (DaLlmCodec      *self);
gboolean     da_llm_codec_is_finished  (DaLlmCodec      *self);
/* (transfer full): flushes waiting text, announces the tool calls, hands over the result. Once. */
DaLlmResult *da_llm_codec_take_result  (DaLlmCodec      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmCodec, da_llm_codec_free)

G_END_DECLS
