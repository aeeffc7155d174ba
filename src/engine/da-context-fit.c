/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-context-fit"

#include "da-context-fit.h"

#include <string.h>

#include "da-context-budget.h"
#include "da-llm-context.h"

#define SUMMARY_INPUT_BYTES 12000     /* contract 10 9.6, step 1 */
#define SUMMARY_MESSAGE_BYTES 1500
/* Room for the words around it. */
#define SUMMARY_TOKENS (DA_BUDGET_SUMMARY_TOKENS - 40)

typedef struct {
  DaLlmProvider *provider;
  DaLlmRequest *request;
  GString *summary;
  guint folded;
  guint insert_at;
} Fit;

static void
fit_free (gpointer data)
{
  Fit *self = data;

  g_object_unref (self->provider);
  da_llm_request_unref (self->request);
  g_string_free (self->summary, TRUE);
  g_free (self);
}

static gint64
message_tokens (DaLlmMessage *message)
{
  gint64 tokens = 4;

  if (message->parts != NULL)
    tokens += da_llm_estimate_tokens (message->content) + 800;
  else if (message->content != NULL)
    tokens += da_llm_estimate_tokens (message->content);
  if (message->tool_calls != NULL)
    tokens += da_llm_estimate_tokens (message->tool_calls);
  return tokens;
}

/* Applies the verdicts; returns what was folded as text for the summary. */
static char *
apply (Fit *self, DaBudgetItem *items)
{
  GPtrArray *messages = self->request->messages;
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_message_free);
  GString *folded = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (messages, i);

      messages->pdata[i] = NULL;
      if (items[i].verdict == DA_BUDGET_FOLD)
        {
          if (self->folded++ == 0)
            self->insert_at = kept->len;
          if (message->content != NULL && folded->len < SUMMARY_INPUT_BYTES)
            {
              g_autofree char *text = g_utf8_substring (message->content, 0,
                                                        MIN (g_utf8_strlen (message->content, -1),
                                                             SUMMARY_MESSAGE_BYTES));

              g_string_append_printf (folded, "%s: %s\n\n", da_role_to_string (message->role),
                                      text);
            }
          da_llm_message_free (message);
          continue;
        }
      if (items[i].verdict == DA_BUDGET_SHORTEN && message->content != NULL)
        {
          g_autofree char *old = g_steal_pointer (&message->content);

          message->content = da_context_budget_shorten (old, items[i].max_tokens);
          g_clear_pointer (&message->parts, g_free);
        }
      g_ptr_array_add (kept, message);
    }
  g_ptr_array_unref (messages);
  self->request->messages = kept;
  return g_string_free (folded, FALSE);
}

/* A tool result without the call it answers is refused by providers. Instructions are never folded,
 * so some may stand before it. */
static void
drop_orphans (Fit *self)
{
  GPtrArray *messages = self->request->messages;
  guint i = self->insert_at;

  while (i < messages->len)
    {
      DaRole role = ((DaLlmMessage *) g_ptr_array_index (messages, i))->role;

      if (role == DA_ROLE_TOOL)
        g_ptr_array_remove_index (messages, i);
      else if (role == DA_ROLE_SYSTEM)
        i++;
      else
        break;
    }
}

static void
insert_summary (Fit *self)
{
  g_autofree char *text = NULL;
  g_autofree char *summary = NULL;

  /* A model that talks on would push the whole over the limit again. */
  summary = da_context_budget_shorten (self->summary->str, SUMMARY_TOKENS);
  if (*summary != '\0')
    text = g_strdup_printf ("Summary of %u earlier messages of this conversation:\n%s",
                            self->folded, summary);
  else
    text = g_strdup_printf ("%u earlier messages of this conversation are left out here.",
                            self->folded);
  g_ptr_array_insert (self->request->messages, (int) self->insert_at,
                      da_llm_message_new (DA_ROLE_SYSTEM, text));
}

static void
on_summary_event (const DaLlmEvent *event, gpointer user_data)
{
  Fit *self = user_data;

  if (event->type == DA_LLM_EVENT_TEXT && self->summary->len < 4 * DA_BUDGET_SUMMARY_TOKENS)
    g_string_append_len (self->summary, event->text, event->length);
}

static void
summary_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Fit *self = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaLlmResult) outcome = NULL;

  outcome = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source), result, &error);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (outcome == NULL)
    {
      g_info ("no summary could be made: %s", error->message);
      g_string_truncate (self->summary, 0);
    }
  insert_summary (self);
  g_task_return_boolean (task, TRUE);
}

static void
ask_summary (GTask *task, const char *folded)
{
  Fit *self = g_task_get_task_data (task);
  g_autoptr(DaLlmRequest) ask = da_llm_request_new (self->request->model);
  const char *instruction =
    "Summarise this part of a conversation in at most 150 words. Keep names, numbers, decisions, "
    "open questions and wishes of the user. Write only the summary, in its language.";

  g_ptr_array_add (ask->messages, da_llm_message_new (DA_ROLE_SYSTEM, instruction));
  g_ptr_array_add (ask->messages, da_llm_message_new (DA_ROLE_USER, folded));
  ask->max_retries = 0;
  ask->first_byte_timeout_s = 30;
  ask->idle_timeout_s = 15;
  da_llm_provider_complete_async (self->provider, ask, on_summary_event, self,
                                  g_task_get_cancellable (task), summary_cb, g_object_ref (task));
}

void
da_context_fit_async (DaLlmProvider       *provider,
                      DaLlmRequest        *request,
                      gint64               target,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  guint n = request->messages->len;
  g_autofree DaBudgetItem *items = g_new0 (DaBudgetItem, MAX (n, 1));
  g_autofree char *folded = NULL;
  Fit *self;

  g_task_set_source_tag (task, da_context_fit_async);
  for (guint i = 0; i < n; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (request->messages, i);

      items[i].tokens = message_tokens (message);
      items[i].pinned = message->role == DA_ROLE_SYSTEM;
    }
  if (!da_context_budget_plan (items, n, target))
    {
      g_task_return_boolean (task, FALSE);
      return;
    }

  self = g_new0 (Fit, 1);
  self->provider = g_object_ref (provider);
  self->request = da_llm_request_ref (request);
  self->summary = g_string_new (NULL);
  g_task_set_task_data (task, self, fit_free);
  folded = apply (self, items);
  if (self->folded == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  drop_orphans (self);
  if (*folded == '\0')
    {
      /* Only calls of tools: there is nothing to tell. */
      insert_summary (self);
      g_task_return_boolean (task, TRUE);
      return;
    }
  ask_summary (task, folded);
}

gboolean
da_context_fit_finish (GAsyncResult  *result,
                       GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
