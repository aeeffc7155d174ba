/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-run.h"

G_BEGIN_DECLS

/* For the run loop and the engine only. */

DaRun        *_da_run_new               (const char *conversation_id,
                                         const char *session_id,
                                         guint       number,
                                         const char *prompt,
                                         gboolean    cancel_on_disconnect);
/* How many messages the question came with: tells a repeated post from the same words asked
 * again. */
void          _da_run_set_request_size  (DaRun *self, guint n_messages);
void          _da_run_set_device_id     (DaRun *self, const char *device_id);
/* Other words for a question that still waits. */
void          _da_run_set_prompt        (DaRun *self, const char *prompt);
guint         _da_run_get_request_size  (DaRun *self);
gint64        _da_run_get_ended_at      (DaRun *self);
GCancellable *_da_run_get_cancellable   (DaRun *self);
const char   *_da_run_get_cancel_reason (DaRun *self);
const char   *_da_run_get_provider_id   (DaRun *self);
void          _da_run_set_state         (DaRun *self, DaRunState state);
void          _da_run_set_model         (DaRun *self, const char *provider_id,
                                         const char *provider_name, const char *model);
void          _da_run_set_conversation  (DaRun *self, DaConversation *conversation);
/* Subscribers hear of the text with the next event or _da_run_publish(), whichever is first. */
void          _da_run_append_text       (DaRun *self, const char *text, gsize length);
/* Calls the subscribers now, if there is something new. They may cancel or unsubscribe. */
void          _da_run_publish           (DaRun *self);
/* @payload: (nullable) JSON object as text, copied. */
void          _da_run_append_event      (DaRun *self, DaRunEventType type, const char *payload);
void          _da_run_set_outcome       (DaRun *self, const char *finish_reason,
                                         const char *tool_calls, gint64 input_tokens,
                                         gint64 output_tokens, DaMessage *answer);
void          _da_run_set_error         (DaRun *self, const GError *error);
/* (transfer full): what the store keeps of the run as it is now. */
DaRunRecord  *_da_run_dup_record        (DaRun *self);
/* (transfer full) (element-type DaRunEvent): events after *cursor as copies, runs of DELTA merged
 * into their last; moves *cursor to the last. */
GPtrArray    *_da_run_dup_events        (DaRun *self, guint64 *cursor);

G_END_DECLS
