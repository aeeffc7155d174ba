/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-access"

#include "config.h"

#include "da-access-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "da-error.h"
#include "da-random.h"
#include "da-redact.h"
#include "da-secret-reference.h"

#define API_KEY_BYTES 32   /* contract 10 1.8: 64 lower-case hexadecimal digits */

/*
 * Whose key is it? The clear key is kept for showing and copying; every comparison is over SHA-256
 * digests in constant time. The secret store is the truth, this is its answer kept in memory, so
 * that no request waits for a keyring. The devices' keys are in da-access-devices.c.
 */
struct _DaAccess {
  GObject parent_instance;

  DaSecrets *secrets;
  DaSettings *settings;
  char *api_key;
  DaIdentity *api_identity;   /* for as long as this key is valid */
  DaIdentity *local_identity;
  char *problem;
  char *api_digest;           /* hex SHA-256 of api_key */
  DaAccessDevices devices;
  guint was_made : 1;
  guint is_foreign : 1;       /* the key is another program's, kept in the shared folder */
};

enum {
  PROP_0,
  PROP_HAS_KEY,
  N_PROPS
};

enum {
  CHANGED,
  DEVICE_PAIRED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (DaAccess, da_access, G_TYPE_OBJECT)

DaIdentity *
_da_identity_new (DaIdentityKind kind, const char *name, unsigned scopes)
{
  DaIdentity *self = g_rc_box_new0 (DaIdentity);

  self->kind = kind;
  self->name = g_strdup (name);
  self->scopes = scopes;
  self->revoked = g_cancellable_new ();
  return self;
}

DaIdentity *
da_identity_ref (DaIdentity *self)
{
  return g_rc_box_acquire (self);
}

static void
identity_clear (gpointer data)
{
  DaIdentity *self = data;

  g_free (self->device_id);
  g_free (self->name);
  g_clear_object (&self->revoked);
}

void
da_identity_unref (DaIdentity *self)
{
  g_rc_box_release_full (self, identity_clear);
}

static void
da_access_dispose (GObject *object)
{
  DaAccess *self = DA_ACCESS (object);

  g_clear_object (&self->secrets);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->api_key, da_secret_free);
  g_clear_pointer (&self->api_identity, da_identity_unref);
  g_clear_pointer (&self->local_identity, da_identity_unref);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->api_digest, g_free);
  g_clear_handle_id (&self->devices.expire_source, g_source_remove);
  g_clear_object (&self->devices.store);
  g_clear_object (&self->devices.devices);
  g_clear_pointer (&self->devices.waiting, g_ptr_array_unref);
  g_clear_pointer (&self->devices.revoked, g_ptr_array_unref);
  G_OBJECT_CLASS (da_access_parent_class)->dispose (object);
}

static void
da_access_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_HAS_KEY: g_value_set_boolean (value, da_access_has_key (DA_ACCESS (object))); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
da_access_class_init (DaAccessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = da_access_dispose;
  object_class->get_property = da_access_get_property;
  properties[PROP_HAS_KEY] =
    g_param_spec_boolean ("has-key", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGED] = g_signal_new ("changed", DA_TYPE_ACCESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[DEVICE_PAIRED] = g_signal_new ("device-paired", DA_TYPE_ACCESS, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, DA_TYPE_DEVICE);
}

static void
da_access_init (DaAccess *self)
{
  self->local_identity = _da_identity_new (DA_IDENTITY_LOCAL, "this computer", DA_SCOPE_ALL);
  self->devices.devices = g_list_store_new (DA_TYPE_DEVICE);
  self->devices.waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->devices.revoked = g_ptr_array_new_with_free_func (g_object_unref);
}

DaAccessDevices *
_da_access_get_state (DaAccess *self)
{
  return &self->devices;
}

void
_da_access_emit_paired (DaAccess *self,
                        DaDevice *device)
{
  g_signal_emit (self, signals[DEVICE_PAIRED], 0, device);
}

DaAccess *
_da_access_new (void)
{
  return g_object_new (DA_TYPE_ACCESS, NULL);
}

/* A new key ends what the old one opened. */
static void
take_api_key (DaAccess *self,
              char     *key)
{
  if (self->api_identity != NULL)
    g_cancellable_cancel (self->api_identity->revoked);
  g_clear_pointer (&self->api_identity, da_identity_unref);
  if (self->api_key != NULL)
    da_redact_unregister (self->api_key);
  g_clear_pointer (&self->api_key, da_secret_free);
  g_clear_pointer (&self->api_digest, g_free);

  if (key != NULL && *key != '\0')
    {
      self->api_key = key;
      self->api_digest = da_secret_digest (key);
      da_redact_register (key);
      self->api_identity = _da_identity_new (DA_IDENTITY_API_KEY, "API key", DA_SCOPE_ALL);
      g_clear_pointer (&self->problem, g_free);
    }
  else
    {
      da_secret_free (key);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HAS_KEY]);
  g_signal_emit (self, signals[CHANGED], 0);
}

DaIdentity *
da_access_authenticate (DaAccess   *self,
                        const char *key,
                        const char *address,
                        const char *user_agent)
{
  g_autofree char *digest = NULL;
  unsigned difference = 0;

  g_return_val_if_fail (DA_IS_ACCESS (self), NULL);

  if (key == NULL)
    return NULL;
  digest = da_secret_digest (key);
  if (self->api_digest != NULL)
    {
      for (guint i = 0; i < 64; i++)
        difference |= (unsigned char) digest[i] ^ (unsigned char) self->api_digest[i];
      if (difference == 0)
        return da_identity_ref (self->api_identity);
    }
  return _da_access_authenticate_device (self, digest, address, user_agent);
}

DaIdentity *
da_access_local (DaAccess *self)
{
  return da_identity_ref (self->local_identity);
}

gboolean
da_access_has_key (DaAccess *self)
{
  return self->api_key != NULL;
}

char *
da_access_dup_api_key (DaAccess *self)
{
  return g_strdup (self->api_key);
}

gboolean
da_access_is_fixed (DaAccess *self)
{
  return self->secrets != NULL && da_secrets_is_environment (self->secrets, DA_SECRET_API_KEY);
}

gboolean
_da_access_was_made (DaAccess *self)
{
  return self->was_made;
}

const char *
_da_access_get_problem (DaAccess *self)
{
  return self->problem;
}

/* Store a key */

static void
store_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaAccess *self = g_task_get_source_object (task);
  const char *key = g_task_get_task_data (task);
  GError *error = NULL;

  if (!da_secrets_store_finish (DA_SECRETS (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->is_foreign = FALSE;
  take_api_key (self, g_strdup (key));
  g_task_return_pointer (task, g_strdup (key), (GDestroyNotify) da_secret_free);
}

static void
store_key (DaAccess *self,
           GTask    *task,
           char     *key)
{
  g_task_set_task_data (task, key, (GDestroyNotify) da_secret_free);
  if (da_access_is_fixed (self))
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_CONFLICT, "%s",
                               _("The API key is set by DOTAGENTS_API_KEY and cannot be changed"));
      g_object_unref (task);
      return;
    }
  da_secrets_store_async (self->secrets, DA_SECRET_API_KEY, _("DotAgents API key"), key,
                          g_task_get_cancellable (task), store_cb, task);
}

void
da_access_rotate_async (DaAccess            *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_access_rotate_async);
  store_key (self, task, da_random_hex (API_KEY_BYTES));
}

char *
da_access_rotate_finish (DaAccess      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
da_access_set_api_key_async (DaAccess            *self,
                             const char          *key,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_access_set_api_key_async);
  store_key (self, task, g_strdup (key));
}

gboolean
da_access_set_api_key_finish (DaAccess      *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_autofree char *key = g_task_propagate_pointer (G_TASK (result), error);

  return key != NULL;
}

/* Load: stored key, then the shared folder's, then a new one */

static void
load_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaAccess *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;

  if (!da_secrets_store_finish (DA_SECRETS (source), result, &error))
    {
      self->problem = g_strdup_printf (_("No API key could be stored: %s"), error->message);
      g_warning ("%s", self->problem);
      take_api_key (self, NULL);
    }
  else
    {
      self->was_made = TRUE;
      take_api_key (self, g_strdup (g_task_get_task_data (task)));
      g_message ("made a new API key");
    }
  g_task_return_boolean (task, TRUE);
}

static void
load_reference_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaAccess *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  char *key = da_secret_reference_resolve_finish (result, &error);

  if (key == NULL)
    {
      self->problem = g_strdup (_("The API key is a reference to a secret that does not exist"));
      g_warning ("%s%s%s", self->problem, error != NULL ? ": " : "",
                 error != NULL ? error->message : "");
    }
  self->is_foreign = TRUE;
  take_api_key (self, key);
  g_task_return_boolean (task, TRUE);
}

static gboolean
load_foreign (DaAccess *self, GTask *task)
{
  JsonNode *node = da_settings_peek_foreign (self->settings, "remoteServerApiKey");
  g_autofree char *text = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  text = g_strstrip (g_strdup (json_node_get_string (node)));
  if (*text == '\0')
    return FALSE;
  if (da_secret_reference_is (text))
    {
      da_secret_reference_resolve_async (da_settings_get_agents_dir (self->settings), text,
                                         g_task_get_cancellable (task), load_reference_cb,
                                         g_object_ref (task));
      return TRUE;
    }
  self->is_foreign = TRUE;
  take_api_key (self, g_steal_pointer (&text));
  g_task_return_boolean (task, TRUE);
  return TRUE;
}

static void
load_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaAccess *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  char *key = da_secrets_lookup_finish (DA_SECRETS (source), result, &error);

  if (error != NULL)
    {
      g_free (self->problem);
      self->problem = g_strdup_printf (_("The API key cannot be read: %s"), error->message);
      if (g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED))
        g_message ("%s", self->problem);
      else
        g_warning ("%s", self->problem);
      take_api_key (self, NULL);
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (key != NULL && *g_strstrip (key) != '\0')
    {
      take_api_key (self, key);
      g_task_return_boolean (task, TRUE);
      return;
    }
  da_secret_free (key);
  if (load_foreign (self, task))
    return;

  key = da_random_hex (API_KEY_BYTES);
  g_task_set_task_data (task, key, (GDestroyNotify) da_secret_free);
  da_secrets_store_async (self->secrets, DA_SECRET_API_KEY, _("DotAgents API key"), key,
                          g_task_get_cancellable (task), load_made_cb, g_object_ref (task));
}

void
_da_access_load_async (DaAccess            *self,
                       DaSecrets           *secrets,
                       DaSettings          *settings,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, _da_access_load_async);
  g_set_object (&self->secrets, secrets);
  g_set_object (&self->settings, settings);
  da_secrets_lookup_async (secrets, DA_SECRET_API_KEY, cancellable, load_stored_cb, task);
}

gboolean
_da_access_load_finish (DaAccess      *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
