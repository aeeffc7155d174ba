/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-reply"

#include "da-reply.h"

#include <stdarg.h>
#include <string.h>

#include "da-limits.h"
#include "da-reply-status.h"
#include "da-request-private.h"
#include "da-server-private.h"

#define KEEP_ALIVE "timeout=" G_STRINGIFY (DA_LIMIT_KEEP_ALIVE_SECONDS)
#define JSON_TYPE "application/json; charset=utf-8"
/* What a page may read of an answer besides the body. */
#define EXPOSED   "X-TTS-Provider, Retry-After, ETag, Content-Range, Accept-Ranges, " \
                  "X-DotAgents-Run-Id"

void
_da_request_add_headers (DaRequest          *self,
                         SoupMessageHeaders *headers,
                         const char         *content_type)
{
  if (content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", content_type);
  soup_message_headers_append (headers, "X-Content-Type-Options", "nosniff");
  if (soup_message_headers_get_one (headers, "Cache-Control") == NULL)
    soup_message_headers_append (headers, "Cache-Control", "no-store");
  soup_message_headers_append (headers, "Vary", "Origin");
  soup_message_headers_append (headers, "Keep-Alive", KEEP_ALIVE);

  if (self->allow_origin)
    {
      SoupMessageHeaders *asked = soup_server_message_get_request_headers (self->message);

      soup_message_headers_append (headers, "Access-Control-Allow-Origin",
                                   soup_message_headers_get_one (asked, "Origin"));
      soup_message_headers_append (headers, "Access-Control-Expose-Headers", EXPOSED);
    }
}

/* An answer to a request that is not all here, and never will be: libsoup would first read the
 * rest, all of it. The answer goes out now and the connection ends. */
static void
answer_raw (DaRequest  *self,
            guint       status,
            GBytes     *body)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  gboolean is_head = strcmp (soup_server_message_get_method (self->message), "HEAD") == 0;
  g_autoptr (GString) answer = g_string_sized_new (512);
  SoupMessageHeadersIter iter;
  const char *name, *value;
  gsize length = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &length) : NULL;

  g_string_append_printf (answer, "HTTP/1.1 %u %s\r\n", status, soup_status_get_phrase (status));
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strcasecmp (name, "Keep-Alive") != 0)
      g_string_append_printf (answer, "%s: %s\r\n", name, value);
  if (status != 204)
    g_string_append_printf (answer, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
  g_string_append (answer, "Connection: close\r\n\r\n");
  if (!is_head && data != NULL)
    g_string_append_len (answer, data, (gssize) length);

  da_guard_stream_answer (self->connection->guard, answer->str, answer->len);
}

void
_da_request_respond (DaRequest  *self,
                     guint       status,
                     const char *content_type,
                     GBytes     *body)
{
  SoupMessageBody *response;

  g_assert (self->status == 0);
  if (_da_request_is_gone (self))
    return;

  self->status = status;
  _da_request_add_headers (self, soup_server_message_get_response_headers (self->message),
                           content_type);
  if (!self->is_dispatched && !da_guard_stream_is_complete (self->connection->guard))
    {
      answer_raw (self, status, body);
      return;
    }

  soup_server_message_set_status (self->message, status, NULL);
  response = soup_server_message_get_response_body (self->message);
  soup_message_body_set_accumulate (response, FALSE);
  if (body != NULL)
    soup_message_body_append_bytes (response, body);
  _da_request_resume (self);
}

void
da_reply_json (DaRequest    *request,
               guint         status,
               DaJsonWriter *writer)
{
  g_autoptr (GBytes) body = da_json_writer_free_to_bytes (writer);

  _da_request_respond (request, status, JSON_TYPE, body);
}

void
da_reply_json_bytes (DaRequest *request,
                     guint      status,
                     GBytes    *json)
{
  _da_request_respond (request, status, JSON_TYPE, json);
}

void
da_reply_error (DaRequest  *request,
                guint       status,
                const char *format,
                ...)
{
  DaJsonWriter *writer;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  writer = da_json_writer_new (64);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "error", text);
  da_json_writer_end_object (writer);
  da_reply_json (request, status, writer);
}

void
_da_reply_gerror_as (DaRequest           *request,
                     const GError        *error,
                     const DaReplyStatus *how)
{
  if (how->retry_after > 0)
    {
      g_autofree char *seconds = g_strdup_printf ("%u", how->retry_after);

      soup_message_headers_replace (soup_server_message_get_response_headers (request->message),
                                    "Retry-After", seconds);
    }

  if (how->is_internal)
    {
      g_warning ("%s %s failed: %s", soup_server_message_get_method (request->message),
                 request->match.route != NULL ? request->match.route->pattern : "-",
                 error->message);
      da_reply_error (request, how->status, "%s", soup_status_get_phrase (how->status));
    }
  else
    {
      da_reply_error (request, how->status, "%s", error->message);
    }
}

void
da_reply_gerror (DaRequest    *request,
                 const GError *error)
{
  DaReplyStatus how;

  g_assert (error != NULL);
  /* Cancelled means that nobody waits for an answer any more. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && _da_request_is_gone (request))
    return;

  how = da_reply_status_for_error (error);
  _da_reply_gerror_as (request, error, &how);
}

void
da_reply_action (DaRequest  *request,
                 const char *action,
                 gboolean    success,
                 const char *message,
                 const char *details_json)
{
  DaJsonWriter *writer = da_json_writer_new (256);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", success);
  da_json_writer_string (writer, "action", action);
  da_json_writer_string (writer, "message", message);
  if (!success)
    da_json_writer_string (writer, "error", message);
  da_json_writer_opt_raw (writer, "details", details_json);
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

static gboolean
has_tag (const char *list,
         const char *etag)
{
  g_auto (GStrv) tags = NULL;

  if (list == NULL)
    return FALSE;

  tags = g_strsplit (list, ",", 32);
  for (gsize i = 0; tags[i] != NULL; i++)
    {
      const char *tag = g_strstrip (tags[i]);

      /* For a GET a weak tag is as good as a strong one. */
      if (g_str_has_prefix (tag, "W/"))
        tag += 2;
      if (strcmp (tag, "*") == 0 || strcmp (tag, etag) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
add_etag (DaRequest  *request,
          const char *etag)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);

  soup_message_headers_replace (headers, "ETag", etag);
  /* The tag is of no use to a client that may not keep the answer. */
  soup_message_headers_replace (headers, "Cache-Control", "private, no-cache");
}

gboolean
da_reply_not_modified (DaRequest  *request,
                       const char *etag)
{
  if (!has_tag (da_request_get_header (request, "If-None-Match"), etag))
    return FALSE;

  add_etag (request, etag);
  _da_request_respond (request, 304, NULL, NULL);
  return TRUE;
}

void
da_reply_json_etag (DaRequest    *request,
                    const char   *etag,
                    DaJsonWriter *writer)
{
  if (da_reply_not_modified (request, etag))
    {
      da_json_writer_free (writer);
      return;
    }

  add_etag (request, etag);
  da_reply_json (request, 200, writer);
}
