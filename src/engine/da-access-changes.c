/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-access-devices"

#include "config.h"

#include "da-access-devices.h"

#include <glib/gi18n-lib.h>

#include "da-access-private.h"
#include "da-device-private.h"
#include "da-device-store.h"
#include "da-error.h"

/*
 * What people change of paired devices. It is in memory at once, so that the next request meets it;
 * what the store then refuses is rolled back, except a removal.
 */

#define MAX_NAME_CHARS 60
/* On a device: the store has not heard that it was cut off. */
#define UNSTORED "da-unstored"
#define STORED "da-stored"

gboolean
_da_access_is_unstored (DaDevice *device)
{
  return g_object_get_data (G_OBJECT (device), UNSTORED) != NULL;
}

static void
remove_from_list (DaAccess *self, DaDevice *device)
{
  GListStore *devices = _da_access_get_state (self)->devices;
  guint position;

  if (g_list_store_find (devices, device, &position))
    g_list_store_remove (devices, position);
}

/* On a device with changes under way: what the store has of it. */
typedef struct {
  char *name;
  unsigned scopes;
  guint pending;
} Stored;

static void
stored_free (gpointer data)
{
  g_free (((Stored *) data)->name);
  g_free (data);
}

typedef struct _Change Change;
typedef void (*RollBack) (DaAccess *self, DaDevice *device, GError **error);

struct _Change {
  GTask *task;
  DaDevice *device;
  RollBack roll_back;   /* (nullable): name and scopes are anyhow */
  char *name;
  unsigned scopes;
};

/* Before the change is made. */
static Change *
change_new (GTask *task, DaDevice *device, RollBack roll_back)
{
  Change *change = g_new0 (Change, 1);
  Stored *stored = g_object_get_data (G_OBJECT (device), STORED);

  if (stored == NULL)
    {
      stored = g_new0 (Stored, 1);
      stored->name = g_strdup (da_device_get_name (device));
      stored->scopes = da_device_get_scopes (device);
      g_object_set_data_full (G_OBJECT (device), STORED, stored, stored_free);
    }
  stored->pending++;
  change->task = g_object_ref (task);
  change->device = g_object_ref (device);
  change->roll_back = roll_back;
  return change;
}

static void
change_free (Change *change)
{
  g_object_unref (change->task);
  g_object_unref (change->device);
  g_free (change->name);
  g_free (change);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

/* Each change stores all of the device, so only the last one that is under way decides. */
static void
settle (Change *change, gboolean ok)
{
  DaDevice *device = change->device;
  Stored *stored = g_object_get_data (G_OBJECT (device), STORED);

  if (ok)
    {
      g_free (stored->name);
      stored->name = g_strdup (change->name);
      stored->scopes = change->scopes;
    }
  if (--stored->pending > 0)
    return;
  if (!g_str_equal (da_device_get_name (device), stored->name))
    _da_device_set_name (device, stored->name);
  if (da_device_get_scopes (device) != stored->scopes)
    _da_device_set_scopes (device, stored->scopes);
  g_object_set_data (G_OBJECT (device), STORED, NULL);
}

/* Whoever is to be out stays out, for as long as the program runs; and that it is not for longer
 * must be said. */
static void
keep_cut_off (DaAccess *self, DaDevice *device, GError **error)
{
  GError *told;

  /* Brought back in the meantime. */
  if (da_device_get_state (device) != DA_DEVICE_REVOKED)
    return;
  told = g_error_new ((*error)->domain, (*error)->code,
                      _("It is cut off now, but that could not be stored: after a restart its key "
                        "may work again. %s"), (*error)->message);
  g_error_free (*error);
  *error = told;
  g_warning ("that %s was cut off could not be stored: %s", da_device_get_name (device),
             told->message);
  g_object_set_data (G_OBJECT (device), UNSTORED, GINT_TO_POINTER (TRUE));
}

static void
roll_back_restore (DaAccess *self, DaDevice *device, GError **error)
{
  if (da_device_get_state (device) != DA_DEVICE_PAIRED)
    return;
  _da_device_revoke (device);
  remove_from_list (self, device);
  g_ptr_array_add (_da_access_get_state (self)->revoked, g_object_ref (device));
}

static void
count_down (GTask *task)
{
  guint *pending = g_task_get_task_data (task);

  if (--*pending == 0 && !g_task_get_completed (task))
    g_task_return_boolean (task, TRUE);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Change) change = user_data;
  GTask *task = change->task;
  GError *error = NULL;
  gboolean ok = da_store_put_device_finish (DA_STORE (source), result, &error);

  settle (change, ok);
  if (ok)
    {
      g_object_set_data (G_OBJECT (change->device), UNSTORED, NULL);
      count_down (task);
      return;
    }
  if (change->roll_back != NULL)
    change->roll_back (g_task_get_source_object (task), change->device, &error);
  if (!g_task_had_error (task) && !g_task_get_completed (task))
    g_task_return_error (task, error);
  else
    g_error_free (error);
}

/* After the change was made. Takes @change. */
static void
store_change (DaAccess *self, Change *change)
{
  guint *pending = g_task_get_task_data (change->task);

  ++*pending;
  change->name = g_strdup (da_device_get_name (change->device));
  change->scopes = da_device_get_scopes (change->device);
  if (da_device_get_state (change->device) == DA_DEVICE_WAITING)
    {
      /* In the store it would be a device that may come in, and outlive its code. */
      settle (change, TRUE);
      count_down (change->task);
      change_free (change);
      return;
    }
  da_store_put_device_async (_da_access_get_state (self)->store,
                             _da_device_get_record (change->device), TRUE, NULL, stored_cb,
                             change);
}

/* (transfer full) */
static GTask *
make_task (DaAccess *self, GCancellable *cancellable, GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, make_task);
  g_task_set_task_data (task, g_new0 (guint, 1), g_free);
  return task;
}

/* (transfer full) (nullable): NULL when there is no such device; the task has answered then. */
static GTask *
begin_change (DaAccess *self, const char *id, DaDevice **device, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = make_task (self, cancellable, callback, user_data);

  *device = da_access_find_device (self, id);
  if (*device != NULL)
    return task;
  g_task_return_new_error (task, DA_ERROR, DA_ERROR_NOT_FOUND, _("There is no such device"));
  g_object_unref (task);
  return NULL;
}

void
da_access_rename_device_async (DaAccess            *self,
                               const char          *id,
                               const char          *name,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  g_autofree char *cut = NULL;
  DaDevice *device;
  Change *change;
  g_autoptr(GTask) task = begin_change (self, id, &device, cancellable, callback, user_data);

  if (task == NULL)
    return;
  if (*trimmed == '\0' || !g_utf8_validate (trimmed, -1, NULL))
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, _("A device needs a name"));
      return;
    }
  cut = g_utf8_strlen (trimmed, -1) > MAX_NAME_CHARS
          ? g_utf8_substring (trimmed, 0, MAX_NAME_CHARS) : g_strdup (trimmed);
  change = change_new (task, device, NULL);
  _da_device_set_name (device, cut);
  store_change (self, change);
}

void
da_access_set_scopes_async (DaAccess            *self,
                            const char          *id,
                            unsigned             scopes,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  DaDevice *device;
  Change *change;
  g_autoptr(GTask) task = begin_change (self, id, &device, cancellable, callback, user_data);

  if (task == NULL)
    return;
  change = change_new (task, device, NULL);
  _da_device_set_scopes (device, scopes & DA_SCOPE_ALL);
  store_change (self, change);
}

static void
cut_off (DaAccess *self, GTask *task, DaDevice *device)
{
  g_autoptr(DaDevice) held = g_object_ref (device);
  Change *change = change_new (task, held, keep_cut_off);

  _da_device_revoke (held);
  remove_from_list (self, held);
  g_ptr_array_add (_da_access_get_state (self)->revoked, g_object_ref (held));
  store_change (self, change);
  g_message ("cut off %s", da_device_get_name (held));
}

static void
cut_off_all (DaAccess *self, GTask *task)
{
  GListModel *devices = da_access_get_devices (self);

  if (g_list_model_get_n_items (devices) == 0)
    g_task_return_boolean (task, TRUE);
  while (g_list_model_get_n_items (devices) > 0)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, 0);

      cut_off (self, task, device);
    }
}

/* (nullable) (transfer none): cut off, and the store does not know. */
static DaDevice *
find_unstored (DaAccess *self, const char *id)
{
  GPtrArray *revoked = _da_access_get_state (self)->revoked;

  for (guint i = 0; i < revoked->len; i++)
    if (g_strcmp0 (da_device_get_id (revoked->pdata[i]), id) == 0
        && _da_access_is_unstored (revoked->pdata[i]))
      return revoked->pdata[i];
  return NULL;
}

void
da_access_revoke_device_async (DaAccess            *self,
                               const char          *id,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  DaDevice *device = NULL;
  g_autoptr(GTask) task = NULL;

  if (id == NULL)
    {
      task = make_task (self, cancellable, callback, user_data);
      cut_off_all (self, task);
      return;
    }
  device = find_unstored (self, id);
  if (device != NULL)
    {
      task = make_task (self, cancellable, callback, user_data);
      store_change (self, change_new (task, device, keep_cut_off));
      return;
    }
  task = begin_change (self, id, &device, cancellable, callback, user_data);
  if (task == NULL)
    return;
  if (da_device_get_state (device) == DA_DEVICE_WAITING)
    {
      da_access_end_pairing (self, device);
      g_task_return_boolean (task, TRUE);
      return;
    }
  cut_off (self, task, device);
}

void
da_access_restore_device_async (DaAccess            *self,
                                const char          *id,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  DaAccessDevices *state = _da_access_get_state (self);
  g_autoptr(GTask) task = make_task (self, cancellable, callback, user_data);

  for (guint i = 0; i < state->revoked->len; i++)
    {
      g_autoptr(DaDevice) device = g_object_ref (state->revoked->pdata[i]);
      Change *change;

      if (g_strcmp0 (da_device_get_id (device), id) != 0)
        continue;
      change = change_new (task, device, roll_back_restore);
      g_ptr_array_remove_index (state->revoked, i);
      _da_device_restore (device);
      g_list_store_insert (state->devices, 0, device);
      store_change (self, change);
      return;
    }
  g_task_return_new_error (task, DA_ERROR, DA_ERROR_NOT_FOUND, _("There is no such device"));
}

gboolean
da_access_device_finish (DaAccess      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
