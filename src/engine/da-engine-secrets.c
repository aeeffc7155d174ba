/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-secrets"

#include "config.h"

#include "da-engine-private.h"

#include <glib/gi18n-lib.h>

#include "da-access-private.h"
#include "da-error.h"

/* A keyring that was locked at the start: opened by a person, it gives what was missing then. */

gboolean
da_engine_get_secrets_locked (DaEngine *self)
{
  return self->secrets != NULL && da_secrets_get_locked (self->secrets);
}

char *
da_engine_dup_secrets_file (DaEngine *self)
{
  if (self->secrets == NULL || da_secrets_get_kind (self->secrets) != DA_SECRETS_KIND_FILE)
    return NULL;
  return g_build_filename (self->data_dir, DA_ENGINE_SECRETS_FILE, NULL);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (_da_access_load_finish (DA_ACCESS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!da_secrets_unlock_finish (DA_SECRETS (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  da_provider_pool_load_keys (self->pool, self->secrets);
  if (da_access_has_key (self->access))
    g_task_return_boolean (task, TRUE);
  else
    _da_access_load_async (self->access, self->secrets, self->settings,
                           g_task_get_cancellable (task), loaded_cb, g_object_ref (task));
}

void
da_engine_unlock_secrets_async (DaEngine            *self,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_engine_unlock_secrets_async);
  if (self->secrets == NULL)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_UNAVAILABLE, "%s",
                             _("The keyring has not answered yet; try again shortly"));
  else
    da_secrets_unlock_async (self->secrets, cancellable, unlocked_cb, g_object_ref (task));
}

gboolean
da_engine_unlock_secrets_finish (DaEngine      *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
