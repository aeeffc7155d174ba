/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine"

#include "da-engine-private.h"

#include <unistd.h>

#include "da-access-private.h"
#include "da-clock.h"
#include "da-conversation-store.h"
#include "da-data-lock.h"
#include "da-macros.h"
#include "da-offline-responder.h"
#include "da-path.h"
#include "da-run-private.h"

#define STOP_SECONDS 4                   /* decisions: SIGTERM ends runs cleanly within five */
/* a deleted conversation can be brought back for an hour */
#define UNDO_MS (60 * 60 * 1000)
#define PURGE_SECONDS 300
/* a keyring that asks the person must not hold up the start */
#define KEYRING_PATIENCE_SECONDS 2

G_DEFINE_FINAL_TYPE (DaEngine, da_engine, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_SECRETS_LOCKED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint signals[DA_ENGINE_N_SIGNALS];

static void
da_engine_dispose (GObject *object)
{
  DaEngine *self = DA_ENGINE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->purge_source, g_source_remove);
  g_clear_handle_id (&self->stop_source, g_source_remove);
  if (self->store != NULL)
    da_store_close (self->store);
  g_clear_object (&self->pool);
  g_clear_object (&self->store);
  g_clear_object (&self->access);
  g_clear_object (&self->secrets);
  g_clear_object (&self->settings);
  g_clear_object (&self->remote_access);
  g_clear_object (&self->audit_log);
  g_clear_object (&self->request_log);
  g_clear_object (&self->sessions);
  g_clear_pointer (&self->runs, g_hash_table_unref);
  g_queue_clear_full (&self->ended, g_free);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  self->lock_fd = -1;
  G_OBJECT_CLASS (da_engine_parent_class)->dispose (object);
}

static void
da_engine_finalize (GObject *object)
{
  DaEngine *self = DA_ENGINE (object);

  g_clear_object (&self->cancellable);
  g_free (self->data_dir);
  g_free (self->state_dir);
  G_OBJECT_CLASS (da_engine_parent_class)->finalize (object);
}

static void
da_engine_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SECRETS_LOCKED)
    g_value_set_boolean (value, da_engine_get_secrets_locked (DA_ENGINE (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
da_engine_class_init (DaEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = da_engine_get_property;
  G_OBJECT_CLASS (klass)->dispose = da_engine_dispose;
  G_OBJECT_CLASS (klass)->finalize = da_engine_finalize;
  properties[PROP_SECRETS_LOCKED] =
    g_param_spec_boolean ("secrets-locked", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
  signals[DA_ENGINE_CONVERSATION_CHANGED] =
    g_signal_new ("conversation-changed", DA_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
da_engine_init (DaEngine *self)
{
  self->lock_fd = -1;
  self->cancellable = g_cancellable_new ();
  self->remote_access = da_remote_access_new ();
  self->request_log = da_request_log_new ();
  self->access = _da_access_new ();
  self->sessions = da_session_list_new ();
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&self->ended);
  self->start_time = da_clock_now_ms ();
}

DaEngine *
da_engine_new (const DaEngineOptions *options)
{
  DaEngine *self = g_object_new (DA_TYPE_ENGINE, NULL);
  g_autofree char *local = g_build_filename (options->data_dir, "settings.json", NULL);
  g_autoptr(DaLlmProvider) offline = NULL;

  DA_ASSERT_MAIN_THREAD ();
  self->data_dir = g_strdup (options->data_dir);
  self->state_dir = g_strdup (options->state_dir);
  self->allow_keyring = options->allow_keyring;
  self->settings = da_settings_new (options->agents_dir, options->workspace_dir, local);
  for (guint i = 0; options->overrides != NULL && options->overrides[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;

      if (!da_settings_override (self->settings, options->overrides[i], &error))
        g_warning ("%s", error->message);
    }
  da_settings_load (self->settings);
  self->store = da_store_new (self->data_dir);
  self->audit_log = da_audit_log_new (self->state_dir);
  offline = da_offline_responder_new (self->store);
  self->pool = da_provider_pool_new (self->settings, offline);
  return self;
}

/* Start: the lock, then secrets and store side by side */

typedef struct {
  guint pending;
  guint patience_source;
  GError *error;
} Start;

static void
start_free (gpointer data)
{
  Start *self = data;

  g_clear_handle_id (&self->patience_source, g_source_remove);
  g_clear_error (&self->error);
  g_free (self);
}

static void
purged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_store_purge_finish (DA_STORE (source), result, &error))
    g_info ("deleted conversations could not be purged: %s", error->message);
}

static gboolean
purge_cb (gpointer data)
{
  DaEngine *self = data;

  gint64 minutes = da_settings_get_int (self->settings, "conversationUndoMinutes");

  da_store_purge_async (self->store, da_clock_now_ms () - minutes * 60 * 1000, purged_cb, NULL);
  return G_SOURCE_CONTINUE;
}

static void
start_step (GTask *task, GError *error)
{
  DaEngine *self = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);

  if (error != NULL && start->error == NULL)
    start->error = error;
  else
    g_clear_error (&error);
  if (--start->pending > 0)
    return;
  if (start->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&start->error));
      return;
    }
  self->started = TRUE;
  self->purge_source = g_timeout_add_seconds (PURGE_SECONDS, purge_cb, self);
  _da_engine_load_sessions (self);
  g_task_return_boolean (task, TRUE);
}

/* The key may come later: until then every request is refused, and the window shows why. */
static void
access_done (GTask *task, GError *error)
{
  Start *start = g_task_get_task_data (task);

  if (start->patience_source == 0)
    {
      g_clear_error (&error);
      return;
    }
  g_clear_handle_id (&start->patience_source, g_source_remove);
  start_step (task, error);
}

static void
access_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  _da_access_load_finish (DA_ACCESS (source), result, &error);
  access_done (task, error);
}

static gboolean
patience_cb (gpointer data)
{
  g_autoptr(GTask) task = g_object_ref (data);
  Start *start = g_task_get_task_data (task);

  g_message ("the keyring has not answered yet; starting without the API key");
  start->patience_source = 0;
  start_step (task, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_secrets_locked (DaEngine *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SECRETS_LOCKED]);
}

static void
secrets_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->secrets = da_secrets_open_finish (result, &error);
  if (self->secrets == NULL)
    {
      access_done (task, error);
      return;
    }
  g_signal_connect_object (self->secrets, "notify::locked", G_CALLBACK (on_secrets_locked), self,
                           G_CONNECT_SWAPPED);
  da_provider_pool_load_keys (self->pool, self->secrets);
  _da_access_load_async (self->access, self->secrets, self->settings,
                         g_task_get_cancellable (task), access_cb, g_object_ref (task));
}

static void
devices_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  _da_access_load_devices_finish (DA_ACCESS (source), result, &error);
  start_step (task, error);
}

static void
store_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!da_store_open_finish (DA_STORE (source), result, &error))
    {
      start_step (task, error);
      return;
    }
  _da_access_load_devices_async (self->access, self->store, g_task_get_cancellable (task),
                                 devices_cb, g_object_ref (task));
}

void
da_engine_start_async (DaEngine            *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *secrets_file = g_build_filename (self->data_dir, DA_ENGINE_SECRETS_FILE,
                                                    NULL);
  Start *start = g_new0 (Start, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, da_engine_start_async);
  g_task_set_task_data (task, start, start_free);
  if (!da_path_ensure_private (self->data_dir, &error)
      || !da_path_ensure_private (self->state_dir, &error)
      || (self->lock_fd = da_data_lock_take (self->data_dir, &error)) < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  da_audit_log_load_async (self->audit_log, NULL, NULL, NULL);
  start->pending = 2;
  start->patience_source = g_timeout_add_seconds (KEYRING_PATIENCE_SECONDS, patience_cb, task);
  da_store_open_async (self->store, cancellable, store_cb, g_object_ref (task));
  da_secrets_open_async (secrets_file, self->allow_keyring, cancellable, secrets_cb,
                         g_object_ref (task));
}

gboolean
da_engine_start_finish (DaEngine      *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Stop: cancel, wait for the answers to be stored, write what is left */

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;

  if (!da_settings_flush_finish (DA_SETTINGS (source), result, &error))
    g_warning ("settings could not be written: %s", error->message);
  _da_access_flush_devices (self->access);
  da_store_close (self->store);
  g_task_return_boolean (task, TRUE);
}

static void
runs_ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DaEngine *self = DA_ENGINE (source);

  if (self->active_runs > 0)
    g_warning ("%u runs did not end in time; they are marked as interrupted at the next start",
               self->active_runs);
  da_settings_flush_async (self->settings, flushed_cb, user_data);
}

static gboolean
stop_timeout_cb (gpointer data)
{
  DaEngine *self = data;
  g_autoptr(GTask) waiting = g_steal_pointer (&self->stopping);

  self->stop_source = 0;
  g_task_return_boolean (waiting, TRUE);
  return G_SOURCE_REMOVE;
}

void
da_engine_stop_async (DaEngine            *self,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GHashTableIter iter;
  gpointer run;

  g_task_set_source_tag (task, da_engine_stop_async);
  g_return_if_fail (self->stopping == NULL);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->purge_source, g_source_remove);
  self->stopping = g_task_new (self, NULL, runs_ended_cb, task);
  g_task_set_source_tag (self->stopping, da_engine_stop_async);
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    da_run_cancel (run, "the program stops");
  if (self->active_runs == 0)
    {
      g_autoptr(GTask) waiting = g_steal_pointer (&self->stopping);

      g_task_return_boolean (waiting, TRUE);
      return;
    }
  self->stop_source = g_timeout_add_seconds (STOP_SECONDS, stop_timeout_cb, self);
}

gboolean
da_engine_stop_finish (DaEngine      *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* What is inside */

DaSettings *
da_engine_get_settings (DaEngine *self)
{
  return self->settings;
}

DaAccess *
da_engine_get_access (DaEngine *self)
{
  return self->access;
}

DaAuditLog *
da_engine_get_audit_log (DaEngine *self)
{
  return self->audit_log;
}

DaRemoteAccess *
da_engine_get_remote_access (DaEngine *self)
{
  return self->remote_access;
}

DaRequestLog *
da_engine_get_request_log (DaEngine *self)
{
  return self->request_log;
}

GListModel *
da_engine_get_sessions (DaEngine *self)
{
  return G_LIST_MODEL (self->sessions);
}

DaSession *
da_engine_find_session (DaEngine   *self,
                        const char *session_id)
{
  return da_session_list_find (self->sessions, session_id);
}

DaSession *
da_engine_find_session_for (DaEngine   *self,
                            const char *conversation_id)
{
  return da_session_list_find_for (self->sessions, conversation_id);
}

gboolean
da_engine_is_first_start (DaEngine *self)
{
  return _da_access_was_made (self->access);
}

char **
da_engine_dup_notices (DaEngine *self)
{
  g_autoptr(GStrvBuilder) notices = g_strv_builder_new ();
  const char *const *problems = da_settings_get_problems (self->settings);

  if (da_store_get_recovery_notice (self->store) != NULL)
    g_strv_builder_add (notices, da_store_get_recovery_notice (self->store));
  /* A locked keyring has its own property: it passes. */
  if (_da_access_get_problem (self->access) != NULL && !da_engine_get_secrets_locked (self))
    g_strv_builder_add (notices, _da_access_get_problem (self->access));
  for (guint i = 0; problems != NULL && problems[i] != NULL; i++)
    g_strv_builder_add (notices, problems[i]);
  return g_strv_builder_end (notices);
}

const char *
da_engine_get_data_dir (DaEngine *self)
{
  return self->data_dir;
}

const char *
da_engine_get_state_dir (DaEngine *self)
{
  return self->state_dir;
}

gint64
da_engine_get_start_time (DaEngine *self)
{
  return self->start_time;
}

void
_da_engine_conversation_changed (DaEngine   *self,
                                 const char *id)
{
  g_signal_emit (self, signals[DA_ENGINE_CONVERSATION_CHANGED], 0, id);
}
