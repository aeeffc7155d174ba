/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Of our own: what a run is at, and its events from any number on, for a client whose stream was
 * cut. The chat route gives the id in X-DotAgents-Run-Id.
 */

#define G_LOG_DOMAIN "da-server-runs"

#include "da-routes.h"

#include "da-json.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-run-stream.h"
#include "da-sse-writer.h"

/* The id that the "id" of a chat completion stands for is taken, too. */
static char *
dup_run_id (DaRequest *request)
{
  const char *id = da_request_get_param (request, "runId");

  return g_str_has_prefix (id, "chatcmpl-") ? g_strconcat ("run_", id + strlen ("chatcmpl-"), NULL)
                                            : g_strdup (id);
}

static void
write_times (DaJsonWriter *writer,
             gint64        started_at,
             gint64        ended_at)
{
  da_json_writer_int (writer, "startedAt", started_at);
  if (ended_at > 0)
    da_json_writer_int (writer, "endedAt", ended_at);
}

static void
reply_live (DaRequest *request,
            DaRun     *run)
{
  DaJsonWriter *writer = da_json_writer_new (1024);
  const GError *error = da_run_get_error (run);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", da_run_get_id (run));
  da_json_writer_string (writer, "conversationId", da_run_get_conversation_id (run));
  da_json_writer_string (writer, "sessionId", da_run_get_session_id (run));
  da_json_writer_int (writer, "number", da_run_get_number (run));
  da_json_writer_string (writer, "state", da_run_state_to_string (da_run_get_state (run)));
  da_json_writer_opt_string (writer, "model", da_run_get_model (run));
  da_json_writer_opt_string (writer, "provider", da_run_get_provider_name (run));
  da_json_writer_opt_string (writer, "error", error ? error->message : NULL);
  write_times (writer, da_run_get_started_at (run), 0);
  da_json_writer_int (writer, "lastEvent", (gint64) da_run_get_last_event (run));
  da_json_writer_string (writer, "text", da_run_peek_text (run, NULL));
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

static void
reply_stored (DaRequest    *request,
              DaRunJournal *journal)
{
  DaJsonWriter *writer = da_json_writer_new (1024);
  const DaRunRecord *run = journal->run;
  guint n = journal->events->len;
  guint64 last = n > 0 ? ((DaRunEvent *) journal->events->pdata[n - 1])->number : 0;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", run->id);
  da_json_writer_string (writer, "conversationId", run->conversation_id);
  da_json_writer_string (writer, "sessionId", run->session_id);
  da_json_writer_int (writer, "number", run->number);
  da_json_writer_string (writer, "state", da_run_state_to_string (run->state));
  da_json_writer_opt_string (writer, "model", run->model);
  da_json_writer_opt_string (writer, "provider", run->provider);
  da_json_writer_opt_string (writer, "error", run->error);
  write_times (writer, run->started_at, run->ended_at);
  da_json_writer_int (writer, "lastEvent", (gint64) last);
  da_json_writer_string (writer, "text", journal->text);
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

static void
show_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaRunJournal) journal = da_engine_load_run_finish (DA_ENGINE (source), result, &error);

  if (journal == NULL)
    da_reply_gerror (request, error);
  else
    reply_stored (request, journal);
}

static void
show (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  g_autofree char *id = dup_run_id (request);
  g_autoptr(DaRun) run = da_engine_find_run (engine, id);

  if (run != NULL)
    reply_live (request, run);
  else
    da_engine_load_run_async (engine, id, da_request_get_cancellable (request), show_cb,
                              da_request_ref (request));
}

/* FALSE: there is a number, and it is none. The header wins: a browser that reconnects sends it
 * with the address it began with. */
static gboolean
parse_after (DaRequest *request,
             guint64   *after)
{
  const char *text = da_request_get_header (request, "Last-Event-ID");

  *after = 0;
  if (text == NULL || *text == '\0')
    text = da_request_get_query (request, "after");
  if (text == NULL || *text == '\0')
    return TRUE;
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, after, NULL);
}

static void
events_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  DaRunJournal *journal = da_engine_load_run_finish (DA_ENGINE (source), result, &error);
  guint64 after;

  if (journal == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  parse_after (request, &after);
  da_run_stream_start_stored (request, journal, after);
}

static void
events (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  g_autofree char *id = dup_run_id (request);
  g_autoptr(DaRun) run = da_engine_find_run (engine, id);
  guint64 after;

  if (!parse_after (request, &after))
    {
      da_reply_error (request, 400, "\"after\" and Last-Event-ID must be the number of an event");
      return;
    }
  if (!da_sse_writer_has_room (request))
    return;
  if (run != NULL)
    da_run_stream_start (request, run, after);
  else
    da_engine_load_run_async (engine, id, da_request_get_cancellable (request), events_cb,
                              da_request_ref (request));
}

const DaRoute da_routes_runs[] = {
  { "GET", "/v1/runs/:runId", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, show },
  { "GET", "/v1/runs/:runId/events", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, events },
  { NULL },
};
