/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-request-log"

#include "da-request-log.h"

#include "da-clock.h"

struct _DaRequestLogEntry {
  GObject parent_instance;

  char *who;
  char *method;
  char *route;
  char *address;
  char *refused;
  gint64 time;
  gint64 duration_us;
  guint status;
  DaRefusal refusal;
};

G_DEFINE_FINAL_TYPE (DaRequestLogEntry, da_request_log_entry, G_TYPE_OBJECT)

static void
da_request_log_entry_finalize (GObject *object)
{
  DaRequestLogEntry *self = DA_REQUEST_LOG_ENTRY (object);

  g_free (self->who);
  g_free (self->method);
  g_free (self->route);
  g_free (self->address);
  g_free (self->refused);
  G_OBJECT_CLASS (da_request_log_entry_parent_class)->finalize (object);
}

static void
da_request_log_entry_class_init (DaRequestLogEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_request_log_entry_finalize;
}

static void
da_request_log_entry_init (DaRequestLogEntry *self)
{
}

gint64
da_request_log_entry_get_time (DaRequestLogEntry *self)
{
  return self->time;
}

const char *
da_request_log_entry_get_who (DaRequestLogEntry *self)
{
  return self->who;
}

const char *
da_request_log_entry_get_method (DaRequestLogEntry *self)
{
  return self->method;
}

const char *
da_request_log_entry_get_route (DaRequestLogEntry *self)
{
  return self->route;
}

const char *
da_request_log_entry_get_address (DaRequestLogEntry *self)
{
  return self->address;
}

guint
da_request_log_entry_get_status (DaRequestLogEntry *self)
{
  return self->status;
}

gint64
da_request_log_entry_get_duration (DaRequestLogEntry *self)
{
  return self->duration_us / 1000;
}

DaRefusal
da_request_log_entry_get_refusal (DaRequestLogEntry *self)
{
  return self->refusal;
}

const char *
da_request_log_entry_get_refused (DaRequestLogEntry *self)
{
  return self->refused;
}

char *
da_request_log_entry_dup_text (DaRequestLogEntry *self)
{
  g_autofree char *time = da_clock_format_iso (self->time);

  return g_strdup_printf ("%s %s %s %s %s %u %" G_GINT64_FORMAT "ms%s%s", time,
                          self->address != NULL ? self->address : "-",
                          self->who != NULL ? self->who : "-", self->method, self->route,
                          self->status, self->duration_us / 1000,
                          self->refused != NULL ? " refused: " : "",
                          self->refused != NULL ? self->refused : "");
}

/* The list */

struct _DaRequestLog {
  GObject parent_instance;

  GQueue entries;      /* (element-type DaRequestLogEntry): newest first */
  GQueue waiting;      /* newest first: not yet in the list */
  guint source;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DaRequestLog, da_request_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
da_request_log_dispose (GObject *object)
{
  DaRequestLog *self = DA_REQUEST_LOG (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_queue_clear_full (&self->waiting, g_object_unref);
  g_queue_clear_full (&self->entries, g_object_unref);
  G_OBJECT_CLASS (da_request_log_parent_class)->dispose (object);
}

static void
da_request_log_class_init (DaRequestLogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_request_log_dispose;
}

static void
da_request_log_init (DaRequestLog *self)
{
  g_queue_init (&self->entries);
  g_queue_init (&self->waiting);
}

static GType
get_item_type (GListModel *model)
{
  return DA_TYPE_REQUEST_LOG_ENTRY;
}

static guint
get_n_items (GListModel *model)
{
  return DA_REQUEST_LOG (model)->entries.length;
}

static gpointer
get_item (GListModel *model, guint position)
{
  gpointer entry = g_queue_peek_nth (&DA_REQUEST_LOG (model)->entries, position);

  return entry != NULL ? g_object_ref (entry) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

DaRequestLog *
da_request_log_new (void)
{
  return g_object_new (DA_TYPE_REQUEST_LOG, NULL);
}

/* What comes and what goes are two changes, each with its own place: in one it would be every entry
 * that changed, and a list that is looked at would jump and lose its focus. */
static gboolean
on_flush_due (gpointer user_data)
{
  DaRequestLog *self = user_data;
  const guint kept = MIN (self->entries.length, DA_REQUEST_LOG_ENTRIES - self->waiting.length);
  const guint removed = self->entries.length - kept;
  guint added = 0;
  gpointer entry;

  self->source = 0;
  for (guint i = 0; i < removed; i++)
    g_object_unref (g_queue_pop_tail (&self->entries));
  if (removed > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), kept, removed, 0);
  for (; (entry = g_queue_pop_tail (&self->waiting)) != NULL; added++)
    g_queue_push_head (&self->entries, entry);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
  return G_SOURCE_REMOVE;
}

void
da_request_log_add (DaRequestLog           *self,
                    const DaRequestLogItem *item)
{
  DaRequestLogEntry *entry = g_object_new (DA_TYPE_REQUEST_LOG_ENTRY, NULL);

  entry->time = da_clock_now_ms ();
  entry->who = g_strdup (item->who);
  entry->method = g_strdup (item->method);
  entry->route = g_strdup (item->route);
  entry->address = g_strdup (item->address);
  entry->refused = g_strdup (item->refused);
  entry->duration_us = item->duration_us;
  entry->status = item->status;
  entry->refusal = item->refusal;
  g_queue_push_head (&self->waiting, entry);
  if (self->waiting.length > DA_REQUEST_LOG_ENTRIES)
    g_object_unref (g_queue_pop_tail (&self->waiting));
  if (self->source == 0)
    self->source = g_timeout_add (DA_REQUEST_LOG_MS, on_flush_due, self);
}

void
da_request_log_clear (DaRequestLog *self)
{
  const guint before = self->entries.length;

  g_clear_handle_id (&self->source, g_source_remove);
  g_queue_clear_full (&self->waiting, g_object_unref);
  g_queue_clear_full (&self->entries, g_object_unref);
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);
}
