/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "da-message.h"

G_BEGIN_DECLS

typedef struct {
  DaRole  role;
  char   *content;        /* (nullable) text */
  char   *parts;          /* (nullable) JSON array of OpenAI content parts, instead of content */
  char   *tool_calls;     /* (nullable) JSON array of {id,type,function{name,arguments}} */
  char   *tool_call_id;   /* (nullable) for role tool */
} DaLlmMessage;

DaLlmMessage *da_llm_message_new  (DaRole role, const char *content);
void          da_llm_message_free (DaLlmMessage *message);

/**
 * DaLlmRequest: what is asked of a model. Filled by the engine, sealed by sending. Refcounted box.
 */
typedef struct {
  char       *model;             /* provider's model id */
  GPtrArray  *messages;          /* (element-type DaLlmMessage) */
  JsonNode   *tools;             /* (nullable) array of OpenAI function tools */
  JsonObject *extra;             /* (nullable) sampling fields passed on as they came: temperature,
                                    top_p, max_tokens, stop, seed, ...; n is left out */
  char       *reasoning_effort;  /* (nullable) */
  gboolean    stream;            /* FALSE only for providers that cannot */
  guint       max_retries;       /* apiRetryCount */
  guint       retry_base_ms;     /* apiRetryBaseDelay */
  guint       retry_max_ms;      /* apiRetryMaxDelay */
  guint       first_byte_timeout_s;  /* 0: default 120 */
  guint       idle_timeout_s;        /* between bytes of a stream; 0: default 120 */
  char       *conversation_id;   /* (nullable) for the offline responder and prompt caching */
} DaLlmRequest;

DaLlmRequest *da_llm_request_new   (const char *model);
DaLlmRequest *da_llm_request_ref   (DaLlmRequest *self);
void          da_llm_request_unref (DaLlmRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmRequest, da_llm_request_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmMessage, da_llm_message_free)

typedef enum {
  DA_LLM_EVENT_TEXT,          /* text: newly produced visible text, whole code points */
  DA_LLM_EVENT_REASONING,     /* text: newly produced reasoning, shown apart, not replayed */
  DA_LLM_EVENT_TOOL_CALL,     /* a tool call is complete in result; text: its name (for progress) */
  DA_LLM_EVENT_RETRY,         /* attempt, max_attempts, delay_ms, text: reason */
  DA_LLM_EVENT_FIRST_BYTE,    /* the provider answered 200 */
  DA_LLM_EVENT_PAUSE,         /* all that has come so far was told. Every provider says so before it
                               * lets the main loop go on after text: what listens passes text on
                               * then, in one piece, and not in a turn of its own */
} DaLlmEventType;

typedef struct {
  DaLlmEventType type;
  const char    *text;
  gsize          length;
  guint          attempt, max_attempts, delay_ms;
} DaLlmEvent;

typedef void (*DaLlmEventFunc) (const DaLlmEvent *event, gpointer user_data);

typedef struct {
  char   *model;              /* (nullable) as the provider named it */
  char   *finish_reason;      /* "stop", "length", "tool_calls", "content_filter" */
  char   *tool_calls;         /* (nullable) JSON array in OpenAI form, complete */
  gint64  input_tokens;       /* -1 unknown */
  gint64  output_tokens;      /* -1 unknown */
  gint64  cached_tokens;      /* -1 unknown */
} DaLlmResult;

void da_llm_result_free (DaLlmResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmResult, da_llm_result_free)

typedef struct {
  char   *id;
  char   *name;               /* prettified, never NULL */
  char   *description;        /* (nullable) */
  gint64  context_length;     /* 0 unknown */
  gint64  created;            /* Unix seconds; 0 unknown */
} DaLlmModel;

DaLlmModel *da_llm_model_new  (const char *id);
DaLlmModel *da_llm_model_copy (const DaLlmModel *model);
void        da_llm_model_free (DaLlmModel *model);

G_END_DECLS
