/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-fake-llm"

#include "da-fake-llm.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <libsoup/soup.h>

#include "da-fake-llm-play.h"
#include "da-json-writer.h"
#include "da-json.h"

#define MAX_HEAD       (64 * 1024)
#define MAX_BODY       (64 * 1024 * 1024)
/* The client under test often runs on the same main loop: it must get its turns. */
#define BYTES_PER_TURN (64 * 1024)

struct _DaFakeLlm {
  GSocketService *service;
  guint16         port;
  char           *base_url;
  char           *script;
  char           *redirect;
  char           *models;
  guint           token_delay_us;

  GPtrArray      *connections;    /* (element-type Connection) open ones */
  GPtrArray      *requests;       /* (element-type DaFakeLlmRequest) */
  GHashTable     *counts;         /* script name -> times asked */
  guint           n_connections;
  guint           n_closed_early;
  guint           n_completed;
  guint           n_stolen;
  guint           n_stolen_keys;
};

typedef struct {
  DaFakeLlm         *fake;
  guint              number;
  GSocketConnection *stream;
  GString           *in;
  GString           *out;
  gsize              n_out;       /* bytes of @out that are written */
  GSource           *in_source;
  GSource           *out_source;  /* while the client reads too slowly */
  GSource           *timer;
  DaFakePlay         play;
  guint              piece;       /* next piece of the play */
  guint64            token;       /* next token of a tokens piece */
  gint64             due_us;
  DaFakeLlmRequest  *request;     /* (nullable) (unowned) the one being answered */
  guint              n_served;
  gboolean           is_busy;
  gboolean           is_stalled;
} Connection;

static gboolean connection_pump (Connection *self);

static void
request_free (gpointer data)
{
  DaFakeLlmRequest *request = data;

  g_free (request->method);
  g_free (request->path);
  g_free (request->host);
  g_free (request->authorization);
  g_free (request->goog_key);
  g_free (request->model);
  g_free (request->body);
  g_free (request);
}

static void
clear_source (GSource **source)
{
  if (*source)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
connection_free (gpointer data)
{
  Connection *self = data;

  clear_source (&self->in_source);
  clear_source (&self->out_source);
  clear_source (&self->timer);
  da_fake_play_clear (&self->play);
  g_string_free (self->in, TRUE);
  g_string_free (self->out, TRUE);
  g_io_stream_close (G_IO_STREAM (self->stream), NULL, NULL);
  g_object_unref (self->stream);
  g_free (self);
}

/* Frees @self. */
static void
connection_drop (Connection *self)
{
  g_ptr_array_remove_fast (self->fake->connections, self);
}

/* With a reset, as when a machine dies. */
static void
connection_cut (Connection *self)
{
  struct linger now = { .l_onoff = 1, .l_linger = 0 };
  int fd = g_socket_get_fd (g_socket_connection_get_socket (self->stream));

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  connection_drop (self);
}

/* Reading requests */

static char *
find_prompt (JsonObject *body)
{
  JsonArray *messages = da_json_get_array (body, "messages");

  for (guint i = messages ? json_array_get_length (messages) : 0; i > 0; i--)
    {
      JsonObject *message = da_json_array_get_object (messages, i - 1);

      if (g_strcmp0 (da_json_get_string (message, "role"), "user") == 0)
        return g_strdup (da_json_get_string (message, "content"));
    }
  return NULL;
}

static guint
count_script (DaFakeLlm  *self,
              const char *script)
{
  guint nth = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, script));

  g_hash_table_insert (self->counts, g_strdup (script), GUINT_TO_POINTER (nth + 1));
  return nth;
}

static void
play_text (Connection *self,
           const char *status_line,
           const char *json)
{
  g_autofree char *all = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                          "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                                          status_line, strlen (json), json);

  g_string_append (self->out, all);
  self->play.pieces = g_ptr_array_new ();
}

static void
play_completion (Connection *self)
{
  DaFakeLlm *fake = self->fake;
  g_autoptr (JsonNode) node = da_json_parse (self->request->body, strlen (self->request->body),
                                             MAX_BODY, NULL);
  JsonObject *body = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonObject *options = da_json_get_object (body, "stream_options");
  const char *model = da_json_get_string (body, "model");
  const char *script = fake->script;

  if (!body || !model || !da_json_get_array (body, "messages"))
    {
      play_text (self, "400 Bad Request", "{\"error\":{\"message\":\"not a chat request\"}}");
      return;
    }
  self->request->model = g_strdup (model);
  if (!script)
    script = g_str_has_prefix (model, "script:") ? model + strlen ("script:") : "echo";
  self->play = (DaFakePlay) {
    .id = g_strdup_printf ("chatcmpl-fake%u", fake->requests->len),
    .model = g_strdup (model),
    .prompt = find_prompt (body),
    .token_delay_us = fake->token_delay_us,
    .nth = count_script (fake, script),
    .stream = da_json_get_boolean (body, "stream", FALSE),
    .has_stream_options = options != NULL,
    .include_usage = da_json_get_boolean (options, "include_usage", FALSE),
    .is_reused = self->n_served > 0,
    .redirect = fake->redirect ? g_strdup (fake->redirect)
                : g_strdup_printf ("http://localhost:%u/stolen", fake->port),
  };
  if (!self->play.prompt)
    self->play.prompt = g_strdup ("(nothing)");
  if (!da_fake_play_prepare (&self->play, script))
    {
      da_fake_play_clear (&self->play);
      play_text (self, "404 Not Found", "{\"error\":{\"message\":\"There is no such script\","
                 "\"code\":\"model_not_found\"}}");
    }
}

static void
play_models (Connection *self)
{
  const char *const *names = da_fake_llm_scripts ();
  g_autoptr (GString) out = g_string_new ("{\"object\":\"list\",\"data\":[");

  if (self->fake->models)
    {
      play_text (self, "200 OK", self->fake->models);
      return;
    }
  for (guint i = 0; names[i]; i++)
    g_string_append_printf (out, "%s{\"id\":\"script:%s\",\"object\":\"model\","
                            "\"created\":1700000000,\"owned_by\":\"fake\"}",
                            i ? "," : "", names[i]);
  g_string_append (out, "]}");
  play_text (self, "200 OK", out->str);
}

static void
play_requests (Connection *self)
{
  DaFakeLlm *fake = self->fake;
  g_autoptr (DaJsonWriter) writer = da_json_writer_new (4096);
  g_autofree char *text = NULL;

  da_json_writer_begin_array (writer, NULL);
  for (guint i = 0; i < fake->requests->len; i++)
    {
      DaFakeLlmRequest *request = g_ptr_array_index (fake->requests, i);

      da_json_writer_begin_object (writer, NULL);
      da_json_writer_string (writer, "method", request->method);
      da_json_writer_string (writer, "path", request->path);
      da_json_writer_opt_string (writer, "authorization", request->authorization);
      da_json_writer_opt_string (writer, "model", request->model);
      da_json_writer_string (writer, "body", request->body);
      da_json_writer_boolean (writer, "finished", request->finished_us != 0);
      da_json_writer_boolean (writer, "closedEarly", request->closed_us != 0);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  text = da_json_writer_free_to_string (g_steal_pointer (&writer));
  play_text (self, "200 OK", text);
}

static void
count_stolen (DaFakeLlm              *self,
              const DaFakeLlmRequest *request)
{
  if (!g_str_has_prefix (request->path, "/stolen"))
    return;
  self->n_stolen++;
  if (request->authorization || request->goog_key)
    self->n_stolen_keys++;
}

/* Paths that begin with two underscores are for the person who runs the test and leave no trace. */
static void
play_control (Connection *self,
              const char *path)
{
  g_autofree char *stats = NULL;

  if (g_str_equal (path, "/__requests"))
    {
      play_requests (self);
      return;
    }
  if (g_str_equal (path, "/__reset"))
    da_fake_llm_reset (self->fake);
  stats = da_fake_llm_dup_stats (self->fake);
  play_text (self, "200 OK", stats);
}

static void
begin_answer (Connection       *self,
              DaFakeLlmRequest *request)
{
  g_autofree char *path = g_strndup (request->path, strcspn (request->path, "?"));

  self->is_busy = TRUE;
  self->is_stalled = FALSE;
  self->piece = 0;
  self->token = 0;
  self->due_us = 0;
  if (g_str_has_prefix (path, "/__"))
    {
      request_free (request);
      play_control (self, path);
      return;
    }
  self->request = request;
  g_ptr_array_add (self->fake->requests, request);
  count_stolen (self->fake, request);
  if (g_str_has_suffix (path, "/chat/completions") && g_str_equal (request->method, "POST"))
    play_completion (self);
  else if (g_str_has_suffix (path, "/models"))
    play_models (self);
  else
    play_text (self, "404 Not Found", "{\"error\":{\"message\":\"Nothing here\"}}");
}

/* TRUE when a whole request was taken from the input. FALSE: more bytes are needed, or @is_bad. */
static gboolean
take_request (Connection *self,
              gboolean   *is_bad)
{
  const char *end = strstr (self->in->str, "\r\n\r\n");
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL;
  g_autofree char *path = NULL;
  DaFakeLlmRequest *request;
  gsize head, length;

  if (!end)
    {
      *is_bad = self->in->len > MAX_HEAD;
      return FALSE;
    }
  head = (gsize) (end - self->in->str) + 4;
  if (soup_headers_parse_request (self->in->str, (int) head - 2, headers, &method, &path, NULL) !=
      SOUP_STATUS_OK || soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    {
      *is_bad = TRUE;
      return FALSE;
    }
  length = (gsize) soup_message_headers_get_content_length (headers);
  *is_bad = length > MAX_BODY;
  if (*is_bad || self->in->len < head + length)
    return FALSE;

  request = g_new0 (DaFakeLlmRequest, 1);
  request->method = g_steal_pointer (&method);
  request->path = g_steal_pointer (&path);
  request->host = g_strdup (soup_message_headers_get_one (headers, "Host"));
  request->authorization = g_strdup (soup_message_headers_get_one (headers, "Authorization"));
  request->goog_key = g_strdup (soup_message_headers_get_one (headers, "x-goog-api-key"));
  request->body = g_strndup (self->in->str + head, length);
  request->connection = self->number;
  request->received_us = g_get_monotonic_time ();
  g_string_erase (self->in, 0, (gssize) (head + length));
  begin_answer (self, request);
  return TRUE;
}

/* Writing answers */

static gboolean
on_timer (gpointer user_data)
{
  Connection *self = user_data;

  g_source_set_ready_time (self->timer, -1);
  connection_pump (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return callback (user_data);
}

static void
wake_at (Connection *self,
         gint64      time_us)
{
  static GSourceFuncs funcs = { .dispatch = timer_dispatch };

  if (!self->timer)
    {
      self->timer = g_source_new (&funcs, sizeof (GSource));
      g_source_set_callback (self->timer, on_timer, self, NULL);
      g_source_attach (self->timer, NULL);
    }
  g_source_set_ready_time (self->timer, time_us);
}

static gboolean
on_writable (GObject *stream,
             gpointer user_data)
{
  Connection *self = user_data;

  clear_source (&self->out_source);
  connection_pump (self);
  return G_SOURCE_REMOVE;
}

/* TRUE when everything is written. FALSE: the client reads slowly, or it is gone (which the input
 * side finds out by itself). */
static gboolean
flush_out (Connection *self)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (self->stream));
  GPollableOutputStream *pollable = G_POLLABLE_OUTPUT_STREAM (stream);

  while (self->n_out < self->out->len)
    {
      gsize left = self->out->len - self->n_out;
      gssize n = g_pollable_output_stream_write_nonblocking (pollable, self->out->str + self->n_out,
                                                             self->play.split_bytes ? 1 : left,
                                                             NULL, NULL);

      if (n <= 0)
        {
          clear_source (&self->out_source);
          self->out_source = g_pollable_output_stream_create_source (pollable, NULL);
          g_source_set_callback (self->out_source, G_SOURCE_FUNC (on_writable), self, NULL);
          g_source_attach (self->out_source, NULL);
          return FALSE;
        }
      self->n_out += (gsize) n;
    }
  g_string_truncate (self->out, 0);
  self->n_out = 0;
  return TRUE;
}

/* TRUE while there is nothing to wait for. */
static gboolean
is_due (Connection        *self,
        const DaFakePiece *piece)
{
  gint64 now = g_get_monotonic_time ();

  if (piece->delay_us == 0)
    return TRUE;
  if (self->due_us == 0)
    self->due_us = now + piece->delay_us;
  if (now < self->due_us)
    {
      wake_at (self, self->due_us);
      return FALSE;
    }
  /* The next one is due by the clock, not by when we woke up: milliseconds would add up. */
  self->due_us = piece->type == DA_FAKE_TOKENS ? self->due_us + piece->delay_us : 0;
  return TRUE;
}

static void
end_answer (Connection *self)
{
  if (self->request)
    self->request->finished_us = g_get_monotonic_time ();
  self->fake->n_completed++;
  self->n_served++;
  self->request = NULL;
  self->is_busy = FALSE;
  da_fake_play_clear (&self->play);
}

/* Appends what is next to the output. FALSE: nothing can go on now, or the connection is gone. */
static gboolean
play_piece (Connection *self)
{
  DaFakePiece *piece = g_ptr_array_index (self->play.pieces, self->piece);

  if (!is_due (self, piece))
    return FALSE;
  switch (piece->type)
    {
    case DA_FAKE_TOKENS:
      if (self->token < piece->count)
        da_fake_play_append_token (&self->play, self->out, self->token++);
      else
        {
          self->piece++;
          self->due_us = 0;
        }
      return TRUE;
    case DA_FAKE_CUT:
      connection_cut (self);
      return FALSE;
    case DA_FAKE_CLOSE:
      connection_drop (self);
      return FALSE;
    case DA_FAKE_STALL:
      self->is_stalled = TRUE;
      return FALSE;
    case DA_FAKE_BYTES:
    default:
      g_string_append_len (self->out, g_bytes_get_data (piece->bytes, NULL),
                           (gssize) g_bytes_get_size (piece->bytes));
      self->piece++;
      self->token = 0;
      return TRUE;
    }
}

/* Does what can be done now. FALSE: the connection is gone. */
static gboolean
connection_pump (Connection *self)
{
  gsize budget = BYTES_PER_TURN;
  gboolean is_bad = FALSE;

  while (!self->out_source && !self->is_stalled)
    {
      if (!self->is_busy && !take_request (self, &is_bad))
        break;
      if (!flush_out (self))
        return TRUE;
      if (self->piece >= self->play.pieces->len)
        {
          end_answer (self);
          continue;
        }
      if (budget == 0)
        {
          wake_at (self, 0);
          return TRUE;
        }
      if (!play_piece (self))
        return TRUE;
      budget -= MIN (budget, self->out->len);
    }
  if (is_bad)
    connection_drop (self);
  return !is_bad;
}

/* Connections */

static gboolean
on_readable (GObject *stream,
             gpointer user_data)
{
  Connection *self = user_data;
  char buffer[16 * 1024];
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                                       sizeof buffer, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      if (self->is_busy)
        {
          self->fake->n_closed_early++;
          if (self->request)
            self->request->closed_us = g_get_monotonic_time ();
        }
      connection_drop (self);
      return G_SOURCE_CONTINUE;
    }
  g_string_append_len (self->in, buffer, n);
  if (!self->is_busy)
    connection_pump (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *stream,
             GObject           *source,
             gpointer           user_data)
{
  DaFakeLlm *fake = user_data;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (stream));
  Connection *self = g_new0 (Connection, 1);

  g_socket_set_option (g_socket_connection_get_socket (stream), IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  self->fake = fake;
  self->number = ++fake->n_connections;
  self->stream = g_object_ref (stream);
  self->in = g_string_new (NULL);
  self->out = g_string_new (NULL);
  self->in_source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_source_set_callback (self->in_source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->in_source, NULL);
  g_ptr_array_add (fake->connections, self);
  return TRUE;
}

static gboolean
start_listening (DaFakeLlm  *self,
                 GError    **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, self->port);
  g_autoptr (GSocketAddress) got = NULL;

  self->service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (self->service), 1024);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &got,
                                      error))
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  return TRUE;
}

static void
stop_listening (DaFakeLlm *self)
{
  if (!self->service)
    return;
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
}

/* The provider */

DaFakeLlm *
da_fake_llm_new (guint16   port,
                 GError  **error)
{
  g_autoptr (DaFakeLlm) self = g_new0 (DaFakeLlm, 1);

  self->port = port;
  self->connections = g_ptr_array_new_with_free_func (connection_free);
  self->requests = g_ptr_array_new_with_free_func (request_free);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!start_listening (self, error))
    return NULL;
  self->base_url = g_strdup_printf ("http://127.0.0.1:%u/v1", self->port);
  return g_steal_pointer (&self);
}

void
da_fake_llm_free (DaFakeLlm *self)
{
  if (!self)
    return;
  stop_listening (self);
  g_ptr_array_unref (self->connections);
  g_ptr_array_unref (self->requests);
  g_hash_table_unref (self->counts);
  g_free (self->base_url);
  g_free (self->script);
  g_free (self->redirect);
  g_free (self->models);
  g_free (self);
}

guint16
da_fake_llm_get_port (DaFakeLlm *self)
{
  return self->port;
}

const char *
da_fake_llm_get_base_url (DaFakeLlm *self)
{
  return self->base_url;
}

static void
replace_text (char       **field,
              const char  *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

void
da_fake_llm_set_script (DaFakeLlm  *self,
                        const char *name)
{
  replace_text (&self->script, name);
}

void
da_fake_llm_set_token_delay (DaFakeLlm *self,
                             guint      microseconds)
{
  self->token_delay_us = microseconds;
}

void
da_fake_llm_set_redirect (DaFakeLlm  *self,
                          const char *base)
{
  replace_text (&self->redirect, base);
}

void
da_fake_llm_set_models (DaFakeLlm  *self,
                        const char *json)
{
  replace_text (&self->models, json);
}

void
da_fake_llm_set_down (DaFakeLlm *self,
                      gboolean   is_down)
{
  g_autoptr (GError) error = NULL;

  if (is_down)
    {
      stop_listening (self);
      g_ptr_array_set_size (self->connections, 0);
    }
  else if (!self->service && !start_listening (self, &error))
    g_error ("Cannot listen again: %s", error->message);
}

guint
da_fake_llm_get_n_requests (DaFakeLlm *self)
{
  return self->requests->len;
}

const DaFakeLlmRequest *
da_fake_llm_get_request (DaFakeLlm *self,
                         guint      index)
{
  g_assert (index < self->requests->len);
  return g_ptr_array_index (self->requests, index);
}

guint
da_fake_llm_get_n_open (DaFakeLlm *self)
{
  return self->connections->len;
}

guint
da_fake_llm_get_n_connections (DaFakeLlm *self)
{
  return self->n_connections;
}

guint
da_fake_llm_get_n_closed_early (DaFakeLlm *self)
{
  return self->n_closed_early;
}

guint
da_fake_llm_get_n_stolen (DaFakeLlm *self)
{
  return self->n_stolen;
}

guint
da_fake_llm_get_n_stolen_keys (DaFakeLlm *self)
{
  return self->n_stolen_keys;
}

void
da_fake_llm_reset (DaFakeLlm *self)
{
  for (guint i = 0; i < self->connections->len; i++)
    ((Connection *) g_ptr_array_index (self->connections, i))->request = NULL;
  g_ptr_array_set_size (self->requests, 0);
  g_hash_table_remove_all (self->counts);
  self->n_closed_early = self->n_completed = self->n_stolen = self->n_stolen_keys = 0;
}

/* Those in the middle of an answer; the others are kept open for the next request. */
static guint
count_busy (DaFakeLlm *self)
{
  guint busy = 0;

  for (guint i = 0; i < self->connections->len; i++)
    busy += ((Connection *) g_ptr_array_index (self->connections, i))->is_busy;
  return busy;
}

char *
da_fake_llm_dup_stats (DaFakeLlm *self)
{
  return g_strdup_printf ("{\"requests\":%u,\"completed\":%u,\"closedEarly\":%u,"
                          "\"openConnections\":%u,\"busyConnections\":%u,\"connections\":%u,"
                          "\"stolen\":%u,\"stolenKeys\":%u}",
                          self->requests->len, self->n_completed, self->n_closed_early,
                          self->connections->len, count_busy (self), self->n_connections,
                          self->n_stolen, self->n_stolen_keys);
}
