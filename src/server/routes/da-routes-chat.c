/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-routes-chat"

#include "da-routes.h"

#include "da-chat-request.h"
#include "da-chat-stream.h"
#include "da-client-kind.h"
#include "da-reply.h"
#include "da-request-private.h"
#include "da-sse-writer.h"

typedef struct {
  DaRequest     *request;
  DaChatRequest *chat;
} Asked;

static void
asked_free (Asked *asked)
{
  da_chat_request_unref (asked->chat);
  da_request_unref (asked->request);
  g_free (asked);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

/* For GET /v1/runs/:runId/events, should the stream be cut. */
static void
name_run (DaRequest *request,
          DaRun     *run)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                "X-DotAgents-Run-Id", da_run_get_id (run));
}

static void
chat_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (DaRun) run = da_engine_chat_finish (DA_ENGINE (source), result, &error);

  if (run == NULL)
    {
      da_reply_gerror (asked->request, error);
    }
  else if (_da_request_is_gone (asked->request))
    {
      /* It hung up before there was a run to leave: the run learns of it now. */
      da_run_attach (run);
      da_run_detach (run);
    }
  else if (asked->chat->stream)
    {
      name_run (asked->request, run);
      da_chat_stream_start (asked->request, run, asked->chat);
    }
  else
    {
      name_run (asked->request, run);
      da_chat_answer_start (asked->request, run, asked->chat);
    }
}

static void
post_completions (DaRequest *request)
{
  g_autoptr (DaChatRequest) chat = NULL;
  g_autoptr (GError) error = NULL;
  Asked *asked;

  chat = da_chat_request_parse (da_request_get_json (request), &error);
  if (chat == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  if (chat->stream && !da_sse_writer_has_room (request))
    return;

  chat->client = da_request_get_client_kind (request);
  chat->identity = da_identity_ref (da_request_get_identity (request));
  chat->cancel_on_disconnect =
    da_client_kind_cancels (chat->client,
                            da_request_get_header (request, "X-DotAgents-On-Disconnect"));
  /* A client that sends no more while it waits for one answer has hung up, as far as anyone can
   * tell. To one that reads a stream something can be written, and that tells. */
  request->half_is_gone = !chat->stream;

  asked = g_new0 (Asked, 1);
  asked->request = da_request_ref (request);
  asked->chat = da_chat_request_ref (chat);
  da_engine_chat_async (da_request_get_engine (request), chat, NULL, chat_cb, asked);
}

const DaRoute da_routes_chat[] = {
  { "POST", "/v1/chat/completions", DA_SCOPE_CHAT, 0, 0, post_completions },
  { NULL },
};
