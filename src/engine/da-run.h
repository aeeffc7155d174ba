/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-conversation.h"
#include "da-message.h"
#include "da-run-event.h"

G_BEGIN_DECLS

/**
 * DaRun:
 *
 * One answer in the making: a journal of numbered events and the answer text so far. Any number of
 * readers hold a cursor (the last number they have read) and pull; nobody is pushed to, so a slow
 * reader costs no memory. Text arriving within one turn of the main loop is one event.
 * Created by da_engine_chat_async(); main thread.
 *
 *   queued -> running -> completed | failed | cancelled      (interrupted: seen only in the store)
 *
 * Properties: "state" (int, DaRunState).
 */
#define DA_TYPE_RUN (da_run_get_type ())
G_DECLARE_FINAL_TYPE (DaRun, da_run, DA, RUN, GObject)

const char       *da_run_get_id              (DaRun *self);
guint             da_run_get_number          (DaRun *self);
const char       *da_run_get_session_id      (DaRun *self);
const char       *da_run_get_conversation_id (DaRun *self);
/* What is used, not what was asked for. (nullable) until known. */
const char       *da_run_get_model           (DaRun *self);
const char       *da_run_get_provider_name   (DaRun *self);
DaRunState        da_run_get_state           (DaRun *self);
gboolean          da_run_is_finished         (DaRun *self);
gint64            da_run_get_started_at      (DaRun *self);

/* The answer so far: NUL-terminated, borrowed until the main loop turns. */
const char       *da_run_peek_text           (DaRun *self, gsize *length);
guint64           da_run_get_last_event      (DaRun *self);
/* (transfer none) (nullable): event @number (from 1); NULL when there is none yet. */
const DaRunEvent *da_run_peek_event          (DaRun *self, guint64 number);

/* Calls @func once on the main loop after every batch of new events, until unsubscribed. Never
 * called from inside da_run_subscribe(). Holds no reference. */
typedef void (*DaRunFunc) (DaRun *run, gpointer user_data);
guint             da_run_subscribe           (DaRun *self, DaRunFunc func, gpointer user_data);
void              da_run_unsubscribe         (DaRun *self, guint id);

/* A client that waits for the answer. When the last one leaves a run whose request said
 * cancel_on_disconnect, the run is cancelled. */
void              da_run_attach              (DaRun *self);
void              da_run_detach              (DaRun *self);
/* Stops it; what was said so far is stored. @reason (nullable) is for the log. Idempotent. */
void              da_run_cancel              (DaRun *self, const char *reason);

/* After the end. */
/* "stop", "length", "tool_calls", ... */
const char       *da_run_get_finish_reason   (DaRun *self);
/* (nullable) OpenAI form, for the client */
const char       *da_run_get_tool_calls      (DaRun *self);
/* estimated when the provider is silent */
gint64            da_run_get_input_tokens    (DaRun *self);
gint64            da_run_get_output_tokens   (DaRun *self);
const GError     *da_run_get_error           (DaRun *self);   /* (nullable) */
/* What the provider asked to wait before the next question; -1: it named no time. */
gint64            da_run_get_retry_after_ms  (DaRun *self);
/* (nullable) the conversation as it was when the run began, with the user's message. */
DaConversation   *da_run_get_conversation    (DaRun *self);
/* (nullable) the stored answer; NULL before the end, or when there was no text. */
DaMessage        *da_run_get_answer          (DaRun *self);
/* What the user asked. */
const char       *da_run_get_prompt          (DaRun *self);
/* (nullable): the paired device that asked */
const char       *da_run_get_device_id       (DaRun *self);

G_END_DECLS
