/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-access-devices"

#include "config.h"

#include "da-access-devices.h"

#include <glib/gi18n-lib.h>

#include "da-access-private.h"
#include "da-clock.h"
#include "da-device-private.h"
#include "da-device-store.h"
#include "da-error.h"

/* Scopes as words */

static const struct {
  DaScope scope;
  const char *name;
} scope_names[] = {
  { DA_SCOPE_CHAT, "chat" },
  { DA_SCOPE_MANAGE, "manage" },
  { DA_SCOPE_OPERATOR, "operator" },
};

char *
da_scopes_to_string (unsigned scopes)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (scope_names); i++)
    if (scopes & scope_names[i].scope)
      g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "", scope_names[i].name);
  return g_string_free (out, FALSE);
}

gboolean
da_scopes_parse (const char  *text,
                 unsigned    *out,
                 GError     **error)
{
  g_auto(GStrv) words = g_strsplit (text, ",", -1);
  unsigned scopes = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *word = g_strstrip (words[i]);
      gboolean known = *word == '\0';

      for (guint j = 0; j < G_N_ELEMENTS (scope_names); j++)
        if (g_str_equal (word, scope_names[j].name))
          {
            scopes |= scope_names[j].scope;
            known = TRUE;
          }
      if (!known)
        {
          g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                       _("“%s” is no scope; there are chat, manage and operator"), word);
          return FALSE;
        }
    }
  *out = scopes;
  return TRUE;
}

/* Finding */

GListModel *
da_access_get_devices (DaAccess *self)
{
  return G_LIST_MODEL (_da_access_get_state (self)->devices);
}

DaDevice *
da_access_find_device (DaAccess   *self,
                       const char *id)
{
  DaAccessDevices *state = _da_access_get_state (self);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (state->devices));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (G_LIST_MODEL (state->devices), i);

      /* The list keeps it alive. */
      if (g_strcmp0 (da_device_get_id (device), id) == 0)
        return device;
    }
  for (guint i = 0; i < state->waiting->len; i++)
    if (g_strcmp0 (da_device_get_id (state->waiting->pdata[i]), id) == 0)
      return state->waiting->pdata[i];
  return NULL;
}

/* Storing */

static void
stored_quietly_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_store_put_device_finish (DA_STORE (source), result, &error))
    g_warning ("a device could not be stored: %s", error->message);
}

static void
store_quietly (DaAccess *self, DaDevice *device, gboolean durable)
{
  DaStore *store = _da_access_get_state (self)->store;

  if (store != NULL)
    da_store_put_device_async (store, _da_device_get_record (device), durable, NULL,
                               stored_quietly_cb, NULL);
}

void
_da_access_flush_devices (DaAccess *self)
{
  GListModel *devices = da_access_get_devices (self);
  DaAccessDevices *state = _da_access_get_state (self);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, i);

      store_quietly (self, device, FALSE);
    }
  for (guint i = 0; i < state->revoked->len; i++)
    if (_da_access_is_unstored (state->revoked->pdata[i]))
      store_quietly (self, state->revoked->pdata[i], TRUE);
}

/* Authentication: every digest is compared, whatever matched before, in constant time each. */

static gboolean
digest_equal (const char *a, const char *b)
{
  unsigned difference = 0;

  for (guint i = 0; i < 64; i++)
    difference |= (unsigned char) a[i] ^ (unsigned char) b[i];
  return difference == 0;
}

static void
claim (DaAccess *self, DaDevice *device, const char *address, const char *user_agent)
{
  DaAccessDevices *state = _da_access_get_state (self);
  g_autoptr(DaDevice) held = g_object_ref (device);

  g_ptr_array_remove (state->waiting, device);
  _da_device_claim (device, user_agent);
  _da_device_seen (device, address, user_agent);
  _da_device_should_store (device);
  g_list_store_insert (state->devices, 0, device);
  store_quietly (self, device, TRUE);
  g_message ("paired with %s at %s", da_device_get_name (device),
             address != NULL ? address : "this computer");
  _da_access_emit_paired (self, device);
}

DaIdentity *
_da_access_authenticate_device (DaAccess   *self,
                                const char *digest,
                                const char *address,
                                const char *user_agent)
{
  DaAccessDevices *state = _da_access_get_state (self);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (state->devices));
  g_autoptr(DaDevice) found = NULL;
  DaDevice *waiting = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (G_LIST_MODEL (state->devices), i);

      if (digest_equal (_da_device_get_record (device)->digest, digest))
        g_set_object (&found, device);
    }
  for (guint i = 0; i < state->waiting->len; i++)
    if (digest_equal (_da_device_get_record (state->waiting->pdata[i])->digest, digest))
      waiting = state->waiting->pdata[i];

  if (waiting != NULL && da_device_get_expires_at (waiting) > da_clock_now_ms ())
    {
      g_set_object (&found, waiting);
      claim (self, waiting, address, user_agent);
    }
  if (found == NULL)
    return NULL;
  _da_device_seen (found, address, user_agent);
  if (_da_device_should_store (found))
    store_quietly (self, found, FALSE);
  return da_identity_ref (_da_device_get_identity (found));
}

static DaDevice *
device_of (DaAccess *self, DaIdentity *identity)
{
  if (identity == NULL || identity->kind != DA_IDENTITY_DEVICE)
    return NULL;
  return da_access_find_device (self, identity->device_id);
}

void
da_access_note_client_id (DaAccess   *self,
                          DaIdentity *identity,
                          const char *client_id)
{
  DaDevice *device = device_of (self, identity);

  if (device != NULL && client_id != NULL)
    _da_device_set_client_id (device, client_id);
}

void
da_access_note_request (DaAccess   *self,
                        DaIdentity *identity,
                        int         delta)
{
  DaDevice *device = device_of (self, identity);

  if (device != NULL)
    _da_device_add_requests (device, delta);
}

/* Pairing */

static gboolean
expire_cb (gpointer data)
{
  DaAccess *self = data;
  DaAccessDevices *state = _da_access_get_state (self);
  gint64 now = da_clock_now_ms ();

  for (guint i = state->waiting->len; i > 0; i--)
    {
      DaDevice *device = state->waiting->pdata[i - 1];

      if (da_device_get_expires_at (device) > now)
        continue;
      _da_device_expire (device);
      g_ptr_array_remove_index (state->waiting, i - 1);
    }
  if (state->waiting->len > 0)
    return G_SOURCE_CONTINUE;
  state->expire_source = 0;
  return G_SOURCE_REMOVE;
}

DaDevice *
da_access_begin_pairing (DaAccess *self,
                         unsigned  scopes)
{
  DaAccessDevices *state = _da_access_get_state (self);
  DaDevice *device = _da_device_new_waiting (scopes);

  g_ptr_array_add (state->waiting, g_object_ref (device));
  if (state->expire_source == 0)
    state->expire_source = g_timeout_add_seconds (5, expire_cb, self);
  return device;
}

void
da_access_end_pairing (DaAccess *self,
                       DaDevice *device)
{
  DaAccessDevices *state = _da_access_get_state (self);

  if (da_device_get_state (device) != DA_DEVICE_WAITING)
    return;
  _da_device_expire (device);
  g_ptr_array_remove (state->waiting, device);
}

/* Loading */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaAccess *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GPtrArray) records = da_store_list_devices_finish (DA_STORE (source), result, &error);

  if (records == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < records->len; i++)
    {
      g_autoptr(DaDevice) device = _da_device_new_stored (records->pdata[i]);

      g_list_store_append (_da_access_get_state (self)->devices, device);
    }
  g_task_return_boolean (task, TRUE);
}

void
_da_access_load_devices_async (DaAccess            *self,
                               DaStore             *store,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, _da_access_load_devices_async);
  g_set_object (&_da_access_get_state (self)->store, store);
  da_store_list_devices_async (store, cancellable, loaded_cb, task);
}

gboolean
_da_access_load_devices_finish (DaAccess      *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
