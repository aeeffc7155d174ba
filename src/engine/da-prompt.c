/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-prompt"

#include "da-prompt.h"

#include <string.h>

/* Ours, in our own words; agentSystemPrompt replaces it. */
static const char default_prompt[] =
  "You are the assistant of DotAgents, working on the computer of the person you talk to. Be "
  "useful, accurate and brief. Keep to what was agreed earlier in the conversation. When "
  "something is unclear, make the sensible choice, say which one, and go on; ask only when a "
  "wrong guess would cost the person something. Say so when you do not know. Write Markdown; "
  "answer in the language the person writes.";

gboolean
da_prompt_is_relay (DaChatRequest *request,
                    const char    *used_model)
{
  return request->client == DA_CLIENT_SCRIPT && request->conversation_id == NULL
         && request->profile_id == NULL && request->model != NULL
         && g_strcmp0 (request->model, used_model) == 0;
}

static gboolean
has_system (GPtrArray *messages)
{
  for (guint i = 0; i < messages->len; i++)
    if (((DaLlmMessage *) g_ptr_array_index (messages, i))->role == DA_ROLE_SYSTEM)
      return TRUE;
  return FALSE;
}

static char *
system_prompt (DaSettings *settings)
{
  const char *own = da_settings_get_string (settings, "agentSystemPrompt");
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  /* To the hour: a prompt that changes every minute defeats the provider's prompt cache. */
  g_autofree char *time = g_date_time_format (now, "%A, %-d %B %Y, about %H:00 (%Z)");

  return g_strdup_printf ("%s\n\nIt is %s.",
                          own != NULL && *own != '\0' ? own : default_prompt, time);
}

static DaLlmMessage *
copy_message (DaLlmMessage *message)
{
  DaLlmMessage *copy = da_llm_message_new (message->role, message->content);

  copy->parts = g_strdup (message->parts);
  copy->tool_calls = g_strdup (message->tool_calls);
  copy->tool_call_id = g_strdup (message->tool_call_id);
  return copy;
}

static void
add_stored (GPtrArray *out, DaMessage *message)
{
  const char *content = message->content;

  if (content == NULL || *content == '\0')
    return;
  /* A stored tool message has no call id of this provider; it is replayed as what it says. */
  if (message->role == DA_ROLE_TOOL)
    {
      g_autofree char *text = g_strdup_printf ("[tool result] %s", content);

      g_ptr_array_add (out, da_llm_message_new (DA_ROLE_USER, text));
      return;
    }
  g_ptr_array_add (out, da_llm_message_new (message->role, content));
}

/* How many of the stored messages are the history: all, or those up to the question that is asked
 * again. */
static guint
history_length (DaChatRequest *request, GPtrArray *messages)
{
  guint n = messages != NULL ? messages->len : 0;

  while (request->again && n > 0
         && ((DaMessage *) g_ptr_array_index (messages, n - 1))->role != DA_ROLE_USER)
    n--;
  return n;
}

GPtrArray *
da_prompt_build (DaSettings     *settings,
                 DaChatRequest  *request,
                 DaConversation *conversation,
                 gboolean        relay)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_message_free);
  guint n_stored;

  if (!relay && !has_system (request->messages))
    {
      g_autofree char *text = system_prompt (settings);

      g_ptr_array_add (out, da_llm_message_new (DA_ROLE_SYSTEM, text));
    }
  if (conversation == NULL)
    {
      for (guint i = 0; i < request->messages->len; i++)
        g_ptr_array_add (out, copy_message (g_ptr_array_index (request->messages, i)));
      return out;
    }
  for (guint i = 0; i < request->messages->len; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (request->messages, i);

      if (message->role == DA_ROLE_SYSTEM)
        g_ptr_array_add (out, copy_message (message));
    }
  n_stored = history_length (request, conversation->messages);
  for (guint i = 0; i < n_stored; i++)
    add_stored (out, g_ptr_array_index (conversation->messages, i));
  return out;
}
