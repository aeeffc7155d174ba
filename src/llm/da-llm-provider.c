/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-provider"

#include "da-llm-provider.h"

#include "da-clock.h"

/* contract 10 section 3 */
#define CACHE_US  (5 * 60 * G_TIME_SPAN_SECOND)
/* Lists kept at most: the combinations of provider, address and key a person tries in a while. */
#define CACHE_MAX 32

typedef struct {
  GPtrArray *models;
  gint64     time_us;
} Cached;

/* Shared by all providers, because they are made anew whenever a setting changes. Main thread. */
static GHashTable *cache;

G_DEFINE_ABSTRACT_TYPE (DaLlmProvider, da_llm_provider, G_TYPE_OBJECT)

static void
da_llm_provider_class_init (DaLlmProviderClass *klass)
{
}

static void
da_llm_provider_init (DaLlmProvider *self)
{
}

const char *
da_llm_provider_get_id (DaLlmProvider *self)
{
  g_return_val_if_fail (DA_IS_LLM_PROVIDER (self), NULL);
  return DA_LLM_PROVIDER_GET_CLASS (self)->get_id (self);
}

const char *
da_llm_provider_get_name (DaLlmProvider *self)
{
  g_return_val_if_fail (DA_IS_LLM_PROVIDER (self), NULL);
  return DA_LLM_PROVIDER_GET_CLASS (self)->get_name (self);
}

void
da_llm_provider_complete_async (DaLlmProvider       *self,
                                DaLlmRequest        *request,
                                DaLlmEventFunc       func,
                                gpointer             func_data,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_return_if_fail (DA_IS_LLM_PROVIDER (self));
  g_return_if_fail (request != NULL);
  DA_LLM_PROVIDER_GET_CLASS (self)->complete_async (self, request, func, func_data, cancellable,
                                                    callback, user_data);
}

DaLlmResult *
da_llm_provider_complete_finish (DaLlmProvider  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (DA_IS_LLM_PROVIDER (self), NULL);
  return DA_LLM_PROVIDER_GET_CLASS (self)->complete_finish (self, result, error);
}

/* Models */

static void
cached_free (gpointer data)
{
  Cached *cached = data;

  g_ptr_array_unref (cached->models);
  g_free (cached);
}

static GPtrArray *
copy_models (GPtrArray *models)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_model_free);

  for (guint i = 0; i < models->len; i++)
    g_ptr_array_add (copy, da_llm_model_copy (g_ptr_array_index (models, i)));
  return copy;
}

static char *
dup_cache_key (DaLlmProvider *self)
{
  DaLlmProviderClass *klass = DA_LLM_PROVIDER_GET_CLASS (self);
  g_autofree char *key = klass->dup_models_key ? klass->dup_models_key (self) : NULL;

  return key ? g_strconcat (klass->get_id (self), "\n", key, NULL) : NULL;
}

/* (nullable) (transfer none) */
static GPtrArray *
cache_lookup (const char *key)
{
  Cached *cached = cache && key ? g_hash_table_lookup (cache, key) : NULL;

  if (!cached)
    return NULL;
  if (da_clock_monotonic_us () - cached->time_us >= CACHE_US)
    {
      g_hash_table_remove (cache, key);
      return NULL;
    }
  return cached->models;
}

static void
cache_store (char      *key,
             GPtrArray *models)
{
  Cached *cached = g_new0 (Cached, 1);

  if (!cache)
    cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, cached_free);
  if (g_hash_table_size (cache) >= CACHE_MAX)
    g_hash_table_remove_all (cache);
  cached->models = copy_models (models);
  cached->time_us = da_clock_monotonic_us ();
  g_hash_table_replace (cache, key, cached);
}

GPtrArray *
da_llm_provider_peek_models (DaLlmProvider *self)
{
  g_autofree char *key = NULL;
  GPtrArray *models;

  g_return_val_if_fail (DA_IS_LLM_PROVIDER (self), NULL);
  key = dup_cache_key (self);
  models = cache_lookup (key);
  return models ? g_ptr_array_ref (models) : NULL;
}

void
da_llm_provider_forget_models (void)
{
  g_clear_pointer (&cache, g_hash_table_unref);
}

static void
return_models (GTask     *task,
               GPtrArray *models)
{
  g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
}

static void
list_models_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  DaLlmProvider *self = DA_LLM_PROVIDER (source);
  DaLlmProviderClass *klass = DA_LLM_PROVIDER_GET_CLASS (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = klass->list_models_finish (self, result, &error);
  GPtrArray *fallback = NULL;

  if (models && models->len > 0)
    {
      char *key = dup_cache_key (self);

      if (key)
        cache_store (key, models);
      return_models (task, g_steal_pointer (&models));
      return;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && klass->dup_fallback_models)
    fallback = klass->dup_fallback_models (self);
  if (fallback)
    {
      g_info ("Using the built-in models of %s: %s", klass->get_name (self),
              error ? error->message : "it lists none");
      return_models (task, fallback);
    }
  else if (error)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    return_models (task, g_steal_pointer (&models));
}

void
da_llm_provider_list_models_async (DaLlmProvider       *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *key = NULL;
  GPtrArray *models;

  g_return_if_fail (DA_IS_LLM_PROVIDER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_llm_provider_list_models_async);
  key = dup_cache_key (self);
  models = cache_lookup (key);
  if (models)
    {
      return_models (task, copy_models (models));
      return;
    }
  DA_LLM_PROVIDER_GET_CLASS (self)->list_models_async (self, cancellable, list_models_cb,
                                                       g_steal_pointer (&task));
}

GPtrArray *
da_llm_provider_list_models_finish (DaLlmProvider  *self,
                                    GAsyncResult   *result,
                                    GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
