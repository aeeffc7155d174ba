/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-session"

#include "da-session-private.h"

#include "da-clock.h"
#include "da-random.h"

struct _DaSession {
  GObject parent_instance;

  char *id;
  char *conversation_id;
  char *title;
  char *device_name;
  DaRun *run;
  GQueue queue;              /* DaQueueItem, oldest first */
  gint64 start_time;
  gint64 end_time;
  guint runs;
  DaSessionStatus status;
  guint snoozed : 1;
  guint needs_input : 1;
};

enum {
  PROP_0,
  PROP_STATUS,
  PROP_TITLE,
  PROP_RUN,
  PROP_QUEUE_LENGTH,
  PROP_SNOOZED,
  PROP_NEEDS_INPUT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (DaSession, da_session, G_TYPE_OBJECT)

static void
item_free (gpointer data)
{
  DaQueueItem *item = data;

  g_clear_object (&item->run);
  g_clear_pointer (&item->request, da_chat_request_unref);
  g_free (item->id);
  g_free (item->error);
  g_free (item);
}

static void
da_session_finalize (GObject *object)
{
  DaSession *self = DA_SESSION (object);

  g_queue_clear_full (&self->queue, item_free);
  g_clear_object (&self->run);
  g_free (self->id);
  g_free (self->conversation_id);
  g_free (self->title);
  g_free (self->device_name);
  G_OBJECT_CLASS (da_session_parent_class)->finalize (object);
}

static void
da_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaSession *self = DA_SESSION (object);

  switch (id)
    {
    case PROP_STATUS: g_value_set_int (value, self->status); break;
    case PROP_TITLE: g_value_set_string (value, self->title); break;
    case PROP_RUN: g_value_set_object (value, self->run); break;
    case PROP_QUEUE_LENGTH: g_value_set_uint (value, da_session_get_queue_length (self)); break;
    case PROP_SNOOZED: g_value_set_boolean (value, self->snoozed); break;
    case PROP_NEEDS_INPUT: g_value_set_boolean (value, self->needs_input); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_session_class_init (DaSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = da_session_finalize;
  object_class->get_property = da_session_get_property;
  properties[PROP_STATUS] = g_param_spec_int ("status", NULL, NULL, DA_SESSION_ACTIVE,
                                              DA_SESSION_STOPPED, DA_SESSION_ACTIVE, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, DA_TYPE_RUN, flags);
  properties[PROP_QUEUE_LENGTH] = g_param_spec_uint ("queue-length", NULL, NULL, 0, G_MAXUINT, 0,
                                                     flags);
  properties[PROP_SNOOZED] = g_param_spec_boolean ("snoozed", NULL, NULL, FALSE, flags);
  properties[PROP_NEEDS_INPUT] = g_param_spec_boolean ("needs-input", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
da_session_init (DaSession *self)
{
  g_queue_init (&self->queue);
}

DaSession *
_da_session_new (const char *conversation_id,
                 const char *title,
                 const char *device_name)
{
  DaSession *self = g_object_new (DA_TYPE_SESSION, NULL);

  self->id = da_random_id ("session");
  self->conversation_id = g_strdup (conversation_id);
  self->title = g_strdup (title);
  self->device_name = g_strdup (device_name);
  self->start_time = da_clock_now_ms ();
  return self;
}

DaSession *
_da_session_new_finished (const char      *id,
                          const char      *conversation_id,
                          const char      *title,
                          DaSessionStatus  status,
                          gint64           start,
                          gint64           end)
{
  DaSession *self = g_object_new (DA_TYPE_SESSION, NULL);

  self->id = g_strdup (id);
  self->conversation_id = g_strdup (conversation_id);
  self->title = g_strdup (title);
  self->status = status;
  self->start_time = start;
  self->end_time = end;
  return self;
}

const char *
da_session_get_id (DaSession *self)
{
  return self->id;
}

const char *
da_session_get_conversation_id (DaSession *self)
{
  return self->conversation_id;
}

const char *
da_session_get_title (DaSession *self)
{
  return self->title;
}

const char *
da_session_get_device_name (DaSession *self)
{
  return self->device_name;
}

DaSessionStatus
da_session_get_status (DaSession *self)
{
  return self->status;
}

const char *
da_session_status_to_string (DaSessionStatus status)
{
  switch (status)
    {
    case DA_SESSION_ACTIVE: return "active";
    case DA_SESSION_COMPLETED: return "completed";
    case DA_SESSION_ERROR: return "error";
    case DA_SESSION_STOPPED: return "stopped";
    }
  g_assert_not_reached ();
}

gint64
da_session_get_start_time (DaSession *self)
{
  return self->start_time;
}

gint64
da_session_get_end_time (DaSession *self)
{
  return self->end_time;
}

DaRun *
da_session_get_run (DaSession *self)
{
  return self->run;
}

guint
da_session_get_queue_length (DaSession *self)
{
  guint n = 0;

  for (GList *link = self->queue.head; link != NULL; link = link->next)
    if (((DaQueueItem *) link->data)->state != DA_QUEUED_PROCESSING)
      n++;
  return n;
}

gboolean
da_session_get_snoozed (DaSession *self)
{
  return self->snoozed;
}

void
da_session_set_snoozed (DaSession *self,
                        gboolean   snoozed)
{
  if (self->snoozed == !!snoozed)
    return;
  self->snoozed = !!snoozed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SNOOZED]);
}

guint
_da_session_next_number (DaSession *self)
{
  return ++self->runs;
}

void
_da_session_set_run (DaSession *self,
                     DaRun     *run)
{
  if (g_set_object (&self->run, run))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
}

/* A question that failed waits for a person to try it again or remove it; one that waits while
 * nothing runs, for the queue to be resumed. */
static gboolean
find_needs_input (DaSession *self)
{
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      const DaQueueItem *item = link->data;

      if (item->state == DA_QUEUED_FAILED
          || (item->state == DA_QUEUED_PENDING && self->status != DA_SESSION_ACTIVE))
        return TRUE;
    }
  return FALSE;
}

static void
update_needs_input (DaSession *self)
{
  gboolean needs_input = find_needs_input (self);

  if (self->needs_input == needs_input)
    return;
  self->needs_input = needs_input;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEEDS_INPUT]);
}

void
_da_session_set_status (DaSession       *self,
                        DaSessionStatus  status)
{
  self->end_time = status == DA_SESSION_ACTIVE ? 0 : da_clock_now_ms ();
  if (self->status == status)
    return;
  self->status = status;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  update_needs_input (self);
}

void
_da_session_set_title (DaSession  *self,
                       const char *title)
{
  if (g_strcmp0 (self->title, title) == 0)
    return;
  g_free (self->title);
  self->title = g_strdup (title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* The queue */

static void
queue_changed (DaSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE_LENGTH]);
  update_needs_input (self);
}

const GQueue *
_da_session_peek_queue (DaSession *self)
{
  return &self->queue;
}

void
_da_session_queue_push (DaSession     *self,
                        DaRun         *run,
                        DaChatRequest *request)
{
  DaQueueItem *item = g_new0 (DaQueueItem, 1);

  item->id = da_random_id ("qmsg");
  item->created_at = da_clock_now_ms ();
  item->run = g_object_ref (run);
  item->request = da_chat_request_ref (request);
  g_queue_push_tail (&self->queue, item);
  queue_changed (self);
}

DaQueueItem *
_da_session_queue_next (DaSession *self)
{
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      DaQueueItem *item = link->data;

      if (item->state == DA_QUEUED_PENDING)
        return item;
    }
  return NULL;
}

DaQueueItem *
_da_session_queue_find_id (DaSession  *self,
                           const char *id)
{
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      DaQueueItem *item = link->data;

      if (g_strcmp0 (item->id, id) == 0)
        return item;
    }
  return NULL;
}

DaQueueItem *
_da_session_queue_find_run (DaSession *self,
                            DaRun     *run)
{
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      DaQueueItem *item = link->data;

      if (item->run == run)
        return item;
    }
  return NULL;
}

DaRun *
_da_session_queue_find (DaSession  *self,
                        const char *prompt)
{
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      DaQueueItem *item = link->data;

      if (item->state == DA_QUEUED_PENDING
          && g_strcmp0 (da_run_get_prompt (item->run), prompt) == 0)
        return item->run;
    }
  return NULL;
}

void
_da_session_queue_set_state (DaSession     *self,
                             DaQueueItem   *item,
                             DaQueuedState  state,
                             const char    *error)
{
  item->state = state;
  g_free (item->error);
  item->error = g_strdup (error);
  queue_changed (self);
}

void
_da_session_queue_drop (DaSession   *self,
                        DaQueueItem *item)
{
  g_queue_remove (&self->queue, item);
  item_free (item);
  queue_changed (self);
}

void
_da_session_queue_touch (DaSession *self)
{
  queue_changed (self);
}
