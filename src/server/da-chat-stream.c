/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-chat"

#include "da-chat-stream.h"

#include <string.h>

#include "da-chat-frames.h"
#include "da-chat-private.h"
#include "da-json.h"
#include "da-limits.h"
#include "da-sse-writer.h"

/* Text of one delta frame at most; a client that attaches late gets the answer so far in such
 * pieces. */
#define DELTA_BYTES (16 * 1024)
/* The app's view of the text so far is sent again when it grew by half, and no more often than
 * this: so all of these together are at most three times the text. */
#define TICK_US     (150 * 1000)

/*
 * One reader of a run.
 *
 *   opening -> running -> (pausing) -> ended
 *
 * Pausing is for the app alone: contract 40 saw it keep a cut answer when "done" follows the last
 * progress at once. Pulls: events are read from the run when there is room for them, so a slow
 * client costs nothing and sees several deltas as one.
 */
typedef struct {
  DaSseWriter  *writer;         /* (nullable) until open and after the end */
  DaRun        *run;            /* owned */
  DaClientKind  client;
  DaChatFrames  frames;
  char         *title;          /* (nullable) owned */
  guint         subscription;
  guint         pause_source;
  guint64       cursor;         /* the last event that was read */
  gsize         text_target;    /* text up to here may be sent */
  gsize         text_sent;
  gsize         tick_text;      /* length of the text when it was last sent as a whole */
  gint64        tick_us;
  guint         is_open : 1;    /* the first frame was sent */
  guint         is_retrying : 1;
  guint         is_last : 1;    /* the last event was read */
  guint         was_completed : 1;   /* the last progress was sent */
  guint         has_paused : 1;
  guint         has_ended : 1;
} ChatStream;

static void
stream_free (ChatStream *self)
{
  g_clear_handle_id (&self->pause_source, g_source_remove);
  if (self->subscription != 0)
    da_run_unsubscribe (self->run, self->subscription);
  da_run_detach (self->run);
  da_chat_frames_clear (&self->frames);
  g_object_unref (self->run);
  g_free (self->title);
  g_free (self);
}

static DaChatProgress
describe (ChatStream *self)
{
  DaChatProgress progress = {
    .session_id = da_run_get_session_id (self->run),
    .run_number = da_run_get_number (self->run),
    .conversation_id = da_run_get_conversation_id (self->run),
    .state = "running",
    .title = self->title,
    .provider = da_run_get_provider_name (self->run),
    .conversation = da_run_get_conversation (self->run),
    .prompt = da_run_get_prompt (self->run),
  };

  return progress;
}

static void
add_text_so_far (ChatStream     *self,
                 DaChatProgress *progress)
{
  /* A progress frame without it would take the growing bubble off the app's screen. */
  progress->text = self->text_sent > 0 ? da_run_peek_text (self->run, NULL) : NULL;
  progress->text_length = self->text_sent;
}

static void
append_first (ChatStream *self,
              GString    *out)
{
  DaChatProgress progress = describe (self);

  self->is_open = TRUE;
  progress.is_first = TRUE;
  da_chat_frames_progress (&self->frames, out, &progress);
}

static void
append_tick (ChatStream *self,
             GString    *out,
             const char *retry,
             const char *step)
{
  DaChatProgress progress = describe (self);

  progress.retry = retry;
  progress.step = step;
  add_text_so_far (self, &progress);
  da_chat_frames_progress (&self->frames, out, &progress);
  self->is_retrying = retry != NULL;
  self->tick_text = self->text_sent;
  self->tick_us = g_get_monotonic_time ();
}

static gboolean
is_tick_due (ChatStream *self)
{
  if (self->client != DA_CLIENT_APP || da_sse_writer_is_behind (self->writer))
    return FALSE;
  if (self->is_retrying)
    return TRUE;
  return self->text_sent > self->tick_text + self->tick_text / 2
         && g_get_monotonic_time () - self->tick_us >= TICK_US;
}

/* Appends text up to the target, one frame of it. */
static void
append_text (ChatStream *self,
             GString    *out)
{
  const char *text = da_run_peek_text (self->run, NULL);
  gsize left = self->text_target - self->text_sent;
  gsize length = MIN (left, DELTA_BYTES);

  /* A character that an upstream chunk cut in two waits for its other half. */
  if (length < left || !self->is_last)
    length = da_chat_whole_characters (text + self->text_sent, length);
  if (length == 0)
    return;

  da_chat_frames_delta (&self->frames, out, text + self->text_sent, length);
  self->text_sent += length;
  if (is_tick_due (self))
    append_tick (self, out, NULL, NULL);
}

static void
take_title (ChatStream *self,
            const char *payload)
{
  g_autoptr (JsonNode) node = NULL;
  const char *title;

  if (payload == NULL)
    return;
  node = da_json_parse (payload, strlen (payload), strlen (payload), NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  title = da_json_get_string (json_node_get_object (node), "title");
  if (title == NULL)
    return;
  g_free (self->title);
  self->title = g_strdup (title);
}

static void
take_event (ChatStream       *self,
            const DaRunEvent *event,
            GString          *out)
{
  switch (event->type)
    {
    case DA_RUN_EVENT_DELTA:
      self->text_target = event->text_end;
      break;
    case DA_RUN_EVENT_RETRY:
      if (self->client != DA_CLIENT_SCRIPT)
        append_tick (self, out, event->payload, NULL);
      break;
    case DA_RUN_EVENT_STEP:
      append_tick (self, out, NULL, event->payload);
      break;
    case DA_RUN_EVENT_TITLE:
      take_title (self, event->payload);
      break;
    case DA_RUN_EVENT_DONE:
    case DA_RUN_EVENT_FAILED:
    case DA_RUN_EVENT_CANCELLED:
      self->is_last = TRUE;
      self->text_target = event->text_end;
      break;
    case DA_RUN_EVENT_STARTED:
    case DA_RUN_EVENT_USAGE:
    case DA_RUN_EVENT_MESSAGE:
    default:
      break;
    }
}

/* Reads events until there is text to send or nothing more. An event that is not text comes
 * after the text before it. */
static void
read_events (ChatStream *self,
             GString    *out)
{
  const DaRunEvent *event;

  while (!self->is_last && out->len < DELTA_BYTES
         && (event = da_run_peek_event (self->run, self->cursor + 1)) != NULL)
    {
      if (event->type != DA_RUN_EVENT_DELTA && self->text_sent < self->text_target)
        {
          gsize before = self->text_sent;

          append_text (self, out);
          /* Only half a character is left: it cannot be waited for here. */
          if (self->text_sent < self->text_target && self->text_sent > before)
            return;
        }
      self->cursor++;
      take_event (self, event, out);
    }
}

static gboolean
on_pause_over (gpointer user_data)
{
  ChatStream *self = user_data;

  self->pause_source = 0;
  self->has_paused = TRUE;
  da_sse_writer_wake (self->writer);
  return G_SOURCE_REMOVE;
}

static void
append_completed (ChatStream *self,
                  GString    *out)
{
  DaChatProgress progress = describe (self);
  const char *tool_calls = da_run_get_tool_calls (self->run);

  self->was_completed = TRUE;
  if (tool_calls != NULL)
    da_chat_frames_tool_calls (&self->frames, out, tool_calls);

  progress.state = "complete";
  progress.is_complete = TRUE;
  progress.with_history = TRUE;
  progress.answer = da_run_get_answer (self->run);
  add_text_so_far (self, &progress);
  da_chat_frames_progress (&self->frames, out, &progress);
  if (self->client == DA_CLIENT_APP)
    self->pause_source = g_timeout_add (DA_LIMIT_DONE_PAUSE_MS, on_pause_over, self);
  else
    self->has_paused = TRUE;
}

static void
append_done (ChatStream *self,
             GString    *out)
{
  DaChatProgress progress = describe (self);

  progress.answer = da_run_get_answer (self->run);
  da_chat_frames_done (&self->frames, out,
                       da_chat_finish_reason (da_run_get_finish_reason (self->run)),
                       da_run_peek_text (self->run, NULL), &progress);
  if (self->frames.with_usage)
    da_chat_frames_usage (&self->frames, out, da_run_get_input_tokens (self->run),
                          da_run_get_output_tokens (self->run));
}

static void
append_end (ChatStream *self,
            GString    *out)
{
  const GError *error = da_run_get_error (self->run);

  if (da_run_get_state (self->run) == DA_RUN_STATE_FAILED)
    {
      const DaRunEvent *last = da_run_peek_event (self->run, self->cursor);
      g_autofree char *kind = _da_chat_dup_error_kind (last);

      da_chat_frames_error (out, error != NULL ? error->message : "Internal Server Error", kind);
    }
  else
    {
      if (!self->was_completed)
        append_completed (self, out);
      if (!self->has_paused)
        return;
      append_done (self, out);
    }

  da_chat_frames_end (out);
  self->has_ended = TRUE;
  da_sse_writer_end (self->writer);
}

static void
on_pull (DaSseWriter *writer,
         GString     *out,
         gpointer     user_data)
{
  ChatStream *self = user_data;

  self->writer = writer;
  if (self->has_ended || self->pause_source != 0)
    return;

  da_chat_frames_set_model (&self->frames, da_run_get_model (self->run));
  if (!self->is_open)
    append_first (self, out);
  read_events (self, out);
  if (self->text_sent < self->text_target)
    append_text (self, out);
  if (self->is_last && self->text_sent == self->text_target)
    append_end (self, out);
}

static void
on_heartbeat (GString  *out,
              gpointer  user_data)
{
  ChatStream *self = user_data;

  da_chat_frames_heartbeat (&self->frames, out);
}

static void
on_ended (gpointer user_data,
          gboolean complete)
{
  stream_free (user_data);
}

static const DaSseFuncs sse_funcs = {
  .pull = on_pull,
  .heartbeat = on_heartbeat,
  .ended = on_ended,
};

static void
on_run_changed (DaRun    *run,
                gpointer  user_data)
{
  ChatStream *self = user_data;

  da_sse_writer_wake (self->writer);
}

void
da_chat_stream_start (DaRequest     *request,
                      DaRun         *run,
                      DaChatRequest *chat)
{
  ChatStream *self = g_new0 (ChatStream, 1);

  self->run = g_object_ref (run);
  self->client = chat->client;
  da_chat_frames_init (&self->frames, da_run_get_id (run), da_run_get_started_at (run) / 1000,
                       chat->include_usage);
  da_run_attach (run);
  self->writer = da_sse_writer_open (request, &sse_funcs, self);
  if (self->writer == NULL)
    {
      stream_free (self);
      return;
    }

  self->subscription = da_run_subscribe (run, on_run_changed, self);
  da_sse_writer_wake (self->writer);
}
