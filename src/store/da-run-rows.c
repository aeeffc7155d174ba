/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-run"

#include "da-run-rows.h"

#include "da-error.h"

DaRunRecord *
da_run_rows_read (DaStatement *row)
{
  DaRunRecord *run = da_run_record_new ();
  int column = 1;

  run->id = da_statement_dup_text (row, column++);
  run->conversation_id = da_statement_dup_text (row, column++);
  run->session_id = da_statement_dup_text (row, column++);
  run->number = da_statement_int (row, column++);
  if (!da_run_state_parse (da_statement_text (row, column++), &run->state))
    run->state = DA_RUN_STATE_FAILED;
  run->model = da_statement_dup_text (row, column++);
  run->provider = da_statement_dup_text (row, column++);
  run->error = da_statement_dup_text (row, column++);
  run->started_at = da_statement_int (row, column++);
  run->ended_at = da_statement_int (row, column++);
  run->input_tokens = da_statement_int (row, column++);
  run->output_tokens = da_statement_int (row, column++);
  return run;
}

gint64
da_run_rows_need (DaStore     *self,
                  const char  *run_id,
                  GError     **error)
{
  g_autoptr (GError) local = NULL;
  gint64 serial = 0;

  if (da_database_query_int (self->database, &serial, &local,
                             "SELECT serial FROM runs WHERE id = ?", "t", run_id))
    return serial;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    da_store_set_not_found (error, "run", run_id);
  return 0;
}

gboolean
da_run_rows_insert (DaStore            *self,
                    gint64              conversation,
                    const DaRunRecord  *run,
                    GError            **error)
{
  if (!da_database_run (self->database, error,
        "INSERT INTO runs (id, conversation, session_id, number, state, model, provider, error, "
        "started_at, ended_at, input_tokens, output_tokens) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        "titittttiiii", run->id, conversation, run->session_id != NULL ? run->session_id : "",
        (gint64) run->number, da_run_state_to_string (run->state), run->model, run->provider,
        run->error, run->started_at, run->ended_at, run->input_tokens, run->output_tokens))
    return FALSE;
  if (da_database_changes (self->database) > 0)
    return TRUE;
  g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, "There is a run \"%s\" already", run->id);
  return FALSE;
}

static gboolean
text_end (DaStore  *self,
          gint64    run,
          gint64   *end,
          GError  **error)
{
  return da_database_query_int (self->database, end, error,
    "SELECT ifnull ((SELECT position + length (bytes) FROM run_text WHERE run = ? "
    "ORDER BY position DESC LIMIT 1), 0)", "i", run);
}

/* The piece ends where the last event says; of a piece that is stored in part, or of the whole
 * text once more, only the new end is taken. */
static gboolean
append_text (DaStore     *self,
             gint64       run,
             GPtrArray   *events,
             const char  *text,
             gsize        length,
             GError     **error)
{
  const DaRunEvent *last = events->len > 0 ? events->pdata[events->len - 1] : NULL;
  gint64 stored, from;

  if (length == 0)
    return TRUE;
  if (!text_end (self, run, &stored, error))
    return FALSE;
  from = last != NULL ? (gint64) last->text_end - (gint64) length : stored;
  if (from < stored)
    {
      gint64 known = stored - from;

      if (known >= (gint64) length)
        return TRUE;
      text += known;
      length -= known;
      from = stored;
    }
  return da_database_run (self->database, error,
                          "INSERT INTO run_text (run, position, bytes) VALUES (?, ?, ?)", "iib",
                          run, from, text, length);
}

gboolean
da_run_rows_append (DaStore     *self,
                    gint64       run,
                    GPtrArray   *events,
                    const char  *text,
                    gsize        text_length,
                    GError     **error)
{
  for (guint i = 0; i < events->len; i++)
    {
      const DaRunEvent *event = events->pdata[i];

      if (!da_database_run (self->database, error,
            "INSERT INTO run_events (run, number, type, time, text_end, payload) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", "iitiit",
            run, (gint64) event->number, da_run_event_type_to_string (event->type),
            event->time_ms, (gint64) event->text_end, event->payload))
        return FALSE;
    }
  return append_text (self, run, events, text, text_length, error);
}

static void
event_free (gpointer data)
{
  da_run_event_free (data);
}

GPtrArray *
da_run_rows_load_events (DaStore  *self,
                         gint64    run,
                         guint64   after,
                         GError  **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (event_free);
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;

  statement = da_database_query (self->database, error,
    "SELECT number, type, time, text_end, payload FROM run_events "
    "WHERE run = ? AND number > ? ORDER BY number", "ii", run, (gint64) MIN (after, G_MAXINT64));
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      DaRunEvent *event = g_new0 (DaRunEvent, 1);

      event->number = da_statement_int (statement, 0);
      if (!da_run_event_type_parse (da_statement_text (statement, 1), &event->type))
        event->type = DA_RUN_EVENT_STEP;
      event->time_ms = da_statement_int (statement, 2);
      event->text_end = da_statement_int (statement, 3);
      event->payload = da_statement_dup_text (statement, 4);
      g_ptr_array_add (events, event);
    }
  return step == DA_STEP_DONE ? g_steal_pointer (&events) : NULL;
}

GString *
da_run_rows_load_text (DaStore  *self,
                       gint64    run,
                       GError  **error)
{
  GString *text = g_string_new (NULL);
  g_autoptr (DaStatement) statement = NULL;
  DaStep step = DA_STEP_FAILED;

  statement = da_database_query (self->database, error,
    "SELECT bytes FROM run_text WHERE run = ? ORDER BY position", "i", run);
  while (statement != NULL && (step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      gsize length;
      const char *bytes = da_statement_bytes (statement, 0, &length);

      g_string_append_len (text, bytes, length);
    }
  if (step == DA_STEP_DONE)
    return text;
  g_string_free (text, TRUE);
  return NULL;
}
