/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-chat"

#include "da-chat-stream.h"

#include <string.h>

#include "da-chat-frames.h"
#include "da-chat-private.h"
#include "da-json.h"
#include "da-reply.h"
#include "da-request-private.h"

/* The unstreamed answer: one waiter of a run. */
typedef struct {
  DaRequest *request;        /* owned */
  DaRun     *run;            /* owned */
  guint      subscription;
} ChatAnswer;

static void
answer_free (ChatAnswer *self)
{
  if (self->subscription != 0)
    da_run_unsubscribe (self->run, self->subscription);
  da_run_detach (self->run);
  self->request->ended = NULL;
  g_object_unref (self->run);
  da_request_unref (self->request);
  g_free (self);
}

char *
_da_chat_dup_error_kind (const DaRunEvent *event)
{
  g_autoptr (JsonNode) node = NULL;
  const char *kind;

  if (event == NULL || event->type != DA_RUN_EVENT_FAILED || event->payload == NULL)
    return NULL;
  node = da_json_parse (event->payload, strlen (event->payload), strlen (event->payload), NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  kind = da_json_get_string (json_node_get_object (node), "kind");
  return g_strdup (kind);
}

static void
reply_failure (ChatAnswer       *self,
               const DaRunEvent *last)
{
  g_autofree char *kind = _da_chat_dup_error_kind (last);
  const GError *error = da_run_get_error (self->run);
  DaReplyStatus how = da_reply_status_for_run (error, kind,
                                               da_run_get_retry_after_ms (self->run));

  if (error == NULL)
    da_reply_error (self->request, how.status, "Internal Server Error");
  else
    _da_reply_gerror_as (self->request, error, &how);
}

static void
reply_answer (ChatAnswer *self)
{
  DaChatProgress progress = {
    .conversation_id = da_run_get_conversation_id (self->run),
    .conversation = da_run_get_conversation (self->run),
    .answer = da_run_get_answer (self->run),
    .prompt = da_run_get_prompt (self->run),
  };
  DaJsonWriter *writer = da_json_writer_new (1024);
  DaChatFrames frames;

  da_chat_frames_init (&frames, da_run_get_id (self->run), da_run_get_started_at (self->run) / 1000,
                       FALSE);
  da_chat_frames_set_model (&frames, da_run_get_model (self->run));
  da_chat_frames_completion (&frames, writer,
                             da_chat_finish_reason (da_run_get_finish_reason (self->run)),
                             da_run_peek_text (self->run, NULL),
                             da_run_get_tool_calls (self->run),
                             da_run_get_input_tokens (self->run),
                             da_run_get_output_tokens (self->run), &progress);
  da_chat_frames_clear (&frames);
  da_reply_json (self->request, 200, writer);
}

static void
look (ChatAnswer *self)
{
  guint64 number = da_run_get_last_event (self->run);
  const DaRunEvent *last = number > 0 ? da_run_peek_event (self->run, number) : NULL;

  if (last == NULL)
    return;
  if (last->type == DA_RUN_EVENT_FAILED)
    reply_failure (self, last);
  else if (last->type == DA_RUN_EVENT_DONE || last->type == DA_RUN_EVENT_CANCELLED)
    reply_answer (self);
  else
    return;

  answer_free (self);
}

static void
on_run_changed (DaRun    *run,
                gpointer  user_data)
{
  look (user_data);
}

static void
on_client_gone (gpointer user_data)
{
  answer_free (user_data);
}

void
da_chat_answer_start (DaRequest     *request,
                      DaRun         *run,
                      DaChatRequest *chat)
{
  ChatAnswer *self = g_new0 (ChatAnswer, 1);

  self->request = da_request_ref (request);
  self->run = g_object_ref (run);
  da_run_attach (run);
  request->ended = on_client_gone;
  request->stream_data = self;
  self->subscription = da_run_subscribe (run, on_run_changed, self);
  look (self);
}
