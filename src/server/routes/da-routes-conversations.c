/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 10 section 4, reading: the list (with ETag, paging and search as additions), one
 * conversation, its images and videos. Writing is in da-routes-conversations-write.c.
 */

#define G_LOG_DOMAIN "da-server-conversations"

#include "da-routes.h"

#include <string.h>

#include "da-engine-conversations.h"
#include "da-path.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-route-shapes.h"
#include "da-routes-conversations.h"

#define SEARCH_LIMIT 50
#define SEARCH_LIMIT_MAX 200
#define LIST_LIMIT_MAX 1000

const char *
da_conversations_need_id (DaRequest *request)
{
  const char *id = da_request_get_param (request, "id");
  g_autoptr(GError) error = NULL;

  if (da_path_check_id (id, &error))
    return id;
  da_reply_gerror (request, error);
  return NULL;
}

/*
 * The list. It changes exactly when the store's generation does; the start time is part of the tag
 * so that a counter which begins anew cannot repeat one.
 */
static char *
list_etag (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);

  return g_strdup_printf ("\"c%" G_GINT64_FORMAT "-%" G_GUINT64_FORMAT "\"",
                          da_engine_get_start_time (engine), da_engine_get_generation (engine));
}

typedef struct {
  DaRequest *request;
  char      *etag;
  guint      limit;
} ListState;

static void
list_state_free (ListState *state)
{
  da_request_unref (state->request);
  g_free (state->etag);
  g_free (state);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ListState, list_state_free)

static void
on_list (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(ListState) state = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;

  items = da_engine_list_conversations_finish (DA_ENGINE (source), result, &error);
  if (items == NULL)
    {
      da_reply_gerror (state->request, error);
      return;
    }
  writer = da_json_writer_new (64 + items->len * 768);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_begin_array (writer, "conversations");
  for (guint i = 0; i < items->len; i++)
    {
      da_json_writer_begin_object (writer, NULL);
      da_shape_conversation_item (writer, g_ptr_array_index (items, i));
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  if (state->limit > 0 && items->len == state->limit)
    {
      DaConversation *last = g_ptr_array_index (items, items->len - 1);

      da_json_writer_int (writer, "nextBefore", last->updated_at);
    }
  da_json_writer_end_object (writer);
  da_reply_json_etag (state->request, state->etag, g_steal_pointer (&writer));
}

/* Search: hits in order of relevance, each with the list item's own members and the place. */
typedef struct {
  DaRequest *request;
  GPtrArray *hits;
} SearchState;

static void
search_state_free (SearchState *state)
{
  da_request_unref (state->request);
  g_clear_pointer (&state->hits, g_ptr_array_unref);
  g_free (state);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SearchState, search_state_free)

/* The marks around matches are for the window; a client gets plain text. */
static char *
plain_snippet (const char *snippet)
{
  GString *text = g_string_new (NULL);

  for (const char *p = snippet; *p != '\0'; p++)
    if (*p != '\002' && *p != '\003')
      g_string_append_c (text, *p);
  return g_string_free (text, FALSE);
}

static void
write_hit (DaJsonWriter      *writer,
           DaConversationHit *hit,
           DaConversation    *conversation)
{
  g_autofree char *snippet = plain_snippet (hit->snippet != NULL ? hit->snippet : "");

  da_json_writer_begin_object (writer, NULL);
  da_shape_conversation_item (writer, conversation);
  da_json_writer_string (writer, "snippet", snippet);
  da_json_writer_opt_string (writer, "messageId", hit->message_id);
  if (hit->message_id != NULL)
    da_json_writer_string (writer, "role", da_role_to_string (hit->role));
  da_json_writer_end_object (writer);
}

/* (transfer full): borrows from @items. */
static GHashTable *
index_by_id (GPtrArray *items)
{
  GHashTable *by_id = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < items->len; i++)
    {
      DaConversation *conversation = g_ptr_array_index (items, i);

      g_hash_table_insert (by_id, conversation->id, conversation);
    }
  return by_id;
}

static void
on_list_for_search (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(SearchState) state = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(GHashTable) by_id = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;

  items = da_engine_list_conversations_finish (DA_ENGINE (source), result, &error);
  if (items == NULL)
    {
      da_reply_gerror (state->request, error);
      return;
    }
  by_id = index_by_id (items);
  writer = da_json_writer_new (64 + state->hits->len * 1024);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "query", da_request_get_query (state->request, "q"));
  da_json_writer_begin_array (writer, "conversations");
  for (guint i = 0; i < state->hits->len; i++)
    {
      DaConversationHit *hit = g_ptr_array_index (state->hits, i);
      DaConversation *conversation = g_hash_table_lookup (by_id, hit->conversation_id);

      /* Several messages of one conversation match: the best one stands for it. */
      if (conversation != NULL)
        write_hit (writer, hit, conversation);
      g_hash_table_remove (by_id, hit->conversation_id);
    }
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (state->request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
on_search (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(SearchState) state = user_data;
  g_autoptr(GError) error = NULL;
  DaConversationFilter filter = { 0 };
  GCancellable *cancellable = da_request_get_cancellable (state->request);

  state->hits = da_engine_search_finish (DA_ENGINE (source), result, &error);
  if (state->hits == NULL)
    {
      da_reply_gerror (state->request, error);
      return;
    }
  da_engine_list_conversations_async (DA_ENGINE (source), &filter, cancellable,
                                      on_list_for_search, g_steal_pointer (&state));
}

static void
search (DaRequest  *request,
        const char *query)
{
  SearchState *state = g_new0 (SearchState, 1);

  state->request = da_request_ref (request);
  da_engine_search_async (da_request_get_engine (request), query,
                          da_request_get_count (request, "limit", SEARCH_LIMIT, SEARCH_LIMIT_MAX),
                          da_request_get_cancellable (request), on_search, state);
}

static void
list (DaRequest *request)
{
  const char *query = da_request_get_query (request, "q");
  const char *before = da_request_get_query (request, "before");
  DaConversationFilter filter = { 0 };
  ListState *state;
  g_autofree char *etag = NULL;

  if (query != NULL && *query != '\0')
    {
      search (request, query);
      return;
    }
  etag = list_etag (request);
  if (da_reply_not_modified (request, etag))
    return;
  if (da_request_get_query (request, "limit") != NULL)
    filter.limit = da_request_get_count (request, "limit", LIST_LIMIT_MAX, LIST_LIMIT_MAX);
  if (before != NULL && *before != '\0'
      && !g_ascii_string_to_signed (before, 10, 1, G_MAXINT64, &filter.before, NULL))
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST,
                      "\"before\" must be a time in milliseconds");
      return;
    }
  state = g_new0 (ListState, 1);
  state->request = da_request_ref (request);
  state->etag = g_steal_pointer (&etag);
  state->limit = filter.limit;
  da_engine_list_conversations_async (da_request_get_engine (request), &filter,
                                      da_request_get_cancellable (request), on_list, state);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) conversation = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;

  conversation = da_engine_load_conversation_finish (DA_ENGINE (source), result, &error);
  if (conversation == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  writer = da_json_writer_new (4096);
  da_shape_conversation (writer, conversation, DA_SHAPE_METADATA);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
get_one (DaRequest *request)
{
  const char *id = da_conversations_need_id (request);

  if (id != NULL)
    da_engine_load_conversation_async (da_request_get_engine (request), id,
                                       da_request_get_cancellable (request), on_loaded,
                                       da_request_ref (request));
}

static void
on_asset (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  DaAsset *asset = da_engine_find_asset_finish (DA_ENGINE (source), result, &error);

  if (asset == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  da_reply_file (request, asset->path, asset->content_type);
  da_asset_free (asset);
}

static void
find_asset (DaRequest *request,
            gboolean   video)
{
  const char *id = da_conversations_need_id (request);

  if (id != NULL)
    da_engine_find_asset_async (da_request_get_engine (request), id,
                                da_request_get_param (request, "fileName"), video,
                                da_request_get_cancellable (request), on_asset,
                                da_request_ref (request));
}

static void
get_image (DaRequest *request)
{
  find_asset (request, FALSE);
}

static void
get_video (DaRequest *request)
{
  find_asset (request, TRUE);
}

const DaRoute da_routes_conversations[] = {
  { "GET", "/v1/conversations", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, list },
  { "POST", "/v1/conversations", DA_SCOPE_CHAT, 0, 0, da_conversations_create },
  { "DELETE", "/v1/conversations", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY,
    da_conversations_delete_all },
  { "GET", "/v1/conversations/:id", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, get_one },
  { "PUT", "/v1/conversations/:id", DA_SCOPE_CHAT, 0, 0, da_conversations_put },
  { "DELETE", "/v1/conversations/:id", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY,
    da_conversations_delete },
  { "POST", "/v1/conversations/:id/branch", DA_SCOPE_CHAT, 64 * 1024, 0,
    da_conversations_branch },
  { "GET", "/v1/conversations/:id/assets/images/:fileName", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY,
    get_image },
  { "GET", "/v1/conversations/:id/assets/videos/:fileName", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY,
    get_video },
  { NULL },
};
