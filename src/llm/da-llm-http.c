/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-http"

#include "config.h"

#include "da-llm-http.h"

#include <libsoup/soup.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-llm-http-drain.h"
#include "da-llm-http-wait.h"
#include "da-llm-retry.h"
#include "da-random.h"

#define MAX_CONNECTIONS      512
#define MAX_CONNECTIONS_HOST 256
#define MAX_REDIRECTS        3
#define MAX_FAILURE_BODY     (64 * 1024)
/* After the last thing that matters, a provider that neither ends nor closes is not waited for. */
#define TAIL_MS              3000
#define READ_BYTES           (16 * 1024)
/* Reads per turn of the main loop: a provider at full speed must not starve the window. */
#define READS_PER_TURN       4

struct _DaLlmHttp {
  SoupSession  *session;
  DaLlmSockets *sockets;
};

/* One call from its first byte to its last. Owned by its task; the thing being waited for (a send,
 * or the ready source) holds the task.
 *
 *   sending --head--> reading --end--> finished
 *      ^--same-origin redirect--'
 */
typedef struct {
  DaLlmHttp      *http;
  DaLlmHttpCall   call;
  GBytes         *body;
  char           *url;
  GCancellable   *abort;          /* ours: fired by the caller's, by the timer */
  GCancellable   *outer;          /* (nullable) the caller's */
  gulong          outer_id;
  SoupMessage    *message;
  GInputStream   *stream;
  GSource        *ready;
  GSource        *timer;
  gint64          last_us;        /* when something last happened */
  guint           limit_ms;       /* how long nothing may happen */
  guint           redirects;
  DaLlmHttpReply *reply;
  gboolean        is_reading;     /* within on_ready() */
  gboolean        is_tail;
  gboolean        has_connected;  /* for this message, so its connection is not a kept one */
  gboolean        wants_fresh;
} Exchange;

static void send_message (GTask *task);

void
da_llm_http_reply_free (DaLlmHttpReply *reply)
{
  if (!reply)
    return;
  g_string_free (reply->body, TRUE);
  g_clear_error (&reply->cut);
  g_free (reply);
}

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
clear_message (Exchange *self)
{
  if (self->message)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
}

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  clear_source (&self->ready);
  clear_source (&self->timer);
  if (self->outer_id)
    g_cancellable_disconnect (self->outer, self->outer_id);
  g_clear_object (&self->outer);
  g_clear_object (&self->abort);
  clear_message (self);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->reply, da_llm_http_reply_free);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->url);
  da_llm_http_unref (self->http);
  g_free (self);
}

/* Session */

static void
http_clear (gpointer data)
{
  DaLlmHttp *self = data;

  soup_session_abort (self->session);
  g_object_unref (self->session);
  da_llm_sockets_free (self->sockets);
}

DaLlmHttp *
da_llm_http_ref (DaLlmHttp *self)
{
  return g_rc_box_acquire (self);
}

void
da_llm_http_unref (DaLlmHttp *self)
{
  if (self)
    g_rc_box_release_full (self, http_clear);
}

static GProxyResolver *
make_proxy (const char *proxy)
{
  static const char *const direct[] = { "localhost", "127.0.0.0/8", "::1", NULL };
  g_auto (GStrv) ignore = g_strdupv ((char **) direct);

  return g_simple_proxy_resolver_new (proxy, ignore);
}

DaLlmHttp *
da_llm_http_new (const char *proxy,
                 const char *user_agent)
{
  DaLlmHttp *self = g_rc_box_new0 (DaLlmHttp);

  self->sockets = da_llm_sockets_new ();

  /* No timeout of libsoup's: it counts per read and cannot tell the head from a slow answer. */
  self->session = soup_session_new_with_options ("max-conns", MAX_CONNECTIONS,
                                                 "max-conns-per-host", MAX_CONNECTIONS_HOST,
                                                 "timeout", 0,
                                                 "idle-timeout", 55,
                                                 "user-agent", user_agent ? user_agent
                                                               : "DotAgents/" DA_VERSION,
                                                 NULL);
  /* A compressed stream is delayed by the compressor's buffer, and a bomb is one by definition. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  if (proxy && *proxy)
    {
      g_autoptr (GProxyResolver) resolver = make_proxy (proxy);

      soup_session_set_proxy_resolver (self->session, resolver);
    }
  return self;
}

/* End of a call */

static void
finish (GTask  *task,
        GError *error)
{
  Exchange *self = g_task_get_task_data (task);

  clear_source (&self->ready);
  clear_source (&self->timer);
  if (self->stream)
    da_llm_http_drain (g_steal_pointer (&self->stream), self->abort);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&self->reply),
                           (GDestroyNotify) da_llm_http_reply_free);
}

/* The call was aborted, by the caller or by the timer. */
static void
finish_aborted (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (self->outer && g_cancellable_set_error_if_cancelled (self->outer, &error))
    {
      finish (task, g_steal_pointer (&error));
      return;
    }
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "Nothing was received in time");
  if (!self->reply || self->reply->status >= 300)
    {
      finish (task, g_steal_pointer (&error));
      return;
    }
  if (!self->is_tail)
    self->reply->cut = g_steal_pointer (&error);
  finish (task, NULL);
}

/* Wakes whoever waits, who then sees that the call was aborted. */
static void
abort_call (Exchange *self)
{
  g_cancellable_cancel (self->abort);
  if (self->ready)
    g_source_set_ready_time (self->ready, 0);
}

/* Timer: one source that looks when the last byte came, instead of one re-armed for every token. */

static gboolean
on_timer (gpointer user_data)
{
  Exchange *self = user_data;
  gint64 quiet_ms = (da_clock_monotonic_us () - self->last_us) / 1000;

  if (quiet_ms < self->limit_ms)
    {
      gint64 left_ms = self->limit_ms - quiet_ms;

      g_source_set_ready_time (self->timer, g_get_monotonic_time () + left_ms * 1000);
      return G_SOURCE_CONTINUE;
    }
  g_source_set_ready_time (self->timer, -1);
  abort_call (self);
  return G_SOURCE_CONTINUE;
}

static void
set_limit (Exchange *self,
           guint     limit_ms)
{
  self->last_us = da_clock_monotonic_us ();
  self->limit_ms = limit_ms;
  if (!self->timer)
    {
      self->timer = g_timeout_source_new (limit_ms);
      g_source_set_callback (self->timer, on_timer, self, NULL);
      g_source_attach (self->timer, g_main_context_get_thread_default ());
    }
  g_source_set_ready_time (self->timer, g_get_monotonic_time () + (gint64) limit_ms * 1000);
}

/* Body */

static gboolean
collect (Exchange   *self,
         const char *data,
         gsize       length)
{
  gboolean is_failure = self->reply->status >= 300;
  gsize limit = is_failure ? MAX_FAILURE_BODY : self->call.max_body;
  gsize room = limit - MIN (limit, self->reply->body->len);

  g_string_append_len (self->reply->body, data, (gssize) MIN (room, length));
  return length <= room;
}

static void
tell_pause (Exchange *self,
            gboolean  has_read)
{
  if (has_read && self->call.on_pause && self->reply->status < 300)
    self->call.on_pause (self->call.user_data);
}

/* FALSE: the call is finished. */
static gboolean
take_bytes (GTask      *task,
            const char *data,
            gsize       length)
{
  Exchange *self = g_task_get_task_data (task);

  self->last_us = da_clock_monotonic_us ();
  if (!self->call.on_data || self->reply->status >= 300)
    {
      if (collect (self, data, length))
        return TRUE;
      if (self->reply->status >= 300)
        finish (task, NULL);
      else
        finish (task, g_error_new_literal (DA_ERROR, DA_ERROR_TOO_LARGE, "The answer is too long"));
      return FALSE;
    }
  switch (self->call.on_data (data, length, self->call.user_data))
    {
    case DA_LLM_HTTP_ENOUGH:
      tell_pause (self, TRUE);
      /* Whoever cancels from within the callback wants an error, also at the last byte. */
      if (g_cancellable_is_cancelled (self->abort))
        finish_aborted (task);
      else
        finish (task, NULL);
      return FALSE;
    case DA_LLM_HTTP_TAIL:
      if (!self->is_tail)
        set_limit (self, MIN (TAIL_MS, self->call.idle_ms));
      self->is_tail = TRUE;
      return TRUE;
    case DA_LLM_HTTP_MORE:
    default:
      return TRUE;
    }
}

static void
finish_read (GTask  *task,
             GError *error)
{
  Exchange *self = g_task_get_task_data (task);

  if (g_cancellable_is_cancelled (self->abort))
    {
      g_clear_error (&error);
      finish_aborted (task);
      return;
    }
  /* A failure whose body breaks off is still that failure. */
  if (self->reply->status < 300)
    self->reply->cut = error;
  else
    g_clear_error (&error);
  finish (task, NULL);
}

/* FALSE: the call is finished. */
static gboolean
read_some (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);
  char buffer[READ_BYTES];

  for (int i = 0; i < READS_PER_TURN; i++)
    {
      GPollableInputStream *stream = G_POLLABLE_INPUT_STREAM (self->stream);
      g_autoptr (GError) error = NULL;
      gssize n;

      if (g_cancellable_is_cancelled (self->abort))
        {
          finish_aborted (task);
          return FALSE;
        }
      n = g_pollable_input_stream_read_nonblocking (stream, buffer, sizeof buffer, NULL, &error);
      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          tell_pause (self, i > 0);
          return TRUE;
        }
      if (n <= 0)
        {
          tell_pause (self, i > 0);
          finish_read (task, g_steal_pointer (&error));
          return FALSE;
        }
      if (!take_bytes (task, buffer, (gsize) n))
        return FALSE;
    }
  g_source_set_ready_time (self->ready, 0);
  tell_pause (self, TRUE);
  return TRUE;
}

static gboolean
on_ready (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (G_TASK (user_data));
  Exchange *self = g_task_get_task_data (task);
  gboolean goes_on;

  if (self->is_reading)
    return G_SOURCE_CONTINUE;
  self->is_reading = TRUE;
  goes_on = read_some (task);
  self->is_reading = FALSE;
  return goes_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
read_body (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);

  g_assert (g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (self->stream)));
  self->ready = da_llm_sockets_wait (self->http->sockets, self->message, self->stream);
  g_source_set_callback (self->ready, on_ready, g_object_ref (task), g_object_unref);
  g_source_attach (self->ready, g_main_context_get_thread_default ());
}

/* Head */

static gboolean
is_same_origin (GUri *a,
                GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         g_uri_get_port (a) == g_uri_get_port (b);
}

/* (nullable) (transfer full): where the answer sends us, when it may be followed. 303 would turn
 * the question into a GET, which no provider means. */
static char *
find_redirect (Exchange *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  guint status = soup_message_get_status (self->message);
  GUri *here = soup_message_get_uri (self->message);
  g_autoptr (GUri) there = NULL;

  if (status != 301 && status != 302 && status != 307 && status != 308)
    return NULL;
  if (!location || self->redirects >= MAX_REDIRECTS)
    return NULL;
  there = g_uri_parse_relative (here, location, SOUP_HTTP_URI_FLAGS, NULL);
  if (!there || !g_uri_get_host (there) || !is_same_origin (here, there))
    return NULL;
  return g_uri_to_string (there);
}

static void
fill_reply (Exchange *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  const char *exact = soup_message_headers_get_one (headers, "retry-after-ms");
  const char *plain = soup_message_headers_get_one (headers, "Retry-After");

  self->reply = g_new0 (DaLlmHttpReply, 1);
  self->reply->status = soup_message_get_status (self->message);
  self->reply->body = g_string_new (NULL);
  self->reply->retry_after_ms = da_llm_retry_parse (plain, da_clock_now_ms ());
  if (exact && g_ascii_isdigit (*exact) && g_ascii_strtoull (exact, NULL, 10) <= G_MAXINT)
    self->reply->retry_after_ms = (gint64) g_ascii_strtoull (exact, NULL, 10);
}

static void
send_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *next = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (g_cancellable_is_cancelled (self->abort))
    {
      finish_aborted (task);
      return;
    }
  if (!self->stream && !self->has_connected && !self->wants_fresh)
    {
      /* The provider closed a kept connection while our question was on its way. */
      self->wants_fresh = TRUE;
      send_message (task);
      return;
    }
  if (!self->stream)
    {
      finish (task, g_steal_pointer (&error));
      return;
    }
  next = find_redirect (self);
  if (next)
    {
      da_llm_http_drain (g_steal_pointer (&self->stream), self->abort);
      g_free (self->url);
      self->url = g_steal_pointer (&next);
      self->redirects++;
      send_message (task);
      return;
    }
  fill_reply (self);
  set_limit (self, self->call.idle_ms);
  if (self->call.on_head && self->reply->status < 300)
    self->call.on_head (self->call.user_data);
  read_body (task);
}

/* The only place where a key becomes a header. */
static void
add_key (SoupMessage         *message,
         const DaLlmHttpCall *call)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  char *value;

  if (!call->api_key)
    return;
  if (call->key_header)
    {
      soup_message_headers_replace (headers, call->key_header, call->api_key);
      return;
    }
  value = g_strconcat ("Bearer ", call->api_key, NULL);
  soup_message_headers_replace (headers, "Authorization", value);
  da_secret_free (value);
}

/* Before the handshake, because libsoup 3.2 would offer HTTP/2, where a cancelled answer does not
 * close its connection. */
static void
on_network_event (SoupMessage        *message,
                  GSocketClientEvent  event,
                  GIOStream          *connection,
                  gpointer            user_data)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  Exchange *self = user_data;

  self->has_connected = TRUE;
  da_llm_sockets_learn (self->http->sockets, message, connection);
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
}

static SoupMessage *
make_message (Exchange *self)
{
  g_autoptr (GUri) uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupMessage) message = NULL;
  SoupMessageHeaders *headers;
  const char *scheme = uri ? g_uri_get_scheme (uri) : NULL;
  /* "Idempotent" only means that a kept connection may be used: without it libsoup connects anew
   * for every POST. It repeats nothing by itself. */
  SoupMessageFlags flags = SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
                           (self->wants_fresh ? SOUP_MESSAGE_NEW_CONNECTION
                                              : SOUP_MESSAGE_IDEMPOTENT);

  if (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0)
    return NULL;
  if (!g_uri_get_host (uri) || !*g_uri_get_host (uri))
    return NULL;
  message = soup_message_new_from_uri (self->body ? SOUP_METHOD_POST : SOUP_METHOD_GET, uri);
  headers = soup_message_get_request_headers (message);
  soup_message_set_flags (message, flags);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (self->call.accept)
    soup_message_headers_replace (headers, "Accept", self->call.accept);
  add_key (message, &self->call);
  if (self->body)
    soup_message_set_request_body_from_bytes (message, "application/json", self->body);
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), self);
  return g_steal_pointer (&message);
}

static void
send_message (GTask *task)
{
  Exchange *self = g_task_get_task_data (task);

  clear_message (self);
  self->has_connected = FALSE;
  self->message = make_message (self);
  if (!self->message)
    {
      finish (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                         "Not a web address"));
      return;
    }
  soup_session_send_async (self->http->session, self->message, G_PRIORITY_DEFAULT, self->abort,
                           send_cb, g_object_ref (task));
}

static void
on_outer_cancelled (GCancellable *outer,
                    gpointer      user_data)
{
  abort_call (user_data);
}

void
da_llm_http_send_async (DaLlmHttp           *self,
                        const DaLlmHttpCall *call,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Exchange *exchange = g_new0 (Exchange, 1);

  g_task_set_source_tag (task, da_llm_http_send_async);
  g_task_set_task_data (task, exchange, exchange_free);
  exchange->http = da_llm_http_ref (self);
  exchange->call = *call;
  exchange->url = g_strdup (call->url);
  exchange->body = call->body ? g_bytes_ref (call->body) : NULL;
  exchange->abort = g_cancellable_new ();
  if (cancellable)
    {
      exchange->outer = g_object_ref (cancellable);
      exchange->outer_id = g_cancellable_connect (cancellable, G_CALLBACK (on_outer_cancelled),
                                                  exchange, NULL);
    }
  set_limit (exchange, call->first_byte_ms);
  send_message (task);
}

DaLlmHttpReply *
da_llm_http_send_finish (GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
da_llm_http_is_key (const char *key)
{
  for (const char *p = key; *p; p++)
    {
      if (*p <= 0x20 || *p >= 0x7f)
        return FALSE;
    }
  return *key != '\0';
}
