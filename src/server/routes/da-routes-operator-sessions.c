/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 E.14: the buttons beside a session. "Snoozed" is the session's own property, which
 * the window reads; the server shows and hides nothing itself. The rows of E.7 are here too; their
 * handlers are in da-routes-operator-queues.c.
 */

#define G_LOG_DOMAIN "da-server-operator-sessions"

#include "da-routes.h"

#include "da-json.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-route-shapes.h"
#include "da-routes-operator-queues.h"

/* (transfer full) (nullable): the trimmed ":id"; blank: answers 400 itself. */
static char *
need_session_id (DaRequest *request)
{
  g_autofree char *id = g_strstrip (g_strdup (da_request_get_param (request, "id")));

  if (*id != '\0')
    return g_steal_pointer (&id);
  da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "The session id is missing");
  return NULL;
}

/* Answers and audits; takes @writer, an object with the details. */
static void
reply (DaRequest    *request,
       const char   *action,
       const char   *message,
       DaJsonWriter *writer)
{
  g_autofree char *details = da_json_writer_free_to_string (writer);

  da_request_audit (request, action, details, NULL);
  da_reply_action (request, action, TRUE, message, details);
}

static DaJsonWriter *
details_of (const char *session_id)
{
  DaJsonWriter *writer = da_json_writer_new (128);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "sessionId", session_id);
  return writer;
}

/* An unknown session is a success: there is nothing to snooze or wake (contract 30 E.14). */
static void
set_snoozed (DaRequest  *request,
             gboolean    snoozed,
             const char *action,
             const char *message)
{
  g_autofree char *id = need_session_id (request);
  DaSession *session;
  DaJsonWriter *writer;

  if (id == NULL)
    return;
  session = da_engine_find_session (da_request_get_engine (request), id);
  if (session != NULL)
    da_session_set_snoozed (session, snoozed);
  writer = details_of (id);
  da_json_writer_end_object (writer);
  reply (request, action, message, writer);
}

static void
show (DaRequest *request)
{
  set_snoozed (request, FALSE, "agent-session-show", "The session is shown");
}

static void
snooze (DaRequest *request)
{
  set_snoozed (request, TRUE, "agent-session-snooze", "The session is snoozed");
}

static void
unsnooze (DaRequest *request)
{
  set_snoozed (request, FALSE, "agent-session-unsnooze", "The session is awake");
}

static void
stop (DaRequest *request)
{
  g_autofree char *id = need_session_id (request);
  g_auto(GStrv) paused = NULL;
  DaJsonWriter *writer;

  if (id == NULL)
    return;
  paused = da_engine_stop_session (da_request_get_engine (request), id);
  writer = details_of (id);
  da_json_writer_begin_array (writer, "pausedConversationIds");
  for (guint i = 0; paused != NULL && paused[i] != NULL; i++)
    da_json_writer_string (writer, NULL, paused[i]);
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  reply (request, "stop-session", "The session was stopped", writer);
}

static void
clear (DaRequest *request)
{
  g_autofree char *id = need_session_id (request);
  DaJsonWriter *writer;
  gboolean removed;

  if (id == NULL)
    return;
  removed = da_engine_clear_sessions (da_request_get_engine (request), id) > 0;
  writer = details_of (id);
  da_json_writer_boolean (writer, "removed", removed);
  da_json_writer_end_object (writer);
  reply (request, "agent-session-clear",
         removed ? "The session was removed from the list" : "No finished session has this id",
         writer);
}

static void
clear_inactive (DaRequest *request)
{
  guint n = da_engine_clear_sessions (da_request_get_engine (request), NULL);
  DaJsonWriter *writer = da_json_writer_new (64);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "clearedCount", n);
  da_json_writer_end_object (writer);
  reply (request, "agent-sessions-clear-inactive", "Finished sessions were removed", writer);
}

/* (transfer full) (element-type DaSession): those named in the body, or all that are active. */
static GPtrArray *
sessions_to_snooze (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  JsonNode *body = da_request_get_json (request);
  JsonArray *ids = NULL;
  g_autoptr(GPtrArray) active = NULL;
  g_autoptr(GPtrArray) finished = NULL;
  GPtrArray *chosen;

  if (body != NULL && JSON_NODE_HOLDS_OBJECT (body))
    ids = da_json_get_array (json_node_get_object (body), "sessionIds");
  da_shape_split_sessions (engine, &active, &finished);
  if (ids == NULL)
    return g_steal_pointer (&active);

  chosen = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonNode *node = json_array_get_element (ids, i);
      const char *id = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      DaSession *session = id != NULL ? da_engine_find_session (engine, id) : NULL;

      if (session != NULL)
        g_ptr_array_add (chosen, g_object_ref (session));
    }
  return chosen;
}

static void
snooze_and_hide_panel (DaRequest *request)
{
  g_autoptr(GPtrArray) sessions = sessions_to_snooze (request);
  DaJsonWriter *writer = da_json_writer_new (256);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_begin_array (writer, "sessionIds");
  for (guint i = 0; i < sessions->len; i++)
    {
      DaSession *session = g_ptr_array_index (sessions, i);

      da_session_set_snoozed (session, TRUE);
      da_json_writer_string (writer, NULL, da_session_get_id (session));
    }
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  reply (request, "agent-sessions-snooze-hide-panel", "Sessions are snoozed", writer);
}

#define ACTION(pattern, flags, handler) \
  { "POST", "/v1/operator/sessions/" pattern, DA_SCOPE_OPERATOR, 64 * 1024, \
    DA_ROUTE_DEVICES | DA_ROUTE_AUDIT | (flags), handler }

#define QUEUE(method, pattern, flags, handler) \
  { method, "/v1/operator/message-queues" pattern, DA_SCOPE_OPERATOR, 1024 * 1024, \
    DA_ROUTE_DEVICES | (flags), handler }

const DaRoute da_routes_operator_sessions[] = {
  ACTION (":id/show", DA_ROUTE_NO_BODY, show),
  ACTION (":id/snooze", DA_ROUTE_NO_BODY, snooze),
  ACTION (":id/unsnooze", DA_ROUTE_NO_BODY, unsnooze),
  ACTION (":id/stop", DA_ROUTE_NO_BODY, stop),
  ACTION (":id/clear", DA_ROUTE_NO_BODY, clear),
  ACTION ("clear-inactive", DA_ROUTE_NO_BODY, clear_inactive),
  ACTION ("snooze-and-hide-panel", 0, snooze_and_hide_panel),

  QUEUE ("GET", "", DA_ROUTE_NO_BODY, da_queues_list),
  QUEUE ("POST", "/:conversationId/pause", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, da_queues_pause),
  QUEUE ("POST", "/:conversationId/resume", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, da_queues_resume),
  QUEUE ("POST", "/:conversationId/clear", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, da_queues_clear),
  QUEUE ("DELETE", "/:conversationId/messages/:messageId", DA_ROUTE_NO_BODY, da_queues_remove),
  QUEUE ("POST", "/:conversationId/messages/:messageId/retry",
         DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, da_queues_retry),
  QUEUE ("PATCH", "/:conversationId/messages/:messageId", 0, da_queues_edit),
  { NULL },
};
