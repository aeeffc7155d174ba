/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-models"

#include "config.h"

#include "da-engine-models.h"

#include <glib/gi18n-lib.h>

#include "da-engine-private.h"
#include "da-error.h"

static const struct {
  const char *setting;
  const char *secret;
  const char *label;
} secret_settings[] = {
  { "openaiApiKey", DA_SECRET_OPENAI_KEY, N_("OpenAI key for DotAgents") },
  { "groqApiKey", DA_SECRET_GROQ_KEY, N_("Groq key for DotAgents") },
  { "geminiApiKey", DA_SECRET_GEMINI_KEY, N_("Gemini key for DotAgents") },
  { "discordBotToken", DA_SECRET_DISCORD_TOKEN, N_("Discord token for DotAgents") },
  { "langfuseSecretKey", DA_SECRET_LANGFUSE_KEY, N_("Langfuse key for DotAgents") },
  { "chatgptWebAccessToken", DA_SECRET_CHATGPT_ACCESS, N_("Codex token for DotAgents") },
  { "chatgptWebSessionToken", DA_SECRET_CHATGPT_SESSION, N_("Codex session for DotAgents") },
};

void
da_model_info_free (DaModelInfo *info)
{
  g_free (info->id);
  g_free (info->name);
  g_free (info->description);
  g_free (info);
}

/* The last list of a provider and what was made of it: a phone asks every few seconds. */
typedef struct {
  GPtrArray *models;   /* owned; DaLlmModel */
  GPtrArray *infos;    /* owned; DaModelInfo */
} Memo;

static void
memo_free (gpointer data)
{
  Memo *memo = data;

  g_ptr_array_unref (memo->models);
  g_ptr_array_unref (memo->infos);
  g_free (memo);
}

static GPtrArray *
make_infos (GPtrArray *models)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) da_model_info_free);

  for (guint i = 0; i < models->len; i++)
    {
      DaLlmModel *model = g_ptr_array_index (models, i);
      DaModelInfo *info = g_new0 (DaModelInfo, 1);

      info->id = g_strdup (model->id);
      info->name = g_strdup (model->name);
      info->description = g_strdup (model->description);
      info->context_length = model->context_length;
      info->created = model->created;
      g_ptr_array_add (out, info);
    }
  return out;
}

static GPtrArray *
remember_infos (DaEngine  *self,
                GPtrArray *models)
{
  Memo *memo = g_object_get_data (G_OBJECT (self), "da-engine-models");

  if (memo == NULL || memo->models != models)
    {
      memo = g_new0 (Memo, 1);
      memo->models = g_ptr_array_ref (models);
      memo->infos = make_infos (models);
      g_object_set_data_full (G_OBJECT (self), "da-engine-models", memo, memo_free);
    }
  return g_ptr_array_ref (memo->infos);
}

GPtrArray *
da_engine_peek_models (DaEngine *self)
{
  DaLlmProvider *provider = da_provider_pool_peek_ready (self->pool);
  g_autoptr(GPtrArray) models = provider != NULL ? da_llm_provider_peek_models (provider) : NULL;

  return models != NULL ? remember_infos (self, models) : NULL;
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) models = NULL;

  models = da_llm_provider_list_models_finish (DA_LLM_PROVIDER (source), result, &error);
  if (models == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, make_infos (models), (GDestroyNotify) g_ptr_array_unref);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(DaProviderChoice) choice = NULL;

  choice = da_provider_pool_choose_finish (DA_PROVIDER_POOL (source), result, &error);
  if (choice == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  da_llm_provider_list_models_async (choice->provider, g_task_get_cancellable (task), list_cb,
                                     g_object_ref (task));
}

void
da_engine_list_models_async (DaEngine            *self,
                             const char          *provider_id,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(DaLlmProvider) provider = NULL;

  g_task_set_source_tag (task, da_engine_list_models_async);
  if (provider_id == NULL)
    {
      da_provider_pool_choose_async (self->pool, NULL, cancellable, chosen_cb, task);
      return;
    }
  if (g_str_equal (provider_id, "chatgpt-web"))
    {
      g_task_return_pointer (task, g_ptr_array_new_with_free_func (
                                     (GDestroyNotify) da_model_info_free),
                             (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
      return;
    }
  if (g_str_equal (provider_id, "openai") || g_str_equal (provider_id, "groq")
      || g_str_equal (provider_id, "gemini"))
    provider = da_provider_pool_open (self->pool, provider_id);
  if (provider == NULL)
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID,
                               "providerId must be one of openai, groq, gemini, chatgpt-web");
      g_object_unref (task);
      return;
    }
  da_llm_provider_list_models_async (provider, cancellable, list_cb, task);
}

GPtrArray *
da_engine_list_models_finish (DaEngine      *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
check_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) models = NULL;

  models = da_llm_provider_check_finish (DA_LLM_PROVIDER (source), result, &error);
  if (models == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, models->len);
}

void
da_engine_check_provider_async (DaEngine            *self,
                                const char          *provider_id,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(DaLlmProvider) provider = da_provider_pool_open (self->pool, provider_id);

  g_task_set_source_tag (task, da_engine_check_provider_async);
  if (provider == NULL)
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, "There is no provider “%s”",
                               provider_id);
      g_object_unref (task);
      return;
    }
  da_llm_provider_check_async (provider, cancellable, check_cb, task);
}

int
da_engine_check_provider_finish (DaEngine      *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

const char *
da_engine_get_provider_id (DaEngine *self)
{
  return da_llm_provider_get_id (da_provider_pool_peek (self->pool));
}

const char *
da_engine_get_provider_name (DaEngine *self)
{
  return da_llm_provider_get_name (da_provider_pool_peek (self->pool));
}

const char *
da_engine_get_model (DaEngine *self)
{
  const char *model = da_provider_pool_peek_model (self->pool);

  return model != NULL ? model : "default";
}

const char *
da_engine_get_configured_provider_id (DaEngine *self)
{
  return da_settings_get_string (self->settings, "agentProviderId");
}

/* Secrets of the settings table */

static const char *
preset_in_use (DaEngine *self)
{
  const char *id = da_settings_get_string (self->settings, "currentModelPresetId");

  return id != NULL && *id != '\0' ? id : "builtin-openai";
}

/* The OpenAI key of the settings is the key of the preset in use (contract 30 J.1). */
static char *
secret_id_of (DaEngine *self, const char *setting_name, const char **label)
{
  if (g_str_equal (setting_name, "openaiApiKey")
      && !g_str_equal (preset_in_use (self), "builtin-openai"))
    {
      *label = _("Model provider key for DotAgents");
      return g_strconcat (DA_SECRET_PRESET_PREFIX, preset_in_use (self), NULL);
    }
  if (g_str_has_prefix (setting_name, DA_SECRET_PRESET_PREFIX))
    {
      *label = _("Model provider key for DotAgents");
      return g_strdup (setting_name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (secret_settings); i++)
    if (g_str_equal (secret_settings[i].setting, setting_name))
      {
        *label = _(secret_settings[i].label);
        return g_strdup (secret_settings[i].secret);
      }
  return NULL;
}

gboolean
da_engine_has_secret (DaEngine   *self,
                      const char *setting_name)
{
  const char *label;
  g_autofree char *id = NULL;
  JsonNode *foreign;

  if (g_str_equal (setting_name, "remoteServerApiKey"))
    return da_access_has_key (self->access);
  id = secret_id_of (self, setting_name, &label);
  if (id == NULL)
    return FALSE;
  if (da_provider_pool_peek_key (self->pool, id) != NULL)
    return TRUE;
  if (g_str_has_prefix (setting_name, DA_SECRET_PRESET_PREFIX))
    return FALSE;
  foreign = da_settings_peek_foreign (self->settings, setting_name);
  return foreign != NULL && JSON_NODE_HOLDS_VALUE (foreign)
         && json_node_get_value_type (foreign) == G_TYPE_STRING
         && *json_node_get_string (foreign) != '\0';
}

static void
secret_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaEngine *self = g_task_get_source_object (task);
  char **pair = g_task_get_task_data (task);
  GError *error = NULL;

  if (!da_secrets_store_finish (DA_SECRETS (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  da_provider_pool_set_key (self->pool, pair[0], pair[1]);
  g_task_return_boolean (task, TRUE);
}

void
da_engine_set_secret_async (DaEngine            *self,
                            const char          *setting_name,
                            const char          *value,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *label = NULL;
  g_autofree char *id = secret_id_of (self, setting_name, &label);
  char **pair;

  g_task_set_source_tag (task, da_engine_set_secret_async);
  if (id == NULL || self->secrets == NULL)
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_INVALID, "\"%s\" is not a stored secret",
                               setting_name);
      return;
    }
  pair = g_new0 (char *, 3);
  pair[0] = g_steal_pointer (&id);
  pair[1] = g_strdup (value);
  g_task_set_task_data (task, pair, (GDestroyNotify) g_strfreev);
  da_secrets_store_async (self->secrets, pair[0], label, value, cancellable, secret_stored_cb,
                          g_object_ref (task));
}

gboolean
da_engine_set_secret_finish (DaEngine      *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
