/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>

#include "da-error.h"
#include "da-json.h"

#define ANSWER_BYTES (256 * 1024 * 1024)
#define READ_BYTES   (32 * 1024)
#define EVENT_BYTES  (64 * 1024 * 1024)

/* What a turn of the main loop brings. */
typedef struct {
  GBytes       *bytes;     /* (nullable) owned */
  GInputStream *stream;    /* (nullable) owned */
  gssize        n_read;
  GError       *error;
  gboolean      done;
} Turn;

static void
wait_for (Turn *turn)
{
  while (!turn->done)
    g_main_context_iteration (NULL, TRUE);
}

static void
bytes_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Turn *turn = user_data;

  turn->bytes = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &turn->error);
  turn->done = TRUE;
}

static void
stream_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Turn *turn = user_data;

  turn->stream = soup_session_send_finish (SOUP_SESSION (source), result, &turn->error);
  turn->done = TRUE;
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Turn *turn = user_data;

  turn->n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &turn->error);
  turn->done = TRUE;
}

static void
connect_session (DaCli *cli)
{
  g_autoptr(GSocketAddress) address = NULL;

  if (cli->session != NULL)
    return;
  address = g_unix_socket_address_new (cli->socket_path);
  cli->session = g_object_new (SOUP_TYPE_SESSION, "remote-connectable", address,
                               "user-agent", "da-cli/" DA_VERSION, "timeout", 0,
                               "idle-timeout", 0, NULL);
}

void
da_cli_disconnect (DaCli *cli)
{
  if (cli->session != NULL)
    soup_session_abort (cli->session);
  g_clear_object (&cli->session);
}

static SoupMessage *
make_message (const char *method,
              const char *path,
              JsonNode   *body)
{
  g_autofree char *url = g_strconcat ("http://localhost", path, NULL);
  SoupMessage *message = soup_message_new (method, url);

  g_assert (message != NULL);
  if (body != NULL)
    {
      char *text = da_json_to_string (body, FALSE);
      g_autoptr(GBytes) bytes = g_bytes_new_take (text, strlen (text));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
      json_node_unref (body);
    }
  return message;
}

/* An answer always has a status; without one nobody was there. */
static void
explain_silence (DaCli   *cli,
                 GError  *cause,
                 GError **error)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, cause);
      return;
    }
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_set_error (error, DA_ERROR, DA_ERROR_UNAVAILABLE,
                 _("DotAgents is not running for the data folder %s.\n"
                   "Start it with “dotagentsd” or “systemctl --user start dotagentsd”."),
                 cli->data_dir);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, DA_ERROR, DA_ERROR_UNAVAILABLE,
                 _("The socket %s belongs to another user."), cli->socket_path);
  else
    g_set_error (error, DA_ERROR, DA_ERROR_UNAVAILABLE, _("DotAgents does not answer at %s: %s"),
                 cli->socket_path, cause->message);
  g_error_free (cause);
}

/* FALSE with the program's own words. */
static gboolean
check_status (SoupMessage  *message,
              JsonNode     *answer,
              GError      **error)
{
  guint status = soup_message_get_status (message);
  JsonObject *object = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer)
                         ? json_node_get_object (answer) : NULL;
  const char *text = da_json_get_string (object, "error");

  if (status < 400 && (text == NULL || da_json_get_boolean (object, "success", TRUE)))
    return TRUE;
  if (text != NULL)
    g_set_error_literal (error, DA_ERROR, DA_ERROR_CONFLICT, text);
  else
    g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, _("DotAgents answered with status %u"),
                 status);
  return FALSE;
}

static JsonNode *
call (DaCli        *cli,
      SoupMessage  *message,
      GCancellable *cancellable,
      GError      **error)
{
  Turn turn = { 0 };
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(JsonNode) answer = NULL;
  const char *data;
  gsize length;

  connect_session (cli);
  soup_session_send_and_read_async (cli->session, message, G_PRIORITY_DEFAULT, cancellable,
                                    bytes_cb, &turn);
  wait_for (&turn);
  if (turn.bytes == NULL)
    {
      explain_silence (cli, turn.error, error);
      return NULL;
    }
  bytes = turn.bytes;
  data = g_bytes_get_data (bytes, &length);
  answer = da_json_parse (data, length, ANSWER_BYTES,
                          soup_message_get_status (message) < 400 ? error : NULL);
  if (answer == NULL && soup_message_get_status (message) < 400)
    return NULL;
  return check_status (message, answer, error) ? g_steal_pointer (&answer) : NULL;
}

JsonNode *
da_cli_call (DaCli       *cli,
             const char  *method,
             const char  *path,
             JsonNode    *body,
             GError     **error)
{
  g_autoptr(SoupMessage) message = make_message (method, path, body);

  return call (cli, message, cli->interrupted, error);
}

JsonNode *
da_cli_call_anyway (DaCli       *cli,
                    const char  *method,
                    const char  *path,
                    GError     **error)
{
  g_autoptr(SoupMessage) message = make_message (method, path, NULL);

  return call (cli, message, NULL, error);
}

static gboolean
read_events (DaCli         *cli,
             GInputStream  *stream,
             DaSseParser   *parser,
             GError       **error)
{
  g_autofree char *buffer = g_malloc (READ_BYTES);

  for (;;)
    {
      Turn turn = { 0 };

      g_input_stream_read_async (stream, buffer, READ_BYTES, G_PRIORITY_DEFAULT, cli->interrupted,
                                 read_cb, &turn);
      wait_for (&turn);
      if (turn.n_read < 0)
        {
          g_propagate_error (error, turn.error);
          return FALSE;
        }
      if (turn.n_read == 0)
        return TRUE;
      if (!da_sse_parser_feed (parser, buffer, (gsize) turn.n_read, error))
        return FALSE;
    }
}

/* The rest of an answer that is no stream: what went wrong. */
static gboolean
read_refusal (DaCli         *cli,
              SoupMessage   *message,
              GInputStream  *stream,
              GError       **error)
{
  g_autofree char *buffer = g_malloc (READ_BYTES);
  g_autoptr(JsonNode) answer = NULL;
  Turn turn = { 0 };

  g_input_stream_read_async (stream, buffer, READ_BYTES, G_PRIORITY_DEFAULT, cli->interrupted,
                             read_cb, &turn);
  wait_for (&turn);
  g_clear_error (&turn.error);
  if (turn.n_read > 0)
    answer = da_json_parse (buffer, (gsize) turn.n_read, READ_BYTES, NULL);
  return check_status (message, answer, error);
}

gboolean
da_cli_stream (DaCli       *cli,
               const char  *method,
               const char  *path,
               JsonNode    *body,
               DaSseFunc    func,
               gpointer     user_data,
               GError     **error)
{
  g_autoptr(SoupMessage) message = make_message (method, path, body);
  g_autoptr(DaSseParser) parser = da_sse_parser_new (EVENT_BYTES, func, user_data);
  g_autoptr(GInputStream) stream = NULL;
  Turn turn = { 0 };

  connect_session (cli);
  soup_session_send_async (cli->session, message, G_PRIORITY_DEFAULT, cli->interrupted, stream_cb,
                           &turn);
  wait_for (&turn);
  if (turn.stream == NULL)
    {
      explain_silence (cli, turn.error, error);
      return FALSE;
    }
  stream = turn.stream;
  if (soup_message_get_status (message) != 200)
    return read_refusal (cli, message, stream, error);
  return read_events (cli, stream, parser, error);
}
