/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-libsecret"

#include "config.h"

#include "da-secrets.h"

#include <libsecret/secret.h>

#include "da-error.h"
#include "da-random.h"
#include "da-secret-prompt.h"

/*
 * Secrets in the desktop's keyring, over the Secret Service interface. Owns one proxy with one
 * session, opened at the first call and dropped when the service's owner changes or stops
 * answering; the call that meets a dead service fails with DA_ERROR_UNAVAILABLE, the next opens a
 * new session. The bus tells of a new owner only when the main loop turns: a call that still goes
 * to the old one has reached nobody and is made once more. Main thread, asynchronous calls only.
 *
 * Operations never show a dialog: whatever is locked is DA_ERROR_LOCKED, and DaSecrets decides
 * whether the person is asked. "Nothing found" is believed only while the default collection is
 * unlocked, because some services do not find entries of a locked one, and whoever hears that there
 * is no API key makes a new one.
 *
 * Without a default collection the person is asked to make one (that is the service's own dialog).
 * When that is refused, a secret goes to the session collection, which the log-out empties: it
 * works for now, and the caller gets an error that says so.
 */
#define DA_TYPE_SECRETS_LIBSECRET (da_secrets_libsecret_get_type ())
G_DECLARE_FINAL_TYPE (DaSecretsLibsecret, da_secrets_libsecret, DA, SECRETS_LIBSECRET, DaSecrets)

struct _DaSecretsLibsecret {
  DaSecrets      parent_instance;

  /* owned */
  SecretService *service;
  gulong         owner_handler;

  gboolean       create_refused : 1;
};

G_DEFINE_FINAL_TYPE (DaSecretsLibsecret, da_secrets_libsecret, DA_TYPE_SECRETS)

static const SecretSchema schema = {
  .name = DA_APP_ID ".Secret",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = {
    { "id", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
  },
};

typedef void (*Step) (GTask *task);

/* One operation. Steps take the task and hand it on. */
typedef struct {
  char             *id;
  char             *label;
  SecretValue      *value;
  SecretService    *service;
  Step              first;
  GList            *items;      /* SecretItem: what is left to delete */
  SecretItem       *item;
  SecretItem       *stored;
  const char       *alias;      /* static: where to store */
  gboolean          repeated;
} Job;

static void
job_free (Job *job)
{
  g_free (job->id);
  g_free (job->label);
  g_clear_pointer (&job->value, secret_value_unref);
  g_clear_object (&job->service);
  g_clear_object (&job->item);
  g_clear_object (&job->stored);
  g_list_free_full (job->items, g_object_unref);
  g_free (job);
}

static GHashTable *
build_attributes (const char *id)
{
  GHashTable *attributes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  if (id != NULL)
    g_hash_table_insert (attributes, (gpointer) "id", g_strdup (id));
  return attributes;
}

/* --- The service ---------------------------------------------------------------------------- */

static void
drop_service (DaSecretsLibsecret *self)
{
  if (self->service != NULL)
    g_clear_signal_handler (&self->owner_handler, self->service);
  g_clear_object (&self->service);
}

static void
on_service_owner_changed (DaSecretsLibsecret *self)
{
  /* The session lived in the process that is gone; a successor does not know it. */
  drop_service (self);
}

static void
keep_service (DaSecretsLibsecret *self, SecretService *service)
{
  drop_service (self);
  self->service = g_object_ref (service);
  self->owner_handler = g_signal_connect_object (service, "notify::g-name-owner",
                                                 G_CALLBACK (on_service_owner_changed), self,
                                                 G_CONNECT_SWAPPED);
}

/* (transfer full) for both. The message says what a person can do; the bus's own words follow. */
static GError *
translate_error (DaSecretsLibsecret *self, GError *error)
{
  g_autoptr(GError) original = error;

  if (original->domain == DA_ERROR || g_error_matches (original, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_steal_pointer (&original);
  if (g_error_matches (original, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    return g_error_new_literal (DA_ERROR, DA_ERROR_LOCKED, "The keyring is locked");

  drop_service (self);
  g_dbus_error_strip_remote_error (original);
  return g_error_new (DA_ERROR, DA_ERROR_UNAVAILABLE, "The keyring does not answer: %s",
                      original->message);
}

static void with_service (GTask *task, Step first);

/* Whoever was asked is no longer on the bus. The steps before that, if any, may be done twice. */
static gboolean
should_repeat (Job *job, GError *error)
{
  return job->service != NULL && !job->repeated
         && (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
             || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER));
}

/* Takes @task: the whole operation again, with a service that is opened for it. */
static void
repeat (GTask *task)
{
  DaSecretsLibsecret *self = g_task_get_source_object (task);
  Job *job = g_task_get_task_data (task);

  if (self->service == job->service)
    drop_service (self);
  job->repeated = TRUE;
  job->alias = SECRET_COLLECTION_DEFAULT;
  g_clear_object (&job->service);
  g_clear_object (&job->item);
  g_clear_object (&job->stored);
  g_list_free_full (g_steal_pointer (&job->items), g_object_unref);
  with_service (task, job->first);
}

/* Takes both. */
static void
fail (GTask *task, GError *error)
{
  if (should_repeat (g_task_get_task_data (task), error))
    {
      g_error_free (error);
      repeat (task);
      return;
    }
  g_task_return_error (task, translate_error (g_task_get_source_object (task), error));
  g_object_unref (task);
}

static void
fail_locked (GTask *task, const char *message)
{
  fail (task, g_error_new_literal (DA_ERROR, DA_ERROR_LOCKED, message));
}

static void
succeed (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
service_open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  job->service = secret_service_open_finish (result, &error);
  if (job->service == NULL)
    {
      fail (g_steal_pointer (&task), g_steal_pointer (&error));
      return;
    }
  keep_service (g_task_get_source_object (task), job->service);
  job->first (g_steal_pointer (&task));
}

static void
bus_get_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus != NULL && g_dbus_connection_is_closed (bus))
    g_set_error_literal (&error, DA_ERROR, DA_ERROR_UNAVAILABLE,
                         "The session bus is gone, and the keyring with it");
  if (error != NULL)
    {
      fail (g_steal_pointer (&task), g_steal_pointer (&error));
      return;
    }
  /* GIO would end the process with the bus; runs in progress must survive a log-out. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  secret_service_open (SECRET_TYPE_SERVICE, NULL, SECRET_SERVICE_OPEN_SESSION, cancellable,
                       service_open_cb, g_steal_pointer (&task));
}

/* Takes @task; @first runs with job->service set. */
static void
with_service (GTask *task, Step first)
{
  DaSecretsLibsecret *self = g_task_get_source_object (task);
  Job *job = g_task_get_task_data (task);

  if (self->service != NULL
      && g_dbus_connection_is_closed (g_dbus_proxy_get_connection (G_DBUS_PROXY (self->service))))
    drop_service (self);

  job->first = first;
  if (self->service != NULL)
    {
      job->service = g_object_ref (self->service);
      first (task);
      return;
    }
  g_bus_get (G_BUS_TYPE_SESSION, g_task_get_cancellable (task), bus_get_cb, task);
}

static GTask *
new_task (DaSecrets           *secrets,
          const char          *id,
          gpointer             tag,
          GCancellable        *cancellable,
          GAsyncReadyCallback  callback,
          gpointer             user_data)
{
  GTask *task = g_task_new (secrets, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, tag);
  job->id = g_strdup (id);
  job->alias = SECRET_COLLECTION_DEFAULT;
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  return task;
}

static void
search (GTask *task, GAsyncReadyCallback callback)
{
  Job *job = g_task_get_task_data (task);
  g_autoptr(GHashTable) attributes = build_attributes (job->id);

  secret_service_search (job->service, &schema, attributes, SECRET_SEARCH_ALL,
                         g_task_get_cancellable (task), callback, task);
}

static gboolean
has_locked_item (GList *items)
{
  for (GList *l = items; l != NULL; l = l->next)
    if (secret_item_get_locked (l->data))
      return TRUE;
  return FALSE;
}

/* --- Nothing was found: is that true? ------------------------------------------------------- */

static void
nothing_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(SecretCollection) collection = NULL;
  g_autoptr(GError) error = NULL;

  collection = secret_collection_for_alias_finish (result, &error);
  if (error != NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (collection != NULL && secret_collection_get_locked (collection))
    fail_locked (g_steal_pointer (&task), "The keyring is locked");
  else if (g_task_get_source_tag (task) == da_secrets_lookup_async)
    g_task_return_pointer (task, NULL, NULL);
  else
    g_task_return_boolean (task, TRUE);
}

static void
check_nothing_found (GTask *task)
{
  Job *job = g_task_get_task_data (task);

  secret_collection_for_alias (job->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                               g_task_get_cancellable (task), nothing_found_cb, task);
}

/* --- Look up -------------------------------------------------------------------------------- */

static void
load_secret_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  SecretItem *item = SECRET_ITEM (source);
  g_autoptr(GError) error = NULL;
  SecretValue *value;
  const char *text;

  if (!secret_item_load_secret_finish (item, result, &error))
    {
      fail (g_steal_pointer (&task), g_steal_pointer (&error));
      return;
    }
  value = secret_item_get_secret (item);
  text = value != NULL ? secret_value_get_text (value) : NULL;
  if (value != NULL && text == NULL)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_CORRUPT,
                             "The keyring's entry is not a text");
  else
    g_task_return_pointer (task, g_strdup (text), (GDestroyNotify) da_secret_free);
  g_clear_pointer (&value, secret_value_unref);
}

static gboolean
is_newer (SecretItem *item, SecretItem *than)
{
  return than == NULL || secret_item_get_modified (item) > secret_item_get_modified (than);
}

static void
lookup_search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  SecretItem *newest = NULL;

  job->items = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  for (GList *l = job->items; l != NULL; l = l->next)
    if (!secret_item_get_locked (l->data) && is_newer (l->data, newest))
      newest = l->data;

  if (error != NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (newest != NULL)
    secret_item_load_secret (newest, cancellable, load_secret_cb, g_steal_pointer (&task));
  else if (job->items != NULL)
    fail_locked (g_steal_pointer (&task), "The keyring is locked");
  else
    check_nothing_found (g_steal_pointer (&task));
}

static void
lookup_step (GTask *task)
{
  search (task, lookup_search_cb);
}

/* --- Delete --------------------------------------------------------------------------------- */

static void delete_next (GTask *task);

static void
delete_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  /* Gone already is what was wanted. */
  if (!secret_item_delete_finish (SECRET_ITEM (source), result, &error)
      && !g_error_matches (error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT))
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else
    delete_next (g_steal_pointer (&task));
}

/* Takes @task; deletes job->items one after another. */
static void
delete_next (GTask *task)
{
  Job *job = g_task_get_task_data (task);

  if (job->items == NULL)
    {
      succeed (task);
      return;
    }
  g_clear_object (&job->item);
  job->item = job->items->data;
  job->items = g_list_delete_link (job->items, job->items);
  secret_item_delete (job->item, g_task_get_cancellable (task), delete_cb, task);
}

static void
clear_search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  job->items = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  if (error != NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (has_locked_item (job->items))
    fail_locked (g_steal_pointer (&task), "The keyring is locked");
  else if (job->items == NULL)
    check_nothing_found (g_steal_pointer (&task));
  else
    delete_next (g_steal_pointer (&task));
}

static void
clear_step (GTask *task)
{
  search (task, clear_search_cb);
}

/* --- Store ---------------------------------------------------------------------------------- */

/* An older copy elsewhere (the session collection) would be found again. */
static void
duplicates_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autolist(SecretItem) found = NULL;
  const char *kept = g_dbus_proxy_get_object_path (G_DBUS_PROXY (job->stored));

  found = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  if (error != NULL)
    {
      fail (g_steal_pointer (&task), g_steal_pointer (&error));
      return;
    }
  for (GList *l = found; l != NULL; l = l->next)
    if (!secret_item_get_locked (l->data)
        && !g_str_equal (g_dbus_proxy_get_object_path (l->data), kept))
      job->items = g_list_prepend (job->items, g_object_ref (l->data));
  delete_next (g_steal_pointer (&task));
}

static void
item_create_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  job->stored = secret_item_create_finish (result, &error);
  if (job->stored == NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (!g_str_equal (job->alias, SECRET_COLLECTION_DEFAULT))
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_UNAVAILABLE,
                             "There is no keyring to keep this in; it is forgotten when you "
                             "log out. Make a default keyring, then store it again");
  else
    search (g_steal_pointer (&task), duplicates_cb);
}

static void store_step (GTask *task);

static void
store_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GCancellable *cancellable = g_task_get_cancellable (task);
  DaSecretsLibsecret *self = g_task_get_source_object (task);
  Job *job = g_task_get_task_data (task);
  g_autoptr(SecretCollection) collection = NULL;
  g_autoptr(GHashTable) attributes = build_attributes (job->id);
  g_autoptr(GError) error = NULL;
  gboolean is_default = g_str_equal (job->alias, SECRET_COLLECTION_DEFAULT);

  collection = secret_collection_for_alias_finish (result, &error);
  if (error != NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (collection != NULL && secret_collection_get_locked (collection))
    fail_locked (g_steal_pointer (&task), "The keyring is locked");
  else if (collection != NULL)
    secret_item_create (collection, &schema, attributes, job->label, job->value,
                        SECRET_ITEM_CREATE_REPLACE, cancellable, item_create_cb,
                        g_steal_pointer (&task));
  else if (is_default && self->create_refused)
    {
      job->alias = SECRET_COLLECTION_SESSION;
      store_step (g_steal_pointer (&task));
    }
  else if (is_default)
    fail_locked (g_steal_pointer (&task), "There is no default keyring yet");
  else
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_UNAVAILABLE,
                             "There is no keyring to keep this in; nothing was stored");
}

static void
store_step (GTask *task)
{
  Job *job = g_task_get_task_data (task);

  secret_collection_for_alias (job->service, job->alias, SECRET_COLLECTION_NONE,
                               g_task_get_cancellable (task), store_collection_cb, task);
}

/* --- Unlock: the only place that shows a dialog --------------------------------------------- */

static void
ask_person (GTask *task, const char *method, GVariant *arguments, GAsyncReadyCallback callback)
{
  Job *job = g_task_get_task_data (task);
  GDBusProxy *proxy = G_DBUS_PROXY (job->service);
  g_autofree char *owner = g_dbus_proxy_get_name_owner (proxy);

  if (owner == NULL)
    {
      g_variant_unref (g_variant_ref_sink (arguments));
      fail (task, g_error_new_literal (DA_ERROR, DA_ERROR_UNAVAILABLE, "The keyring went away"));
      return;
    }
  da_secret_prompt_async (g_dbus_proxy_get_connection (proxy), owner, method, arguments,
                          g_task_get_cancellable (task), callback, task);
}

static void
unlock_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (da_secret_prompt_finish (result, &error))
    succeed (task);
  else
    fail (task, error);
}

static void
unlock_object (GTask *task, gpointer object)
{
  const char *paths[] = { g_dbus_proxy_get_object_path (object), NULL };

  ask_person (task, "Unlock", g_variant_new ("(^ao)", paths), unlock_cb);
}

static void
unlock_search_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  job->items = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  if (error != NULL)
    {
      fail (g_steal_pointer (&task), g_steal_pointer (&error));
      return;
    }
  /* One locked entry stands for the collection it is in; more would be more questions. */
  for (GList *l = job->items; l != NULL; l = l->next)
    if (secret_item_get_locked (l->data))
      {
        unlock_object (g_steal_pointer (&task), l->data);
        return;
      }
  succeed (g_steal_pointer (&task));
}

static void
create_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  DaSecretsLibsecret *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->create_refused = !da_secret_prompt_finish (result, &error);
  if (error == NULL)
    succeed (task);
  else
    fail (task, error);
}

/* Takes @task. The label is what keyring managers show for the person's main keyring. */
static void
create_default_collection (GTask *task)
{
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "org.freedesktop.Secret.Collection.Label",
                         g_variant_new_string ("Default keyring"));
  ask_person (task, "CreateCollection",
              g_variant_new ("(a{sv}s)", &properties, SECRET_COLLECTION_DEFAULT),
              create_collection_cb);
}

static void
unlock_collection_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(SecretCollection) collection = NULL;
  g_autoptr(GError) error = NULL;

  collection = secret_collection_for_alias_finish (result, &error);
  if (error != NULL)
    fail (g_steal_pointer (&task), g_steal_pointer (&error));
  else if (collection == NULL)
    create_default_collection (g_steal_pointer (&task));
  else if (secret_collection_get_locked (collection))
    unlock_object (g_steal_pointer (&task), collection);
  else
    search (g_steal_pointer (&task), unlock_search_cb);
}

static void
unlock_step (GTask *task)
{
  Job *job = g_task_get_task_data (task);

  secret_collection_for_alias (job->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                               g_task_get_cancellable (task), unlock_collection_cb, task);
}

/* --- DaSecrets ------------------------------------------------------------------------------ */

static DaSecretsKind
da_secrets_libsecret_get_kind (DaSecrets *secrets)
{
  return DA_SECRETS_KIND_KEYRING;
}

static void
da_secrets_libsecret_lookup_async (DaSecrets           *secrets,
                                   const char          *id,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  with_service (new_task (secrets, id, da_secrets_lookup_async, cancellable, callback, user_data),
                lookup_step);
}

static char *
da_secrets_libsecret_lookup_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
da_secrets_libsecret_store_async (DaSecrets           *secrets,
                                  const char          *id,
                                  const char          *label,
                                  const char          *secret,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  GTask *task = new_task (secrets, id, da_secrets_store_async, cancellable, callback, user_data);
  Job *job = g_task_get_task_data (task);

  job->label = g_strdup (label);
  job->value = secret_value_new (secret, -1, "text/plain");
  with_service (task, store_step);
}

static void
da_secrets_libsecret_clear_async (DaSecrets           *secrets,
                                  const char          *id,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  with_service (new_task (secrets, id, da_secrets_clear_async, cancellable, callback, user_data),
                clear_step);
}

static void
da_secrets_libsecret_unlock_async (DaSecrets           *secrets,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  with_service (new_task (secrets, NULL, da_secrets_unlock_async, cancellable, callback, user_data),
                unlock_step);
}

static gboolean
da_secrets_libsecret_boolean_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
da_secrets_libsecret_dispose (GObject *object)
{
  drop_service (DA_SECRETS_LIBSECRET (object));
  G_OBJECT_CLASS (da_secrets_libsecret_parent_class)->dispose (object);
}

static void
da_secrets_libsecret_class_init (DaSecretsLibsecretClass *class)
{
  DaSecretsClass *secrets_class = DA_SECRETS_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = da_secrets_libsecret_dispose;
  secrets_class->get_kind = da_secrets_libsecret_get_kind;
  secrets_class->lookup_async = da_secrets_libsecret_lookup_async;
  secrets_class->lookup_finish = da_secrets_libsecret_lookup_finish;
  secrets_class->store_async = da_secrets_libsecret_store_async;
  secrets_class->store_finish = da_secrets_libsecret_boolean_finish;
  secrets_class->clear_async = da_secrets_libsecret_clear_async;
  secrets_class->clear_finish = da_secrets_libsecret_boolean_finish;
  secrets_class->unlock_async = da_secrets_libsecret_unlock_async;
  secrets_class->unlock_finish = da_secrets_libsecret_boolean_finish;
}

static void
da_secrets_libsecret_init (DaSecretsLibsecret *self)
{
}

DaSecrets *
da_secrets_new_keyring (void)
{
  return g_object_new (DA_TYPE_SECRETS_LIBSECRET, NULL);
}
