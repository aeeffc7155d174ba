/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 10 sections 5.1 and 5.2: sessions a repeated task can continue, and the answer to a tool
 * that waits for permission.
 */

#define G_LOG_DOMAIN "da-server-sessions"

#include "da-routes.h"

#include <math.h>

#include "da-json.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-route-shapes.h"

#define CANDIDATES_DEFAULT 20
#define CANDIDATES_MAX 100

/* FALSE: it is there and is no number; "count" would fall back (contract 10 5.1). */
static gboolean
parse_limit (const char *text,
             guint      *out)
{
  char *end = NULL;
  double value;

  *out = CANDIDATES_DEFAULT;
  if (text == NULL || *text == '\0')
    return TRUE;
  value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (value))
    return FALSE;
  *out = (guint) CLAMP (floor (value), 1, CANDIDATES_MAX);
  return TRUE;
}

static void
candidates (DaRequest *request)
{
  g_autoptr(GPtrArray) active = NULL;
  g_autoptr(GPtrArray) finished = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;
  guint limit;

  if (!parse_limit (da_request_get_query (request, "limit"), &limit))
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "\"limit\" must be a number");
      return;
    }
  da_shape_split_sessions (da_request_get_engine (request), &active, &finished);
  writer = da_json_writer_new (1024);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_begin_array (writer, "activeSessions");
  for (guint i = 0; i < active->len; i++)
    da_shape_candidate (writer, g_ptr_array_index (active, i));
  da_json_writer_end_array (writer);
  da_json_writer_begin_array (writer, "completedSessions");
  for (guint i = 0; i < MIN (finished->len, limit); i++)
    da_shape_candidate (writer, g_ptr_array_index (finished, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

/* No tool runs yet, so nothing waits: every id is an unknown one, and the contract has an answer
 * for that (200 with success false). */
static void
respond_to_approval (DaRequest *request)
{
  const char *id = da_request_get_param (request, "approvalId");
  JsonObject *body = da_request_need_object (request);
  g_autoptr(DaJsonWriter) writer = NULL;
  g_autoptr(GError) error = NULL;
  gboolean approved;

  if (body == NULL)
    return;
  if (*id == '\0')
    {
      da_reply_error (request, SOUP_STATUS_BAD_REQUEST, "The approval id is missing");
      return;
    }
  if (!da_json_need_boolean (body, "approved", &approved, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  writer = da_json_writer_new (128);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", FALSE);
  da_json_writer_string (writer, "approvalId", id);
  da_json_writer_boolean (writer, "approved", approved);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

const DaRoute da_routes_sessions[] = {
  { "GET", "/v1/agent-sessions/candidates", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, candidates },
  { "POST", "/v1/agent-sessions/tool-approvals/:approvalId/respond", DA_SCOPE_CHAT, 64 * 1024, 0,
    respond_to_approval },
  { NULL },
};
