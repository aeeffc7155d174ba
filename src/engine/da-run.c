/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-run"

#include "da-run-private.h"

#include "da-clock.h"
#include "da-llm-error.h"
#include "da-macros.h"
#include "da-random.h"

typedef struct {
  guint     id;
  DaRunFunc func;
  gpointer  user_data;
} Subscriber;

struct _DaRun {
  GObject parent_instance;

  /* owned */
  char *id;
  char *session_id;
  char *conversation_id;
  char *prompt;
  char *device_id;           /* (nullable) */
  char *model;
  char *provider_id;
  char *provider_name;
  char *finish_reason;
  char *tool_calls;
  char *cancel_reason;
  GString *text;
  GArray *events;            /* DaRunEvent, index = number - 1 */
  GArray *subscribers;       /* Subscriber */
  GCancellable *cancellable;
  GError *error;
  DaConversation *conversation;
  DaMessage *answer;

  guint64 sealed;            /* the last event somebody has seen: it does not grow any more */
  gint64 started_at;
  gint64 ended_at;
  gint64 input_tokens;
  gint64 output_tokens;
  guint number;
  guint request_size;
  guint attached;
  guint next_subscriber;
  guint publish_source;
  gboolean has_news;             /* text that subscribers have not been told of */
  DaRunState state;
  guint cancel_on_disconnect : 1;
};

enum {
  PROP_0,
  PROP_STATE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (DaRun, da_run, G_TYPE_OBJECT)

static void
clear_event (gpointer data)
{
  DaRunEvent *event = data;

  g_free (event->payload);
}

static void
da_run_finalize (GObject *object)
{
  DaRun *self = DA_RUN (object);

  g_clear_handle_id (&self->publish_source, g_source_remove);
  g_free (self->id);
  g_free (self->session_id);
  g_free (self->conversation_id);
  g_free (self->prompt);
  g_free (self->device_id);
  g_free (self->model);
  g_free (self->provider_id);
  g_free (self->provider_name);
  g_free (self->finish_reason);
  g_free (self->tool_calls);
  g_free (self->cancel_reason);
  g_string_free (self->text, TRUE);
  g_array_unref (self->events);
  g_array_unref (self->subscribers);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_clear_object (&self->conversation);
  g_clear_object (&self->answer);
  G_OBJECT_CLASS (da_run_parent_class)->finalize (object);
}

static void
da_run_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaRun *self = DA_RUN (object);

  switch (id)
    {
    case PROP_STATE: g_value_set_int (value, self->state); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_run_class_init (DaRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = da_run_finalize;
  object_class->get_property = da_run_get_property;
  properties[PROP_STATE] =
    g_param_spec_int ("state", NULL, NULL, DA_RUN_STATE_QUEUED, DA_RUN_STATE_INTERRUPTED,
                      DA_RUN_STATE_QUEUED,
                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
da_run_init (DaRun *self)
{
  self->text = g_string_new (NULL);
  self->events = g_array_new (FALSE, FALSE, sizeof (DaRunEvent));
  g_array_set_clear_func (self->events, clear_event);
  self->subscribers = g_array_new (FALSE, FALSE, sizeof (Subscriber));
  self->cancellable = g_cancellable_new ();
  self->next_subscriber = 1;
}

DaRun *
_da_run_new (const char *conversation_id,
             const char *session_id,
             guint       number,
             const char *prompt,
             gboolean    cancel_on_disconnect)
{
  DaRun *self = g_object_new (DA_TYPE_RUN, NULL);

  self->id = da_random_id ("run");
  self->conversation_id = g_strdup (conversation_id);
  self->session_id = g_strdup (session_id);
  self->number = number;
  self->prompt = g_strdup (prompt);
  self->cancel_on_disconnect = cancel_on_disconnect;
  self->started_at = da_clock_now_ms ();
  return self;
}

const char *
da_run_get_id (DaRun *self)
{
  return self->id;
}

guint
da_run_get_number (DaRun *self)
{
  return self->number;
}

const char *
da_run_get_session_id (DaRun *self)
{
  return self->session_id;
}

const char *
da_run_get_conversation_id (DaRun *self)
{
  return self->conversation_id;
}

const char *
da_run_get_model (DaRun *self)
{
  return self->model;
}

const char *
da_run_get_provider_name (DaRun *self)
{
  return self->provider_name;
}

const char *
_da_run_get_provider_id (DaRun *self)
{
  return self->provider_id;
}

DaRunState
da_run_get_state (DaRun *self)
{
  return self->state;
}

gboolean
da_run_is_finished (DaRun *self)
{
  return self->state != DA_RUN_STATE_QUEUED && self->state != DA_RUN_STATE_RUNNING;
}

gint64
da_run_get_started_at (DaRun *self)
{
  return self->started_at;
}

const char *
da_run_get_device_id (DaRun *self)
{
  return self->device_id;
}

void
_da_run_set_device_id (DaRun      *self,
                       const char *device_id)
{
  g_free (self->device_id);
  self->device_id = g_strdup (device_id);
}

void
_da_run_set_request_size (DaRun *self,
                          guint  n_messages)
{
  self->request_size = n_messages;
}

guint
_da_run_get_request_size (DaRun *self)
{
  return self->request_size;
}

gint64
_da_run_get_ended_at (DaRun *self)
{
  return self->ended_at;
}

const char *
da_run_get_prompt (DaRun *self)
{
  return self->prompt;
}

void
_da_run_set_prompt (DaRun      *self,
                    const char *prompt)
{
  g_assert (self->state == DA_RUN_STATE_QUEUED);
  g_free (self->prompt);
  self->prompt = g_strdup (prompt);
}

const char *
da_run_peek_text (DaRun *self,
                  gsize *length)
{
  if (length != NULL)
    *length = self->text->len;
  return self->text->str;
}

guint64
da_run_get_last_event (DaRun *self)
{
  return self->events->len;
}

const DaRunEvent *
da_run_peek_event (DaRun   *self,
                   guint64  number)
{
  g_return_val_if_fail (number > 0, NULL);

  if (number > self->events->len)
    return NULL;
  self->sealed = MAX (self->sealed, number);
  return &g_array_index (self->events, DaRunEvent, number - 1);
}

/* Subscribers may come and go while they are called, so the list is walked by id, not by index. */
static gboolean
publish_cb (gpointer data)
{
  g_autoptr(DaRun) self = g_object_ref (data);
  guint last = 0;

  self->publish_source = 0;
  self->has_news = FALSE;
  for (;;)
    {
      Subscriber next = { 0 };

      for (guint i = 0; i < self->subscribers->len; i++)
        {
          Subscriber *candidate = &g_array_index (self->subscribers, Subscriber, i);

          if (candidate->id > last)
            {
              next = *candidate;
              break;
            }
        }
      if (next.id == 0)
        break;
      last = next.id;
      next.func (self, next.user_data);
    }
  return G_SOURCE_REMOVE;
}

void
_da_run_publish (DaRun *self)
{
  if (self->publish_source != 0)
    g_source_remove (self->publish_source);
  else if (!self->has_news)
    return;
  publish_cb (self);
}

static void
schedule_publish (DaRun *self)
{
  if (self->publish_source != 0 || self->subscribers->len == 0)
    return;
  self->publish_source = g_idle_add_full (G_PRIORITY_DEFAULT, publish_cb, self, NULL);
}

guint
da_run_subscribe (DaRun     *self,
                  DaRunFunc  func,
                  gpointer   user_data)
{
  Subscriber subscriber = { self->next_subscriber++, func, user_data };

  DA_ASSERT_MAIN_THREAD ();
  g_array_append_val (self->subscribers, subscriber);
  return subscriber.id;
}

void
da_run_unsubscribe (DaRun *self,
                    guint  id)
{
  for (guint i = 0; i < self->subscribers->len; i++)
    if (g_array_index (self->subscribers, Subscriber, i).id == id)
      {
        g_array_remove_index (self->subscribers, i);
        return;
      }
}

void
da_run_attach (DaRun *self)
{
  self->attached++;
}

void
da_run_detach (DaRun *self)
{
  g_return_if_fail (self->attached > 0);

  if (--self->attached == 0 && self->cancel_on_disconnect && !da_run_is_finished (self))
    da_run_cancel (self, "the client hung up");
}

void
da_run_cancel (DaRun      *self,
               const char *reason)
{
  if (da_run_is_finished (self) || g_cancellable_is_cancelled (self->cancellable))
    return;
  self->cancel_reason = g_strdup (reason);
  g_debug ("run %s is cancelled: %s", self->id, reason != NULL ? reason : "no reason given");
  g_cancellable_cancel (self->cancellable);
}

GCancellable *
_da_run_get_cancellable (DaRun *self)
{
  return self->cancellable;
}

const char *
_da_run_get_cancel_reason (DaRun *self)
{
  return self->cancel_reason;
}

const char *
da_run_get_finish_reason (DaRun *self)
{
  return self->finish_reason;
}

const char *
da_run_get_tool_calls (DaRun *self)
{
  return self->tool_calls;
}

gint64
da_run_get_input_tokens (DaRun *self)
{
  return self->input_tokens;
}

gint64
da_run_get_output_tokens (DaRun *self)
{
  return self->output_tokens;
}

const GError *
da_run_get_error (DaRun *self)
{
  return self->error;
}

gint64
da_run_get_retry_after_ms (DaRun *self)
{
  return da_llm_error_get_retry_after_ms (self->error);
}

DaConversation *
da_run_get_conversation (DaRun *self)
{
  return self->conversation;
}

DaMessage *
da_run_get_answer (DaRun *self)
{
  return self->answer;
}

void
_da_run_set_state (DaRun      *self,
                   DaRunState  state)
{
  if (self->state == state)
    return;
  self->state = state;
  if (da_run_is_finished (self))
    self->ended_at = da_clock_now_ms ();
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
_da_run_set_model (DaRun      *self,
                   const char *provider_id,
                   const char *provider_name,
                   const char *model)
{
  g_autofree char *old_id = g_steal_pointer (&self->provider_id);
  g_autofree char *old_name = g_steal_pointer (&self->provider_name);
  g_autofree char *old_model = g_steal_pointer (&self->model);

  self->provider_id = g_strdup (provider_id);
  self->provider_name = g_strdup (provider_name);
  self->model = g_strdup (model);
}

void
_da_run_set_conversation (DaRun          *self,
                          DaConversation *conversation)
{
  g_set_object (&self->conversation, conversation);
}

static DaRunEvent *
add_event (DaRun          *self,
           DaRunEventType  type,
           const char     *payload)
{
  DaRunEvent event = {
    .number = self->events->len + 1,
    .type = type,
    .time_ms = da_clock_now_ms (),
    .text_end = self->text->len,
    .payload = g_strdup (payload),
  };

  g_array_append_val (self->events, event);
  return &g_array_index (self->events, DaRunEvent, self->events->len - 1);
}

void
_da_run_append_text (DaRun      *self,
                     const char *text,
                     gsize       length)
{
  DaRunEvent *last = NULL;

  if (length == 0)
    return;
  g_string_append_len (self->text, text, length);
  if (self->events->len > 0)
    last = &g_array_index (self->events, DaRunEvent, self->events->len - 1);
  if (last != NULL && last->type == DA_RUN_EVENT_DELTA && last->number > self->sealed)
    {
      last->text_end = self->text->len;
    }
  else
    {
      add_event (self, DA_RUN_EVENT_DELTA, NULL);
    }
  self->has_news = TRUE;
}

void
_da_run_append_event (DaRun          *self,
                      DaRunEventType  type,
                      const char     *payload)
{
  add_event (self, type, payload);
  schedule_publish (self);
}

void
_da_run_set_outcome (DaRun      *self,
                     const char *finish_reason,
                     const char *tool_calls,
                     gint64      input_tokens,
                     gint64      output_tokens,
                     DaMessage  *answer)
{
  g_free (self->finish_reason);
  self->finish_reason = g_strdup (finish_reason);
  g_free (self->tool_calls);
  self->tool_calls = g_strdup (tool_calls);
  self->input_tokens = input_tokens;
  self->output_tokens = output_tokens;
  g_set_object (&self->answer, answer);
}

void
_da_run_set_error (DaRun        *self,
                   const GError *error)
{
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
}

DaRunRecord *
_da_run_dup_record (DaRun *self)
{
  DaRunRecord *record = da_run_record_new ();

  record->id = g_strdup (self->id);
  record->conversation_id = g_strdup (self->conversation_id);
  record->session_id = g_strdup (self->session_id);
  record->number = self->number;
  record->state = self->state;
  record->model = g_strdup (self->model);
  record->provider = g_strdup (self->provider_id);
  record->error = self->error != NULL ? g_strdup (self->error->message) : NULL;
  record->started_at = self->started_at;
  record->ended_at = self->ended_at;
  record->input_tokens = self->input_tokens;
  record->output_tokens = self->output_tokens;
  return record;
}

GPtrArray *
_da_run_dup_events (DaRun   *self,
                    guint64 *cursor)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify) da_run_event_free);

  for (guint64 number = *cursor + 1; number <= self->events->len; number++)
    {
      const DaRunEvent *event = da_run_peek_event (self, number);
      const DaRunEvent *next = NULL;

      if (number < self->events->len)
        next = &g_array_index (self->events, DaRunEvent, number);
      if (event->type == DA_RUN_EVENT_DELTA && next != NULL && next->type == DA_RUN_EVENT_DELTA)
        continue;
      g_ptr_array_add (events, da_run_event_copy (event));
    }
  *cursor = self->events->len;
  return events;
}
