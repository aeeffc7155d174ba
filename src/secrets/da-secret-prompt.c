/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-prompt"

#include "da-secret-prompt.h"

#include "da-error.h"

#define SERVICE_PATH      "/org/freedesktop/secrets"
#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"
#define PROMPT_INTERFACE  "org.freedesktop.Secret.Prompt"

/*
 * One request that may need a dialog:
 *
 *   method called -> done without a dialog
 *                 -> dialog's path -> watched, shown -> Completed -> done or refused
 *                                                    -> cancelled, service gone -> that error
 *
 * end() is the only way out and works once; what arrives after it finds `ended` and does nothing.
 */
typedef struct {
  GDBusConnection *bus;
  char            *owner;
  char            *prompt;          /* the dialog's object path, once there is one */
  GSource         *cancel_source;
  guint            completed_signal;
  guint            owner_watch;
  gboolean         ended;
} Prompt;

static void
prompt_free (Prompt *prompt)
{
  g_assert (prompt->completed_signal == 0 && prompt->owner_watch == 0);
  g_clear_object (&prompt->bus);
  g_free (prompt->owner);
  g_free (prompt->prompt);
  g_free (prompt);
}

/* Takes @error; NULL is success. */
static void
end (GTask *task, GError *error)
{
  Prompt *prompt = g_task_get_task_data (task);

  if (prompt->ended)
    {
      g_clear_error (&error);
      return;
    }
  prompt->ended = TRUE;
  /* The watches hold references to the task, so it must be kept until all are gone. */
  g_object_ref (task);
  if (prompt->completed_signal != 0)
    g_dbus_connection_signal_unsubscribe (prompt->bus, prompt->completed_signal);
  prompt->completed_signal = 0;
  g_clear_handle_id (&prompt->owner_watch, g_bus_unwatch_name);
  if (prompt->cancel_source != NULL)
    g_source_destroy (prompt->cancel_source);
  g_clear_pointer (&prompt->cancel_source, g_source_unref);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* The methods answer with the unlocked objects or the new collection; nothing means refused. */
static gboolean
is_something (GVariant *answer)
{
  if (g_variant_is_of_type (answer, G_VARIANT_TYPE ("ao")))
    return g_variant_n_children (answer) > 0;
  if (g_variant_is_of_type (answer, G_VARIANT_TYPE_OBJECT_PATH))
    return !g_str_equal (g_variant_get_string (answer, NULL), "/");
  return FALSE;
}

static void
end_with_answer (GTask *task, gboolean dismissed, GVariant *answer)
{
  if (!dismissed && is_something (answer))
    end (task, NULL);
  else
    end (task, g_error_new_literal (DA_ERROR, DA_ERROR_LOCKED,
                                    "The keyring stays locked: its question was dismissed"));
}

static void
on_completed (GDBusConnection *bus,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *signal,
              GVariant        *parameters,
              gpointer         user_data)
{
  g_autoptr(GVariant) answer = NULL;
  gboolean dismissed = TRUE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    {
      end_with_answer (user_data, TRUE, NULL);
      return;
    }
  g_variant_get (parameters, "(bv)", &dismissed, &answer);
  end_with_answer (user_data, dismissed, answer);
}

static void
on_owner_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  end (user_data, g_error_new_literal (DA_ERROR, DA_ERROR_UNAVAILABLE,
                                       "The keyring went away while it asked"));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  Prompt *prompt = g_task_get_task_data (task);
  GError *error = NULL;

  g_dbus_connection_call (prompt->bus, prompt->owner, prompt->prompt, PROMPT_INTERFACE, "Dismiss",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  g_cancellable_set_error_if_cancelled (cancellable, &error);
  end (task, error);
  return G_SOURCE_REMOVE;
}

static void
prompt_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GVariant) reply = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    end (task, error);
}

/* Everything that may end the dialog is watched before it is shown. */
static void
show_dialog (GTask *task)
{
  Prompt *prompt = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  prompt->completed_signal =
    g_dbus_connection_signal_subscribe (prompt->bus, prompt->owner, PROMPT_INTERFACE, "Completed",
                                        prompt->prompt, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_completed, g_object_ref (task), g_object_unref);
  prompt->owner_watch =
    g_bus_watch_name_on_connection (prompt->bus, prompt->owner, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                    NULL, on_owner_vanished, g_object_ref (task), g_object_unref);
  if (cancellable != NULL)
    {
      prompt->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (prompt->cancel_source, G_SOURCE_FUNC (on_cancelled),
                             g_object_ref (task), g_object_unref);
      g_source_attach (prompt->cancel_source, NULL);
    }
  g_dbus_connection_call (prompt->bus, prompt->owner, prompt->prompt, PROMPT_INTERFACE, "Prompt",
                          g_variant_new ("(s)", ""), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          NULL, prompt_cb, g_object_ref (task));
}

static void
method_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Prompt *prompt = g_task_get_task_data (task);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) answer = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      end (task, error);
      return;
    }
  if (!g_variant_is_of_type (reply, G_VARIANT_TYPE ("(aoo)"))
      && !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(oo)")))
    {
      end (task, g_error_new_literal (DA_ERROR, DA_ERROR_UNAVAILABLE,
                                      "The keyring gave an answer that cannot be understood"));
      return;
    }
  answer = g_variant_get_child_value (reply, 0);
  g_variant_get_child (reply, 1, "o", &prompt->prompt);
  if (g_str_equal (prompt->prompt, "/"))
    end_with_answer (task, FALSE, answer);
  else
    show_dialog (task);
}

void
da_secret_prompt_async (GDBusConnection     *bus,
                        const char          *owner,
                        const char          *method,
                        GVariant            *arguments,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Prompt *prompt = g_new0 (Prompt, 1);

  g_task_set_source_tag (task, da_secret_prompt_async);
  prompt->bus = g_object_ref (bus);
  prompt->owner = g_strdup (owner);
  g_task_set_task_data (task, prompt, (GDestroyNotify) prompt_free);
  g_dbus_connection_call (bus, owner, SERVICE_PATH, SERVICE_INTERFACE, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, cancellable, method_cb, task);
}

gboolean
da_secret_prompt_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
