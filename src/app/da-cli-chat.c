/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-cli"

#include "config.h"

#include "da-cli-private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "da-error.h"
#include "da-json.h"

/* dotagentsd chat */

#define USAGE "[--conversation ID] [--model MODEL] QUESTION | -   (- reads standard input)"
#define QUESTION_BYTES (16 * 1024 * 1024)

typedef struct {
  char     *conversation_id;   /* (nullable) owned */
  char     *failure;           /* (nullable) owned */
  gboolean  ends_line;         /* the last character was a newline */
} Answer;

static JsonNode *
make_body (const char *question,
           const char *conversation_id,
           const char *model,
           gboolean    stream)
{
  JsonNode *body = da_cli_object ("conversation_id", conversation_id, "model", model, NULL);
  JsonObject *object = json_node_get_object (body);
  JsonArray *messages = json_array_new ();
  JsonNode *message = da_cli_object ("role", "user", "content", question, NULL);

  json_array_add_element (messages, message);
  json_object_set_array_member (object, "messages", messages);
  json_object_set_boolean_member (object, "stream", stream);
  json_object_set_boolean_member (object, "send_push_notification", FALSE);
  return body;
}

static void
print_delta (Answer     *answer,
             const char *text)
{
  g_autofree char *clean = da_cli_clean (text, TRUE);
  gsize length = strlen (clean);

  if (length == 0)
    return;
  answer->ends_line = clean[length - 1] == '\n';
  fputs (clean, stdout);
  fflush (stdout);
}

static void
take_envelope (Answer     *answer,
               JsonObject *frame)
{
  const char *type = da_json_get_string (frame, "type");
  JsonObject *data = da_json_get_object (frame, "data");
  const char *id = da_json_get_string (data, "conversation_id");

  if (id == NULL)
    id = da_json_get_string (data, "conversationId");
  if (id != NULL && answer->conversation_id == NULL)
    answer->conversation_id = g_strdup (id);
  if (type != NULL && strcmp (type, "error") == 0 && answer->failure == NULL)
    answer->failure = g_strdup (da_json_get_string (data, "message"));
}

static void
on_event (const char *event,
          const char *data,
          gsize       length,
          gpointer    user_data)
{
  Answer *answer = user_data;
  g_autoptr(JsonNode) node = NULL;
  JsonObject *frame;
  JsonObject *delta;
  const char *text;

  /* The end has a name of its own, and is no JSON. */
  if (event != NULL)
    return;
  node = da_json_parse (data, length, length, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  frame = json_node_get_object (node);
  take_envelope (answer, frame);
  delta = da_json_get_object (da_json_array_get_object (da_json_get_array (frame, "choices"), 0),
                              "delta");
  text = da_json_get_string (delta, "content");
  if (text != NULL)
    print_delta (answer, text);
}

/* The connection is closed, which stops the run: the question was a script's. */
static int
finish (DaCli    *cli,
        Answer   *answer,
        gboolean  ended,
        GError   *error)
{
  int exit_code = DA_EXIT_OK;

  if (!answer->ends_line)
    g_print ("\n");
  if (!ended && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      da_cli_disconnect (cli);
      g_printerr (_("Stopped.\n"));
      exit_code = DA_EXIT_INTERRUPTED;
    }
  else if (!ended)
    exit_code = da_cli_failed (error);
  else if (answer->failure != NULL)
    {
      g_autofree char *clean = da_cli_clean (answer->failure, FALSE);

      g_printerr ("dotagentsd: %s\n", clean);
      exit_code = DA_EXIT_FAILURE;
    }
  if (answer->conversation_id != NULL && isatty (STDERR_FILENO))
    g_printerr (_("(dotagentsd chat --conversation %s goes on with this)\n"),
                answer->conversation_id);
  g_free (answer->conversation_id);
  g_free (answer->failure);
  return exit_code;
}

static int
ask (DaCli    *cli,
     JsonNode *body)
{
  Answer answer = { .ends_line = TRUE };
  g_autoptr(GError) error = NULL;
  gboolean ended = da_cli_stream (cli, "POST", "/v1/chat/completions", body, on_event, &answer,
                                  &error);

  return finish (cli, &answer, ended, error);
}

static int
ask_for_json (DaCli    *cli,
              JsonNode *body)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) answer = da_cli_call (cli, "POST", "/v1/chat/completions", body, &error);

  if (answer == NULL)
    return da_cli_failed (error);
  da_cli_print_json (answer);
  return DA_EXIT_OK;
}

static char *
read_question (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  char buffer[4096];
  gsize n;

  while (text->len < QUESTION_BYTES && (n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    g_string_append_len (text, buffer, (gssize) n);
  return g_utf8_make_valid (text->str, (gssize) text->len);
}

int
da_cli_cmd_chat (DaCli  *cli,
                 int     argc,
                 char  **argv)
{
  g_autofree char *conversation_id = NULL;
  g_autofree char *model = NULL;
  g_autofree char *question = NULL;
  const GOptionEntry entries[] = {
    { "conversation", 'c', 0, G_OPTION_ARG_STRING, &conversation_id,
      N_("Go on with this conversation"), N_("ID") },
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model, N_("Ask this model or agent"), N_("MODEL") },
    G_OPTION_ENTRY_NULL
  };
  JsonNode *body;
  int exit_code;

  if (!da_cli_parse (cli, &argc, &argv, entries, USAGE, &exit_code))
    return exit_code;
  if (argc < 2)
    return da_cli_misused (cli, USAGE);
  if (argc == 2 && strcmp (argv[1], "-") == 0)
    question = read_question ();
  else
    question = g_strjoinv (" ", argv + 1);
  body = make_body (question, conversation_id, model, !cli->json);
  return cli->json ? ask_for_json (cli, body) : ask (cli, body);
}
