/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-remote-rollback"

#include "config.h"

#include "da-remote-rollback.h"

#include <string.h>

#include "da-settings.h"

static JsonNode *
make_string (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
make_int (guint value)
{
  return json_node_init_int (json_node_alloc (), value);
}

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_settings_apply_finish (DA_SETTINGS (source), result, &error))
    g_warning ("the port and address in use were not written back: %s", error->message);
}

/* (transfer full): the settings that name another place than the one the server is at, with it */
static GHashTable *
find_differences (DaEngine *engine)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (engine);
  DaSettings *settings = da_engine_get_settings (engine);
  const char *bind = da_remote_access_get_bind (remote);
  const guint port = da_remote_access_get_port (remote);
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify) json_node_unref);

  if (bind != NULL && g_strcmp0 (da_settings_get_string (settings, "remoteServerBindAddress"),
                                 bind) != 0)
    g_hash_table_insert (values, g_strdup ("remoteServerBindAddress"), make_string (bind));
  if (port != 0 && da_settings_get_int (settings, "remoteServerPort") != port)
    g_hash_table_insert (values, g_strdup ("remoteServerPort"), make_int (port));
  return values;
}

static gboolean
has_failed (DaRemoteAccess *remote)
{
  return da_remote_access_get_state (remote) == DA_REMOTE_RUNNING
         && da_remote_access_get_last_error (remote) != NULL;
}

static gboolean
on_rollback_due (gpointer user_data)
{
  DaEngine *engine = user_data;
  g_autoptr(GHashTable) values = find_differences (engine);

  if (has_failed (da_engine_get_remote_access (engine)) && g_hash_table_size (values) > 0)
    da_settings_apply_async (da_engine_get_settings (engine), values, NULL, applied_cb, NULL);
  return G_SOURCE_REMOVE;
}

/* The server is in the middle of it: later. */
static void
on_last_error_cb (DaRemoteAccess *remote, GParamSpec *pspec, DaEngine *engine)
{
  if (has_failed (remote))
    g_idle_add_full (G_PRIORITY_DEFAULT, on_rollback_due, g_object_ref (engine), g_object_unref);
}

/* Another place is about to be tried: the error of the last one is over, so that the same one is
 * news. Our own way back is no try. */
static void
on_place_changed_cb (DaEngine *engine)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (engine);
  g_autoptr(GHashTable) values = find_differences (engine);

  if (has_failed (remote) && g_hash_table_size (values) > 0)
    da_remote_access_set_state (remote, DA_REMOTE_RUNNING, NULL);
}

void
da_remote_rollback_watch (DaEngine *engine)
{
  DaSettings *settings = da_engine_get_settings (engine);

  g_signal_connect_object (settings, "changed::remoteServerPort",
                           G_CALLBACK (on_place_changed_cb), engine, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::remoteServerBindAddress",
                           G_CALLBACK (on_place_changed_cb), engine, G_CONNECT_SWAPPED);
  g_signal_connect_object (da_engine_get_remote_access (engine), "notify::last-error",
                           G_CALLBACK (on_last_error_cb), engine, 0);
}
