/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 E.7: the questions that wait behind a run. The queue itself is the engine's
 * (da-message-queue.h); here are the words clients know for it.
 */

#define G_LOG_DOMAIN "da-server-queues"

#include "da-routes-operator-queues.h"

#include "da-error.h"
#include "da-json.h"
#include "da-message-queue.h"
#include "da-reply.h"

typedef struct {
  DaRequest  *request;
  const char *action;
  char       *conversation_id;
  char       *message_id;          /* (nullable) */
} Order;

static void
order_clear (Order *order)
{
  g_free (order->conversation_id);
  g_free (order->message_id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Order, order_clear)

/* @started: -1 leaves the member out. (transfer full) */
static char *
dup_details (const Order *order,
             int          started)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (128);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "conversationId", order->conversation_id);
  da_json_writer_opt_string (writer, "messageId", order->message_id);
  if (started >= 0)
    da_json_writer_boolean (writer, "processingStarted", started);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

static void
succeed (const Order *order,
         int          started,
         const char  *message)
{
  g_autofree char *details = dup_details (order, started);

  da_request_audit (order->request, order->action, details, NULL);
  da_reply_action (order->request, order->action, TRUE, message, details);
}

/* Failures have the shape of an action too; what a queue does not allow is a conflict. */
static void
refuse (const Order *order,
        unsigned     status,
        const char  *message)
{
  g_autofree char *details = dup_details (order, -1);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);

  da_request_audit (order->request, order->action, details, message);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", FALSE);
  da_json_writer_string (writer, "action", order->action);
  da_json_writer_string (writer, "message", message);
  da_json_writer_string (writer, "error", message);
  da_json_writer_raw (writer, "details", details);
  da_json_writer_end_object (writer);
  da_reply_json (order->request, status, g_steal_pointer (&writer));
}

static void
refuse_error (const Order  *order,
              const GError *error)
{
  gboolean is_invalid = g_error_matches (error, DA_ERROR, DA_ERROR_INVALID);

  refuse (order, is_invalid ? SOUP_STATUS_BAD_REQUEST : SOUP_STATUS_CONFLICT, error->message);
}

/* FALSE: an id is blank, and that was answered. */
static gboolean
begin (Order      *order,
       DaRequest  *request,
       const char *action,
       gboolean    with_message)
{
  order->request = request;
  order->action = action;
  order->conversation_id
    = g_strstrip (g_strdup (da_request_get_param (request, "conversationId")));
  if (with_message)
    order->message_id = g_strstrip (g_strdup (da_request_get_param (request, "messageId")));
  if (*order->conversation_id != '\0' && (!with_message || *order->message_id != '\0'))
    return TRUE;
  refuse (order, SOUP_STATUS_BAD_REQUEST, "An id is missing");
  return FALSE;
}

static void
write_message (DaJsonWriter          *writer,
               const DaMessageQueue  *queue,
               const DaQueuedMessage *message)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", message->id);
  da_json_writer_string (writer, "conversationId", queue->conversation_id);
  da_json_writer_opt_string (writer, "sessionId", message->session_id);
  da_json_writer_string (writer, "text", message->text);
  da_json_writer_int (writer, "createdAt", message->created_at);
  da_json_writer_string (writer, "status", da_queued_state_to_string (message->state));
  da_json_writer_opt_string (writer, "errorMessage", message->error);
  da_json_writer_boolean (writer, "addedToHistory", message->is_stored);
  da_json_writer_end_object (writer);
}

void
da_queues_list (DaRequest *request)
{
  g_autoptr(GPtrArray) queues = da_engine_list_queues (da_request_get_engine (request));
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (1024);
  guint n_messages = 0;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "count", queues->len);
  da_json_writer_begin_array (writer, "queues");
  for (guint i = 0; i < queues->len; i++)
    {
      const DaMessageQueue *queue = g_ptr_array_index (queues, i);

      n_messages += queue->messages->len;
      da_json_writer_begin_object (writer, NULL);
      da_json_writer_string (writer, "conversationId", queue->conversation_id);
      da_json_writer_boolean (writer, "isPaused", queue->is_paused);
      da_json_writer_int (writer, "messageCount", queue->messages->len);
      da_json_writer_begin_array (writer, "messages");
      for (guint j = 0; j < queue->messages->len; j++)
        write_message (writer, queue, g_ptr_array_index (queue->messages, j));
      da_json_writer_end_array (writer);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  da_json_writer_int (writer, "totalMessages", n_messages);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

void
da_queues_pause (DaRequest *request)
{
  g_auto(Order) order = { 0 };

  if (!begin (&order, request, "message-queue-pause", FALSE))
    return;
  da_engine_pause_queue (da_request_get_engine (request), order.conversation_id);
  succeed (&order, -1, "The queue is paused");
}

void
da_queues_resume (DaRequest *request)
{
  g_auto(Order) order = { 0 };
  gboolean started;

  if (!begin (&order, request, "message-queue-resume", FALSE))
    return;
  started = da_engine_resume_queue (da_request_get_engine (request), order.conversation_id);
  succeed (&order, started, "The queue goes on");
}

void
da_queues_clear (DaRequest *request)
{
  g_auto(Order) order = { 0 };
  g_autoptr(GError) error = NULL;

  if (!begin (&order, request, "message-queue-clear", FALSE))
    return;
  if (da_engine_clear_queue (da_request_get_engine (request), order.conversation_id, &error)
      || g_error_matches (error, DA_ERROR, DA_ERROR_NOT_FOUND))
    succeed (&order, -1, "The queue is empty");
  else
    refuse_error (&order, error);
}

void
da_queues_remove (DaRequest *request)
{
  g_auto(Order) order = { 0 };
  g_autoptr(GError) error = NULL;

  if (!begin (&order, request, "message-queue-message-remove", TRUE))
    return;
  if (da_engine_remove_queued (da_request_get_engine (request), order.conversation_id,
                               order.message_id, &error))
    succeed (&order, -1, "The message was removed");
  else
    refuse_error (&order, error);
}

void
da_queues_retry (DaRequest *request)
{
  g_auto(Order) order = { 0 };
  g_autoptr(GError) error = NULL;
  gboolean started = FALSE;

  if (!begin (&order, request, "message-queue-message-retry", TRUE))
    return;
  if (da_engine_retry_queued (da_request_get_engine (request), order.conversation_id,
                              order.message_id, &started, &error))
    succeed (&order, started, "The message is tried again");
  else
    refuse_error (&order, error);
}

void
da_queues_edit (DaRequest *request)
{
  g_auto(Order) order = { 0 };
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  JsonNode *body = da_request_get_json (request);
  const char *given = NULL;

  if (!begin (&order, request, "message-queue-message-update", TRUE))
    return;
  if (body != NULL && JSON_NODE_HOLDS_OBJECT (body))
    given = da_json_get_string (json_node_get_object (body), "text");
  text = g_strstrip (g_strdup (given != NULL ? given : ""));
  if (*text == '\0')
    refuse (&order, SOUP_STATUS_BAD_REQUEST, "\"text\" must not be empty");
  else if (da_engine_edit_queued (da_request_get_engine (request), order.conversation_id,
                                  order.message_id, text, &error))
    succeed (&order, FALSE, "The message was changed");
  else
    refuse_error (&order, error);
}
