/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-rows"

#include "da-conversation-rows.h"

#include "da-attachment-files.h"
#include "da-conversation-summary.h"
#include "da-error.h"
#include "da-path.h"
#include "da-search-text.h"

/* The preview and the last message are made from so many messages at either end. */
#define SUMMARY_MESSAGES 12

DaConversation *
da_rows_read_conversation (DaStatement *row)
{
  DaConversation *conversation = g_object_new (DA_TYPE_CONVERSATION, NULL);
  int column = 1;

  conversation->id = da_statement_dup_text (row, column++);
  conversation->title = da_statement_dup_text (row, column++);
  conversation->title_source = da_statement_dup_text (row, column++);
  conversation->client_session_id = da_statement_dup_text (row, column++);
  conversation->profile_id = da_statement_dup_text (row, column++);
  conversation->device_id = da_statement_dup_text (row, column++);
  conversation->branch_source = da_statement_dup_text (row, column++);
  conversation->metadata = da_statement_dup_text (row, column++);
  conversation->created_at = da_statement_int (row, column++);
  conversation->updated_at = da_statement_int (row, column++);
  conversation->last_message_at = da_statement_int (row, column++);
  conversation->message_count = da_statement_int (row, column++);
  conversation->last_message = da_statement_dup_text (row, column++);
  conversation->preview = da_statement_dup_text (row, column++);
  return conversation;
}

gint64
da_rows_find (DaStore     *self,
              const char  *id,
              GError     **error)
{
  gint64 serial = 0;

  da_database_query_int (self->database, &serial, error,
                         "SELECT serial FROM conversations WHERE id = ? AND deleted_at = 0", "t",
                         id);
  return serial;
}

gint64
da_rows_need (DaStore     *self,
              const char  *id,
              GError     **error)
{
  g_autoptr (GError) local = NULL;
  gint64 serial = da_rows_find (self, id, &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (serial == 0)
    da_store_set_not_found (error, "conversation", id);
  return serial;
}

static DaMessage *
read_message (DaStatement *row)
{
  DaMessage *message = g_object_new (DA_TYPE_MESSAGE, NULL);
  int column = 0;

  message->id = da_statement_dup_text (row, column++);
  if (!da_role_from_string (da_statement_text (row, column++), &message->role))
    message->role = DA_ROLE_ASSISTANT;
  message->content = da_statement_dup_text (row, column++);
  message->timestamp = da_statement_int (row, column++);
  message->tool_calls = da_statement_dup_text (row, column++);
  message->tool_results = da_statement_dup_text (row, column++);
  message->display_content = da_statement_dup_text (row, column++);
  message->run_id = da_statement_dup_text (row, column++);
  message->finish_reason = da_statement_dup_text (row, column++);
  message->sequence = da_statement_int (row, column++);
  message->is_summary = da_statement_int (row, column++) != 0;
  return message;
}

static GPtrArray *
read_messages (DaStatement  *statement,
               GError      **error)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
  DaStep step;

  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    g_ptr_array_add (messages, read_message (statement));
  return step == DA_STEP_DONE ? g_steal_pointer (&messages) : NULL;
}

GPtrArray *
da_rows_load_messages (DaStore  *self,
                       gint64    conversation,
                       gint64    first,
                       gint64    last,
                       GError  **error)
{
  g_autoptr (DaStatement) statement = NULL;

  statement = da_database_query (self->database, error,
    "SELECT id, role, content, timestamp, tool_calls, tool_results, display_content, run_id, "
    "finish_reason, sequence, is_summary FROM messages "
    "WHERE conversation = ? AND sequence BETWEEN ? AND ? ORDER BY sequence",
    "iii", conversation, first, last);
  return statement != NULL ? read_messages (statement, error) : NULL;
}

DaConversation *
da_rows_load (DaStore     *self,
              const char  *id,
              GError     **error)
{
  g_autoptr (DaStatement) statement = NULL;
  g_autoptr (DaConversation) conversation = NULL;
  DaStep step;

  statement = da_database_query (self->database, error,
    "SELECT " DA_ROWS_CONVERSATION "FROM conversations WHERE id = ? AND deleted_at = 0", "t", id);
  if (statement == NULL)
    return NULL;
  step = da_statement_step (statement, error);
  if (step != DA_STEP_ROW)
    {
      if (step == DA_STEP_DONE)
        da_store_set_not_found (error, "conversation", id);
      return NULL;
    }
  conversation = da_rows_read_conversation (statement);
  conversation->messages = da_rows_load_messages (self, da_statement_int (statement, 0), 0,
                                                  G_MAXINT64, error);
  return conversation->messages != NULL ? g_steal_pointer (&conversation) : NULL;
}

gboolean
da_rows_erase (DaStore  *self,
               gint64    conversation,
               GError  **error)
{
  /* The messages first and by name: their triggers take them out of the search index. The serial
   * of the newest one may be given again, so what is indexed ends before it. The rest follows by
   * foreign key. */
  return da_database_run (self->database, error, "DELETE FROM messages WHERE conversation = ?", "i",
                          conversation) &&
         da_database_run (self->database, error,
                          "UPDATE search_progress SET indexed = min (indexed, "
                          "(SELECT ifnull (max (serial), 0) FROM messages))", "") &&
         da_database_run (self->database, error, "DELETE FROM conversations WHERE serial = ?", "i",
                          conversation);
}

static gboolean
make_room (DaStore     *self,
           const char  *id,
           GError     **error)
{
  g_autoptr (GError) local = NULL;
  gint64 serial = 0, deleted = 0;

  if (!da_database_query_int (self->database, &serial, &local,
                              "SELECT serial FROM conversations WHERE id = ?", "t", id))
    {
      if (local == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!da_database_query_int (self->database, &deleted, error,
                              "SELECT deleted_at FROM conversations WHERE serial = ?", "i", serial))
    return FALSE;
  if (deleted > 0)
    return da_rows_erase (self, serial, error);
  g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, "There is a conversation \"%s\" already", id);
  return FALSE;
}

gint64
da_rows_insert (DaStore         *self,
                DaConversation  *conversation,
                GError         **error)
{
  g_autofree char *grams = da_search_text_grams (conversation->title);

  if (!da_path_check_id (conversation->id, error) || !make_room (self, conversation->id, error))
    return 0;
  if (!da_database_run (self->database, error,
        "INSERT INTO conversations (id, title, title_grams, title_source, client_session_id, "
        "profile_id, device_id, branch_source, metadata, created_at, stored_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "tttttttttiii",
        conversation->id, conversation->title, grams, conversation->title_source,
        conversation->client_session_id, conversation->profile_id, conversation->device_id,
        conversation->branch_source, conversation->metadata, conversation->created_at,
        conversation->updated_at, conversation->updated_at))
    return 0;
  return da_database_last_serial (self->database);
}

static GPtrArray *
load_excerpts (DaStore     *self,
               const char  *sql,
               gint64       conversation,
               GError     **error)
{
  g_autoptr (DaStatement) statement = NULL;

  statement = da_database_query (self->database, error, sql, "iii", (gint64) SUMMARY_MESSAGES,
                                 (gint64) DA_SUMMARY_CONTENT_CHARACTERS, conversation);
  return statement != NULL ? read_messages (statement, error) : NULL;
}

#define EXCERPT "SELECT id, role, substr(content, 1, ?2), timestamp, tool_calls, NULL, " \
                "substr(display_content, 1, ?2), NULL, NULL, sequence, is_summary "

static char *
make_preview (DaStore  *self,
              gint64    conversation,
              GError  **error)
{
  g_autoptr (GPtrArray) first = NULL;

  first = load_excerpts (self, EXCERPT "FROM messages WHERE conversation = ?3 AND sequence < ?1 "
                         "ORDER BY sequence", conversation, error);
  return first != NULL ? da_summary_preview (first) : NULL;
}

static char *
make_last_message (DaStore  *self,
                   gint64    conversation,
                   GError  **error)
{
  g_autoptr (GPtrArray) last = NULL;

  last = load_excerpts (self, EXCERPT "FROM (SELECT * FROM messages WHERE conversation = ?3 "
                        "ORDER BY sequence DESC LIMIT ?1) ORDER BY sequence", conversation, error);
  return last != NULL ? da_summary_last_message (last) : NULL;
}

/* Brings the list fields up to date. The beginning of a long conversation is what it was, and the
 * last message is mostly known to the caller: this is on the way of every message that somebody
 * waits for. @last: (nullable): the last visible message, when it was just appended as it is. */
static gboolean
refresh (DaStore    *self,
         gint64      conversation,
         gint64      was_count,
         gint64      now_count,
         gint64      newest,
         DaMessage  *last,
         GError    **error)
{
  g_autofree char *preview = NULL;
  g_autofree char *last_message = NULL;

  if (was_count < SUMMARY_MESSAGES)
    {
      preview = make_preview (self, conversation, error);
      if (preview == NULL)
        return FALSE;
    }
  if (last != NULL)
    {
      g_autoptr (GPtrArray) alone = g_ptr_array_new ();

      g_ptr_array_add (alone, last);
      last_message = da_summary_last_message (alone);
    }
  else
    {
      last_message = make_last_message (self, conversation, error);
      if (last_message == NULL)
        return FALSE;
    }
  return da_database_run (self->database, error,
    "UPDATE conversations SET preview = ifnull (?2, preview), last_message = ?3, "
    "message_count = ?4, last_message_at = max (last_message_at, ?5), "
    "updated_at = max (stored_at, last_message_at, ?5) WHERE serial = ?1",
    "ittii", conversation, preview, last_message, now_count, newest);
}

static gboolean
next_sequence (DaStore  *self,
               gint64    conversation,
               gint64   *next,
               GError  **error)
{
  return da_database_query_int (self->database, next, error,
    "SELECT ifnull(max(sequence) + 1, 0) FROM messages WHERE conversation = ?", "i", conversation);
}

gboolean
da_rows_touch (DaStore  *self,
               gint64    conversation,
               gint64    stored_at,
               GError  **error)
{
  gint64 count = 0;

  return da_database_run (self->database, error,
                          "UPDATE conversations SET stored_at = ?2 WHERE serial = ?1", "ii",
                          conversation, stored_at) &&
         next_sequence (self, conversation, &count, error) &&
         refresh (self, conversation, 0, count, 0, NULL, error);
}

gboolean
da_rows_set_title (DaStore     *self,
                   gint64       conversation,
                   const char  *title,
                   const char  *source,
                   GError     **error)
{
  g_autofree char *grams = da_search_text_grams (title);

  return da_database_run (self->database, error,
    "UPDATE conversations SET title = ?2, title_grams = ?3, title_source = ?4 WHERE serial = ?1",
    "ittt", conversation, title, grams, source);
}

static gboolean
insert_message (DaStore     *self,
                gint64       conversation,
                gint64       sequence,
                DaMessage   *message,
                const char  *content,
                const char  *display_content,
                GError     **error)
{
  g_autofree char *grams = message->role != DA_ROLE_TOOL ? da_search_text_grams (content) : NULL;

  return da_database_run (self->database, error,
    "INSERT INTO messages (conversation, sequence, id, role, content, grams, timestamp, "
    "tool_calls, tool_results, display_content, run_id, finish_reason, is_summary) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation, id) DO NOTHING",
    "iittttittttti",
    conversation, sequence, message->id, da_role_to_string (message->role), content, grams,
    message->timestamp, message->tool_calls, message->tool_results, display_content,
    message->run_id, message->finish_reason, (gint64) message->is_summary);
}

static gboolean
says_the_same (DaMessage  *last,
               DaMessage  *message,
               const char *content)
{
  g_autofree char *before = NULL;
  g_autofree char *now = NULL;

  if (last->role != message->role)
    return FALSE;
  before = g_strstrip (g_strdup (last->content));
  now = g_strstrip (g_strdup (content));
  return g_str_equal (before, now);
}

typedef struct {
  gint64     conversation;
  const char *id;
  gint64     next;       /* sequence of the next message */
  gint64     newest;     /* the greatest time of those appended */
  DaMessage *repeated;   /* (nullable) the last stored one, when saying it again is left out */
  DaMessage *last;       /* (nullable) the last visible one appended as it is */
  gboolean   rewritten;  /* pictures were moved out of one appended */
} Append;

/* One whose id is stored already is left out. */
static gboolean
append_one (DaStore    *self,
            Append     *append,
            DaMessage  *message,
            GError    **error)
{
  g_autofree char *content = NULL;
  g_autofree char *display = NULL;

  if (!da_attachment_files_move_pictures (self, append->conversation, append->id,
                                          message->content, &content, error) ||
      !da_attachment_files_move_pictures (self, append->conversation, append->id,
                                          message->display_content, &display, error))
    return FALSE;
  if (append->repeated != NULL && says_the_same (append->repeated, message, content))
    return TRUE;
  if (!insert_message (self, append->conversation, append->next, message, content, display, error))
    return FALSE;
  if (da_database_changes (self->database) == 0)
    return TRUE;
  self->index_due = TRUE;
  append->next++;
  append->newest = MAX (append->newest, message->timestamp);
  append->rewritten |= g_strcmp0 (content, message->content) != 0 ||
                       g_strcmp0 (display, message->display_content) != 0;
  if (da_summary_is_visible (message))
    append->last = message;
  return TRUE;
}

gboolean
da_rows_append (DaStore     *self,
                gint64       conversation,
                const char  *conversation_id,
                GPtrArray   *messages,
                gboolean     skip_repeat,
                GError     **error)
{
  Append append = { .conversation = conversation, .id = conversation_id };
  g_autoptr (GPtrArray) tail = NULL;
  gint64 was_count;

  if (messages == NULL || messages->len == 0)
    return TRUE;
  if (!next_sequence (self, conversation, &append.next, error))
    return FALSE;
  was_count = append.next;
  if (skip_repeat && was_count > 0)
    {
      tail = da_rows_load_messages (self, conversation, was_count - 1, was_count - 1, error);
      if (tail == NULL)
        return FALSE;
      append.repeated = tail->pdata[0];
    }
  for (guint i = 0; i < messages->len; i++)
    {
      DaMessage *message = messages->pdata[i];

      /* System messages are for the model only. */
      if (message->role == DA_ROLE_SYSTEM)
        continue;
      if (!append_one (self, &append, message, error))
        return FALSE;
      append.repeated = NULL;
    }
  if (append.next == was_count)
    return TRUE;
  return refresh (self, conversation, was_count, append.next, append.newest,
                  append.rewritten ? NULL : append.last, error);
}

GPtrArray *
da_rows_copy_messages (GPtrArray *messages)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; messages != NULL && i < messages->len; i++)
    g_ptr_array_add (copy, g_object_ref (messages->pdata[i]));
  return copy;
}

DaConversation *
da_rows_copy_conversation (DaConversation *conversation)
{
  DaConversation *copy = da_conversation_new (conversation->id);

  g_free (copy->title);
  copy->title = g_strdup (conversation->title);
  copy->title_source = g_strdup (conversation->title_source);
  copy->client_session_id = g_strdup (conversation->client_session_id);
  copy->profile_id = g_strdup (conversation->profile_id);
  copy->device_id = g_strdup (conversation->device_id);
  copy->branch_source = g_strdup (conversation->branch_source);
  copy->metadata = g_strdup (conversation->metadata);
  copy->created_at = conversation->created_at;
  copy->updated_at = conversation->updated_at;
  copy->messages = da_rows_copy_messages (conversation->messages);
  return copy;
}
