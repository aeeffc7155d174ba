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

/* One list on its way and all who wait for it: a crowd that arrives at once asks the provider once.
 * Owned by the table "flights" until it lands, then by list_models_cb(). */
typedef struct {
  char         *key;
  GPtrArray    *tasks;     /* of GTask, waiting */
  GCancellable *abort;     /* fired when the last of them has gone */
} Flight;

/* Both are shared by all providers, because they are made anew whenever a setting changes. By the
 * provider's id, address and key. Main thread. */
static GHashTable *cache;
static GHashTable *flights;

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
flight_free (gpointer data)
{
  Flight *flight = data;

  g_free (flight->key);
  g_ptr_array_unref (flight->tasks);
  g_object_unref (flight->abort);
  g_free (flight);
}

/* The waiting task: its source of cancellation must not outlive the wait. */
static void
end_wait (GTask *task)
{
  GSource *source = g_task_get_task_data (task);

  if (source)
    g_source_destroy (source);
}

static void
return_models (GTask     *task,
               GPtrArray *models)
{
  g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
}

/* One who waits goes away. The others wait on; without others there is nobody to fetch for. */
static gboolean
wait_cancelled_cb (GCancellable *cancellable,
                   gpointer      user_data)
{
  GTask *task = user_data;
  Flight *flight = g_object_get_data (G_OBJECT (task), "flight");
  g_autoptr (GTask) kept = g_object_ref (task);

  g_ptr_array_remove_fast (flight->tasks, task);
  if (flight->tasks->len == 0)
    {
      /* A newcomer starts over: this one is about to fail. */
      g_hash_table_steal (flights, flight->key);
      g_cancellable_cancel (flight->abort);
    }
  g_task_return_error_if_cancelled (kept);
  return G_SOURCE_REMOVE;
}

static void
flight_add (Flight *flight,
            GTask  *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  g_object_set_data (G_OBJECT (task), "flight", flight);
  g_ptr_array_add (flight->tasks, g_object_ref (task));
  if (cancellable)
    {
      GSource *source = g_cancellable_source_new (cancellable);

      g_source_set_callback (source, G_SOURCE_FUNC (wait_cancelled_cb), task, NULL);
      g_source_set_static_name (source, "[da-llm] wait for models");
      g_source_attach (source, g_main_context_get_thread_default ());
      g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
    }
}

static void
list_models_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Flight *flight = user_data;
  DaLlmProvider *self = DA_LLM_PROVIDER (source);
  DaLlmProviderClass *klass = DA_LLM_PROVIDER_GET_CLASS (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = klass->list_models_finish (self, result, &error);

  if (flights && g_hash_table_lookup (flights, flight->key) == flight)
    g_hash_table_steal (flights, flight->key);
  if (models && models->len > 0)
    {
      char *key = dup_cache_key (self);

      if (key)
        cache_store (key, models);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && klass->dup_fallback_models)
    {
      g_autoptr (GPtrArray) fallback = klass->dup_fallback_models (self);

      if (fallback)
        {
          g_info ("Using the built-in models of %s: %s", klass->get_name (self),
                  error ? error->message : "it lists none");
          g_clear_error (&error);
          g_clear_pointer (&models, g_ptr_array_unref);
          models = g_steal_pointer (&fallback);
        }
    }
  for (guint i = 0; i < flight->tasks->len; i++)
    {
      GTask *task = g_ptr_array_index (flight->tasks, i);

      end_wait (task);
      if (error)
        g_task_return_error (task, g_error_copy (error));
      else
        return_models (task, models ? copy_models (models) : NULL);
    }
  flight_free (flight);
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
  Flight *flight;

  g_return_if_fail (DA_IS_LLM_PROVIDER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_llm_provider_list_models_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  key = dup_cache_key (self);
  models = cache_lookup (key);
  if (models)
    {
      return_models (task, copy_models (models));
      return;
    }
  /* What cannot be kept cannot be shared either: the name stands for this provider alone. */
  if (!key)
    key = g_strdup_printf ("%p", self);
  if (!flights)
    flights = g_hash_table_new (g_str_hash, g_str_equal);
  flight = g_hash_table_lookup (flights, key);
  if (flight)
    {
      flight_add (flight, task);
      return;
    }
  flight = g_new0 (Flight, 1);
  flight->key = g_steal_pointer (&key);
  flight->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  flight->abort = g_cancellable_new ();
  flight_add (flight, task);
  g_hash_table_insert (flights, flight->key, flight);
  DA_LLM_PROVIDER_GET_CLASS (self)->list_models_async (self, flight->abort, list_models_cb, flight);
}

GPtrArray *
da_llm_provider_list_models_finish (DaLlmProvider  *self,
                                    GAsyncResult   *result,
                                    GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
check_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  DaLlmProvider *self = DA_LLM_PROVIDER (source);
  GError *error = NULL;
  GPtrArray *models = DA_LLM_PROVIDER_GET_CLASS (self)->list_models_finish (self, result, &error);
  char *key;

  if (!models)
    {
      g_task_return_error (task, error);
      return;
    }
  key = models->len > 0 ? dup_cache_key (self) : NULL;
  if (key)
    cache_store (key, models);
  return_models (task, models);
}

void
da_llm_provider_check_async (DaLlmProvider       *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (DA_IS_LLM_PROVIDER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_llm_provider_check_async);
  DA_LLM_PROVIDER_GET_CLASS (self)->list_models_async (self, cancellable, check_cb, task);
}

GPtrArray *
da_llm_provider_check_finish (DaLlmProvider  *self,
                              GAsyncResult   *result,
                              GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
