/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-gate"

#include "da-gate-private.h"

#include <string.h>

#include "da-clock.h"
#include "da-limits.h"
#include "da-reply.h"
#include "da-request-private.h"
#include "da-server-private.h"

#define METHODS "GET, POST, PUT, PATCH, DELETE, OPTIONS"
/* What the app, the SDKs and our own routes know (contract 10 1.4 and 40). */
#define HEADERS "Content-Type, Authorization, X-Device-Id, X-DotAgents-Device-Id, " \
                "X-DotAgents-On-Disconnect"
#define MAX_ASKED_HEADERS 1024

static const char *
get_header (DaRequest  *request,
            const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (request->message),
                                       name);
}

static void
refuse_host (DaRequest    *request,
             const DaHost *host)
{
  g_autofree char *name = NULL;

  /* No list lets 0.0.0.0 in, so there is nothing to offer. */
  if (!da_host_is_unspecified (host))
    name = g_strdup_printf (host->family == 6 ? "[%s]" : "%s", host->name);
  da_remote_access_set_refused (request->context->remote, name, NULL);
  _da_request_refuse (request, DA_REFUSAL_HOST, name);
  _da_request_respond (request, 403, NULL, NULL);
}

static void
refuse_origin (DaRequest  *request,
               const char *origin)
{
  da_remote_access_set_refused (request->context->remote, NULL, origin);
  _da_request_refuse (request, DA_REFUSAL_ORIGIN, origin);
  da_reply_error (request, 403, "This origin is not allowed");
}

/* DNS rebinding: a foreign page whose name was turned to our address sends its own name as Host,
 * and no Origin with a GET. Nothing is told to it, not even an error text. */
static gboolean
check_host (DaRequest *request)
{
  DaConnection *connection = request->connection;
  DaGate *gate = request->context->gate;
  const char *text;
  DaHost host;

  if (connection->entrance == DA_ENTRANCE_LOCAL)
    return TRUE;

  text = get_header (request, "Host");
  if (text == NULL)
    text = "";
  if (connection->good_generation == gate->generation && connection->good_host != NULL
      && strcmp (text, connection->good_host) == 0)
    return TRUE;

  if (!da_host_parse (text, &host))
    {
      da_reply_error (request, 400, "Host is malformed");
      return FALSE;
    }
  if (!da_gate_allows_host (gate, &host, connection->local))
    {
      refuse_host (request, &host);
      return FALSE;
    }

  g_free (connection->good_host);
  connection->good_host = g_strdup (text);
  connection->good_generation = gate->generation;
  return TRUE;
}

/* The header names a browser asks for, when they are names. Keys travel in a header, not in a
 * cookie, so allowing more names gives a page nothing it has not got. */
static gboolean
is_name_list (const char *text)
{
  gsize length = strlen (text);

  if (length == 0 || length > MAX_ASKED_HEADERS)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_, ", text[i]) == NULL)
      return FALSE;

  return TRUE;
}

static void
answer_preflight (DaRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  const char *asked = get_header (request, "Access-Control-Request-Headers");

  if (request->allow_origin)
    {
      g_autofree char *names = NULL;

      if (asked != NULL && is_name_list (asked))
        names = g_strconcat (HEADERS ", ", asked, NULL);
      soup_message_headers_replace (headers, "Access-Control-Allow-Methods", METHODS);
      soup_message_headers_replace (headers, "Access-Control-Allow-Headers",
                                    names != NULL ? names : HEADERS);
      soup_message_headers_replace (headers, "Access-Control-Max-Age", "86400");
    }

  _da_request_respond (request, 204, NULL, NULL);
}

static gboolean
check_origin (DaRequest *request)
{
  const char *origin = get_header (request, "Origin");
  const char *site;

  if (origin != NULL)
    request->allow_origin = da_gate_allows_origin (request->context->gate, origin);

  if (strcmp (soup_server_message_get_method (request->message), "OPTIONS") == 0)
    {
      answer_preflight (request);
      return FALSE;
    }
  if (request->allow_origin)
    return TRUE;
  if (origin != NULL)
    {
      g_autofree char *normal = da_origin_normalize (origin);

      refuse_origin (request, normal);
      return FALSE;
    }

  /* A page can make a browser send a request without Origin, but not without this. */
  site = get_header (request, "Sec-Fetch-Site");
  if (site != NULL && strcmp (site, "cross-site") == 0)
    {
      refuse_origin (request, NULL);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_key (DaRequest *request)
{
  DaServerContext *context = request->context;
  const char *value;
  gint64 now;
  guint wait;

  if (request->connection->entrance == DA_ENTRANCE_LOCAL)
    {
      request->identity = da_access_local (context->access);
      _da_request_identified (request);
      return TRUE;
    }

  value = get_header (request, "Authorization");
  if (value == NULL || !g_str_has_prefix (value, "Bearer "))
    {
      _da_request_refuse (request, DA_REFUSAL_KEY, NULL);
      da_reply_error (request, 401, "Unauthorized");
      return FALSE;
    }

  now = da_clock_monotonic_us ();
  wait = da_throttler_locked (context->throttler, request->address, now);
  if (wait > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%u", wait);

      soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                    "Retry-After", seconds);
      _da_request_refuse (request, DA_REFUSAL_LIMIT, NULL);
      da_reply_error (request, 429, "Too many wrong keys; wait %u seconds", wait);
      return FALSE;
    }

  request->identity = da_access_authenticate (context->access, value + strlen ("Bearer "),
                                              request->address,
                                              get_header (request, "User-Agent"));
  if (request->identity != NULL)
    {
      _da_request_identified (request);
      return TRUE;
    }

  da_throttler_failed (context->throttler, request->address, now);
  _da_request_refuse (request, DA_REFUSAL_KEY, NULL);
  da_reply_error (request, 401, "Unauthorized");
  return FALSE;
}

static gboolean
check_route (DaRequest  *request,
             const char *path)
{
  const char *method = soup_server_message_get_method (request->message);

  switch (da_router_match (request->context->router, method, path, &request->match))
    {
    case DA_ROUTE_BAD_PATH:
      da_reply_error (request, 400, "The path is malformed");
      return FALSE;
    case DA_ROUTE_UNKNOWN_PATH:
      da_reply_error (request, 404, "Not Found");
      return FALSE;
    case DA_ROUTE_WRONG_METHOD:
      soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                    "Allow", request->match.allow);
      da_reply_error (request, 405, "Method Not Allowed");
      return FALSE;
    case DA_ROUTE_FOUND:
    default:
      break;
    }

  if ((request->identity->scopes & request->match.route->scope) != request->match.route->scope)
    {
      _da_request_refuse (request, DA_REFUSAL_SCOPE, NULL);
      da_reply_error (request, 403, "This key may not do that");
      return FALSE;
    }
  return TRUE;
}

/* What a proxy or a tunnel program adds; a request that has one of these comes from elsewhere
 * even when its connection comes from this machine (contract 10 10.1, 4). */
static gboolean
is_from_here (DaRequest *request)
{
  static const char *const proxy_headers[] = {
    "X-Forwarded-For", "Forwarded", "CF-Connecting-IP", "X-Real-IP", "Tailscale-User-Login",
  };

  if (request->connection->entrance == DA_ENTRANCE_LOCAL)
    return TRUE;
  if (request->connection->entrance != DA_ENTRANCE_NETWORK || !request->connection->is_loopback)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (proxy_headers); i++)
    if (get_header (request, proxy_headers[i]) != NULL)
      return FALSE;

  return TRUE;
}

static gboolean
check_device (DaRequest *request)
{
  DaGate *gate = request->context->gate;
  const char *device = NULL;

  if ((request->match.route->flags & DA_ROUTE_DEVICES) == 0 || !da_gate_guards_devices (gate))
    return TRUE;
  if (is_from_here (request))
    return TRUE;

  device = da_request_get_device_header (request);
  if (da_gate_allows_device (gate, device)
      || da_gate_allows_device (gate, request->identity->device_id))
    return TRUE;

  da_request_audit (request, "device-access-denied", NULL,
                    device == NULL ? "missing-device-id" : "device-not-allowed");
  _da_request_refuse (request, DA_REFUSAL_SCOPE, NULL);
  da_reply_error (request, 403, device == NULL ? "A trusted device id is needed"
                                               : "This device is not trusted");
  return FALSE;
}

static gboolean
check_type (DaRequest          *request,
            SoupMessageHeaders *headers)
{
  const char *type, *encoding;

  encoding = soup_message_headers_get_one (headers, "Content-Encoding");
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      da_reply_error (request, 415, "Compressed bodies are not taken");
      return FALSE;
    }
  if ((request->match.route->flags & DA_ROUTE_BODY_ANY) != 0)
    return TRUE;

  /* A form or plain text is what a foreign page can send without asking; JSON is not. */
  type = soup_message_headers_get_content_type (headers, NULL);
  if (type != NULL && g_ascii_strcasecmp (type, "application/json") == 0)
    return TRUE;

  da_reply_error (request, 415, "The content type must be application/json");
  return FALSE;
}

static gboolean
check_body (DaRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const DaRoute *route = request->match.route;
  gboolean chunked = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED;
  goffset length = chunked ? 0 : soup_message_headers_get_content_length (headers);

  if (!chunked && length <= 0)
    return TRUE;

  request->has_body = TRUE;
  if ((route->flags & DA_ROUTE_NO_BODY) != 0)
    request->body_limit = DA_LIMIT_IGNORED_BODY_BYTES;
  else
    request->body_limit = route->body_limit > 0 ? route->body_limit : DA_LIMIT_BODY_BYTES;

  if (!check_type (request, headers))
    return FALSE;
  if ((guint64) length > request->body_limit)
    {
      _da_request_refuse (request, DA_REFUSAL_LIMIT, NULL);
      da_reply_error (request, 413, "The body is too large");
      return FALSE;
    }
  if (request->context->body_bytes + (gsize) length > DA_LIMIT_BODIES_BYTES)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                    "Retry-After", "2");
      _da_request_refuse (request, DA_REFUSAL_LIMIT, NULL);
      da_reply_error (request, 503, "Too many large bodies at once");
      return FALSE;
    }

  _da_request_expect_body (request, length);
  return TRUE;
}

/* libsoup answers Range by itself, several ranges and all, for any answer: not with our answers. */
static void
keep_range (DaRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *range = soup_message_headers_get_one (headers, "Range");

  if (range == NULL)
    return;
  request->range = g_strdup (range);
  soup_message_headers_remove (headers, "Range");
}

void
da_gate_check (DaServerContext   *context,
               SoupServerMessage *message,
               const char        *path,
               GHashTable        *query)
{
  DaConnection *connection = da_connection_from_message (message);
  DaRequest *request;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (connection == NULL)
    {
      soup_server_message_set_status (message, 403, NULL);
      return;
    }

  g_assert (connection->request == NULL);
  request = _da_request_new (context, connection, message, query);
  connection->request = request;
  keep_range (request);

  if (check_host (request) && check_origin (request) && check_key (request)
      && check_route (request, path) && check_device (request))
    check_body (request);
}
