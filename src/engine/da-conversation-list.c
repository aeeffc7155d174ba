/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-conversation-list"

#include "da-conversation-list.h"

#include <string.h>

#include "da-array-diff.h"
#include "da-settings.h"

#define PAGE 60                /* some screens full */
#define HITS 400               /* single messages; a long conversation has many */
#define SETTLE_MS 60           /* a burst of changes is one read */
#define REST_MS 250            /* and while it goes on, the next is not before that */

struct _DaConversationList {
  GObject parent_instance;

  /* owned */
  DaEngine *engine;
  GPtrArray *items;            /* DaConversation, what is shown */
  GHashTable *extra;           /* id -> DaConversation: pinned ones older than what was read */
  GHashTable *missing;         /* ids that are pinned and not in the store */
  GHashTable *shown_pinned;    /* ids that were pinned when the items were last told of */
  GCancellable *cancellable;   /* of the read under way */
  char *query;

  gulong changed_id;
  gulong pinned_id;
  gulong archived_id;
  gint64 shown_at;             /* us, monotonic */
  guint settle_source;
  guint wanted;                /* how many to read from the store */
  guint archived : 1;
  guint loading : 1;
  guint has_more : 1;
  guint again : 1;             /* something changed while a read was under way */
};

enum {
  PROP_0,
  PROP_QUERY,
  PROP_ARCHIVED,
  PROP_LOADING,
  PROP_HAS_MORE,
  PROP_N_ITEMS,
  N_PROPS
};

enum {
  FAILED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void reload (DaConversationList *self);

/* GListModel */

static GType
list_item_type (GListModel *model)
{
  return DA_TYPE_CONVERSATION;
}

static guint
list_n_items (GListModel *model)
{
  return DA_CONVERSATION_LIST (model)->items->len;
}

static gpointer
list_item (GListModel *model, guint position)
{
  DaConversationList *self = DA_CONVERSATION_LIST (model);

  if (position >= self->items->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = list_item_type;
  iface->get_n_items = list_n_items;
  iface->get_item = list_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DaConversationList, da_conversation_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_iface_init))

/* What is shown */

static const char *
key_of (gpointer item)
{
  return DA_CONVERSATION (item)->id;
}

static gboolean
looks_same (gconstpointer one, gconstpointer other)
{
  const DaConversation *a = one;
  const DaConversation *b = other;

  return a->updated_at == b->updated_at && a->message_count == b->message_count
         && g_strcmp0 (a->title, b->title) == 0 && g_strcmp0 (a->last_message, b->last_message) == 0
         && g_strcmp0 (a->preview, b->preview) == 0 && g_strcmp0 (a->device_id, b->device_id) == 0;
}

static void
items_changed (guint position, guint removed, guint added, gpointer data)
{
  g_list_model_items_changed (data, position, removed, added);
}

static const char *const *
pinned_ids (DaConversationList *self)
{
  return da_settings_get_strv (da_engine_get_settings (self->engine), "pinnedSessionIds");
}

static const char *const *
archived_ids (DaConversationList *self)
{
  return da_settings_get_strv (da_engine_get_settings (self->engine), "archivedSessionIds");
}

/* An item may stay where it is and still be of another section now. */
static void
show_sections (DaConversationList *self)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      DaConversation *conversation = g_ptr_array_index (self->items, i);
      gboolean pinned = da_conversation_list_is_pinned (self, conversation->id);

      if (pinned != g_hash_table_contains (self->shown_pinned, conversation->id))
        items_changed (i, 1, 1, self);
    }
  g_hash_table_remove_all (self->shown_pinned);
  for (guint i = 0; pinned_ids (self)[i] != NULL; i++)
    g_hash_table_add (self->shown_pinned, g_strdup (pinned_ids (self)[i]));
}

/* Takes @items. */
static void
show (DaConversationList *self, GPtrArray *items)
{
  guint n_items = self->items->len;

  da_array_diff (self->items, items, key_of, looks_same, items_changed, self);
  show_sections (self);
  self->shown_at = g_get_monotonic_time ();
  if (self->items->len != n_items)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
  g_ptr_array_unref (items);
}

static void
set_loading (DaConversationList *self, gboolean loading)
{
  if (self->loading == loading)
    return;
  self->loading = loading;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADING]);
}

static void
set_has_more (DaConversationList *self, gboolean has_more)
{
  if (self->has_more == has_more)
    return;
  self->has_more = has_more;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_MORE]);
}

static DaConversation *
find_in (GPtrArray *list, const char *id, guint *position)
{
  for (guint i = 0; i < list->len; i++)
    {
      DaConversation *conversation = g_ptr_array_index (list, i);

      if (strcmp (conversation->id, id) != 0)
        continue;
      if (position != NULL)
        *position = i;
      return conversation;
    }
  return NULL;
}

/* A read is over: the next one that was asked for meanwhile, or rest. */
static void
settle (DaConversationList *self)
{
  g_clear_object (&self->cancellable);
  set_loading (self, FALSE);
  if (self->again)
    reload (self);
}

static void
failed (DaConversationList *self, const GError *error)
{
  g_warning ("conversations cannot be listed: %s", error->message);
  g_signal_emit (self, signals[FAILED], 0, error);
  settle (self);
}

/* The list */

static void load_pinned (DaConversationList *self);

static void
pinned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaConversationList) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(DaConversation) conversation = NULL;
  DaConversation *bare;

  conversation = da_engine_load_conversation_finish (DA_ENGINE (source), result, &error);
  if (conversation == NULL)
    return;
  /* Its messages are not needed here, and others may hold the object. */
  bare = da_conversation_new (conversation->id);
  g_free (bare->title);
  bare->title = g_strdup (conversation->title);
  bare->created_at = conversation->created_at;
  bare->updated_at = conversation->updated_at;
  bare->message_count = conversation->message_count;
  bare->device_id = g_strdup (conversation->device_id);
  g_free (bare->last_message);
  bare->last_message = g_strdup (conversation->last_message);
  g_hash_table_replace (self->extra, g_strdup (bare->id), bare);
  self->again = TRUE;
  if (!self->loading)
    reload (self);
}

/* Pinned conversations can be older than everything that was read; each is asked for once. */
static void
load_pinned (DaConversationList *self)
{
  const char *const *ids = pinned_ids (self);

  for (guint i = 0; !self->archived && ids[i] != NULL; i++)
    {
      if (find_in (self->items, ids[i], NULL) != NULL
          || g_hash_table_contains (self->missing, ids[i]))
        continue;
      g_hash_table_add (self->missing, g_strdup (ids[i]));
      da_engine_load_conversation_async (self->engine, ids[i], NULL, pinned_cb,
                                         g_object_ref (self));
    }
}

static GPtrArray *
arrange (DaConversationList *self, GPtrArray *all)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  const char *const *pinned = pinned_ids (self);
  const char *const *archived = archived_ids (self);

  for (guint i = 0; !self->archived && pinned[i] != NULL; i++)
    {
      DaConversation *conversation = find_in (all, pinned[i], NULL);

      if (conversation == NULL)
        conversation = g_hash_table_lookup (self->extra, pinned[i]);
      if (conversation != NULL && find_in (items, pinned[i], NULL) == NULL)
        g_ptr_array_add (items, g_object_ref (conversation));
    }
  for (guint i = 0; i < all->len; i++)
    {
      DaConversation *conversation = g_ptr_array_index (all, i);
      gboolean is_archived = g_strv_contains (archived, conversation->id);

      if (is_archived != self->archived)
        continue;
      if (!self->archived && g_strv_contains (pinned, conversation->id))
        continue;
      g_ptr_array_add (items, g_object_ref (conversation));
    }
  return items;
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaConversationList) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) all = NULL;

  all = da_engine_list_conversations_finish (DA_ENGINE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (all == NULL)
    {
      failed (self, error);
      return;
    }
  set_has_more (self, all->len >= self->wanted);
  show (self, arrange (self, all));
  load_pinned (self);
  /* A page that is all archived shows nothing: look further. */
  if (self->has_more && self->items->len < self->wanted / 2)
    {
      self->wanted += 4 * PAGE;
      self->again = TRUE;
    }
  settle (self);
}

/* The search */

static gboolean
find_cb (gconstpointer item, gconstpointer id)
{
  return strcmp (((const DaConversation *) item)->id, id) == 0;
}

static void
search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaConversationList) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) hits = NULL;
  GPtrArray *items;

  hits = da_engine_search_finish (DA_ENGINE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (hits == NULL)
    {
      failed (self, error);
      return;
    }
  items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < hits->len; i++)
    {
      DaConversationHit *hit = g_ptr_array_index (hits, i);
      DaConversation *conversation;

      /* Best first: the first hit of a conversation stands for it. The archive searches itself. */
      if (g_ptr_array_find_with_equal_func (items, hit->conversation_id, find_cb, NULL)
          || (self->archived
              && !da_conversation_list_is_archived (self, hit->conversation_id)))
        continue;
      conversation = da_conversation_new (hit->conversation_id);
      g_free (conversation->title);
      conversation->title = g_strdup (hit->title);
      g_free (conversation->preview);
      conversation->preview = g_strdup (hit->snippet);
      conversation->created_at = conversation->updated_at = hit->timestamp;
      g_ptr_array_add (items, conversation);
    }
  set_has_more (self, FALSE);
  show (self, items);
  settle (self);
}

static void
reload (DaConversationList *self)
{
  DaConversationFilter filter = { .limit = self->wanted };

  self->again = FALSE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  set_loading (self, TRUE);
  if (*self->query != '\0')
    da_engine_search_async (self->engine, self->query, HITS, self->cancellable, search_cb,
                            g_object_ref (self));
  else
    da_engine_list_conversations_async (self->engine, &filter, self->cancellable, list_cb,
                                        g_object_ref (self));
}

static gboolean
settle_cb (gpointer data)
{
  DaConversationList *self = data;

  self->settle_source = 0;
  if (self->loading)
    self->again = TRUE;
  else
    reload (self);
  return G_SOURCE_REMOVE;
}

static void
reload_soon (DaConversationList *self)
{
  gint64 age_ms = (g_get_monotonic_time () - self->shown_at) / 1000;

  if (self->settle_source == 0)
    self->settle_source = g_timeout_add (age_ms < REST_MS - SETTLE_MS ? REST_MS - (guint) age_ms
                                                                      : SETTLE_MS,
                                         settle_cb, self);
}

static void
on_changed (DaConversationList *self, const char *id)
{
  /* Both may be stale now: asked for again when still pinned and not on a page. */
  if (id != NULL)
    {
      g_hash_table_remove (self->extra, id);
      g_hash_table_remove (self->missing, id);
    }
  else
    {
      g_hash_table_remove_all (self->extra);
      g_hash_table_remove_all (self->missing);
    }
  reload_soon (self);
}

/* GObject */

static void
da_conversation_list_dispose (GObject *object)
{
  DaConversationList *self = DA_CONVERSATION_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  if (self->engine != NULL)
    {
      DaSettings *settings = da_engine_get_settings (self->engine);

      g_clear_signal_handler (&self->changed_id, self->engine);
      g_clear_signal_handler (&self->pinned_id, settings);
      g_clear_signal_handler (&self->archived_id, settings);
    }
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (da_conversation_list_parent_class)->dispose (object);
}

static void
da_conversation_list_finalize (GObject *object)
{
  DaConversationList *self = DA_CONVERSATION_LIST (object);

  g_ptr_array_unref (self->items);
  g_hash_table_unref (self->extra);
  g_hash_table_unref (self->missing);
  g_hash_table_unref (self->shown_pinned);
  g_free (self->query);
  G_OBJECT_CLASS (da_conversation_list_parent_class)->finalize (object);
}

static void
da_conversation_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  DaConversationList *self = DA_CONVERSATION_LIST (object);

  switch (id)
    {
    case PROP_QUERY: g_value_set_string (value, self->query); break;
    case PROP_ARCHIVED: g_value_set_boolean (value, self->archived); break;
    case PROP_LOADING: g_value_set_boolean (value, self->loading); break;
    case PROP_HAS_MORE: g_value_set_boolean (value, self->has_more); break;
    case PROP_N_ITEMS: g_value_set_uint (value, self->items->len); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_conversation_list_class_init (DaConversationListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = da_conversation_list_dispose;
  object_class->finalize = da_conversation_list_finalize;
  object_class->get_property = da_conversation_list_get_property;
  properties[PROP_QUERY] = g_param_spec_string ("query", NULL, NULL, "", flags);
  properties[PROP_ARCHIVED] = g_param_spec_boolean ("archived", NULL, NULL, FALSE, flags);
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_HAS_MORE] = g_param_spec_boolean ("has-more", NULL, NULL, FALSE, flags);
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[FAILED] = g_signal_new ("failed", DA_TYPE_CONVERSATION_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
da_conversation_list_init (DaConversationList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->extra = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->shown_pinned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->query = g_strdup ("");
  self->wanted = PAGE;
}

DaConversationList *
da_conversation_list_new (DaEngine *engine)
{
  DaConversationList *self = g_object_new (DA_TYPE_CONVERSATION_LIST, NULL);
  DaSettings *settings = da_engine_get_settings (engine);

  self->engine = g_object_ref (engine);
  self->changed_id = g_signal_connect_swapped (engine, "conversation-changed",
                                               G_CALLBACK (on_changed), self);
  self->pinned_id = g_signal_connect_swapped (settings, "changed::pinnedSessionIds",
                                              G_CALLBACK (reload_soon), self);
  self->archived_id = g_signal_connect_swapped (settings, "changed::archivedSessionIds",
                                                G_CALLBACK (reload_soon), self);
  reload (self);
  return self;
}

void
da_conversation_list_set_query (DaConversationList *self,
                                const char         *query)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (query != NULL ? query : ""));

  if (strcmp (trimmed, self->query) == 0)
    return;
  g_free (self->query);
  self->query = g_steal_pointer (&trimmed);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
  reload (self);
}

const char *
da_conversation_list_get_query (DaConversationList *self)
{
  return self->query;
}

void
da_conversation_list_set_archived (DaConversationList *self,
                                   gboolean            archived)
{
  if (self->archived == !!archived)
    return;
  self->archived = !!archived;
  self->wanted = PAGE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ARCHIVED]);
  reload (self);
}

gboolean
da_conversation_list_get_archived (DaConversationList *self)
{
  return self->archived;
}

gboolean
da_conversation_list_get_loading (DaConversationList *self)
{
  return self->loading;
}

void
da_conversation_list_load_more (DaConversationList *self)
{
  if (!self->has_more || self->loading)
    return;
  self->wanted += PAGE;
  reload (self);
}

gboolean
da_conversation_list_get_has_more (DaConversationList *self)
{
  return self->has_more;
}

DaConversationSection
da_conversation_list_section_of (DaConversationList *self,
                                 DaConversation     *conversation)
{
  if (*self->query != '\0')
    return DA_CONVERSATION_SECTION_FOUND;
  if (self->archived)
    return DA_CONVERSATION_SECTION_ARCHIVED;
  return da_conversation_list_is_pinned (self, conversation->id) ? DA_CONVERSATION_SECTION_PINNED
                                                                 : DA_CONVERSATION_SECTION_RECENT;
}

DaConversation *
da_conversation_list_find (DaConversationList *self,
                           const char         *id,
                           guint              *position)
{
  return find_in (self->items, id, position);
}

gboolean
da_conversation_list_is_pinned (DaConversationList *self,
                                const char         *id)
{
  return g_strv_contains (pinned_ids (self), id);
}

gboolean
da_conversation_list_is_archived (DaConversationList *self,
                                  const char         *id)
{
  return g_strv_contains (archived_ids (self), id);
}

static void
set_listed (DaConversationList *self, const char *name, const char *id, gboolean listed)
{
  DaSettings *settings = da_engine_get_settings (self->engine);
  const char *const *ids = da_settings_get_strv (settings, name);
  g_autoptr(JsonArray) array = NULL;
  JsonNode *node;

  if (g_strv_contains (ids, id) == !!listed)
    return;
  array = json_array_new ();
  if (listed)
    json_array_add_string_element (array, id);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      if (strcmp (ids[i], id) != 0)
        json_array_add_string_element (array, ids[i]);
    }
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, array);
  da_settings_set (settings, name, node);
}

void
da_conversation_list_set_pinned (DaConversationList *self,
                                 const char         *id,
                                 gboolean            pinned)
{
  if (pinned)
    set_listed (self, "archivedSessionIds", id, FALSE);
  set_listed (self, "pinnedSessionIds", id, pinned);
}

void
da_conversation_list_archive (DaConversationList *self,
                              const char         *id,
                              gboolean            archived)
{
  if (archived)
    set_listed (self, "pinnedSessionIds", id, FALSE);
  set_listed (self, "archivedSessionIds", id, archived);
}
