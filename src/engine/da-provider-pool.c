/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-provider-pool"

#include "da-provider-pool.h"

#include <string.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-llm-context.h"
#include "da-llm-discovery.h"
#include "da-llm-openai.h"
#include "da-model-presets.h"
#include "da-provider-config.h"
#include "da-random.h"

#define LOCAL_LIFE_US (30 * G_USEC_PER_SEC)      /* how long "there is (no) local provider" holds */
/* how long a failed model list is not asked again */
#define LIST_FAILURE_US (60 * G_USEC_PER_SEC)

struct _DaProviderPool {
  GObject parent_instance;

  DaSettings *settings;
  DaLlmProvider *offline;
  DaSecrets *secrets;
  GHashTable *keys;             /* secret id -> key */
  GPtrArray *pending_keys;      /* secret ids still to be read */
  GPtrArray *waiting;           /* GTask of choices that wait for the keys */
  DaLlmProvider *configured;    /* (nullable) made from the settings */
  char *configured_model;       /* (nullable) */
  DaLlmProvider *local;         /* (nullable) found on this computer */
  char *local_model;
  gint64 local_checked_us;      /* 0: never */
  gint64 list_failed_us;
  guint keys_ready : 1;
  guint resolved : 1;           /* configured is up to date */
};

G_DEFINE_FINAL_TYPE (DaProviderPool, da_provider_pool, G_TYPE_OBJECT)

void
da_provider_choice_free (DaProviderChoice *choice)
{
  g_clear_object (&choice->provider);
  g_free (choice->model);
  g_free (choice);
}

static void
da_provider_pool_dispose (GObject *object)
{
  DaProviderPool *self = DA_PROVIDER_POOL (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->offline);
  g_clear_object (&self->secrets);
  g_clear_object (&self->configured);
  g_clear_object (&self->local);
  g_clear_pointer (&self->configured_model, g_free);
  g_clear_pointer (&self->local_model, g_free);
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_clear_pointer (&self->pending_keys, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  G_OBJECT_CLASS (da_provider_pool_parent_class)->dispose (object);
}

static void
da_provider_pool_class_init (DaProviderPoolClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = da_provider_pool_dispose;
}

static void
da_provider_pool_init (DaProviderPool *self)
{
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) da_secret_free);
  self->pending_keys = g_ptr_array_new_with_free_func (g_free);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
forget_configured (DaProviderPool *self)
{
  g_clear_object (&self->configured);
  g_clear_pointer (&self->configured_model, g_free);
  self->resolved = FALSE;
  self->list_failed_us = 0;
}

static gboolean
may_discover (DaProviderPool *self)
{
  return da_settings_get_boolean (self->settings, "localProviderDiscovery");
}

static void
drop_local (DaProviderPool *self)
{
  g_clear_object (&self->local);
  g_clear_pointer (&self->local_model, g_free);
}

static void
on_settings_changed (DaSettings *settings, const DaSettingSpec *spec, gpointer user_data)
{
  DaProviderPool *self = user_data;

  if (spec->effect != DA_SETTING_EFFECT_PROVIDER)
    return;
  forget_configured (self);
  if (g_str_equal (spec->name, "localProviderDiscovery"))
    {
      drop_local (self);
      self->local_checked_us = 0;
    }
}

DaProviderPool *
da_provider_pool_new (DaSettings    *settings,
                      DaLlmProvider *offline)
{
  DaProviderPool *self = g_object_new (DA_TYPE_PROVIDER_POOL, NULL);

  self->settings = g_object_ref (settings);
  self->offline = g_object_ref (offline);
  g_signal_connect_object (settings, "changed", G_CALLBACK (on_settings_changed), self, 0);
  return self;
}

static const char *
lookup_key (const char *secret_id, gpointer user_data)
{
  DaProviderPool *self = user_data;

  return g_hash_table_lookup (self->keys, secret_id);
}

const char *
da_provider_pool_peek_key (DaProviderPool *self,
                           const char     *secret_id)
{
  return lookup_key (secret_id, self);
}

void
da_provider_pool_set_key (DaProviderPool *self,
                          const char     *secret_id,
                          const char     *key)
{
  if (key != NULL && *key != '\0')
    g_hash_table_replace (self->keys, g_strdup (secret_id), g_strdup (key));
  else
    g_hash_table_remove (self->keys, secret_id);
  forget_configured (self);
}

void
da_provider_pool_forget_local (DaProviderPool *self)
{
  self->local_checked_us = 0;
}

DaLlmProvider *
da_provider_pool_open (DaProviderPool *self,
                       const char     *provider_id)
{
  g_autoptr(DaProviderConfig) config = NULL;
  DaLlmOpenaiConfig openai = { 0 };

  config = da_provider_config_resolve (self->settings, provider_id, lookup_key, self);
  if (config == NULL)
    return NULL;
  openai.id = config->id;
  openai.name = config->name;
  openai.base_url = config->base_url;
  openai.api_key = config->key;
  openai.proxy = da_settings_get_string (self->settings, "requestProxy");
  if (openai.proxy != NULL && *openai.proxy == '\0')
    openai.proxy = NULL;
  return da_llm_openai_new (&openai);
}

static void
resolve_configured (DaProviderPool *self)
{
  const char *provider_id = da_settings_get_string (self->settings, "agentProviderId");
  g_autoptr(DaProviderConfig) config = NULL;

  if (self->resolved)
    return;
  self->resolved = TRUE;
  config = da_provider_config_resolve (self->settings, provider_id, lookup_key, self);
  if (config == NULL || !config->is_configured)
    return;
  self->configured = da_provider_pool_open (self, provider_id);
  self->configured_model = g_strdup (config->model);
  g_message ("answers come from %s%s%s", config->name, config->model != NULL ? ", model " : "",
             config->model != NULL ? config->model : "");
}

DaLlmProvider *
da_provider_pool_peek (DaProviderPool *self)
{
  resolve_configured (self);
  if (self->configured != NULL)
    return self->configured;
  return self->local != NULL ? self->local : self->offline;
}

const char *
da_provider_pool_peek_model (DaProviderPool *self)
{
  resolve_configured (self);
  if (self->configured != NULL)
    return self->configured_model;
  return self->local != NULL ? self->local_model : "offline";
}

/* Keys */

static void read_next_key (DaProviderPool *self);
static void choose_with_keys (DaProviderPool *self, GTask *task);

static void
read_key_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(DaProviderPool) self = user_data;
  g_autoptr(GError) error = NULL;
  char *key = da_secrets_lookup_finish (DA_SECRETS (source), result, &error);
  g_autofree char *id = NULL;

  if (self->pending_keys == NULL)
    return;
  id = g_ptr_array_steal_index (self->pending_keys, 0);
  /* Locked is no fault: it is told once, and passes. */
  if (g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED))
    g_info ("the key \"%s\" cannot be read: %s", id, error->message);
  else if (error != NULL)
    g_warning ("the key \"%s\" cannot be read: %s", id, error->message);
  if (key != NULL)
    g_hash_table_replace (self->keys, g_steal_pointer (&id), key);
  read_next_key (self);
}

static void
read_next_key (DaProviderPool *self)
{
  if (self->pending_keys->len > 0)
    {
      da_secrets_lookup_async (self->secrets, g_ptr_array_index (self->pending_keys, 0), NULL,
                               read_key_cb, g_object_ref (self));
      return;
    }
  self->keys_ready = TRUE;
  forget_configured (self);
  while (self->waiting->len > 0)
    choose_with_keys (self, g_ptr_array_steal_index (self->waiting, 0));
}

void
da_provider_pool_load_keys (DaProviderPool *self,
                            DaSecrets      *secrets)
{
  static const char *const ids[] = {
    DA_SECRET_OPENAI_KEY, DA_SECRET_GROQ_KEY, DA_SECRET_GEMINI_KEY, DA_SECRET_DISCORD_TOKEN,
    DA_SECRET_LANGFUSE_KEY, DA_SECRET_CHATGPT_ACCESS, DA_SECRET_CHATGPT_SESSION,
  };
  g_autoptr(GPtrArray) presets = da_model_presets_list (self->settings);
  gboolean reading = self->pending_keys->len > 0;

  g_set_object (&self->secrets, secrets);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_ptr_array_add (self->pending_keys, g_strdup (ids[i]));
  for (guint i = 0; i < presets->len; i++)
    {
      DaModelPreset *preset = g_ptr_array_index (presets, i);

      g_ptr_array_add (self->pending_keys,
                       g_strconcat (DA_SECRET_PRESET_PREFIX, preset->id, NULL));
    }
  if (!reading)
    read_next_key (self);
}

/* Choosing: keys, then the configured or local provider, then the model */

static void
return_choice (DaProviderPool *self, GTask *task, DaLlmProvider *provider, const char *model)
{
  DaProviderChoice *choice = g_new0 (DaProviderChoice, 1);
  gint64 override = da_settings_get_int (self->settings, "mcpMaxContextTokensOverride");

  choice->provider = g_object_ref (provider);
  choice->model = g_strdup (model);
  choice->context_tokens = override > 0
                             ? override
                             : da_llm_context_size (da_llm_provider_get_id (provider), model);
  g_task_return_pointer (task, choice, (GDestroyNotify) da_provider_choice_free);
  g_object_unref (task);
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaProviderPool *self = g_task_get_source_object (task);
  DaLlmProvider *provider = DA_LLM_PROVIDER (source);
  const char *wanted = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) models = da_llm_provider_list_models_finish (provider, result, &error);
  const char *model = da_provider_pool_peek_model (self);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (models == NULL)
    self->list_failed_us = da_clock_monotonic_us ();
  for (guint i = 0; models != NULL && wanted != NULL && i < models->len; i++)
    {
      DaLlmModel *candidate = g_ptr_array_index (models, i);

      if (g_str_equal (candidate->id, wanted))
        {
          return_choice (self, g_steal_pointer (&task), provider, wanted);
          return;
        }
    }
  if (model == NULL && models != NULL && models->len > 0)
    model = ((DaLlmModel *) g_ptr_array_index (models, 0))->id;
  return_choice (self, g_steal_pointer (&task), provider, model != NULL ? model : "default");
}

static gboolean
means_configured (const char *wanted)
{
  return wanted == NULL || *wanted == '\0' || g_str_equal (wanted, "main")
         || g_str_has_prefix (wanted, "agent:");
}

static void
choose_model (DaProviderPool *self, GTask *task)
{
  DaLlmProvider *provider = da_provider_pool_peek (self);
  const char *model = da_provider_pool_peek_model (self);
  const char *wanted = g_task_get_task_data (task);
  gboolean list_failed = self->list_failed_us != 0
                         && da_clock_monotonic_us () - self->list_failed_us < LIST_FAILURE_US;

  if (model != NULL
      && (means_configured (wanted) || g_str_equal (wanted, model) || list_failed
          || provider == self->offline))
    {
      return_choice (self, task, provider, model);
      return;
    }
  da_llm_provider_list_models_async (provider, g_task_get_cancellable (task), list_cb, task);
}

static void
discover_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaProviderPool *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = da_llm_discover_finish (result, &error);

  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  self->local_checked_us = da_clock_monotonic_us ();
  drop_local (self);
  /* It may have been switched off while the question was under way. */
  if (found->len > 0 && may_discover (self))
    {
      DaLlmLocal *local = g_ptr_array_index (found, 0);
      DaLlmModel *first = g_ptr_array_index (local->models, 0);
      const char *override = da_provider_config_override (self->settings);
      DaLlmOpenaiConfig config = {
        .id = local->preset->id,
        .name = local->preset->name,
        .base_url = local->base_url,
      };

      self->local = da_llm_openai_new (&config);
      self->local_model = g_strdup (override != NULL ? override : first->id);
      g_message ("found %s on this computer, model %s", local->preset->name, self->local_model);
    }
  choose_model (self, g_steal_pointer (&task));
}

/* Nothing is configured, and a local provider may be looked for, which was not done lately. */
static gboolean
must_discover (DaProviderPool *self)
{
  gint64 age = da_clock_monotonic_us () - self->local_checked_us;

  resolve_configured (self);
  return self->configured == NULL && may_discover (self)
         && (self->local_checked_us == 0 || age > LOCAL_LIFE_US);
}

DaLlmProvider *
da_provider_pool_peek_ready (DaProviderPool *self)
{
  return self->keys_ready && !must_discover (self) ? da_provider_pool_peek (self) : NULL;
}

static void
choose_with_keys (DaProviderPool *self,
                  GTask          *task)
{
  if (must_discover (self))
    {
      da_llm_discover_async (g_task_get_cancellable (task), discover_cb, task);
      return;
    }
  choose_model (self, task);
}

void
da_provider_pool_choose_async (DaProviderPool      *self,
                               const char          *wanted,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_provider_pool_choose_async);
  g_task_set_task_data (task, g_strdup (wanted), g_free);
  if (!self->keys_ready)
    g_ptr_array_add (self->waiting, task);
  else
    choose_with_keys (self, task);
}

DaProviderChoice *
da_provider_pool_choose_finish (DaProviderPool  *self,
                                GAsyncResult    *result,
                                GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
