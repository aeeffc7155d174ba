/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-request"

#include "da-llm-request.h"

/* contract 10 9.7 */
#define DEFAULT_RETRIES       3
#define DEFAULT_RETRY_BASE_MS 1000
#define DEFAULT_RETRY_MAX_MS  30000

DaLlmMessage *
da_llm_message_new (DaRole      role,
                    const char *content)
{
  DaLlmMessage *message = g_new0 (DaLlmMessage, 1);

  message->role = role;
  message->content = g_strdup (content);
  return message;
}

void
da_llm_message_free (DaLlmMessage *message)
{
  if (!message)
    return;
  g_free (message->content);
  g_free (message->parts);
  g_free (message->tool_calls);
  g_free (message->tool_call_id);
  g_free (message);
}

DaLlmRequest *
da_llm_request_new (const char *model)
{
  DaLlmRequest *self = g_rc_box_new0 (DaLlmRequest);

  self->model = g_strdup (model);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_message_free);
  self->stream = TRUE;
  self->max_retries = DEFAULT_RETRIES;
  self->retry_base_ms = DEFAULT_RETRY_BASE_MS;
  self->retry_max_ms = DEFAULT_RETRY_MAX_MS;
  return self;
}

DaLlmRequest *
da_llm_request_ref (DaLlmRequest *self)
{
  return g_rc_box_acquire (self);
}

static void
request_clear (gpointer data)
{
  DaLlmRequest *self = data;

  g_free (self->model);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  g_clear_pointer (&self->tools, json_node_unref);
  g_clear_pointer (&self->extra, json_object_unref);
  g_free (self->reasoning_effort);
  g_free (self->conversation_id);
}

void
da_llm_request_unref (DaLlmRequest *self)
{
  if (self)
    g_rc_box_release_full (self, request_clear);
}

void
da_llm_result_free (DaLlmResult *result)
{
  if (!result)
    return;
  g_free (result->model);
  g_free (result->finish_reason);
  g_free (result->tool_calls);
  g_free (result);
}

DaLlmModel *
da_llm_model_new (const char *id)
{
  DaLlmModel *model = g_new0 (DaLlmModel, 1);

  model->id = g_strdup (id);
  model->name = g_strdup (id);
  return model;
}

DaLlmModel *
da_llm_model_copy (const DaLlmModel *model)
{
  DaLlmModel *copy = g_new0 (DaLlmModel, 1);

  copy->id = g_strdup (model->id);
  copy->name = g_strdup (model->name);
  copy->description = g_strdup (model->description);
  copy->context_length = model->context_length;
  copy->created = model->created;
  return copy;
}

void
da_llm_model_free (DaLlmModel *model)
{
  if (!model)
    return;
  g_free (model->id);
  g_free (model->name);
  g_free (model->description);
  g_free (model);
}
