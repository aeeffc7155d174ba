/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-device"

#include "da-device-store.h"

#include "da-store-private.h"

static gpointer
list_job (DaStore *self, gpointer data, GError **error)
{
  g_autoptr(DaStatement) row = NULL;
  g_autoptr(GPtrArray) list = NULL;
  DaStep step;

  row = da_database_query (self->database, error,
                           "SELECT id, digest, name, scopes, revoked_at, first_seen, last_seen, "
                           "address, user_agent, client_id FROM devices WHERE revoked_at = 0 "
                           "ORDER BY last_seen DESC, id", "");
  if (row == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) da_device_record_free);
  while ((step = da_statement_step (row, error)) == DA_STEP_ROW)
    {
      DaDeviceRecord *record = da_device_record_new ();

      record->id = da_statement_dup_text (row, 0);
      record->digest = da_statement_dup_text (row, 1);
      record->name = da_statement_dup_text (row, 2);
      record->scopes = (unsigned) da_statement_int (row, 3);
      record->revoked_at = da_statement_int (row, 4);
      record->first_seen = da_statement_int (row, 5);
      record->last_seen = da_statement_int (row, 6);
      record->address = da_statement_dup_text (row, 7);
      record->user_agent = da_statement_dup_text (row, 8);
      record->client_id = da_statement_dup_text (row, 9);
      g_ptr_array_add (list, record);
    }
  return step == DA_STEP_DONE ? g_steal_pointer (&list) : NULL;
}

void
da_store_list_devices_async (DaStore             *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  da_store_submit (self, da_store_list_devices_async, DA_STORE_READ, list_job, NULL, NULL,
                   (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

GPtrArray *
da_store_list_devices_finish (DaStore       *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_list_devices_async, error);
}

static gpointer
put_job (DaStore *self, gpointer data, GError **error)
{
  DaDeviceRecord *record = data;
  gboolean done;

  done = da_database_run (self->database, error,
                          "INSERT INTO devices (id, digest, name, scopes, revoked_at, first_seen, "
                          "last_seen, address, user_agent, client_id) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) "
                          "DO UPDATE SET digest = ?2, name = ?3, scopes = ?4, revoked_at = ?5, "
                          "last_seen = ?7, address = ?8, user_agent = ?9, client_id = ?10",
                          "tttiiiittt", record->id, record->digest, record->name,
                          (gint64) record->scopes, record->revoked_at, record->first_seen,
                          record->last_seen, record->address, record->user_agent,
                          record->client_id);
  return done ? DA_STORE_OK : NULL;
}

void
da_store_put_device_async (DaStore              *self,
                           const DaDeviceRecord *record,
                           gboolean              durable,
                           GCancellable         *cancellable,
                           GAsyncReadyCallback   callback,
                           gpointer              user_data)
{
  da_store_submit (self, da_store_put_device_async,
                   durable ? DA_STORE_WRITE : DA_STORE_WRITE_JOURNAL, put_job,
                   da_device_record_copy (record), (GDestroyNotify) da_device_record_free, NULL,
                   cancellable, callback, user_data);
}

gboolean
da_store_put_device_finish (DaStore       *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return da_store_submit_boolean (self, result, da_store_put_device_async, error);
}
