/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-background"

#include "da-application-background.h"

#include "da-random.h"

#define PORTAL_NAME "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"

/* One question. The portal answers its call at once with the path of a request object, and that
 * object tells the outcome by a signal, after a dialog perhaps. */
typedef struct {
  GDBusConnection *connection;
  char *path;
  guint subscription;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
  g_object_unref (self->connection);
  g_free (self->path);
  g_free (self);
}

gboolean
da_background_is_needed (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) || g_getenv ("SNAP") != NULL
         || g_strcmp0 (g_getenv ("GTK_USE_PORTAL"), "1") == 0;
}

static void
on_response (GDBusConnection *connection, const char *sender, const char *path,
             const char *interface, const char *signal, GVariant *parameters, gpointer user_data)
{
  GTask *task = user_data;
  Question *question = g_task_get_task_data (task);
  g_autoptr(GVariant) results = NULL;
  guint subscription = question->subscription;
  gboolean allowed = FALSE;
  guint32 response;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    return;
  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (response == 0)
    g_variant_lookup (results, "background", "b", &allowed);
  g_task_return_boolean (task, allowed);
  /* The subscription holds the task. */
  question->subscription = 0;
  g_dbus_connection_signal_unsubscribe (connection, subscription);
}

static void
subscribe (GTask *task, const char *path)
{
  Question *question = g_task_get_task_data (task);
  guint former = question->subscription;

  g_free (question->path);
  question->path = g_strdup (path);
  question->subscription =
    g_dbus_connection_signal_subscribe (question->connection, PORTAL_NAME,
                                        "org.freedesktop.portal.Request", "Response", path, NULL,
                                        G_DBUS_SIGNAL_FLAGS_NONE, on_response,
                                        g_object_ref (task), g_object_unref);
  if (former != 0)
    g_dbus_connection_signal_unsubscribe (question->connection, former);
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) reply = NULL;
  const char *path;
  guint subscription;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL)
    {
      g_variant_get (reply, "(&o)", &path);
      /* Old portals choose the path themselves. */
      if (question->subscription != 0 && !g_str_equal (path, question->path))
        subscribe (task, path);
      return;
    }
  subscription = question->subscription;
  question->subscription = 0;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else
    {
      g_info ("no Background portal answers: %s", error->message);
      g_task_return_boolean (task, TRUE);
    }
  g_dbus_connection_signal_unsubscribe (G_DBUS_CONNECTION (source), subscription);
}

static GVariant *
arguments_new (const char *token, const char *reason, gboolean autostart)
{
  const char *const command[] = { "dotagents", "--gapplication-service", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (autostart));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  return g_variant_new ("(sa{sv})", "", &options);
}

void
da_background_request_async (GDBusConnection     *connection,
                             const char          *reason,
                             gboolean             autostart,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *random = da_random_hex (8);
  g_autofree char *token = g_strconcat ("dotagents_", random, NULL);
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (connection) + 1);
  g_autofree char *path = NULL;
  Question *question = g_new0 (Question, 1);

  g_task_set_source_tag (task, da_background_request_async);
  question->connection = g_object_ref (connection);
  g_task_set_task_data (task, question, question_free);
  g_strdelimit (sender, ".", '_');
  path = g_strconcat (PORTAL_PATH "/request/", sender, "/", token, NULL);
  /* Before the call: the answer may come first. */
  subscribe (task, path);
  g_dbus_connection_call (connection, PORTAL_NAME, PORTAL_PATH,
                          "org.freedesktop.portal.Background", "RequestBackground",
                          arguments_new (token, reason, autostart), G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, cancellable, called_cb,
                          g_object_ref (task));
}

gboolean
da_background_request_finish (GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
