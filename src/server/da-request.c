/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-request"

#include "da-request-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "da-client-kind.h"
#include "da-clock.h"
#include "da-heap.h"
#include "da-json.h"
#include "da-limits.h"
#include "da-reply.h"
#include "da-server-private.h"

typedef struct {
  DaEngine       *engine;
  void          (*func) (DaEngine *engine, gpointer data);
  gpointer        data;
  GDestroyNotify  destroy;
  guint           delay_ms;
} After;

static void
after_free (gpointer data)
{
  After *after = data;

  if (after->destroy != NULL)
    after->destroy (after->data);
  g_object_unref (after->engine);
  g_free (after);
}

DaRequest *
_da_request_new (DaServerContext   *context,
                 DaConnection      *connection,
                 SoupServerMessage *message,
                 GHashTable        *query)
{
  DaRequest *self = g_new0 (DaRequest, 1);

  self->ref_count = 1;
  self->context = _da_server_context_ref (context);
  self->connection = connection;
  self->message = g_object_ref (message);
  self->query = query != NULL ? g_hash_table_ref (query) : NULL;
  self->address = g_strdup (connection->address);
  self->started_us = da_clock_monotonic_us ();
  context->n_requests++;
  return self;
}

DaRequest *
da_request_ref (DaRequest *self)
{
  self->ref_count++;
  return self;
}

static void
free_body (DaRequest *self)
{
  gsize held = self->body != NULL ? self->body->len
               : self->body_bytes != NULL ? g_bytes_get_size (self->body_bytes) : 0;

  self->context->body_bytes -= held;
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_clear_pointer (&self->body_bytes, g_bytes_unref);
}

void
da_request_unref (DaRequest *self)
{
  g_assert (self->ref_count > 0);
  if (--self->ref_count > 0)
    return;

  g_assert (self->is_finished);
  free_body (self);
  da_route_match_clear (&self->match);
  g_clear_pointer (&self->identity, da_identity_unref);
  g_clear_pointer (&self->query, g_hash_table_unref);
  g_clear_pointer (&self->json, json_node_unref);
  da_heap_note_released (self->body_seen);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->message);
  g_slist_free_full (self->after, after_free);
  g_free (self->address);
  g_free (self->device_header);
  g_free (self->range);
  g_free (self->audit_action);
  g_free (self->audit_details);
  g_free (self->audit_failure);
  g_free (self->refused);
  _da_server_context_unref (self->context);
  g_free (self);
}

/* The body. */

static void
on_got_chunk (SoupServerMessage *message,
              GBytes            *chunk,
              gpointer           user_data)
{
  DaRequest *self = user_data;
  gsize length;
  const guint8 *data = g_bytes_get_data (chunk, &length);

  if (self->status != 0)
    return;

  self->body_seen += length;
  if (self->body_seen > self->body_limit)
    {
      g_clear_signal_handler (&self->chunk_handler, message);
      _da_request_refuse (self, DA_REFUSAL_LIMIT, NULL);
      da_reply_error (self, 413, "The body is too large");
      return;
    }
  if (self->body != NULL)
    {
      g_byte_array_append (self->body, data, (guint) length);
      self->context->body_bytes += length;
    }
}

void
_da_request_expect_body (DaRequest *self,
                         gint64     content_length)
{
  /* What a client declares is not what it sends: memory is taken as it comes. */
  if ((self->match.route->flags & DA_ROUTE_NO_BODY) == 0)
    self->body = g_byte_array_sized_new ((guint) CLAMP (content_length, 1024, 256 * 1024));
  self->chunk_handler = g_signal_connect (self->message, "got-chunk", G_CALLBACK (on_got_chunk),
                                          self);
}

static void
call_handler (DaRequest *self)
{
  g_autoptr (DaRequest) guard = da_request_ref (self);

  self->match.route->handler (self);
  if (self->status != 0 || self->is_taken || self->is_finished)
    return;

  _da_request_pause (self);
}

static void
parsed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (DaRequest) self = user_data;
  g_autoptr (GError) error = NULL;

  self->json = da_json_parse_finish (result, &error);
  free_body (self);
  if (self->status != 0 || self->is_finished)
    return;
  if (self->json == NULL)
    da_reply_gerror (self, error);
  else
    call_handler (self);
}

void
_da_request_dispatch (DaRequest *self)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data;

  g_clear_signal_handler (&self->chunk_handler, self->message);
  self->is_dispatched = TRUE;
  if (self->body != NULL)
    self->body_bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));

  if (self->body_bytes == NULL || (self->match.route->flags & DA_ROUTE_BODY_ANY) != 0
      || g_bytes_get_size (self->body_bytes) == 0)
    {
      call_handler (self);
      return;
    }

  data = g_bytes_get_data (self->body_bytes, &length);
  if (length > DA_JSON_INLINE_BYTES)
    {
      _da_request_pause (self);
      da_json_parse_async (self->body_bytes, self->body_limit, NULL, parsed_cb,
                           da_request_ref (self));
      return;
    }

  self->json = da_json_parse (data, length, self->body_limit, &error);
  if (self->json == NULL)
    {
      da_reply_gerror (self, error);
      return;
    }
  free_body (self);
  call_handler (self);
}

/* What handlers read. */

DaEngine *
da_request_get_engine (DaRequest *self)
{
  return self->context->engine;
}

const DaRoute *
da_request_get_route (DaRequest *self)
{
  return self->match.route;
}

DaIdentity *
da_request_get_identity (DaRequest *self)
{
  return self->identity;
}

GCancellable *
da_request_get_cancellable (DaRequest *self)
{
  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      if (self->is_cut || (self->is_finished && self->status == 0))
        g_cancellable_cancel (self->cancellable);
    }
  return self->cancellable;
}

const char *
da_request_get_param (DaRequest  *self,
                      const char *name)
{
  gsize length = strlen (name);
  guint index = 0;

  for (const char *p = self->match.route->pattern; (p = strchr (p, ':')) != NULL; index++)
    {
      p++;
      if (strncmp (p, name, length) == 0 && (p[length] == '\0' || p[length] == '/'))
        return self->match.parameters[index];
    }

  g_assert_not_reached ();
}

const char *
da_request_get_query (DaRequest  *self,
                      const char *name)
{
  return self->query == NULL ? NULL : g_hash_table_lookup (self->query, name);
}

guint
da_request_get_count (DaRequest  *self,
                      const char *name,
                      guint       fallback,
                      guint       maximum)
{
  const char *text = da_request_get_query (self, name);
  char *end = NULL;
  long long value;

  if (text == NULL)
    return MIN (fallback, maximum);

  errno = 0;
  value = strtoll (text, &end, 10);
  if (end == text)
    return MIN (fallback, maximum);
  return (guint) CLAMP (value, 1, (long long) maximum);
}

const char *
da_request_get_header (DaRequest  *self,
                       const char *name)
{
  if (g_ascii_strcasecmp (name, "Range") == 0)
    return self->range;
  return soup_message_headers_get_one (soup_server_message_get_request_headers (self->message),
                                       name);
}

JsonNode *
da_request_get_json (DaRequest *self)
{
  return self->json;
}

JsonObject *
da_request_need_object (DaRequest *self)
{
  if (self->json != NULL && JSON_NODE_HOLDS_OBJECT (self->json))
    return json_node_get_object (self->json);

  da_reply_error (self, 400, "A JSON object is needed");
  return NULL;
}

GBytes *
da_request_get_body (DaRequest *self)
{
  return self->body_bytes;
}

static gboolean
has_stainless_header (DaRequest *self)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (self->message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strncasecmp (name, "X-Stainless-", 12) == 0)
      return TRUE;

  return FALSE;
}

DaClientKind
da_request_get_client_kind (DaRequest *self)
{
  DaClientSigns signs = {
    .identity = self->identity->kind,
    .user_agent = da_request_get_header (self, "User-Agent"),
    .has_stainless = has_stainless_header (self),
    .has_origin = da_request_get_header (self, "Origin") != NULL,
    .has_requested_with = da_request_get_header (self, "X-Requested-With") != NULL,
  };

  return da_client_kind_decide (&signs);
}

/* Contract 10 1.3: runs of white space become one space, trimmed, at most 80 characters. */
static char *
clean_device (const char *text)
{
  g_autoptr (GString) out = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    return NULL;

  out = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isspace (c))
        g_string_append_unichar (out, c);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  if (g_utf8_strlen (out->str, -1) > 80)
    g_string_truncate (out, (gsize) (g_utf8_offset_to_pointer (out->str, 80) - out->str));
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);

  return out->len == 0 ? NULL : g_string_free (g_steal_pointer (&out), FALSE);
}

const char *
da_request_get_device_header (DaRequest *self)
{
  static const char *const names[] = { "X-Device-Id", "X-DotAgents-Device-Id" };

  for (gsize i = 0; self->device_header == NULL && i < G_N_ELEMENTS (names); i++)
    {
      const char *value = da_request_get_header (self, names[i]);

      if (value != NULL)
        self->device_header = clean_device (value);
    }
  return self->device_header;
}

const char *
da_request_get_remote_address (DaRequest *self)
{
  return self->address;
}

SoupServerMessage *
da_request_get_message (DaRequest *self)
{
  return self->message;
}

DaServer *
da_request_get_server (DaRequest *self)
{
  return self->context->server;
}

void
da_request_audit (DaRequest  *self,
                  const char *action,
                  const char *details_json,
                  const char *failure_reason)
{
  g_free (self->audit_action);
  g_free (self->audit_details);
  g_free (self->audit_failure);
  self->audit_action = g_strdup (action);
  self->audit_details = g_strdup (details_json);
  self->audit_failure = g_strdup (failure_reason);
}

static gboolean
on_after_due (gpointer user_data)
{
  After *after = user_data;

  after->func (after->engine, after->data);
  return G_SOURCE_REMOVE;
}

static void
schedule_after (After *after)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, after->delay_ms, on_after_due, after, after_free);
}

void
da_request_after_reply (DaRequest       *self,
                        guint            delay_ms,
                        void           (*func) (DaEngine *engine, gpointer data),
                        gpointer         data,
                        GDestroyNotify   destroy)
{
  After *after = g_new0 (After, 1);

  after->engine = g_object_ref (self->context->engine);
  after->func = func;
  after->data = data;
  after->destroy = destroy;
  after->delay_ms = delay_ms;
  if (self->is_finished)
    schedule_after (after);
  else
    self->after = g_slist_append (self->after, after);
}

/* Called at the end, by da-request-life.c. */
void
_da_request_schedule_after (DaRequest *self)
{
  for (GSList *item = self->after; item != NULL; item = item->next)
    schedule_after (item->data);
  g_clear_pointer (&self->after, g_slist_free);
}
