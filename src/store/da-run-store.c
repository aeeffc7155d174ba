/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-run"

#include "da-run-store.h"

#include "da-clock.h"
#include "da-conversation-rows.h"
#include "da-error.h"
#include "da-run-rows.h"
#include "da-store-recovery.h"

/* Begin, journal and end of runs; and, at start, the end of those that never had one. */

typedef struct {
  DaRunRecord    *run;
  DaConversation *create;     /* (nullable) */
  GPtrArray      *messages;
  GPtrArray      *events;
  GBytes         *text;
  char           *id;
  guint64         after;
  guint           limit;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  da_run_record_free (request->run);
  g_clear_object (&request->create);
  g_clear_pointer (&request->messages, g_ptr_array_unref);
  g_clear_pointer (&request->events, g_ptr_array_unref);
  g_clear_pointer (&request->text, g_bytes_unref);
  g_free (request->id);
  g_free (request);
}

static DaRunRecord *
copy_run (const DaRunRecord *run)
{
  DaRunRecord *copy = da_run_record_new ();

  *copy = *run;
  copy->id = g_strdup (run->id);
  copy->conversation_id = g_strdup (run->conversation_id);
  copy->session_id = g_strdup (run->session_id);
  copy->model = g_strdup (run->model);
  copy->provider = g_strdup (run->provider);
  copy->error = g_strdup (run->error);
  return copy;
}

static void
event_free (gpointer data)
{
  da_run_event_free (data);
}

static GPtrArray *
copy_events (GPtrArray *events)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (event_free);

  for (guint i = 0; events != NULL && i < events->len; i++)
    g_ptr_array_add (copy, da_run_event_copy (events->pdata[i]));
  return copy;
}

/* @create with what it brings: its title, made from the question when it has none, and the earlier
 * turns of a phone that knows the conversation longer than we do. */
static gint64
insert_conversation (DaStore  *self,
                     Request  *request,
                     GError  **error)
{
  DaConversation *create = request->create;
  DaMessage *first = request->messages->len > 0 ? request->messages->pdata[0] : NULL;
  gint64 serial;

  if (create->title[0] == '\0' && first != NULL)
    {
      g_free (create->title);
      create->title = da_conversation_title_from (first->content);
      if (create->title_source == NULL)
        create->title_source = g_strdup ("local_generated");
    }
  serial = da_rows_insert (self, create, error);
  if (serial != 0 &&
      !da_rows_append (self, serial, create->id, create->messages, FALSE, error))
    return 0;
  return serial;
}

/* The conversation, made from @create when there is none; 0 with @error. */
static gint64
begin_conversation (DaStore  *self,
                    Request  *request,
                    GError  **error)
{
  const char *id = request->run->conversation_id;
  g_autoptr (GError) local = NULL;
  gint64 serial = da_rows_find (self, id, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return 0;
    }
  if (serial != 0 || request->create == NULL)
    {
      if (serial == 0)
        da_store_set_not_found (error, "conversation", id);
      return serial;
    }
  return insert_conversation (self, request, error);
}

static gpointer
begin_job (DaStore   *self,
           gpointer   data,
           GError   **error)
{
  Request *request = data;
  const char *id = request->run->conversation_id;
  gint64 serial = begin_conversation (self, request, error);

  if (serial == 0 || !da_rows_append (self, serial, id, request->messages, TRUE, error) ||
      !da_run_rows_insert (self, serial, request->run, error))
    return NULL;
  return da_rows_load (self, id, error);
}

void
da_store_begin_run_async (DaStore             *self,
                          const DaRunRecord   *run,
                          DaConversation      *create,
                          GPtrArray           *messages,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (run != NULL && run->id != NULL && run->conversation_id != NULL);
  g_assert (create == NULL || g_strcmp0 (create->id, run->conversation_id) == 0);

  request = g_new0 (Request, 1);
  request->run = copy_run (run);
  request->create = create != NULL ? da_rows_copy_conversation (create) : NULL;
  request->messages = da_rows_copy_messages (messages);
  /* The model is asked while the disk still writes; nobody is told that the question is stored
   * before its answer is, and that is a durable write of the same log. */
  da_store_submit (self, da_store_begin_run_async, DA_STORE_WRITE_SOON, begin_job, request,
                   request_free, g_object_unref, cancellable, callback, user_data);
}

DaConversation *
da_store_begin_run_finish (DaStore       *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_begin_run_async, error);
}

static gboolean
append_request (DaStore  *self,
                gint64    run,
                Request  *request,
                GError  **error)
{
  gsize length;
  const char *text = g_bytes_get_data (request->text, &length);

  return da_run_rows_append (self, run, request->events, text, length, error);
}

static gpointer
append_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  Request *request = data;
  gint64 run = da_run_rows_need (self, request->id, error);

  return run != 0 && append_request (self, run, request, error) ? DA_STORE_OK : NULL;
}

void
da_store_append_events_async (DaStore             *self,
                              const char          *run_id,
                              GPtrArray           *events,
                              const char          *text,
                              gsize                text_length,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (run_id != NULL);

  request = g_new0 (Request, 1);
  request->id = g_strdup (run_id);
  request->events = copy_events (events);
  request->text = g_bytes_new (text, text_length);
  da_store_submit (self, da_store_append_events_async, DA_STORE_WRITE_JOURNAL, append_job, request,
                   request_free, NULL, NULL, callback, user_data);
}

gboolean
da_store_append_events_finish (DaStore       *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_append_events_async, error);
}

static gboolean
end_run (DaStore            *self,
         gint64              serial,
         const DaRunRecord  *run,
         GError            **error)
{
  return da_database_run (self->database, error,
    "UPDATE runs SET state = ?2, model = ifnull (?3, model), provider = ifnull (?4, provider), "
    "error = ?5, ended_at = ?6, input_tokens = ?7, output_tokens = ?8 WHERE serial = ?1",
    "ittttiii", serial, da_run_state_to_string (run->state), run->model, run->provider, run->error,
    run->ended_at > 0 ? run->ended_at : MAX (da_clock_now_ms (), 1), run->input_tokens,
    run->output_tokens);
}

/* The conversation may have been deleted, and not yet purged, while the run went on; its messages
 * are kept all the same, for the one who undoes that. */
static gboolean
find_conversation_of (DaStore  *self,
                      gint64    run,
                      gint64   *serial,
                      char    **id,
                      GError  **error)
{
  g_autoptr (DaStatement) statement = NULL;

  statement = da_database_query (self->database, error,
    "SELECT conversations.serial, conversations.id FROM runs "
    "JOIN conversations ON conversations.serial = runs.conversation WHERE runs.serial = ?", "i",
    run);
  if (statement == NULL || da_statement_step (statement, error) != DA_STEP_ROW)
    return FALSE;
  *serial = da_statement_int (statement, 0);
  *id = da_statement_dup_text (statement, 1);
  return TRUE;
}

static gpointer
finish_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  Request *request = data;
  g_autofree char *id = NULL;
  gint64 run = da_run_rows_need (self, request->run->id, error);
  gint64 conversation;

  if (run == 0 || !find_conversation_of (self, run, &conversation, &id, error) ||
      !da_rows_append (self, conversation, id, request->messages, FALSE, error) ||
      !append_request (self, run, request, error) ||
      !end_run (self, run, request->run, error))
    return NULL;
  return DA_STORE_OK;
}

void
da_store_finish_run_async (DaStore             *self,
                           const DaRunRecord   *run,
                           GPtrArray           *messages,
                           GPtrArray           *events,
                           const char          *text,
                           gsize                text_length,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (run != NULL && run->id != NULL);

  request = g_new0 (Request, 1);
  request->run = copy_run (run);
  request->messages = da_rows_copy_messages (messages);
  request->events = copy_events (events);
  request->text = g_bytes_new (text, text_length);
  da_store_submit (self, da_store_finish_run_async, DA_STORE_WRITE, finish_job, request,
                   request_free, NULL, NULL, callback, user_data);
}

gboolean
da_store_finish_run_finish (DaStore       *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_finish_run_async, error);
}

static void
journal_destroy (gpointer data)
{
  da_run_journal_free (data);
}

#define RUNS "SELECT " DA_ROWS_RUN "FROM runs " \
             "JOIN conversations ON conversations.serial = runs.conversation "

static gpointer
load_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  Request *request = data;
  g_autoptr (DaStatement) statement = NULL;
  DaRunJournal *journal;
  GString *text;
  gint64 run = da_run_rows_need (self, request->id, error);

  if (run == 0)
    return NULL;
  statement = da_database_query (self->database, error, RUNS "WHERE runs.serial = ?", "i", run);
  if (statement == NULL || da_statement_step (statement, error) != DA_STEP_ROW)
    return NULL;
  journal = g_new0 (DaRunJournal, 1);
  journal->run = da_run_rows_read (statement);
  text = da_run_rows_load_text (self, run, error);
  if (text != NULL)
    {
      journal->events = da_run_rows_load_events (self, run, request->after, error);
      journal->text = g_utf8_make_valid (text->str, text->len);
      g_string_free (text, TRUE);
    }
  if (journal->events == NULL)
    g_clear_pointer (&journal, da_run_journal_free);
  return journal;
}

void
da_store_load_run_async (DaStore             *self,
                         const char          *run_id,
                         guint64              after,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (run_id != NULL);

  request = g_new0 (Request, 1);
  request->id = g_strdup (run_id);
  request->after = after;
  da_store_submit (self, da_store_load_run_async, DA_STORE_READ, load_job, request, request_free,
                   journal_destroy, cancellable, callback, user_data);
}

DaRunJournal *
da_store_load_run_finish (DaStore       *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_load_run_async, error);
}

static void
run_free (gpointer data)
{
  da_run_record_free (data);
}

static void
runs_free (gpointer data)
{
  g_ptr_array_unref (data);
}

static gpointer
list_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  Request *request = data;
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (run_free);
  g_autoptr (DaStatement) statement = NULL;
  gint64 limit = request->limit > 0 ? (gint64) request->limit : -1;
  DaStep step;

  if (request->id != NULL)
    statement = da_database_query (self->database, error,
      RUNS "WHERE deleted_at = 0 AND runs.conversation = "
      "(SELECT serial FROM conversations WHERE id = ?) ORDER BY runs.serial DESC LIMIT ?", "ti",
      request->id, limit);
  else
    statement = da_database_query (self->database, error,
      RUNS "WHERE deleted_at = 0 ORDER BY runs.serial DESC LIMIT ?", "i", limit);
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    g_ptr_array_add (runs, da_run_rows_read (statement));
  return step == DA_STEP_DONE ? g_steal_pointer (&runs) : NULL;
}

void
da_store_list_runs_async (DaStore             *self,
                          const char          *conversation_id,
                          guint                limit,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));

  request = g_new0 (Request, 1);
  request->id = g_strdup (conversation_id);
  request->limit = limit;
  da_store_submit (self, da_store_list_runs_async, DA_STORE_READ, list_job, request, request_free,
                   runs_free, cancellable, callback, user_data);
}

GPtrArray *
da_store_list_runs_finish (DaStore       *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_list_runs_async, error);
}
