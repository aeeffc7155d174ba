/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Read routes of features that are not built yet. A screen of the phone shows an error when one of
 * its calls fails, so each answers the true state, well formed: there are none, it is not
 * installed, it is not connected. Whoever builds a feature takes its rows out of this table.
 * There are only reads here: a write that does nothing would be a lie, and stays 404.
 */

#define G_LOG_DOMAIN "da-server-absent"

#include "config.h"

#include "da-routes.h"

#include "da-reply.h"
#include "da-request.h"
#include "da-routes-absent.h"

/* A row: pattern, scope, further flags, status, reply. */
#define ABSENT_ROWS(ROW)                                                                        \
  /* contract 20 B: agents, skills, notes, loops */                                             \
  ROW ("/v1/agent-profiles", MANAGE, 0, 200, "{\"profiles\":[]}")                               \
  ROW ("/v1/agent-profiles/:id", MANAGE, 0, 404, "{\"error\":\"Agent profile not found\"}")     \
  ROW ("/v1/profiles", MANAGE, 0, 200, "{\"profiles\":[]}")                                     \
  ROW ("/v1/profiles/current", MANAGE, 0, 404, "{\"error\":\"Current profile not found\"}")     \
  ROW ("/v1/profiles/:id/export", MANAGE, 0, 404, "{\"error\":\"Profile not found\"}")          \
  ROW ("/v1/skills", MANAGE, 0, 200, "{\"skills\":[]}")                                         \
  ROW ("/v1/skills/:id", MANAGE, 0, 404, "{\"error\":\"Skill not found\"}")                     \
  ROW ("/v1/skills/:id/export/markdown", MANAGE, 0, 404, "{\"error\":\"Skill not found\"}")     \
  ROW ("/v1/knowledge/notes", MANAGE, 0, 200, "{\"notes\":[]}")                                 \
  ROW ("/v1/knowledge/notes/:id", MANAGE, 0, 404, "{\"error\":\"Note not found\"}")             \
  ROW ("/v1/loops", MANAGE, 0, 200, "{\"loops\":[]}")                                           \
  ROW ("/v1/loops/:id/export/markdown", MANAGE, 0, 404, "{\"error\":\"Loop not found\"}")       \
  /* contract 30 A and E.11: tool servers */                                                    \
  ROW ("/v1/mcp/servers", MANAGE, DA_ROUTE_DEVICES, 200, "{\"servers\":[]}")                    \
  ROW ("/v1/mcp/config/export", MANAGE, DA_ROUTE_DEVICES, 200,                                  \
       "{\"success\":true,\"config\":{\"mcpServers\":{}}}")                                     \
  ROW ("/v1/mcp/servers/:name/config", MANAGE, DA_ROUTE_DEVICES, 404,                           \
       "{\"error\":\"MCP server not found\"}")                                                  \
  ROW ("/v1/mcp/servers/:name/oauth", MANAGE, DA_ROUTE_DEVICES, 200,                            \
       "{\"configured\":false,\"authenticated\":false}")                                        \
  ROW ("/v1/operator/mcp", OPERATOR, DA_ROUTE_DEVICES, 200,                                     \
       "{\"totalServers\":0,\"connectedServers\":0,\"totalTools\":0,\"servers\":[]}")           \
  ROW ("/v1/operator/mcp/tools", OPERATOR, DA_ROUTE_DEVICES, 200, "{\"count\":0,\"tools\":[]}") \
  ROW ("/v1/operator/mcp/:server/logs", OPERATOR, DA_ROUTE_DEVICES, 200,                        \
       "{\"count\":0,\"logs\":[]}")                                                             \
  /* contract 30 D.3 and E.8 to E.10 */                                                         \
  ROW ("/v1/operator/providers/chatgpt-web/auth", OPERATOR, DA_ROUTE_DEVICES, 200,              \
       "{\"authenticated\":false,\"callbackUrl\":\"http://localhost:1455/auth/callback\"}")     \
  ROW ("/v1/operator/tunnel", OPERATOR, DA_ROUTE_DEVICES, 200, DA_ABSENT_TUNNEL)                \
  ROW ("/v1/operator/tunnel/setup", OPERATOR, DA_ROUTE_DEVICES, 200,                            \
       "{\"installed\":false,\"loggedIn\":false,\"mode\":\"quick\",\"autoStart\":false,"        \
       "\"namedTunnelConfigured\":false,\"credentialsPathConfigured\":false,\"tunnelCount\":0," \
       "\"tunnels\":[]}")                                                                       \
  ROW ("/v1/operator/integrations", OPERATOR, DA_ROUTE_DEVICES, 200, DA_ABSENT_INTEGRATIONS)    \
  ROW ("/v1/operator/discord", OPERATOR, DA_ROUTE_DEVICES, 200, DA_ABSENT_DISCORD)              \
  ROW ("/v1/operator/discord/logs", OPERATOR, DA_ROUTE_DEVICES, 200,                            \
       "{\"count\":0,\"logs\":[]}")                                                             \
  ROW ("/v1/operator/whatsapp", OPERATOR, DA_ROUTE_DEVICES, 200, DA_ABSENT_WHATSAPP)            \
  ROW ("/v1/operator/updater", OPERATOR, DA_ROUTE_DEVICES, 200, DA_ABSENT_UPDATER)              \
  /* contract 10 section 6 */                                                                   \
  ROW ("/v1/push/status", CHAT, 0, 200, DA_ABSENT_PUSH)

#define REPLY(pattern, scope, flags, status, json) { status, json },
#define ROUTE(pattern, scope, flags, status, json) \
  { "GET", pattern, DA_SCOPE_##scope, 0, DA_ROUTE_NO_BODY | (flags), reply_absent },

/* In the order of the rows, so that a row's place finds its reply. */
static const struct {
  unsigned    status;
  const char *json;
} replies[] = { ABSENT_ROWS (REPLY) };

static void
reply_absent (DaRequest *request)
{
  gsize row = (gsize) (da_request_get_route (request) - da_routes_absent);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);

  g_assert (row < G_N_ELEMENTS (replies));
  da_json_writer_raw (writer, NULL, replies[row].json);
  da_reply_json (request, replies[row].status, g_steal_pointer (&writer));
}

const DaRoute da_routes_absent[] = {
  ABSENT_ROWS (ROUTE)
  { NULL },
};
