/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-search"

#include "da-search-index.h"

/* The index follows the messages by serial. Its own transactions are not durable on their own: what
 * a crash takes back, search_progress takes back with it, and it is indexed again. */

#define SLICE 500

static gboolean
index_slice (DaStore   *self,
             gint64     from,
             gint64     to,
             GError   **error)
{
  return da_database_run (self->database, error,
           "INSERT INTO messages_fts (rowid, content, grams) SELECT serial, content, grams "
           "FROM messages WHERE serial > ? AND serial <= ? AND role <> 'tool' ORDER BY serial",
           "ii", from, to) &&
         da_database_run (self->database, error, "UPDATE search_progress SET indexed = ?", "i", to);
}

gboolean
da_search_index_slice (DaStore   *self,
                       gboolean  *more,
                       GError   **error)
{
  gint64 from = 0, newest = 0, to;

  *more = FALSE;
  if (!da_database_query_int (self->database, &from, error,
                              "SELECT indexed FROM search_progress", "") ||
      !da_database_query_int (self->database, &newest, error,
                              "SELECT ifnull (max (serial), 0) FROM messages", ""))
    return FALSE;
  if (newest > from)
    {
      to = MIN (newest, from + SLICE);
      if (!da_database_begin (self->database, FALSE, error))
        return FALSE;
      if (!index_slice (self, from, to, error))
        {
          da_database_rollback (self->database);
          return FALSE;
        }
      if (!da_database_commit (self->database, error))
        return FALSE;
      *more = to < newest;
    }
  self->index_due = *more;
  return TRUE;
}

gboolean
da_search_index_catch_up (DaStore  *self,
                          GError  **error)
{
  gboolean more = self->index_due;

  while (more)
    if (!da_search_index_slice (self, &more, error))
      return FALSE;
  return TRUE;
}
