/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-session-list"

#include "da-session-list.h"

struct _DaSessionList {
  GObject parent_instance;

  GPtrArray *items;
  GHashTable *paused;      /* set of conversation ids */
};

static GType
get_item_type (GListModel *model)
{
  return DA_TYPE_SESSION;
}

static guint
get_n_items (GListModel *model)
{
  return DA_SESSION_LIST (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  DaSessionList *self = DA_SESSION_LIST (model);

  if (position >= self->items->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DaSessionList, da_session_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
da_session_list_finalize (GObject *object)
{
  g_ptr_array_unref (DA_SESSION_LIST (object)->items);
  g_hash_table_unref (DA_SESSION_LIST (object)->paused);
  G_OBJECT_CLASS (da_session_list_parent_class)->finalize (object);
}

static void
da_session_list_class_init (DaSessionListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_session_list_finalize;
}

static void
da_session_list_init (DaSessionList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->paused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

DaSessionList *
da_session_list_new (void)
{
  return g_object_new (DA_TYPE_SESSION_LIST, NULL);
}

static void
remove_at (DaSessionList *self, guint position)
{
  g_ptr_array_remove_index (self->items, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
goes_before (DaSession *a, DaSession *b)
{
  gboolean a_active = da_session_get_status (a) == DA_SESSION_ACTIVE;
  gboolean b_active = da_session_get_status (b) == DA_SESSION_ACTIVE;

  if (a_active != b_active)
    return a_active;
  if (a_active)
    return da_session_get_start_time (a) >= da_session_get_start_time (b);
  return da_session_get_end_time (a) >= da_session_get_end_time (b);
}

static void
drop_oldest (DaSessionList *self)
{
  guint finished = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      DaSession *session = g_ptr_array_index (self->items, i);

      if (da_session_get_status (session) == DA_SESSION_ACTIVE
          || da_session_get_queue_length (session) > 0)
        continue;
      if (++finished > DA_SESSION_LIST_FINISHED)
        remove_at (self, i--);
    }
}

void
da_session_list_put (DaSessionList *self,
                     DaSession     *session)
{
  g_autoptr(DaSession) held = g_object_ref (session);
  guint position;

  if (g_ptr_array_find (self->items, session, &position))
    remove_at (self, position);
  for (position = 0; position < self->items->len; position++)
    if (goes_before (session, g_ptr_array_index (self->items, position)))
      break;
  g_ptr_array_insert (self->items, (int) position, g_object_ref (session));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
  drop_oldest (self);
}

DaSession *
da_session_list_find (DaSessionList *self,
                      const char    *session_id)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      DaSession *session = g_ptr_array_index (self->items, i);

      if (g_strcmp0 (da_session_get_id (session), session_id) == 0)
        return session;
    }
  return NULL;
}

DaSession *
da_session_list_find_for (DaSessionList *self,
                          const char    *conversation_id)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      DaSession *session = g_ptr_array_index (self->items, i);

      if (g_strcmp0 (da_session_get_conversation_id (session), conversation_id) == 0)
        return session;
    }
  return NULL;
}

guint
da_session_list_clear (DaSessionList *self,
                       const char    *session_id)
{
  guint cleared = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      DaSession *session = g_ptr_array_index (self->items, i);

      if (da_session_get_status (session) == DA_SESSION_ACTIVE
          || da_session_get_queue_length (session) > 0
          || (session_id != NULL && g_strcmp0 (da_session_get_id (session), session_id) != 0))
        continue;
      remove_at (self, i--);
      cleared++;
    }
  return cleared;
}

void
da_session_list_set_paused (DaSessionList *self,
                            const char    *conversation_id,
                            gboolean       paused)
{
  if (paused)
    g_hash_table_add (self->paused, g_strdup (conversation_id));
  else
    g_hash_table_remove (self->paused, conversation_id);
}

gboolean
da_session_list_is_paused (DaSessionList *self,
                           const char    *conversation_id)
{
  return g_hash_table_contains (self->paused, conversation_id);
}
