/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-reference"

#include "da-secret-reference.h"

#include <string.h>

#include "da-error.h"
#include "da-random.h"
#include "da-redact.h"
#include "da-secret-document.h"
#include "da-worker.h"

/* The clients wrote ids encoded once or twice; three is the contract's limit. */
#define MAX_DECODINGS 3

typedef struct {
  char *path;
  char *id;
} Job;

static void
job_free (Job *job)
{
  g_free (job->path);
  g_free (job->id);
  g_free (job);
}

gboolean
da_secret_reference_is (const char *text)
{
  return text != NULL && g_str_has_prefix (text, DA_SECRET_REFERENCE_PREFIX);
}

static const char *
find_value (JsonNode *document, const char *id)
{
  g_autofree char *name = g_strdup (id);

  for (int decodings = 0; *name != '\0'; decodings++)
    {
      const char *value = da_secret_document_get (document, name);
      char *decoded;

      if (value != NULL || decodings == MAX_DECODINGS)
        return value;
      /* NULL for a stray "%", and for "%00" or bytes that are no text. */
      decoded = g_uri_unescape_string (name, NULL);
      if (decoded == NULL || g_str_equal (decoded, name) || !g_utf8_validate (decoded, -1, NULL))
        {
          g_free (decoded);
          return NULL;
        }
      g_free (name);
      name = decoded;
    }
  return NULL;
}

/* On the worker. */
static void
resolve_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autoptr(JsonNode) document = NULL;
  const char *value;
  GError *error = NULL;

  /* The file belongs to other programs as well; its mode is theirs to choose. */
  if (!da_secret_document_load (job->path, FALSE, &document, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  value = find_value (document, job->id);
  if (value != NULL)
    da_redact_register (value);
  g_task_return_pointer (task, g_strdup (value), (GDestroyNotify) da_secret_free);
}

void
da_secret_reference_resolve_async (const char          *agents_dir,
                                   const char          *reference,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  Job *job;

  g_return_if_fail (agents_dir != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secret_reference_resolve_async);
  if (!da_secret_reference_is (reference))
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, "This is not a secret reference");
      return;
    }
  job = g_new0 (Job, 1);
  job->path = g_build_filename (agents_dir, "secrets.local.json", NULL);
  job->id = g_strdup (reference + strlen (DA_SECRET_REFERENCE_PREFIX));
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  da_worker_push (da_worker_get_slow (), task, resolve_job);
}

char *
da_secret_reference_resolve_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
