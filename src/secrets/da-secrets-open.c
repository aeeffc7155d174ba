/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-open"

#include "da-secrets.h"

#include "da-macros.h"

/*
 * Chooses where secrets live, once per start. Everything here is asynchronous and ends within
 * OPEN_TIMEOUT_MS: a hung or half-installed secret service must not keep the program from starting.
 */

#define OPEN_TIMEOUT_MS 2000

/* One open in progress. */
typedef struct {
  char         *file;
  GCancellable *attempt;        /* ends the look for a keyring; not the caller's */
  guint         timeout;
  gulong        cancelled_handler;
} Open;

static void
open_free (Open *open)
{
  g_clear_handle_id (&open->timeout, g_source_remove);
  g_clear_object (&open->attempt);
  g_free (open->file);
  g_free (open);
}

static void
disconnect_caller (GTask *task)
{
  Open *open = g_task_get_task_data (task);

  g_cancellable_disconnect (g_task_get_cancellable (task), open->cancelled_handler);
  open->cancelled_handler = 0;
}

static void
use_file (GTask *task, const char *why)
{
  Open *open = g_task_get_task_data (task);

  g_clear_handle_id (&open->timeout, g_source_remove);
  disconnect_caller (task);
  if (g_task_return_error_if_cancelled (task))
    return;
  g_info ("Secrets are kept in “%s”: %s", open->file, why);
  g_task_return_pointer (task, da_secrets_new_file (open->file), g_object_unref);
}

static void
use_keyring (GTask *task)
{
  Open *open = g_task_get_task_data (task);
  g_autoptr(DaSecrets) keyring = NULL;

  g_clear_handle_id (&open->timeout, g_source_remove);
  disconnect_caller (task);
  if (g_task_return_error_if_cancelled (task))
    return;
  g_info ("Secrets are kept in the keyring");
  keyring = da_secrets_new_keyring ();
  if (g_file_test (open->file, G_FILE_TEST_EXISTS))
    {
      g_autoptr(DaSecrets) older = da_secrets_new_file (open->file);

      da_secrets_set_older (keyring, older);
    }
  g_task_return_pointer (task, g_steal_pointer (&keyring), g_object_unref);
}

static void
read_alias_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL)
    use_keyring (task);
  else
    use_file (task, "no secret service answered");
}

static void
bus_get_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Open *open = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      use_file (task, "the session bus cannot be reached");
      return;
    }
  /* GIO would end the process with the bus; runs in progress must survive a log-out. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  /* The cheapest question that only a working service answers; it also starts one. */
  g_dbus_connection_call (bus, "org.freedesktop.secrets", "/org/freedesktop/secrets",
                          "org.freedesktop.Secret.Service", "ReadAlias",
                          g_variant_new ("(s)", "default"), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, OPEN_TIMEOUT_MS, open->attempt,
                          read_alias_cb, g_steal_pointer (&task));
}

/* Asked before GIO is: with neither of these it would start a bus of its own for us. */
static gboolean
has_session_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *socket = NULL;

  if (address != NULL && *address != '\0')
    return !g_str_has_prefix (address, "disabled:");
  socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  return g_file_test (socket, G_FILE_TEST_EXISTS);
}

static gboolean
on_timeout (gpointer user_data)
{
  Open *open = user_data;

  open->timeout = 0;
  g_cancellable_cancel (open->attempt);
  return G_SOURCE_REMOVE;
}

static void
on_caller_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (G_CANCELLABLE (user_data));
}

void
da_secrets_open_async (const char          *file,
                       gboolean             allow_keyring,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  Open *open;

  DA_ASSERT_MAIN_THREAD ();
  g_return_if_fail (file != NULL && g_path_is_absolute (file));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secrets_open_async);
  open = g_new0 (Open, 1);
  open->file = g_strdup (file);
  open->attempt = g_cancellable_new ();
  g_task_set_task_data (task, open, (GDestroyNotify) open_free);

  if (!allow_keyring)
    {
      use_file (task, "the keyring is switched off");
      return;
    }
  if (!has_session_bus ())
    {
      use_file (task, "there is no session bus");
      return;
    }
  if (cancellable != NULL)
    open->cancelled_handler = g_cancellable_connect (cancellable, G_CALLBACK (on_caller_cancelled),
                                                     g_object_ref (open->attempt), g_object_unref);
  open->timeout = g_timeout_add (OPEN_TIMEOUT_MS, on_timeout, open);
  g_bus_get (G_BUS_TYPE_SESSION, open->attempt, bus_get_cb, g_steal_pointer (&task));
}

DaSecrets *
da_secrets_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
