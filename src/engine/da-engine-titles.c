/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-titles"

#include "da-engine-private.h"

#include <string.h>

#include "da-conversation-store.h"
#include "da-session-private.h"

#define PROMPT_CHARS 400       /* contract 10 9.11 */
#define ANSWER_CHARS 600
#define TITLE_CHARS 80

typedef struct {
  char *conversation_id;
  GString *text;
} Title;

static void
title_free (gpointer data)
{
  Title *self = data;

  g_free (self->conversation_id);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static char *
first_chars (const char *text, glong n)
{
  return g_utf8_strlen (text, -1) > n ? g_utf8_substring (text, 0, n) : g_strdup (text);
}

/* White space collapsed, quotes around it gone, at most 80 characters, a trailing full stop
 * gone. */
static char *
clean_title (const char *raw)
{
  g_auto(GStrv) words = g_strsplit_set (raw, " \t\r\n", -1);
  g_autoptr(GString) joined = g_string_new (NULL);
  static const char *const quotes[] = { "\"", "'", "“", "”", "„", "«", "»", "`", "*", "#" };
  char *text;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", words[i]);
  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++)
    {
      gsize length = strlen (quotes[i]);

      while (g_str_has_prefix (joined->str, quotes[i]))
        g_string_erase (joined, 0, length);
      while (joined->len > 0 && g_str_has_suffix (joined->str, quotes[i]))
        g_string_truncate (joined, joined->len - length);
    }
  text = first_chars (joined->str, TITLE_CHARS);
  g_strstrip (text);
  if (g_str_has_suffix (text, ".") && !g_str_has_suffix (text, ".."))
    text[strlen (text) - 1] = '\0';
  return text;
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  Title *title = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  if (!da_store_set_title_finish (DA_STORE (source), result, &error))
    {
      if (error != NULL)
        g_info ("the title was not stored: %s", error->message);
      g_task_return_boolean (task, FALSE);
      return;
    }
  _da_engine_conversation_changed (self, title->conversation_id);
  g_task_return_boolean (task, TRUE);
}

static void
on_title_event (const DaLlmEvent *event, gpointer user_data)
{
  Title *self = user_data;

  if (event->type == DA_LLM_EVENT_TEXT && self->text->len < 1024)
    g_string_append_len (self->text, event->text, event->length);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  Title *title = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaLlmResult) outcome = NULL;
  g_autofree char *text = NULL;
  DaSession *session;

  outcome = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source), result, &error);
  text = clean_title (title->text->str);
  if (outcome == NULL || *text == '\0')
    {
      g_info ("no title was made: %s", error != NULL ? error->message : "empty");
      g_task_return_boolean (task, FALSE);
      return;
    }
  session = da_session_list_find_for (self->sessions, title->conversation_id);
  if (session != NULL)
    _da_session_set_title (session, text);
  da_store_set_title_async (self->store, title->conversation_id, text, "server_generated", TRUE,
                            self->cancellable, stored_cb, g_object_ref (task));
}

static gboolean
wants_title (DaProviderChoice *choice, DaRun *run)
{
  DaConversation *conversation = da_run_get_conversation (run);

  if (g_str_equal (da_llm_provider_get_id (choice->provider), "offline")
      || da_run_get_answer (run) == NULL || conversation == NULL)
    return FALSE;
  /* The first turn only: one question is stored when the run begins. */
  if (conversation->messages == NULL || conversation->messages->len != 1)
    return FALSE;
  return conversation->title_source == NULL
         || g_str_equal (conversation->title_source, "default")
         || g_str_equal (conversation->title_source, "local_generated");
}

void
_da_engine_make_title (DaEngine         *self,
                       DaProviderChoice *choice,
                       DaRun            *run)
{
  g_autoptr(DaLlmRequest) ask = NULL;
  g_autofree char *prompt = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *text = NULL;
  Title *title;
  GTask *task;

  if (!wants_title (choice, run))
    return;
  prompt = first_chars (da_run_get_prompt (run), PROMPT_CHARS);
  answer = first_chars (da_run_get_answer (run)->content, ANSWER_CHARS);
  text = g_strdup_printf ("Question: %s\n\nAnswer: %s", prompt, answer);
  ask = da_llm_request_new (choice->model);
  g_ptr_array_add (ask->messages,
                   da_llm_message_new (DA_ROLE_SYSTEM,
                                       "Give this conversation a title of at most eight words, in "
                                       "its own language. Write the title and nothing else."));
  g_ptr_array_add (ask->messages, da_llm_message_new (DA_ROLE_USER, text));
  ask->max_retries = 0;
  ask->first_byte_timeout_s = 60;

  title = g_new0 (Title, 1);
  title->conversation_id = g_strdup (da_run_get_conversation_id (run));
  title->text = g_string_new (NULL);
  task = g_task_new (self, self->cancellable, NULL, NULL);
  g_task_set_source_tag (task, _da_engine_make_title);
  g_task_set_task_data (task, title, title_free);
  da_llm_provider_complete_async (choice->provider, ask, on_title_event, title, self->cancellable,
                                  asked_cb, task);
}
