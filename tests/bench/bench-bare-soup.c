/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-bench-bare-soup"

#include <libsoup/soup.h>

/* What P6 compares with: a libsoup server as its manual shows it, which looks at nothing and gives
 * the same bytes to everybody. Prints where it listens.
 *
 *   bench-bare-soup --body=FILE --type=TYPE [--header="Name: value"...] */

typedef struct {
  GBytes *body;
  char   *type;
  char  **headers;
} Answer;

static void
on_request (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  Answer *answer = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_response_body (message);

  for (guint i = 0; answer->headers != NULL && answer->headers[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (answer->headers[i], ": ", 2);

      soup_message_headers_append (headers, parts[0], parts[1]);
    }
  soup_message_headers_set_content_type (headers, answer->type, NULL);
  soup_message_body_append_bytes (body, answer->body);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
}

static gboolean
read_arguments (Answer   *answer,
                int      *argc,
                char   ***argv,
                GError  **error)
{
  g_autofree char *file = NULL;
  char *contents;
  gsize length;
  const GOptionEntry entries[] = {
    { "body", 0, 0, G_OPTION_ARG_FILENAME, &file, "What to answer", "FILE" },
    { "type", 0, 0, G_OPTION_ARG_STRING, &answer->type, "Its type", "TYPE" },
    { "header", 0, 0, G_OPTION_ARG_STRING_ARRAY, &answer->headers, "One more header", "LINE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- a server that does the least");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error) ||
      !g_file_get_contents (file, &contents, &length, error))
    return FALSE;
  answer->body = g_bytes_new_take (contents, length);
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  Answer answer = { 0 };
  GSList *uris;

  if (!read_arguments (&answer, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  soup_server_add_handler (server, NULL, on_request, &answer, NULL);
  if (!soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  uris = soup_server_get_uris (server);
  g_print ("Listening on http://127.0.0.1:%d\n", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (loop);
  return 0;
}
