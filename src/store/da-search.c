/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-search"

#include "da-conversation-store.h"

#include "da-conversation-rows.h"
#include "da-search-index.h"
#include "da-search-text.h"

/* Full-text search. Titles come first, then messages. Up to CANDIDATES matches are ranked by bm25.
 * A word with more than that is in a hundred thousand messages as well, and weighing it would take
 * longer than anybody waits: of those the newest come first. */

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

typedef struct {
  const char *newest;    /* the newest matching serials: expression, limit */
  const char *ranked;    /* the same with their bm25 */
  const char *living;    /* the newest of those in conversations that are not deleted */
} Table;

static const Table titles = {
  "SELECT rowid, 0 FROM titles_fts WHERE titles_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
  "SELECT rowid, bm25 (titles_fts) FROM titles_fts WHERE titles_fts MATCH ? LIMIT ?",
  "SELECT titles_fts.rowid, 0 FROM titles_fts "
    "CROSS JOIN conversations ON conversations.serial = titles_fts.rowid "
    "WHERE titles_fts MATCH ? AND deleted_at = 0 ORDER BY titles_fts.rowid DESC LIMIT ?",
};

static const Table messages = {
  "SELECT rowid, 0 FROM messages_fts WHERE messages_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
  "SELECT rowid, bm25 (messages_fts) FROM messages_fts WHERE messages_fts MATCH ? LIMIT ?",
  "SELECT messages_fts.rowid, 0 FROM messages_fts "
    "CROSS JOIN messages ON messages.serial = messages_fts.rowid "
    "CROSS JOIN conversations ON conversations.serial = messages.conversation "
    "WHERE messages_fts MATCH ? AND deleted_at = 0 ORDER BY messages_fts.rowid DESC LIMIT ?",
};

static GArray *
load_candidates (DaStore     *self,
                 const char  *sql,
                 const char  *expression,
                 GError     **error)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  g_autoptr (DaStatement) statement = NULL;
  DaStep step;

  statement = da_database_query (self->database, error, sql, "ti", expression,
                                 (gint64) CANDIDATES);
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    {
      Candidate item = { da_statement_int (statement, 0), da_statement_double (statement, 1) };

      g_array_append_val (found, item);
    }
  return step == DA_STEP_DONE ? g_steal_pointer (&found) : NULL;
}

/* Looking at each candidate's conversation costs more than the search itself, so it is done only
 * when the newest ones may all be deleted. */
static gboolean
has_deleted (DaStore   *self,
             gboolean  *out,
             GError   **error)
{
  gint64 found = 0;

  if (!da_database_query_int (self->database, &found, error,
        "SELECT EXISTS (SELECT 1 FROM conversations WHERE deleted_at > 0)", ""))
    return FALSE;
  *out = found != 0;
  return TRUE;
}

static GArray *
find_candidates (DaStore      *self,
                 const Table  *table,
                 const char   *expression,
                 GError      **error)
{
  g_autoptr (GArray) found = load_candidates (self, table->newest, expression, error);
  gboolean deleted;

  if (found == NULL || found->len <= 1)
    return g_steal_pointer (&found);
  if (found->len >= CANDIDATES)
    {
      if (!has_deleted (self, &deleted, error))
        return NULL;
      return deleted ? load_candidates (self, table->living, expression, error)
                     : g_steal_pointer (&found);
    }
  g_array_unref (found);
  found = load_candidates (self, table->ranked, expression, error);
  if (found != NULL)
    g_array_sort (found, compare_candidates);
  return g_steal_pointer (&found);
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
    "SELECT id, title, updated_at FROM conversations WHERE serial = ? AND deleted_at = 0", "i",
    serial);
  if (row == NULL)
    return FALSE;
  step = da_statement_step (row, error);
  if (step != DA_STEP_ROW)
    return step == DA_STEP_DONE;
  hit = g_new0 (DaSearchHit, 1);
  hit->conversation_id = da_statement_dup_text (row, 0);
  hit->title = da_statement_dup_text (row, 1);
  hit->timestamp = da_statement_int (row, 2);
  hit->snippet = da_search_text_snippet (hit->title, (const char *const *) query->marks);
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
    "SELECT conversations.id, title, messages.id, role, timestamp, content FROM messages "
    "JOIN conversations ON conversations.serial = messages.conversation "
    "WHERE messages.serial = ? AND deleted_at = 0", "i", serial);
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
  hit->snippet = da_search_text_snippet (da_statement_text (row, 5),
                                         (const char *const *) query->marks);
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
  found = find_candidates (self, &titles, query.expression, error);
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
  found = find_candidates (self, &messages, query.expression, error);
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

  if (!da_search_index_catch_up (self, error) ||
      !search_titles (self, request, hits, error) ||
      !search_messages (self, request, hits, error))
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
