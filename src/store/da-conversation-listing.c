/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-conversation"

#include "da-conversation-store.h"

#include "da-conversation-rows.h"

/* The list: one scan of conversations_activity, newest first, no message is read. */

typedef struct {
  guint  limit;
  gint64 before;
  char  *device_id;
} Query;

static void
query_free (gpointer data)
{
  Query *query = data;

  g_free (query->device_id);
  g_free (query);
}

#define LIST "SELECT " DA_ROWS_CONVERSATION "FROM conversations WHERE deleted_at = 0 AND " \
             "updated_at < ?1 "
#define ORDER "ORDER BY updated_at DESC, serial DESC LIMIT ?2"

static gpointer
list_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  Query *query = data;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (DaStatement) statement = NULL;
  gint64 before = query->before > 0 ? query->before : G_MAXINT64;
  gint64 limit = query->limit > 0 ? (gint64) query->limit : -1;
  DaStep step;

  if (query->device_id != NULL)
    statement = da_database_query (self->database, error, LIST "AND device_id = ?3 " ORDER, "iit",
                                   before, limit, query->device_id);
  else
    statement = da_database_query (self->database, error, LIST ORDER, "ii", before, limit);
  if (statement == NULL)
    return NULL;
  while ((step = da_statement_step (statement, error)) == DA_STEP_ROW)
    g_ptr_array_add (list, da_rows_read_conversation (statement));
  return step == DA_STEP_DONE ? g_steal_pointer (&list) : NULL;
}

static void
list_free (gpointer data)
{
  g_ptr_array_unref (data);
}

void
da_store_list_conversations_async (DaStore                    *self,
                                   const DaConversationQuery  *query,
                                   GCancellable               *cancellable,
                                   GAsyncReadyCallback         callback,
                                   gpointer                    user_data)
{
  Query *copy;

  g_assert (DA_IS_STORE (self));

  copy = g_new0 (Query, 1);
  if (query != NULL)
    {
      copy->limit = query->limit;
      copy->before = query->before;
      copy->device_id = g_strdup (query->device_id);
    }
  da_store_submit (self, da_store_list_conversations_async, DA_STORE_READ, list_job, copy,
                   query_free, list_free, cancellable, callback, user_data);
}

GPtrArray *
da_store_list_conversations_finish (DaStore       *self,
                                    GAsyncResult  *result,
                                    GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_list_conversations_async, error);
}
