/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-openai"

#include "da-llm-openai.h"

#include <string.h>

#include "da-llm-codec.h"
#include "da-llm-fault.h"
#include "da-llm-http.h"
#include "da-llm-models.h"
#include "da-llm-presets.h"
#include "da-llm-retry.h"
#include "da-llm-stream.h"
#include "da-random.h"
#include "da-redact.h"

#define DEFAULT_TIMEOUT_S 120
/* To the head, and then between bytes. A phone that pairs asks for the models and gives up after
 * ten seconds (contract 30 D.4): a silent provider must have become the built-in list by then. */
#define MODELS_TIMEOUT_MS 4000

/**
 * DaLlmOpenai:
 *
 * Owns the address and key of one provider and its HTTP connections. Made by the engine from the
 * settings; immutable, except that it learns when the provider does not know "stream_options".
 * Main thread. Any number of completions may run at once. It never keeps a conversation.
 */
struct _DaLlmOpenai {
  DaLlmProvider  parent_instance;

  char          *id;
  char          *name;
  char          *base_url;      /* without a slash at the end */
  char          *api_key;       /* (nullable) */
  DaLlmHttp     *http;
  gboolean       is_key_usable;
  gboolean       no_stream_options;
};

G_DEFINE_FINAL_TYPE (DaLlmOpenai, da_llm_openai, DA_TYPE_LLM_PROVIDER)

/* One completion, over all its attempts. Owned by its task.
 *
 *   attempt --answer--> result
 *      |  ^
 *      v  | back-off
 *    failure --nothing shown yet, worth it--> waiting
 */
typedef struct {
  DaLlmRequest   *request;
  DaLlmEventFunc  func;
  gpointer        func_data;
  char           *url;
  DaLlmStream    *stream;        /* of the current attempt */
  GSource        *wait;
  DaLlmRetry      retry;
  gboolean        delivered;     /* something of the answer was shown */
} Completion;

static void attempt (GTask *task);

static void
clear_wait (Completion *self)
{
  if (self->wait)
    g_source_destroy (self->wait);
  g_clear_pointer (&self->wait, g_source_unref);
}

static void
completion_free (gpointer data)
{
  Completion *self = data;

  clear_wait (self);
  g_clear_pointer (&self->stream, da_llm_stream_free);
  da_llm_request_unref (self->request);
  g_free (self->url);
  g_free (self);
}

static void
emit (Completion       *self,
      const DaLlmEvent *event)
{
  if (self->func)
    self->func (event, self->func_data);
}

/* Called from the stream: everything but progress marks makes a second attempt a repetition. */
static void
on_stream_event (const DaLlmEvent *event,
                 gpointer          user_data)
{
  Completion *self = user_data;

  self->delivered = TRUE;
  emit (self, event);
}

static void
on_head (gpointer user_data)
{
  DaLlmEvent event = { .type = DA_LLM_EVENT_FIRST_BYTE };

  emit (user_data, &event);
}

static DaLlmHttpVerdict
on_data (const char *data,
         gsize       length,
         gpointer    user_data)
{
  Completion *self = user_data;

  switch (da_llm_stream_feed (self->stream, data, length))
    {
    case DA_LLM_STREAM_TAIL:
      return DA_LLM_HTTP_TAIL;
    case DA_LLM_STREAM_DONE:
    case DA_LLM_STREAM_FAILED:
      return DA_LLM_HTTP_ENOUGH;
    case DA_LLM_STREAM_MORE:
    default:
      return DA_LLM_HTTP_MORE;
    }
}

static void
on_pause (gpointer user_data)
{
  DaLlmEvent event = { .type = DA_LLM_EVENT_PAUSE };

  emit (user_data, &event);
}

static gboolean
on_waited (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (G_TASK (user_data));

  clear_wait (g_task_get_task_data (task));
  if (!g_task_return_error_if_cancelled (task))
    attempt (task);
  return G_SOURCE_REMOVE;
}

/* A time-out that a cancel ends early. */
static void
wait_then_attempt (GTask *task,
                   guint  delay_ms)
{
  Completion *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->wait = g_timeout_source_new (delay_ms);
  if (cancellable)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (child);
      g_source_add_child_source (self->wait, child);
    }
  g_source_set_callback (self->wait, on_waited, g_object_ref (task), g_object_unref);
  g_source_attach (self->wait, g_main_context_get_thread_default ());
}

static void
fail_or_retry (GTask  *task,
               GError *error)
{
  Completion *self = g_task_get_task_data (task);
  DaLlmEvent event = { .type = DA_LLM_EVENT_RETRY };
  gboolean is_unlimited = FALSE;

  if (!da_llm_retry_next (&self->retry, error, self->delivered, &event.delay_ms, &is_unlimited))
    {
      g_task_return_error (task, error);
      return;
    }
  event.attempt = self->retry.retries;
  event.max_attempts = is_unlimited ? 0 : self->retry.max_retries;
  event.text = error->message;
  event.length = strlen (error->message);
  g_info ("Trying again in %u ms: %s", event.delay_ms, error->message);
  emit (self, &event);
  g_error_free (error);
  wait_then_attempt (task, event.delay_ms);
}

/* Some servers answer 400 to a member they do not know. */
static gboolean
is_about_stream_options (DaLlmHttpReply *reply)
{
  return (reply->status == 400 || reply->status == 422) &&
         strstr (reply->body->str, "stream_options") != NULL;
}

static void
finish_answer (GTask          *task,
               DaLlmHttpReply *reply)
{
  Completion *self = g_task_get_task_data (task);
  DaLlmOpenai *provider = g_task_get_source_object (task);
  g_autoptr (GError) cut = NULL;
  GError *error = NULL;
  DaLlmResult *result;

  if (g_error_matches (reply->cut, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    cut = da_llm_fault_network (provider->name, reply->cut);
  else if (reply->cut)
    cut = da_llm_fault_cut (provider->name);
  result = da_llm_stream_finish (self->stream, cut, &error);
  if (result)
    g_task_return_pointer (task, result, (GDestroyNotify) da_llm_result_free);
  else
    fail_or_retry (task, error);
}

static void
attempt_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  DaLlmOpenai *provider = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = da_llm_http_send_finish (result, &error);

  if (!reply && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (!reply)
    fail_or_retry (task, da_llm_fault_network (provider->name, error));
  else if (reply->status < 300)
    finish_answer (task, reply);
  else if (!provider->no_stream_options && is_about_stream_options (reply))
    {
      provider->no_stream_options = TRUE;
      attempt (task);
    }
  else
    fail_or_retry (task, da_llm_fault_from_response (provider->name, reply->status,
                                                     provider->api_key != NULL,
                                                     reply->retry_after_ms, reply->body->str,
                                                     reply->body->len));
}

static gboolean
has_cache_key (DaLlmOpenai *self)
{
  return g_str_has_prefix (self->base_url, "https://api.openai.com/");
}

static void
attempt (GTask *task)
{
  Completion *self = g_task_get_task_data (task);
  DaLlmOpenai *provider = g_task_get_source_object (task);
  DaLlmRequest *request = self->request;
  guint first_s = request->first_byte_timeout_s ? request->first_byte_timeout_s : DEFAULT_TIMEOUT_S;
  guint idle_s = request->idle_timeout_s ? request->idle_timeout_s : DEFAULT_TIMEOUT_S;
  DaLlmWireFlags flags = (provider->no_stream_options ? 0 : DA_LLM_WIRE_STREAM_OPTIONS) |
                         (has_cache_key (provider) ? DA_LLM_WIRE_CACHE_KEY : 0);
  g_autoptr (GBytes) body = da_llm_codec_write_request (request, flags);
  DaLlmHttpCall call = {
    .url = self->url,
    .body = body,
    .api_key = provider->api_key,
    .accept = request->stream ? "text/event-stream" : "application/json",
    .first_byte_ms = first_s * 1000,
    .idle_ms = idle_s * 1000,
    .on_head = on_head,
    .on_data = on_data,
    .on_pause = on_pause,
    .user_data = self,
  };

  g_clear_pointer (&self->stream, da_llm_stream_free);
  self->stream = da_llm_stream_new (provider->name, on_stream_event, self);
  da_llm_http_send_async (provider->http, &call, g_task_get_cancellable (task), attempt_cb,
                          g_object_ref (task));
}

static void
return_bad_key (GTask      *task,
                const char *name)
{
  g_autofree char *text = g_strdup_printf ("The API key of %s holds characters that no key has. "
                                           "Copy it into Settings again.", name);

  g_task_return_error (task, da_llm_error_new (DA_LLM_ERROR_AUTH, 0, -1, TRUE, text));
}

static void
da_llm_openai_complete_async (DaLlmProvider       *provider,
                              DaLlmRequest        *request,
                              DaLlmEventFunc       func,
                              gpointer             func_data,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  DaLlmOpenai *self = DA_LLM_OPENAI (provider);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Completion *completion = g_new0 (Completion, 1);

  g_task_set_source_tag (task, da_llm_openai_complete_async);
  g_task_set_task_data (task, completion, completion_free);
  completion->request = da_llm_request_ref (request);
  completion->func = func;
  completion->func_data = func_data;
  completion->url = g_strconcat (self->base_url, "/chat/completions", NULL);
  da_llm_retry_init (&completion->retry, request->max_retries, request->retry_base_ms,
                     request->retry_max_ms);
  if (!self->is_key_usable)
    return_bad_key (task, self->name);
  else
    attempt (task);
}

static DaLlmResult *
da_llm_openai_complete_finish (DaLlmProvider  *provider,
                               GAsyncResult   *result,
                               GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, provider), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Models */

static void
list_models_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  DaLlmOpenai *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = da_llm_http_send_finish (result, &error);
  GPtrArray *models = NULL;

  if (!reply && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!reply || reply->cut)
    {
      GError *cause = reply ? reply->cut : error;

      g_task_return_error (task, da_llm_fault_network (self->name, cause));
      return;
    }
  if (reply->status >= 300)
    {
      g_task_return_error (task, da_llm_fault_from_response (self->name, reply->status,
                                                             self->api_key != NULL,
                                                             reply->retry_after_ms,
                                                             reply->body->str, reply->body->len));
      return;
    }
  models = da_llm_models_parse (self->id, self->name, self->base_url, reply->body->str,
                                reply->body->len, &error);
  if (models)
    g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* A hosted provider's own address is not asked without a key: the answer is known to be 401. */
static gboolean
is_pointless_without_key (DaLlmOpenai *self)
{
  const DaLlmPreset *preset = da_llm_preset_find (self->id);

  return !self->api_key && preset && !preset->is_local &&
         g_str_equal (preset->base_url, self->base_url);
}

static void
da_llm_openai_list_models_async (DaLlmProvider       *provider,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  DaLlmOpenai *self = DA_LLM_OPENAI (provider);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *url = da_llm_models_url (self->id, self->base_url);
  DaLlmHttpCall call = {
    .url = url,
    .api_key = self->api_key,
    .key_header = da_llm_models_key_header (self->id, self->base_url),
    .accept = "application/json",
    .first_byte_ms = MODELS_TIMEOUT_MS,
    .idle_ms = MODELS_TIMEOUT_MS,
    .max_body = DA_LLM_MODELS_MAX_BYTES,
  };

  g_task_set_source_tag (task, da_llm_openai_list_models_async);
  if (!self->is_key_usable)
    return_bad_key (task, self->name);
  else if (is_pointless_without_key (self))
    g_task_return_error (task, da_llm_fault_from_response (self->name, 401, FALSE, -1, NULL, 0));
  else
    da_llm_http_send_async (self->http, &call, cancellable, list_models_cb, g_object_ref (task));
}

static GPtrArray *
da_llm_openai_list_models_finish (DaLlmProvider  *provider,
                                  GAsyncResult   *result,
                                  GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, provider), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static char *
da_llm_openai_dup_models_key (DaLlmProvider *provider)
{
  DaLlmOpenai *self = DA_LLM_OPENAI (provider);
  g_autofree char *digest = self->api_key ? da_secret_digest (self->api_key) : NULL;

  return g_strconcat (self->base_url, "\n", digest ? digest : "", NULL);
}

static GPtrArray *
da_llm_openai_dup_fallback_models (DaLlmProvider *provider)
{
  DaLlmOpenai *self = DA_LLM_OPENAI (provider);

  return da_llm_models_fallback (self->id, self->base_url);
}

/* Object */

static const char *
da_llm_openai_get_id (DaLlmProvider *provider)
{
  return DA_LLM_OPENAI (provider)->id;
}

static const char *
da_llm_openai_get_name (DaLlmProvider *provider)
{
  return DA_LLM_OPENAI (provider)->name;
}

static void
da_llm_openai_finalize (GObject *object)
{
  DaLlmOpenai *self = DA_LLM_OPENAI (object);

  if (self->api_key)
    da_redact_unregister (self->api_key);
  g_clear_pointer (&self->api_key, da_secret_free);
  g_clear_pointer (&self->http, da_llm_http_unref);
  g_free (self->id);
  g_free (self->name);
  g_free (self->base_url);
  G_OBJECT_CLASS (da_llm_openai_parent_class)->finalize (object);
}

static void
da_llm_openai_class_init (DaLlmOpenaiClass *klass)
{
  DaLlmProviderClass *provider_class = DA_LLM_PROVIDER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = da_llm_openai_finalize;
  provider_class->get_id = da_llm_openai_get_id;
  provider_class->get_name = da_llm_openai_get_name;
  provider_class->complete_async = da_llm_openai_complete_async;
  provider_class->complete_finish = da_llm_openai_complete_finish;
  provider_class->list_models_async = da_llm_openai_list_models_async;
  provider_class->list_models_finish = da_llm_openai_list_models_finish;
  provider_class->dup_models_key = da_llm_openai_dup_models_key;
  provider_class->dup_fallback_models = da_llm_openai_dup_fallback_models;
}

static void
da_llm_openai_init (DaLlmOpenai *self)
{
  self->is_key_usable = TRUE;
}

/* People paste the address from a documentation page: with the method's path, with a slash at the
 * end. Gemini's setting names the host alone (contract 30 D.4); its dialect lives below it. */
static char *
normal_base_url (const char *id,
                 const char *base_url)
{
  g_autofree char *url = g_strstrip (g_strdup (base_url ? base_url : ""));
  gsize length = strlen (url);

  while (length > 0 && url[length - 1] == '/')
    url[--length] = '\0';
  if (g_str_has_suffix (url, "/chat/completions"))
    url[length - strlen ("/chat/completions")] = '\0';
  if (g_strcmp0 (id, "gemini") == 0 &&
      g_str_equal (url, "https://generativelanguage.googleapis.com"))
    return g_strconcat (url, "/v1beta/openai", NULL);
  return g_steal_pointer (&url);
}

DaLlmProvider *
da_llm_openai_new (const DaLlmOpenaiConfig *config)
{
  DaLlmOpenai *self = g_object_new (DA_TYPE_LLM_OPENAI, NULL);
  const DaLlmPreset *preset = da_llm_preset_find (config->id);

  self->id = g_strdup (config->id ? config->id : "openai");
  self->name = g_strdup (config->name ? config->name : preset ? preset->name : self->id);
  self->base_url = normal_base_url (self->id, config->base_url);
  self->api_key = g_strstrip (g_strdup (config->api_key ? config->api_key : ""));
  if (!*self->api_key)
    g_clear_pointer (&self->api_key, g_free);
  if (self->api_key)
    {
      self->is_key_usable = da_llm_http_is_key (self->api_key);
      da_redact_register (self->api_key);
    }
  self->http = da_llm_http_new (config->proxy, config->user_agent);
  return DA_LLM_PROVIDER (self);
}

const char *
da_llm_openai_get_base_url (DaLlmOpenai *self)
{
  g_return_val_if_fail (DA_IS_LLM_OPENAI (self), NULL);
  return self->base_url;
}
