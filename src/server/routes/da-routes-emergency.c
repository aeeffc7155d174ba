/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 10 section 5.4: the emergency stop. The smallest group, and the one to read first: a
 * table of rows at the end, a handler for each, one answer per request.
 */

#define G_LOG_DOMAIN "da-server-emergency"

#include "da-routes.h"

#include "da-reply.h"
#include "da-request.h"

static void
emergency_stop (DaRequest *request)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);
  g_autofree char *message = NULL;
  DaStopReport report = { 0 };

  da_engine_emergency_stop (da_request_get_engine (request), &report);
  message = report.sessions == 0 ? g_strdup ("Nothing was running")
            : report.sessions == 1 ? g_strdup ("Stopped 1 session")
            : g_strdup_printf ("Stopped %u sessions", report.sessions);
  da_request_audit (request, "emergency-stop", NULL, NULL);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  da_json_writer_string (writer, "message", message);
  da_json_writer_int (writer, "processesKilled", report.processes_killed);
  da_json_writer_int (writer, "processesRemaining", report.processes_remaining);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

const DaRoute da_routes_emergency[] = {
  { "POST", "/v1/emergency-stop", DA_SCOPE_OPERATOR, 0,
    DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES | DA_ROUTE_AUDIT, emergency_stop },
  { NULL },
};
