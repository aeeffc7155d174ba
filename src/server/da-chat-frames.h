/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-conversation.h"
#include "da-json-writer.h"

G_BEGIN_DECLS

/**
 * DaChatFrames:
 *
 * Builds the frames of a chat stream (contract 10 2.4 to 2.7 and 2.12): each is one line that is a
 * chat.completion.chunk for an OpenAI SDK and an envelope for the mobile app at the same time.
 * Pure: text in, text appended. What frames have in common is made once, so that a delta costs
 * little.
 */
typedef struct {
  char     *id;            /* owned */
  char     *model;         /* owned; "" until known */
  gint64    created;       /* seconds */
  gboolean  with_usage;    /* chunks then carry "usage":null, as OpenAI's do */
  char     *prefix;        /* owned: up to the delta's value */
} DaChatFrames;

/* What a progress frame tells. All strings borrowed. */
typedef struct {
  const char     *session_id;
  guint           run_number;
  const char     *conversation_id;
  const char     *state;            /* "running", "complete", ... */
  gboolean        is_complete;
  gboolean        is_first;         /* its delta names the role */
  const char     *text;             /* (nullable) the answer so far */
  gsize           text_length;
  const char     *title;            /* (nullable) */
  const char     *provider;         /* (nullable) */
  const char     *retry;            /* (nullable) JSON object */
  const char     *step;             /* (nullable) JSON object */
  gboolean        with_history;
  DaConversation *conversation;     /* (nullable) */
  DaMessage      *answer;           /* (nullable) */
  const char     *prompt;           /* for a history without a conversation */
} DaChatProgress;

void  da_chat_frames_init          (DaChatFrames         *self,
                                    const char           *run_id,
                                    gint64                created,
                                    gboolean              with_usage);
void  da_chat_frames_clear         (DaChatFrames         *self);
void  da_chat_frames_set_model     (DaChatFrames         *self,
                                    const char           *model);
void  da_chat_frames_delta         (const DaChatFrames   *self,
                                    GString              *out,
                                    const char           *text,
                                    gsize                 length);
void  da_chat_frames_heartbeat     (const DaChatFrames   *self,
                                    GString              *out);
void  da_chat_frames_progress      (const DaChatFrames   *self,
                                    GString              *out,
                                    const DaChatProgress *progress);
/* @tool_calls: the whole calls, a JSON array in OpenAI's form. */
void  da_chat_frames_tool_calls    (const DaChatFrames   *self,
                                    GString              *out,
                                    const char           *tool_calls);
/* @progress: conversation, answer and prompt are used. */
void  da_chat_frames_done          (const DaChatFrames   *self,
                                    GString              *out,
                                    const char           *finish_reason,
                                    const char           *content,
                                    const DaChatProgress *progress);
void  da_chat_frames_usage         (const DaChatFrames   *self,
                                    GString              *out,
                                    gint64                input_tokens,
                                    gint64                output_tokens);
void  da_chat_frames_error         (GString              *out,
                                    const char           *message,
                                    const char           *kind);
/* The named event that iOS waits for, and the end for SDKs. */
void  da_chat_frames_end           (GString              *out);

/* The unstreamed answer (contract 10 2.3); @tool_calls (nullable). */
void  da_chat_frames_completion    (const DaChatFrames   *self,
                                    DaJsonWriter         *writer,
                                    const char           *finish_reason,
                                    const char           *content,
                                    const char           *tool_calls,
                                    gint64                input_tokens,
                                    gint64                output_tokens,
                                    const DaChatProgress *progress);
/* OpenAI's word for why an answer ended; pure. */
const char *da_chat_finish_reason  (const char           *reason);
/* How many of @length bytes are whole characters. */
gsize da_chat_whole_characters     (const char           *text,
                                    gsize                 length);

G_END_DECLS
