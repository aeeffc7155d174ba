/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-file"

#include "da-secrets.h"

#include <glib/gstdio.h>

#include "da-error.h"
#include "da-random.h"
#include "da-secret-document.h"
#include "da-worker.h"

/*
 * Secrets in one 0600 JSON file, for a session without a keyring. Owns only the path: each
 * operation is one job on the slow worker that reads the file, and for a change writes it anew. The
 * worker has one thread and a queue, so changes never overlap and each sees the one before. Nothing
 * is cached; a file that another program repaired is seen at the next call.
 *
 * A damaged file is never treated as an empty one: every look-up fails until it is repaired, or
 * until somebody stores a secret, which first copies the damaged file to a dated name.
 */
#define DA_TYPE_SECRETS_FILE (da_secrets_file_get_type ())
G_DECLARE_FINAL_TYPE (DaSecretsFile, da_secrets_file, DA, SECRETS_FILE, DaSecrets)

struct _DaSecretsFile {
  DaSecrets  parent_instance;

  char      *path;
};

G_DEFINE_FINAL_TYPE (DaSecretsFile, da_secrets_file, DA_TYPE_SECRETS)

typedef struct {
  char *path;
  char *id;
  char *secret;                 /* NULL: remove */
} Job;

static void
job_free (Job *job)
{
  g_free (job->path);
  g_free (job->id);
  g_clear_pointer (&job->secret, da_secret_free);
  g_free (job);
}

/* On the worker. */
static void
lookup_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr(JsonNode) document = NULL;
  GError *error = NULL;

  if (!da_secret_document_load (job->path, TRUE, &document, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_strdup (da_secret_document_get (document, job->id)),
                           (GDestroyNotify) da_secret_free);
}

/* On the worker. */
static void
change_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr(JsonNode) document = NULL;
  g_autoptr(JsonNode) changed = NULL;
  g_autofree char *aside = NULL;
  g_autoptr(GError) error = NULL;

  if (!da_secret_document_load (job->path, TRUE, &document, &error))
    {
      /* Removing one entry is no reason to give up the others. */
      if (job->secret == NULL || !g_error_matches (error, DA_ERROR, DA_ERROR_CORRUPT))
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      g_clear_error (&error);
      aside = da_secret_document_set_aside (job->path, &error);
      if (aside == NULL)
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
    }
  else if (job->secret == NULL && da_secret_document_get (document, job->id) == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  changed = da_secret_document_with (document, job->id, job->secret);
  if (!da_secret_document_save (job->path, changed, &error))
    {
      if (aside != NULL)
        g_unlink (aside);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (aside != NULL)
    g_warning ("“%s” was damaged and is kept as “%s”; a new file was begun",
               job->path, aside);
  g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
push_job (DaSecretsFile   *self,
          GTask           *task,
          const char      *id,
          const char      *secret,
          GTaskThreadFunc  func)
{
  Job *job = g_new0 (Job, 1);

  job->path = g_strdup (self->path);
  job->id = g_strdup (id);
  job->secret = g_strdup (secret);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  da_worker_push (da_worker_get_slow (), task, func);
  g_object_unref (task);
}

static DaSecretsKind
da_secrets_file_get_kind (DaSecrets *secrets)
{
  return DA_SECRETS_KIND_FILE;
}

static void
da_secrets_file_lookup_async (DaSecrets           *secrets,
                              const char          *id,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (secrets, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_file_lookup_async);
  push_job (DA_SECRETS_FILE (secrets), task, id, NULL, lookup_job);
}

static char *
da_secrets_file_lookup_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
da_secrets_file_store_async (DaSecrets           *secrets,
                             const char          *id,
                             const char          *label,
                             const char          *secret,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (secrets, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_file_store_async);
  push_job (DA_SECRETS_FILE (secrets), task, id, secret, change_job);
}

static void
da_secrets_file_clear_async (DaSecrets           *secrets,
                             const char          *id,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (secrets, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_file_clear_async);
  push_job (DA_SECRETS_FILE (secrets), task, id, NULL, change_job);
}

static gboolean
da_secrets_file_boolean_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
da_secrets_file_finalize (GObject *object)
{
  g_free (DA_SECRETS_FILE (object)->path);
  G_OBJECT_CLASS (da_secrets_file_parent_class)->finalize (object);
}

static void
da_secrets_file_class_init (DaSecretsFileClass *class)
{
  DaSecretsClass *secrets_class = DA_SECRETS_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = da_secrets_file_finalize;
  secrets_class->get_kind = da_secrets_file_get_kind;
  secrets_class->lookup_async = da_secrets_file_lookup_async;
  secrets_class->lookup_finish = da_secrets_file_lookup_finish;
  secrets_class->store_async = da_secrets_file_store_async;
  secrets_class->store_finish = da_secrets_file_boolean_finish;
  secrets_class->clear_async = da_secrets_file_clear_async;
  secrets_class->clear_finish = da_secrets_file_boolean_finish;
}

static void
da_secrets_file_init (DaSecretsFile *self)
{
}

DaSecrets *
da_secrets_new_file (const char *path)
{
  DaSecretsFile *self;

  g_return_val_if_fail (path != NULL && g_path_is_absolute (path), NULL);

  self = g_object_new (DA_TYPE_SECRETS_FILE, NULL);
  self->path = g_strdup (path);
  return DA_SECRETS (self);
}
