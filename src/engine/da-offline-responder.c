/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-offline-responder"

#include "config.h"

#include "da-offline-responder.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-conversation-store.h"
#include "da-llm-context.h"

#define HITS_ASKED 12
#define HITS_SHOWN 5
#define PIECE_BYTES 48    /* the answer is handed out in pieces, as any other provider's is */

struct _DaOfflineResponder {
  DaLlmProvider parent_instance;

  DaStore *store;
};

typedef struct {
  DaLlmRequest *request;
  DaLlmEventFunc func;
  gpointer func_data;
  char *question;
  char *answer;
  gsize position;
} Completion;

G_DEFINE_FINAL_TYPE (DaOfflineResponder, da_offline_responder, DA_TYPE_LLM_PROVIDER)

static void
completion_free (gpointer data)
{
  Completion *self = data;

  da_llm_request_unref (self->request);
  g_free (self->question);
  g_free (self->answer);
  g_free (self);
}

static void
emit (Completion *self, DaLlmEventType type, const char *text, gsize length)
{
  DaLlmEvent event = { .type = type, .text = text, .length = length };

  self->func (&event, self->func_data);
}

static gsize
piece_length (const char *text)
{
  gsize length = strlen (text);

  if (length <= PIECE_BYTES)
    return length;
  length = PIECE_BYTES;
  while (length < PIECE_BYTES + 16 && text[length] != '\0' && text[length] != ' ')
    length++;
  while ((text[length] & 0xc0) == 0x80)
    length++;
  return length;
}

static gboolean
speak_cb (gpointer data)
{
  GTask *task = data;
  Completion *self = g_task_get_task_data (task);
  const char *rest = self->answer + self->position;
  gsize length = piece_length (rest);
  DaLlmResult *result;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (length > 0)
    {
      emit (self, DA_LLM_EVENT_TEXT, rest, length);
      emit (self, DA_LLM_EVENT_PAUSE, NULL, 0);
      self->position += length;
      return G_SOURCE_CONTINUE;
    }
  result = g_new0 (DaLlmResult, 1);
  result->model = g_strdup ("offline");
  result->finish_reason = g_strdup ("stop");
  result->input_tokens = da_llm_estimate_tokens (self->question);
  result->output_tokens = da_llm_estimate_tokens (self->answer);
  result->cached_tokens = -1;
  g_task_return_pointer (task, result, (GDestroyNotify) da_llm_result_free);
  return G_SOURCE_REMOVE;
}

/* Takes @answer and @task. */
static void
speak (GTask *task,
       char  *answer)
{
  Completion *self = g_task_get_task_data (task);

  self->answer = answer;
  emit (self, DA_LLM_EVENT_FIRST_BYTE, NULL, 0);
  g_idle_add_full (G_PRIORITY_DEFAULT, speak_cb, task, g_object_unref);
}

static char *
answer_help (void)
{
  return g_strdup (_("I am the offline responder: no language model is connected, and nothing you "
                     "write leaves this computer.\n\n"
                     "Write some words and I search your earlier conversations for them.\n\n"
                     "- `/help` shows this text\n"
                     "- `/version` shows the version\n\n"
                     "For real answers, set a model provider in the settings (a key for OpenAI, "
                     "OpenRouter, Groq and others), or start Ollama, LM Studio or llama.cpp on "
                     "this computer: it is found by itself."));
}

static char *
answer_command (const char *question)
{
  if (g_str_equal (question, "/help"))
    return answer_help ();
  if (g_str_equal (question, "/version"))
    return g_strdup_printf (_("DotAgents %s, offline responder"), DA_VERSION);
  return g_strdup_printf (_("There is no command “%s”. `/help` lists the commands."), question);
}

static char *
mark_to_bold (const char *snippet)
{
  GString *out = g_string_new (NULL);

  for (const char *p = snippet; *p != '\0'; p++)
    {
      if (*p == '\002' || *p == '\003')
        g_string_append (out, "**");
      else
        g_string_append_c (out, *p == '\n' ? ' ' : *p);
    }
  return g_string_free (out, FALSE);
}

static void
append_hit (GString *out, DaSearchHit *hit)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (hit->timestamp / 1000);
  g_autofree char *date = time != NULL ? g_date_time_format (time, "%x") : g_strdup ("");
  g_autofree char *snippet = mark_to_bold (hit->snippet);

  g_string_append_printf (out, "\n\n- **%s** (%s): %s", hit->title, date, snippet);
}

/* The question itself is stored already and would match best, and our own former answers quote
 * what they found: neither is an answer. */
static gboolean
is_worth_showing (DaSearchHit *hit, Completion *self)
{
  return g_strcmp0 (hit->conversation_id, self->request->conversation_id) != 0;
}

static void
search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Completion *self = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) hits = da_store_search_finish (DA_STORE (source), result, &error);
  g_autoptr(GString) found = g_string_new (NULL);
  GString *out = g_string_new (NULL);
  guint shown = 0;

  if (error != NULL)
    g_warning ("the search failed: %s", error->message);
  for (guint i = 0; hits != NULL && i < hits->len && shown < HITS_SHOWN; i++)
    {
      DaSearchHit *hit = g_ptr_array_index (hits, i);

      if (!is_worth_showing (hit, self))
        continue;
      append_hit (found, hit);
      shown++;
    }
  if (shown > 0)
    g_string_append_printf (out, ngettext ("I found %u passage in your earlier conversations:%s",
                                           "I found %u passages in your earlier conversations:%s",
                                           shown),
                            shown, found->str);
  else
    g_string_append (out, _("I found nothing about that in your earlier conversations."));
  g_string_append_printf (out, "\n\n%s",
                          _("_I am the offline responder, not a language model. `/help` says how "
                            "to connect one._"));
  speak (g_steal_pointer (&task), g_string_free (out, FALSE));
}

static void
complete_async (DaLlmProvider       *provider,
                DaLlmRequest        *request,
                DaLlmEventFunc       func,
                gpointer             func_data,
                GCancellable        *cancellable,
                GAsyncReadyCallback  callback,
                gpointer             user_data)
{
  DaOfflineResponder *self = DA_OFFLINE_RESPONDER (provider);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Completion *completion = g_new0 (Completion, 1);

  g_task_set_source_tag (task, complete_async);
  completion->request = da_llm_request_ref (request);
  completion->func = func;
  completion->func_data = func_data;
  g_task_set_task_data (task, completion, completion_free);
  for (guint i = request->messages->len; i > 0 && completion->question == NULL; i--)
    {
      DaLlmMessage *message = g_ptr_array_index (request->messages, i - 1);

      if (message->role == DA_ROLE_USER && message->content != NULL)
        completion->question = g_strstrip (g_strdup (message->content));
    }
  if (completion->question == NULL)
    completion->question = g_strdup ("");

  if (completion->question[0] == '/' && strpbrk (completion->question, " \n") == NULL)
    speak (task, answer_command (completion->question));
  else
    da_store_search_async (self->store, completion->question, HITS_ASKED, cancellable, search_cb,
                           task);
}

static DaLlmResult *
complete_finish (DaLlmProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
list_models_async (DaLlmProvider *provider, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (provider, cancellable, callback, user_data);
  GPtrArray *models = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_model_free);
  DaLlmModel *model = da_llm_model_new ("offline");

  g_task_set_source_tag (task, list_models_async);
  g_free (model->name);
  model->name = g_strdup (_("Offline responder"));
  model->description = g_strdup (_("Searches your conversations; not a language model"));
  g_ptr_array_add (models, model);
  g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
}

static GPtrArray *
list_models_finish (DaLlmProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static const char *
get_id (DaLlmProvider *provider)
{
  return "offline";
}

static const char *
get_name (DaLlmProvider *provider)
{
  return _("Offline responder");
}

static void
da_offline_responder_finalize (GObject *object)
{
  g_clear_object (&DA_OFFLINE_RESPONDER (object)->store);
  G_OBJECT_CLASS (da_offline_responder_parent_class)->finalize (object);
}

static void
da_offline_responder_class_init (DaOfflineResponderClass *klass)
{
  DaLlmProviderClass *provider_class = DA_LLM_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = da_offline_responder_finalize;
  provider_class->get_id = get_id;
  provider_class->get_name = get_name;
  provider_class->complete_async = complete_async;
  provider_class->complete_finish = complete_finish;
  provider_class->list_models_async = list_models_async;
  provider_class->list_models_finish = list_models_finish;
}

static void
da_offline_responder_init (DaOfflineResponder *self)
{
}

DaLlmProvider *
da_offline_responder_new (DaStore *store)
{
  DaOfflineResponder *self = g_object_new (DA_TYPE_OFFLINE_RESPONDER, NULL);

  self->store = g_object_ref (store);
  return DA_LLM_PROVIDER (self);
}
