/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-recovery"

#include "da-clock.h"
#include "da-conversation-rows.h"
#include "da-run-rows.h"
#include "da-store-recovery.h"

/* At start: runs without an end belong to a program that died. What they had said becomes a
 * message, and their stream gets its last event, so that a client that reads on comes to an end. */

typedef struct {
  gint64 run;
  gint64 conversation;
  char  *run_id;
  char  *conversation_id;
} Open;

static void
open_clear (gpointer data)
{
  Open *item = data;

  g_free (item->run_id);
  g_free (item->conversation_id);
}

static GArray *
load_open_runs (DaStore  *self,
                GError  **error)
{
  g_autoptr (GArray) runs = g_array_new (FALSE, TRUE, sizeof (Open));
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;

  g_array_set_clear_func (runs, open_clear);
  statement = da_database_query (self->database, error,
    "SELECT runs.serial, runs.conversation, runs.id, conversations.id FROM runs "
    "JOIN conversations ON conversations.serial = runs.conversation "
    "WHERE ended_at = 0 ORDER BY runs.serial", "");
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      Open item = { da_statement_int (statement, 0), da_statement_int (statement, 1),
                    da_statement_dup_text (statement, 2), da_statement_dup_text (statement, 3) };

      g_array_append_val (runs, item);
    }
  return step == DA_STEP_DONE ? g_steal_pointer (&runs) : NULL;
}

static gboolean
store_partial_text (DaStore     *self,
                    Open        *item,
                    const char  *text,
                    gint64       time,
                    GError     **error)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
  DaMessage *message;

  if (text[0] == '\0')
    return TRUE;
  message = da_message_new (DA_ROLE_ASSISTANT, text);
  message->timestamp = time;
  message->run_id = g_strdup (item->run_id);
  message->finish_reason = g_strdup ("interrupted");
  g_ptr_array_add (messages, message);
  return da_rows_append (self, item->conversation, item->conversation_id, messages, FALSE, error);
}

static gboolean
end_open_run (DaStore  *self,
              Open     *item,
              GError  **error)
{
  g_autoptr (GPtrArray) last_event = g_ptr_array_new ();
  GString *text = da_run_rows_load_text (self, item->run, error);
  g_autofree char *valid = NULL;
  DaRunEvent event = { 0 };
  gint64 number = 0, time = 0;

  if (text == NULL)
    return FALSE;
  event.text_end = text->len;
  valid = g_utf8_make_valid (text->str, text->len);
  g_string_free (text, TRUE);
  if (!da_database_query_int (self->database, &number, error,
        "SELECT ifnull (max (number), 0) FROM run_events WHERE run = ?", "i", item->run) ||
      !da_database_query_int (self->database, &time, error,
        "SELECT max (started_at, 1, ifnull ((SELECT time FROM run_events WHERE run = ?1 "
        "ORDER BY number DESC LIMIT 1), 0)) FROM runs WHERE serial = ?1", "i", item->run) ||
      !store_partial_text (self, item, valid, time, error))
    return FALSE;
  event.number = number + 1;
  event.type = DA_RUN_EVENT_FAILED;
  event.time_ms = da_clock_now_ms ();
  event.payload = (char *) "{\"message\":\"The program stopped while this answer was being "
                           "written\",\"kind\":\"interrupted\"}";
  g_ptr_array_add (last_event, &event);
  return da_run_rows_append (self, item->run, last_event, NULL, 0, error) &&
         da_database_run (self->database, error,
           "UPDATE runs SET state = 'interrupted', ended_at = ?, "
           "error = 'The program stopped while it ran' WHERE serial = ?", "ii", time, item->run);
}

gboolean
da_store_recovery_end_runs (DaStore  *self,
                            GError  **error)
{
  g_autoptr (GArray) runs = load_open_runs (self, error);

  if (runs == NULL)
    return FALSE;
  for (guint i = 0; i < runs->len; i++)
    if (!end_open_run (self, &g_array_index (runs, Open, i), error))
      return FALSE;
  if (runs->len > 0)
    g_info ("%u runs were interrupted by the end of the program", runs->len);
  return TRUE;
}
