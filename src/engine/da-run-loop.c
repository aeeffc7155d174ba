/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-run-loop"

#include "da-run-loop.h"

#include <string.h>

#include "da-context-fit.h"
#include "da-error.h"
#include "da-json-writer.h"
#include "da-llm-context.h"
#include "da-llm-error.h"
#include "da-prompt.h"
#include "da-run-store.h"
#include "da-session-private.h"

#define FLUSH_MS 1000          /* how much of an answer a crash may lose */
#define MAX_SHRINKS 3

typedef struct {
  DaEngine *engine;
  DaSession *session;
  DaRun *run;
  DaChatRequest *request;
  GTask *started;              /* (nullable) */
  DaProviderChoice *choice;    /* (nullable) */
  DaLlmRequest *llm;           /* (nullable) */
  GCancellable *cancellable;
  gint64 input_estimate;
  gint64 target;               /* tokens the prompt may have; 0: as it is */
  guint64 stored_events;
  gsize stored_text;
  guint flush_source;
  guint shrinks;
  guint relay : 1;
} RunLoop;

static void build (RunLoop *self);

static void
loop_free (RunLoop *self)
{
  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_object (&self->session);
  g_clear_object (&self->run);
  g_clear_object (&self->started);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->request, da_chat_request_unref);
  g_clear_pointer (&self->choice, da_provider_choice_free);
  g_clear_pointer (&self->llm, da_llm_request_unref);
  g_object_unref (self->engine);
  g_free (self);
}

/* The end */

static char *
error_payload (const GError *error)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (128);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "message", error->message);
  da_json_writer_string (writer, "kind", da_llm_error_kind (error));
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

static DaRunEventType
last_event_type (DaRun *run)
{
  switch (da_run_get_state (run))
    {
    case DA_RUN_STATE_COMPLETED: return DA_RUN_EVENT_DONE;
    case DA_RUN_STATE_CANCELLED: return DA_RUN_EVENT_CANCELLED;
    case DA_RUN_STATE_QUEUED:
    case DA_RUN_STATE_RUNNING:
    case DA_RUN_STATE_FAILED:
    case DA_RUN_STATE_INTERRUPTED:
      return DA_RUN_EVENT_FAILED;
    }
  g_assert_not_reached ();
}

static void
end (RunLoop *self)
{
  const GError *error = da_run_get_error (self->run);
  g_autofree char *payload = error != NULL ? error_payload (error) : NULL;
  gboolean made_answer = da_run_get_state (self->run) == DA_RUN_STATE_COMPLETED;

  _da_run_append_event (self->run, last_event_type (self->run), payload);
  if (self->started != NULL)
    {
      if (error != NULL)
        g_task_return_error (self->started, g_error_copy (error));
      else
        g_task_return_pointer (self->started, g_object_ref (self->run), g_object_unref);
    }
  if (self->request->store)
    _da_engine_conversation_changed (self->engine, da_run_get_conversation_id (self->run));
  if (made_answer && self->request->store && self->request->client != DA_CLIENT_SCRIPT
      && self->choice != NULL)
    _da_engine_make_title (self->engine, self->choice, self->run);
  _da_engine_run_ended (self->engine, self->run);
  loop_free (self);
}

static void
finish_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_store_finish_run_finish (DA_STORE (source), result, &error))
    {
      g_warning ("the answer of run %s could not be stored: %s", da_run_get_id (self->run),
                 error->message);
      if (da_run_get_error (self->run) == NULL)
        _da_run_set_error (self->run, error);
      _da_run_set_state (self->run, DA_RUN_STATE_FAILED);
    }
  end (self);
}

static const char *
finish_reason_of (DaRunState state)
{
  return state == DA_RUN_STATE_CANCELLED ? "cancelled" : "error";
}

static DaMessage *
make_answer (RunLoop *self, const char *finish_reason)
{
  const char *text = da_run_peek_text (self->run, NULL);
  DaMessage *message;

  if (*text == '\0')
    return NULL;
  message = da_message_new (DA_ROLE_ASSISTANT, text);
  message->run_id = g_strdup (da_run_get_id (self->run));
  message->finish_reason = g_strdup (finish_reason);
  return message;
}

/* The last event goes into the journal with the answer, so it is numbered here, before it is
 * seen. */
static void
add_last_event (GPtrArray *events, DaRun *run)
{
  DaRunEvent last = {
    .number = da_run_get_last_event (run) + 1,
    .type = last_event_type (run),
    .time_ms = _da_run_get_ended_at (run),
  };

  da_run_peek_text (run, &last.text_end);
  g_ptr_array_add (events, da_run_event_copy (&last));
}

static void
conclude (RunLoop *self, DaRunState state, DaLlmResult *outcome)
{
  const char *reason = outcome != NULL ? outcome->finish_reason : finish_reason_of (state);
  g_autoptr(DaMessage) answer = make_answer (self, reason != NULL ? reason : "stop");
  g_autoptr(GPtrArray) messages = g_ptr_array_new ();
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(DaRunRecord) record = NULL;
  gsize length;
  const char *text = da_run_peek_text (self->run, &length);
  gint64 input = outcome != NULL && outcome->input_tokens >= 0 ? outcome->input_tokens
                                                               : self->input_estimate;
  gint64 output = outcome != NULL && outcome->output_tokens >= 0 ? outcome->output_tokens
                                                                 : da_llm_estimate_tokens (text);

  g_clear_handle_id (&self->flush_source, g_source_remove);
  _da_run_set_outcome (self->run, reason != NULL ? reason : "stop",
                       outcome != NULL ? outcome->tool_calls : NULL, input, output, answer);
  _da_run_set_state (self->run, state);
  if (!self->request->store || da_run_get_conversation (self->run) == NULL)
    {
      end (self);
      return;
    }
  events = _da_run_dup_events (self->run, &self->stored_events);
  add_last_event (events, self->run);
  record = _da_run_dup_record (self->run);
  if (answer != NULL)
    g_ptr_array_add (messages, answer);
  da_store_finish_run_async (self->engine->store, record, messages, events,
                             text + self->stored_text, length - self->stored_text,
                             finish_cb, self);
}

/* @error: (transfer full) */
static void
fail (RunLoop *self, GError *error)
{
  g_autoptr(GError) owned = error;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      conclude (self, DA_RUN_STATE_CANCELLED, NULL);
      return;
    }
  g_info ("run %s failed: %s", da_run_get_id (self->run), error->message);
  if (g_error_matches (error, DA_LLM_ERROR, DA_LLM_ERROR_NETWORK))
    da_provider_pool_forget_local (self->engine->pool);
  _da_run_set_error (self->run, error);
  conclude (self, DA_RUN_STATE_FAILED, NULL);
}

/* Ask */

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_store_append_events_finish (DA_STORE (source), result, &error))
    g_warning ("the journal of a run could not be written: %s", error->message);
}

static gboolean
flush_cb (gpointer data)
{
  RunLoop *self = data;
  g_autoptr(GPtrArray) events = NULL;
  gsize length;
  const char *text = da_run_peek_text (self->run, &length);

  if (self->stored_events == da_run_get_last_event (self->run) && self->stored_text == length)
    return G_SOURCE_CONTINUE;
  events = _da_run_dup_events (self->run, &self->stored_events);
  da_store_append_events_async (self->engine->store, da_run_get_id (self->run), events,
                                text + self->stored_text, length - self->stored_text, flushed_cb,
                                NULL);
  self->stored_text = length;
  return G_SOURCE_CONTINUE;
}

static void
append_retry (RunLoop *self, const DaLlmEvent *event)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (128);
  g_autofree char *payload = NULL;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "isRetrying", TRUE);
  da_json_writer_int (writer, "attempt", event->attempt);
  if (event->max_attempts > 0)
    da_json_writer_int (writer, "maxAttempts", event->max_attempts);
  da_json_writer_double (writer, "delaySeconds", event->delay_ms / 1000.0);
  da_json_writer_string (writer, "reason", event->text);
  da_json_writer_int (writer, "startedAt", g_get_real_time () / 1000);
  da_json_writer_end_object (writer);
  payload = da_json_writer_free_to_string (g_steal_pointer (&writer));
  _da_run_append_event (self->run, DA_RUN_EVENT_RETRY, payload);
}

static void
on_llm_event (const DaLlmEvent *event, gpointer user_data)
{
  RunLoop *self = user_data;

  switch (event->type)
    {
    case DA_LLM_EVENT_TEXT:
      _da_run_append_text (self->run, event->text, event->length);
      break;
    case DA_LLM_EVENT_PAUSE:
      _da_run_publish (self->run);
      break;
    case DA_LLM_EVENT_RETRY:
      append_retry (self, event);
      break;
    case DA_LLM_EVENT_REASONING:
    case DA_LLM_EVENT_TOOL_CALL:
    case DA_LLM_EVENT_FIRST_BYTE:
      break;
    }
}

static gboolean
may_shrink (RunLoop *self, const GError *error)
{
  gsize length;

  da_run_peek_text (self->run, &length);
  return length == 0 && self->shrinks < MAX_SHRINKS
         && g_error_matches (error, DA_LLM_ERROR, DA_LLM_ERROR_CONTEXT_LENGTH);
}

static void
complete_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaLlmResult) outcome = NULL;

  outcome = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source), result, &error);
  if (outcome != NULL)
    {
      if (outcome->model != NULL && !g_str_equal (outcome->model, ""))
        g_debug ("answered by %s", outcome->model);
      conclude (self, DA_RUN_STATE_COMPLETED, outcome);
      return;
    }
  if (may_shrink (self, error))
    {
      gint64 from = self->target > 0 ? MIN (self->target, self->input_estimate)
                                     : self->input_estimate;

      self->shrinks++;
      self->target = MAX (from * 6 / 10, 256);
      g_info ("the prompt does not fit; trying again with %" G_GINT64_FORMAT " tokens",
              self->target);
      build (self);
      return;
    }
  fail (self, g_steal_pointer (&error));
}

static void
ask (RunLoop *self)
{
  if (self->request->store && self->flush_source == 0)
    self->flush_source = g_timeout_add (FLUSH_MS, flush_cb, self);
  self->input_estimate = 0;
  for (guint i = 0; i < self->llm->messages->len; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (self->llm->messages, i);

      if (message->content != NULL)
        self->input_estimate += da_llm_estimate_tokens (message->content) + 4;
    }
  da_llm_provider_complete_async (self->choice->provider, self->llm, on_llm_event, self,
                                  self->cancellable, complete_cb, self);
}

/* Build and fit the prompt */

static void
fitted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;

  da_context_fit_finish (result, &error);
  if (error != NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }
  ask (self);
}

static void
images_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_prompt_attach_images_finish (result, &error))
    {
      fail (self, g_steal_pointer (&error));
      return;
    }
  if (self->target <= 0)
    {
      ask (self);
      return;
    }
  da_context_fit_async (self->choice->provider, self->llm, self->target, self->cancellable,
                        fitted_cb, self);
}

/* The client's own tools: the model may call them, and the client runs them. */
static void
take_client_tools (DaLlmRequest *llm, JsonObject *extra)
{
  JsonNode *tools = extra != NULL ? json_object_get_member (extra, "tools") : NULL;

  llm->extra = extra != NULL ? json_object_ref (extra) : NULL;
  if (tools != NULL && JSON_NODE_HOLDS_ARRAY (tools))
    llm->tools = json_node_copy (tools);
}

/* (nullable): "none" is a word of the provider's own (do not think); nothing set leaves it to the
 * model. The setting belongs to OpenAI and what is compatible with it: Groq and Gemini take other
 * words, and refuse a request with one they do not know. */
static char *
dup_effort (RunLoop *self)
{
  const char *effort = da_settings_get_string (self->engine->settings, "openaiReasoningEffort");
  const char *provider = da_llm_provider_get_id (self->choice->provider);

  if (effort == NULL || *effort == '\0' || g_str_equal (provider, "groq")
      || g_str_equal (provider, "gemini"))
    return NULL;
  return g_strdup (effort);
}

static void
build (RunLoop *self)
{
  DaSettings *settings = self->engine->settings;
  gboolean given = self->request->conversation_id == NULL || !self->request->store;
  GPtrArray *messages = da_prompt_build (settings, self->request,
                                         given ? NULL : da_run_get_conversation (self->run),
                                         self->relay);

  g_clear_pointer (&self->llm, da_llm_request_unref);
  self->llm = da_llm_request_new (self->choice->model);
  g_ptr_array_unref (self->llm->messages);
  self->llm->messages = messages;
  take_client_tools (self->llm, self->request->extra);
  self->llm->stream = TRUE;
  self->llm->max_retries = (guint) da_settings_get_int (settings, "apiRetryCount");
  self->llm->retry_base_ms = (guint) da_settings_get_int (settings, "apiRetryBaseDelay");
  self->llm->retry_max_ms = (guint) da_settings_get_int (settings, "apiRetryMaxDelay");
  self->llm->conversation_id = g_strdup (da_run_get_conversation_id (self->run));
  self->llm->reasoning_effort = dup_effort (self);
  da_prompt_attach_images_async (messages, self->engine->store,
                                 da_run_get_conversation_id (self->run), self->cancellable,
                                 images_cb, self);
}

/* Store the question */

static void
began (RunLoop *self, DaConversation *conversation)
{
  _da_run_set_conversation (self->run, conversation);
  _da_run_append_event (self->run, DA_RUN_EVENT_STARTED, NULL);
  if (self->started != NULL)
    {
      g_autoptr(GTask) started = g_steal_pointer (&self->started);

      g_task_return_pointer (started, g_object_ref (self->run), g_object_unref);
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      conclude (self, DA_RUN_STATE_CANCELLED, NULL);
      return;
    }
  if (!self->relay && da_settings_get_boolean (self->engine->settings,
                                               "mcpContextReductionEnabled"))
    self->target = (gint64) ((double) self->choice->context_tokens
                             * da_settings_get_number (self->engine->settings,
                                                       "mcpContextTargetRatio"));
  build (self);
}

static void
begin_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) conversation = NULL;

  conversation = da_store_begin_run_finish (DA_STORE (source), result, &error);
  if (conversation == NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }
  _da_session_set_title (self->session, conversation->title);
  _da_engine_conversation_changed (self->engine, conversation->id);
  began (self, conversation);
}

/* The question as it is stored: with an id, the last user message; without one, the whole history
 * the script sent, as it is a conversation of its own. */
static GPtrArray *
question_messages (DaChatRequest *request)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (g_object_unref);

  if (request->again && request->store)
    return out;
  if (request->conversation_id != NULL)
    {
      g_ptr_array_add (out, da_message_new (DA_ROLE_USER, request->prompt));
      return out;
    }
  for (guint i = 0; i < request->messages->len; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (request->messages, i);

      if (message->role != DA_ROLE_SYSTEM && message->content != NULL && *message->content != '\0')
        g_ptr_array_add (out, da_message_new (message->role, message->content));
    }
  return out;
}

/* What a conversation that does not exist yet is made of: the phone may send its history under an
 * id that this computer has never seen. */
static DaConversation *
new_conversation (RunLoop *self)
{
  DaChatRequest *request = self->request;
  DaConversation *create = da_conversation_new (da_run_get_conversation_id (self->run));
  gboolean is_question = TRUE;

  g_free (create->title);
  create->title = da_conversation_title_from (request->prompt);
  create->title_source = g_strdup ("local_generated");
  create->profile_id = g_strdup (request->profile_id);
  if (request->identity != NULL)
    create->device_id = g_strdup (request->identity->device_id);
  if (request->conversation_id == NULL)
    return create;
  create->messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = request->messages->len; i > 0; i--)
    {
      DaLlmMessage *message = g_ptr_array_index (request->messages, i - 1);

      if (message->role == DA_ROLE_SYSTEM || message->content == NULL || *message->content == '\0')
        continue;
      if (is_question && message->role == DA_ROLE_USER)
        is_question = FALSE;
      else if (!is_question)
        g_ptr_array_insert (create->messages, 0, da_message_new (message->role,
                                                                 message->content));
    }
  return create;
}

static void
begin (RunLoop *self)
{
  g_autoptr(DaRunRecord) record = NULL;
  g_autoptr(DaConversation) create = new_conversation (self);
  g_autoptr(GPtrArray) messages = question_messages (self->request);

  _da_run_set_state (self->run, DA_RUN_STATE_RUNNING);
  if (!self->request->store)
    {
      g_clear_pointer (&create->messages, g_ptr_array_unref);
      create->messages = g_ptr_array_ref (messages);
      began (self, create);
      return;
    }
  record = _da_run_dup_record (self->run);
  /* What is asked again and is no longer there does not come back. */
  da_store_begin_run_async (self->engine->store, record, self->request->again ? NULL : create,
                            messages, self->cancellable, begin_cb, self);
}

static void
choose_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunLoop *self = user_data;
  g_autoptr(GError) error = NULL;

  self->choice = da_provider_pool_choose_finish (DA_PROVIDER_POOL (source), result, &error);
  if (self->choice == NULL)
    {
      fail (self, g_steal_pointer (&error));
      return;
    }
  _da_run_set_model (self->run, da_llm_provider_get_id (self->choice->provider),
                     da_llm_provider_get_name (self->choice->provider), self->choice->model);
  self->relay = da_prompt_is_relay (self->request, self->choice->model);
  begin (self);
}

void
da_run_loop_start (DaEngine      *engine,
                   DaSession     *session,
                   DaRun         *run,
                   DaChatRequest *request,
                   GTask         *started)
{
  RunLoop *self = g_new0 (RunLoop, 1);

  self->engine = g_object_ref (engine);
  self->session = g_object_ref (session);
  self->run = g_object_ref (run);
  self->request = da_chat_request_ref (request);
  self->started = started;
  self->cancellable = g_object_ref (_da_run_get_cancellable (run));
  da_provider_pool_choose_async (engine->pool, request->model, self->cancellable, choose_cb, self);
}
