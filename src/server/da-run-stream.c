/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-run-stream"

#include "da-run-stream.h"

#include <string.h>

#include "da-chat-frames.h"
#include "da-json.h"
#include "da-reply.h"
#include "da-sse-writer.h"

/* Text of one frame at most. A longer event is several frames, and only the last has the number: a
 * client that is cut off between them asks for the event again. */
#define PIECE_BYTES (16 * 1024)

/* One reader, of a run that goes on or of one that is stored. */
typedef struct {
  DaSseWriter  *writer;         /* (nullable) after the end */
  DaRun        *run;            /* (nullable) owned */
  DaRunJournal *journal;        /* (nullable) owned */
  guint         next;           /* in the journal */
  guint         subscription;
  guint64       cursor;         /* the last event that was sent */
  gsize         text_sent;      /* bytes of the answer */
  gboolean      has_ended;
} RunStream;

static void
stream_free (RunStream *self)
{
  if (self->run)
    {
      if (self->subscription != 0)
        da_run_unsubscribe (self->run, self->subscription);
      da_run_detach (self->run);
      g_object_unref (self->run);
    }
  g_clear_pointer (&self->journal, da_run_journal_free);
  g_free (self);
}

/* (nullable): NULL: nothing more for now. */
static const DaRunEvent *
peek_next (RunStream *self)
{
  if (self->run)
    return da_run_peek_event (self->run, self->cursor + 1);
  return self->next < self->journal->events->len ? self->journal->events->pdata[self->next] : NULL;
}

static void
step (RunStream        *self,
      const DaRunEvent *event)
{
  self->cursor = event->number;
  self->next++;
}

static gboolean
is_last (const DaRunEvent *event)
{
  return event->type == DA_RUN_EVENT_DONE || event->type == DA_RUN_EVENT_FAILED
         || event->type == DA_RUN_EVENT_CANCELLED;
}

static void
append_frame (GString          *out,
              const DaRunEvent *event,
              gboolean          has_number,
              const char       *text,
              gsize             offset,
              gsize             length)
{
  const char *type = da_run_event_type_to_string (event->type);

  if (has_number)
    g_string_append_printf (out, "id: %" G_GUINT64_FORMAT "\n", event->number);
  g_string_append_printf (out, "event: %s\ndata: {\"number\":%" G_GUINT64_FORMAT
                          ",\"type\":\"%s\",\"time\":%" G_GINT64_FORMAT,
                          type, event->number, type, event->time_ms);
  if (text)
    {
      g_string_append_printf (out, ",\"offset\":%" G_GSIZE_FORMAT ",\"text\":", offset);
      da_json_append_quoted (out, text, (gssize) length);
    }
  if (event->payload)
    {
      g_string_append (out, ",\"payload\":");
      g_string_append (out, event->payload);
    }
  g_string_append (out, "}\n\n");
}

/* TRUE: all of the text that came with the event was said. */
static gboolean
append_text (RunStream        *self,
             const DaRunEvent *event,
             GString          *out)
{
  gsize have = 0;
  const char *text = self->run ? da_run_peek_text (self->run, &have) : self->journal->text;
  gsize end = event->text_end;

  if (!self->run)
    have = strlen (text);
  end = MIN (end, have);
  while (self->text_sent < end && out->len < PIECE_BYTES)
    {
      gsize length = end - self->text_sent;
      gboolean is_whole = length <= PIECE_BYTES;

      if (!is_whole)
        length = da_chat_whole_characters (text + self->text_sent, PIECE_BYTES);
      append_frame (out, event, is_whole, text + self->text_sent, self->text_sent, length);
      self->text_sent += length;
    }
  return self->text_sent >= end;
}

static void
on_pull (DaSseWriter *writer,
         GString     *out,
         gpointer     user_data)
{
  RunStream *self = user_data;
  const DaRunEvent *event = NULL;
  gboolean is_over = FALSE;

  self->writer = writer;
  while (!self->has_ended && !is_over && out->len < PIECE_BYTES && (event = peek_next (self)))
    {
      if (event->type != DA_RUN_EVENT_DELTA)
        append_frame (out, event, TRUE, NULL, 0, 0);
      else if (!append_text (self, event, out))
        break;
      is_over = is_last (event);
      step (self, event);
    }
  /* A stored run whose last event was lost with the machine ends all the same. */
  if (!self->has_ended && (is_over || (self->journal && !event)))
    {
      self->has_ended = TRUE;
      da_sse_writer_end (writer);
    }
}

static void
on_heartbeat (GString  *out,
              gpointer  user_data)
{
  g_string_append (out, ": waiting\n\n");
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
  da_sse_writer_wake (((RunStream *) user_data)->writer);
}

/* Takes @self. */
static void
open_stream (RunStream *self,
             DaRequest *request)
{
  self->writer = da_sse_writer_open (request, &sse_funcs, self);
  if (!self->writer)
    {
      stream_free (self);
      return;
    }
  if (self->run)
    self->subscription = da_run_subscribe (self->run, on_run_changed, self);
  da_sse_writer_wake (self->writer);
}

static void
refuse (DaRequest *request)
{
  da_reply_error (request, 400, "The run has no event with that number");
}

void
da_run_stream_start (DaRequest *request,
                     DaRun     *run,
                     guint64    after)
{
  RunStream *self;

  if (after > da_run_get_last_event (run))
    {
      refuse (request);
      return;
    }
  self = g_new0 (RunStream, 1);
  self->run = g_object_ref (run);
  self->cursor = after;
  self->text_sent = after > 0 ? da_run_peek_event (run, after)->text_end : 0;
  da_run_attach (run);
  open_stream (self, request);
}

void
da_run_stream_start_stored (DaRequest    *request,
                            DaRunJournal *journal,
                            guint64       after)
{
  GPtrArray *events = journal->events;
  RunStream *self = g_new0 (RunStream, 1);

  self->journal = journal;
  while (self->next < events->len
         && ((DaRunEvent *) events->pdata[self->next])->number <= after)
    {
      /* Inside of text that is stored as one event: it is said again from there, and the client
       * sees by the offset where it belongs. */
      self->text_sent = ((DaRunEvent *) events->pdata[self->next])->text_end;
      self->next++;
    }
  self->cursor = after;
  if (self->next == events->len && events->len > 0
      && ((DaRunEvent *) events->pdata[events->len - 1])->number < after)
    {
      stream_free (self);
      refuse (request);
      return;
    }
  open_stream (self, request);
}
