/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 10 section 4.4, writing. A write that was begun is finished even when the client hangs
 * up, so none of them takes the request's cancellable.
 */

#define G_LOG_DOMAIN "da-server-conversations"

#include "da-routes-conversations.h"

#include <string.h>

#include "da-clock.h"
#include "da-engine-conversations.h"
#include "da-error.h"
#include "da-json.h"
#include "da-reply.h"
#include "da-route-shapes.h"

#define CLIENT_SESSION_ID_MAX 200
#define NEW_CONVERSATION_TITLE "New Conversation"

static void
reply_conversation (DaRequest      *request,
                    unsigned        status,
                    DaConversation *conversation,
                    DaShapeFlags    flags)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (4096);

  da_shape_conversation (writer, conversation, flags);
  da_reply_json (request, status, g_steal_pointer (&writer));
}

/* A client's optional time: FALSE and an error when it is there but is no time. */
static gboolean
take_time (JsonObject  *object,
           const char  *name,
           gint64      *out,
           GError     **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node) || da_shape_take_number (node, out))
    return TRUE;
  g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "\"%s\" must be a time in milliseconds", name);
  return FALSE;
}

/* (transfer full): trimmed and cut at the end of a character; (nullable): blank. */
static char *
clean_client_session_id (const char *text)
{
  g_autofree char *trimmed = NULL;

  if (text == NULL)
    return NULL;
  trimmed = g_strstrip (g_strdup (text));
  if (g_utf8_strlen (trimmed, -1) > CLIENT_SESSION_ID_MAX)
    *g_utf8_offset_to_pointer (trimmed, CLIENT_SESSION_ID_MAX) = '\0';
  return *trimmed != '\0' ? g_steal_pointer (&trimmed) : NULL;
}

/* An array of objects as text, or FALSE when it is something else. */
static gboolean
take_calls (JsonObject  *object,
            const char  *name,
            guint        index,
            char       **out,
            GError     **error)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "messages[%u].%s must be an array", index, name);
      return FALSE;
    }
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      {
        g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                     "messages[%u].%s[%u] must be an object", index, name, i);
        return FALSE;
      }
  if (json_array_get_length (array) > 0)
    *out = da_json_to_string (node, FALSE);
  return TRUE;
}

/* (transfer full) (nullable): role and text of message @index. */
static DaMessage *
parse_text (JsonObject  *object,
            guint        index,
            GError     **error)
{
  JsonNode *content;
  const char *role_name;
  DaRole role;

  role_name = da_json_get_string (object, "role");
  if (role_name == NULL || !da_role_from_string (role_name, &role) || role == DA_ROLE_SYSTEM)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "messages[%u].role must be \"user\", \"assistant\" or \"tool\"", index);
      return NULL;
    }
  content = json_object_get_member (object, "content");
  if (content == NULL || !JSON_NODE_HOLDS_VALUE (content)
      || json_node_get_value_type (content) != G_TYPE_STRING)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "messages[%u].content must be a string", index);
      return NULL;
    }
  return da_message_new (role, json_node_get_string (content));
}

/* (transfer full) (nullable): message @index of a client's list. Its id is not taken over. */
static DaMessage *
parse_message (JsonNode  *node,
               guint      index,
               GError   **error)
{
  g_autoptr(DaMessage) message = NULL;
  JsonObject *object;
  gint64 timestamp;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "messages[%u] must be an object", index);
      return NULL;
    }
  object = json_node_get_object (node);
  message = parse_text (object, index, error);
  if (message == NULL)
    return NULL;
  timestamp = message->timestamp;
  if (!take_time (object, "timestamp", &timestamp, error))
    {
      g_prefix_error (error, "messages[%u]: ", index);
      return NULL;
    }
  message->timestamp = timestamp;
  if (!take_calls (object, "toolCalls", index, &message->tool_calls, error)
      || !take_calls (object, "toolResults", index, &message->tool_results, error))
    return NULL;
  return g_steal_pointer (&message);
}

/* (transfer full) (nullable): NULL with an error; @out NULL and TRUE when there is no list. */
static gboolean
take_messages (JsonObject  *object,
               GPtrArray  **out,
               GError     **error)
{
  g_autoptr(GPtrArray) messages = NULL;
  JsonNode *node = json_object_get_member (object, "messages");
  JsonArray *array;

  *out = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID, "\"messages\" must be an array");
      return FALSE;
    }
  array = json_node_get_array (node);
  messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      DaMessage *message = parse_message (json_array_get_element (array, i), i, error);

      if (message == NULL)
        return FALSE;
      g_ptr_array_add (messages, message);
    }
  *out = g_steal_pointer (&messages);
  return TRUE;
}

static gboolean
take_title (JsonObject  *object,
            const char **title,
            const char **source,
            GError     **error)
{
  const char *given = da_json_get_string (object, "titleSource");

  if (!da_json_take_string (object, "title", title, error))
    return FALSE;
  if (*title != NULL && **title == '\0')
    *title = NULL;
  /* An unknown source is ignored, as the contract has it. */
  *source = given != NULL && da_conversation_title_source_valid (given) ? given : NULL;
  return TRUE;
}

/* The title that was given, else one made of the first message. */
static void
set_title (DaConversation *conversation,
           const char     *title,
           const char     *source,
           DaMessage      *first)
{
  g_clear_pointer (&conversation->title, g_free);
  g_clear_pointer (&conversation->title_source, g_free);
  conversation->title = title != NULL ? g_strdup (title)
                                      : da_conversation_title_from (first->content);
  if (*conversation->title == '\0')
    {
      g_free (conversation->title);
      conversation->title = g_strdup (NEW_CONVERSATION_TITLE);
    }
  if (source == NULL)
    source = title != NULL ? "local_generated" : "default";
  conversation->title_source = g_strdup (source);
}

/* (transfer full) (nullable): what POST /v1/conversations asks to create. */
static DaConversation *
parse_new_conversation (JsonObject  *body,
                        GError     **error)
{
  g_autoptr(DaConversation) conversation = NULL;
  g_autoptr(GPtrArray) messages = NULL;
  const char *title = NULL, *source = NULL;
  gint64 created = 0, updated = 0;

  if (!take_messages (body, &messages, error))
    return NULL;
  if (messages == NULL || messages->len == 0)
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           "\"messages\" must be an array with at least one message");
      return NULL;
    }
  if (!take_title (body, &title, &source, error)
      || !take_time (body, "createdAt", &created, error)
      || !take_time (body, "updatedAt", &updated, error))
    return NULL;

  conversation = da_conversation_new (NULL);
  set_title (conversation, title, source, g_ptr_array_index (messages, 0));
  conversation->client_session_id
    = clean_client_session_id (da_json_get_string (body, "clientSessionId"));
  if (created > 0)
    conversation->created_at = created;
  if (updated > 0)
    conversation->updated_at = updated;
  conversation->messages = g_steal_pointer (&messages);
  return g_steal_pointer (&conversation);
}

static void
on_created (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) stored = NULL;

  stored = da_engine_create_conversation_finish (DA_ENGINE (source), result, &error);
  if (stored == NULL)
    da_reply_gerror (request, error);
  else
    reply_conversation (request, SOUP_STATUS_CREATED, stored, DA_SHAPE_PLAIN);
}

void
da_conversations_create (DaRequest *request)
{
  JsonObject *body = da_request_need_object (request);
  g_autoptr(DaConversation) conversation = NULL;
  g_autoptr(GError) error = NULL;

  if (body == NULL)
    return;
  conversation = parse_new_conversation (body, &error);
  if (conversation == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  if (da_request_get_identity (request)->kind == DA_IDENTITY_DEVICE)
    {
      g_free (conversation->device_id);
      conversation->device_id = g_strdup (da_request_get_identity (request)->device_id);
    }
  da_engine_create_conversation_async (da_request_get_engine (request), conversation, NULL,
                                       on_created, da_request_ref (request));
}

/* A PUT under way; owns what the update borrows. */
typedef struct {
  DaRequest            *request;
  DaConversationUpdate  update;
  char                 *client_session_id;
} PutState;

static void
put_state_free (PutState *state)
{
  da_request_unref (state->request);
  g_clear_pointer (&state->update.messages, g_ptr_array_unref);
  g_free (state->client_session_id);
  g_free (state);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PutState, put_state_free)

static gboolean
parse_update (PutState    *state,
              JsonObject  *body,
              GError     **error)
{
  DaConversationUpdate *update = &state->update;

  if (!take_messages (body, &update->messages, error)
      || !take_title (body, &update->title, &update->title_source, error)
      || !take_time (body, "updatedAt", &update->updated_at, error))
    return FALSE;
  update->has_client_session_id = json_object_has_member (body, "clientSessionId");
  state->client_session_id
    = clean_client_session_id (da_json_get_string (body, "clientSessionId"));
  update->client_session_id = state->client_session_id;
  if (update->title != NULL && update->title_source == NULL)
    update->title_source = "manual";
  return TRUE;
}

static void
on_put (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr(PutState) state = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) stored = NULL;

  stored = da_engine_put_conversation_finish (DA_ENGINE (source), result, &error);
  if (stored == NULL)
    da_reply_gerror (state->request, error);
  else
    reply_conversation (state->request, SOUP_STATUS_OK, stored, DA_SHAPE_PLAIN);
}

void
da_conversations_put (DaRequest *request)
{
  const char *id = da_conversations_need_id (request);
  JsonObject *body = id != NULL ? da_request_need_object (request) : NULL;
  g_autoptr(PutState) state = NULL;
  g_autoptr(GError) error = NULL;
  const DaConversationUpdate *update;

  if (body == NULL)
    return;
  state = g_new0 (PutState, 1);
  state->request = da_request_ref (request);
  if (!parse_update (state, body, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  update = &state->update;
  da_engine_put_conversation_async (da_request_get_engine (request), id, update, NULL, on_put,
                                    g_steal_pointer (&state));
}

static void
on_branched (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) stored = NULL;

  stored = da_engine_branch_conversation_finish (DA_ENGINE (source), result, &error);
  if (stored == NULL)
    da_reply_gerror (request, error);
  else
    reply_conversation (request, SOUP_STATUS_OK, stored, DA_SHAPE_METADATA);
}

void
da_conversations_branch (DaRequest *request)
{
  const char *id = da_conversations_need_id (request);
  JsonObject *body = id != NULL ? da_request_need_object (request) : NULL;
  g_autoptr(GError) error = NULL;
  const char *message_id = NULL;
  gint64 index = -1;

  if (body == NULL)
    return;
  if (!da_json_take_string (body, "messageId", &message_id, &error)
      || !da_json_take_int (body, "messageIndex", 0, G_MAXINT32, &index, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  if (message_id == NULL && index < 0)
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST,
                      "\"messageIndex\" must be a whole number from 0 on");
      return;
    }
  da_engine_branch_conversation_async (da_request_get_engine (request), id,
                                       (guint) MAX (index, 0), message_id, NULL, on_branched,
                                       da_request_ref (request));
}

static void
on_deleted (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;
  gboolean one = strstr (da_request_get_route (request)->pattern, ":id") != NULL;

  /* Deleting what is not there is a success: the client wants it gone, and it is. */
  if (!da_engine_delete_conversation_finish (DA_ENGINE (source), result, &error)
      && !g_error_matches (error, DA_ERROR, DA_ERROR_NOT_FOUND))
    {
      da_reply_gerror (request, error);
      return;
    }
  writer = da_json_writer_new (128);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  if (one)
    da_json_writer_string (writer, "id", da_request_get_param (request, "id"));
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

void
da_conversations_delete (DaRequest *request)
{
  const char *id = da_conversations_need_id (request);

  if (id != NULL)
    da_engine_delete_conversation_async (da_request_get_engine (request), id, NULL, on_deleted,
                                         da_request_ref (request));
}

void
da_conversations_delete_all (DaRequest *request)
{
  da_engine_delete_conversation_async (da_request_get_engine (request), NULL, NULL, on_deleted,
                                       da_request_ref (request));
}
