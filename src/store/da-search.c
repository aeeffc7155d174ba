/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-search"

#include "da-conversation-store.h"

#include "da-conversation-rows.h"
#include "da-search-text.h"

/* Full-text search. A common word is in a hundred thousand messages, and ranking all of them would
 * take longer than anybody waits: the newest CANDIDATES are ranked. Titles come first. */

#define CANDIDATES 400
#define MAX_TITLES 20
#define DEFAULT_LIMIT 50
#define MAX_LIMIT 500

typedef struct {
  char  *text;
  guint  limit;
} Request;

typedef struct {
  gint64 serial;
  double score;    /* bm25: the smaller the better */
} Candidate;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->text);
  g_free (request);
}

void
da_search_hit_free (DaSearchHit *hit)
{
  if (hit == NULL)
    return;
  g_free (hit->conversation_id);
  g_free (hit->title);
  g_free (hit->message_id);
  g_free (hit->snippet);
  g_free (hit);
}

static void
hit_destroy (gpointer data)
{
  da_search_hit_free (data);
}

static int
compare_candidates (gconstpointer a,
                    gconstpointer b)
{
  const Candidate *left = a;
  const Candidate *right = b;

  if (left->score != right->score)
    return left->score < right->score ? -1 : 1;
  return left->serial > right->serial ? -1 : left->serial < right->serial;
}

static GArray *
find_candidates (DaStore     *self,
                 const char  *sql,
                 const char  *expression,
                 gint64       limit,
                 GError     **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;

  statement = da_database_query (self->database, error, sql, "ti", expression, limit);
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      Candidate item = { da_statement_int (statement, 0), da_statement_double (statement, 1) };

      g_array_append_val (found, item);
    }
  if (step == DA_STEP_FAILED)
    return NULL;
  g_array_sort (found, compare_candidates);
  return g_steal_pointer (&found);
}

/* FTS5's snippet() folds accents as its index does; for scripts without spaces it would show the
 * grams, so those are marked in the text itself. */
static char *
make_snippet (DaStatement    *row,
              int             text_column,
              int             snippet_column,
              DaSearchQuery  *query)
{
  if (!query->dense)
    return da_statement_dup_text (row, snippet_column);
  return da_search_text_snippet (da_statement_text (row, text_column),
                                 (const char *const *) query->words);
}

static gboolean
add_title_hit (DaStore        *self,
               gint64          serial,
               DaSearchQuery  *query,
               GPtrArray      *hits,
               GError        **error)
{
  g_autoptr (DaStatement) row = NULL;
  DaSearchHit *hit;
  DaStep step;

  row = da_database_query (self->database, error,
    "SELECT id, conversations.title, updated_at, snippet (titles_fts, 0, char (2), char (3), '…', 32) "
    "FROM titles_fts JOIN conversations ON conversations.serial = titles_fts.rowid "
    "WHERE titles_fts MATCH ? AND titles_fts.rowid = ? AND deleted_at = 0", "ti",
    query->expression, serial);
  if (row == NULL)
    return FALSE;
  step = da_statement_step (row, error);
  if (step != DA_STEP_ROW)
    return step == DA_STEP_DONE;
  hit = g_new0 (DaSearchHit, 1);
  hit->conversation_id = da_statement_dup_text (row, 0);
  hit->title = da_statement_dup_text (row, 1);
  hit->timestamp = da_statement_int (row, 2);
  hit->snippet = make_snippet (row, 1, 3, query);
  g_ptr_array_add (hits, hit);
  return TRUE;
}

static gboolean
add_message_hit (DaStore        *self,
                 gint64          serial,
                 DaSearchQuery  *query,
                 GPtrArray      *hits,
                 GError        **error)
{
  g_autoptr (DaStatement) row = NULL;
  DaSearchHit *hit;
  DaStep step;

  row = da_database_query (self->database, error,
    "SELECT conversations.id, title, messages.id, role, timestamp, "
    "snippet (messages_fts, 0, char (2), char (3), '…', 32), messages.content "
    "FROM messages_fts JOIN messages ON messages.serial = messages_fts.rowid "
    "JOIN conversations ON conversations.serial = messages.conversation "
    "WHERE messages_fts MATCH ? AND messages_fts.rowid = ? AND deleted_at = 0", "ti",
    query->expression, serial);
  if (row == NULL)
    return FALSE;
  step = da_statement_step (row, error);
  if (step != DA_STEP_ROW)
    return step == DA_STEP_DONE;
  hit = g_new0 (DaSearchHit, 1);
  hit->conversation_id = da_statement_dup_text (row, 0);
  hit->title = da_statement_dup_text (row, 1);
  hit->message_id = da_statement_dup_text (row, 2);
  if (!da_role_from_string (da_statement_text (row, 3), &hit->role))
    hit->role = DA_ROLE_ASSISTANT;
  hit->timestamp = da_statement_int (row, 4);
  hit->snippet = make_snippet (row, 6, 5, query);
  g_ptr_array_add (hits, hit);
  return TRUE;
}

static gboolean
search_titles (DaStore     *self,
               Request     *request,
               GPtrArray   *hits,
               GError     **error)
{
  g_auto (DaSearchQuery) query = { 0 };
  g_autoptr (GArray) found = NULL;

  da_search_query_parse (request->text, "title", "title_grams", &query);
  if (query.expression == NULL)
    return TRUE;
  found = find_candidates (self,
    "SELECT rowid, bm25 (titles_fts) FROM titles_fts WHERE titles_fts MATCH ? "
    "ORDER BY rowid DESC LIMIT ?", query.expression, CANDIDATES, error);
  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len && hits->len < MIN (request->limit, MAX_TITLES); i++)
    if (!add_title_hit (self, g_array_index (found, Candidate, i).serial, &query, hits, error))
      return FALSE;
  return TRUE;
}

static gboolean
search_messages (DaStore     *self,
                 Request     *request,
                 GPtrArray   *hits,
                 GError     **error)
{
  g_auto (DaSearchQuery) query = { 0 };
  g_autoptr (GArray) found = NULL;

  da_search_query_parse (request->text, "content", "grams", &query);
  if (query.expression == NULL)
    return TRUE;
  found = find_candidates (self,
    "SELECT rowid, bm25 (messages_fts) FROM messages_fts WHERE messages_fts MATCH ? "
    "ORDER BY rowid DESC LIMIT ?", query.expression, CANDIDATES, error);
  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len && hits->len < request->limit; i++)
    if (!add_message_hit (self, g_array_index (found, Candidate, i).serial, &query, hits, error))
      return FALSE;
  return TRUE;
}

static gpointer
search_job (DaStore   *self,
            gpointer   data,
            GError   **error)
{
  Request *request = data;
  g_autoptr (GPtrArray) hits = g_ptr_array_new_with_free_func (hit_destroy);

  if (!search_titles (self, request, hits, error) || !search_messages (self, request, hits, error))
    return NULL;
  return g_steal_pointer (&hits);
}

static void
hits_free (gpointer data)
{
  g_ptr_array_unref (data);
}

void
da_store_search_async (DaStore             *self,
                       const char          *query,
                       guint                limit,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (query != NULL);

  request = g_new0 (Request, 1);
  request->text = g_strdup (query);
  request->limit = limit == 0 ? DEFAULT_LIMIT : MIN (limit, MAX_LIMIT);
  da_store_submit (self, da_store_search_async, DA_STORE_READ, search_job, request, request_free,
                   hits_free, cancellable, callback, user_data);
}

GPtrArray *
da_store_search_finish (DaStore       *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_search_async, error);
}
