/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets-memory"

#include "da-secrets.h"

#include "da-random.h"

/*
 * Secrets that die with the process: tests and throw-away runs. Owns one table; every operation is
 * done at once and answered from the main loop. Never writes anything anywhere.
 */
#define DA_TYPE_SECRETS_MEMORY (da_secrets_memory_get_type ())
G_DECLARE_FINAL_TYPE (DaSecretsMemory, da_secrets_memory, DA, SECRETS_MEMORY, DaSecrets)

struct _DaSecretsMemory {
  DaSecrets   parent_instance;

  GHashTable *values;           /* id -> secret */
};

G_DEFINE_FINAL_TYPE (DaSecretsMemory, da_secrets_memory, DA_TYPE_SECRETS)

static DaSecretsKind
da_secrets_memory_get_kind (DaSecrets *secrets)
{
  return DA_SECRETS_KIND_MEMORY;
}

static void
da_secrets_memory_lookup_async (DaSecrets           *secrets,
                                const char          *id,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  DaSecretsMemory *self = DA_SECRETS_MEMORY (secrets);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_memory_lookup_async);
  g_task_return_pointer (task, g_strdup (g_hash_table_lookup (self->values, id)),
                         (GDestroyNotify) da_secret_free);
}

static char *
da_secrets_memory_lookup_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
da_secrets_memory_store_async (DaSecrets           *secrets,
                               const char          *id,
                               const char          *label,
                               const char          *secret,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  DaSecretsMemory *self = DA_SECRETS_MEMORY (secrets);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_memory_store_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  g_hash_table_replace (self->values, g_strdup (id), g_strdup (secret));
  g_task_return_boolean (task, TRUE);
}

static void
da_secrets_memory_clear_async (DaSecrets           *secrets,
                               const char          *id,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  DaSecretsMemory *self = DA_SECRETS_MEMORY (secrets);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_memory_clear_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  g_hash_table_remove (self->values, id);
  g_task_return_boolean (task, TRUE);
}

static gboolean
da_secrets_memory_boolean_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
da_secrets_memory_finalize (GObject *object)
{
  DaSecretsMemory *self = DA_SECRETS_MEMORY (object);

  g_clear_pointer (&self->values, g_hash_table_unref);
  G_OBJECT_CLASS (da_secrets_memory_parent_class)->finalize (object);
}

static void
da_secrets_memory_class_init (DaSecretsMemoryClass *class)
{
  DaSecretsClass *secrets_class = DA_SECRETS_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = da_secrets_memory_finalize;
  secrets_class->get_kind = da_secrets_memory_get_kind;
  secrets_class->lookup_async = da_secrets_memory_lookup_async;
  secrets_class->lookup_finish = da_secrets_memory_lookup_finish;
  secrets_class->store_async = da_secrets_memory_store_async;
  secrets_class->store_finish = da_secrets_memory_boolean_finish;
  secrets_class->clear_async = da_secrets_memory_clear_async;
  secrets_class->clear_finish = da_secrets_memory_boolean_finish;
}

static void
da_secrets_memory_init (DaSecretsMemory *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) da_secret_free);
}

DaSecrets *
da_secrets_new_memory (void)
{
  return g_object_new (DA_TYPE_SECRETS_MEMORY, NULL);
}
