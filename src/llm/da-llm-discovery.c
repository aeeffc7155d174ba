/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-discovery"

#include "da-llm-discovery.h"

#include <string.h>

#include "da-llm-http.h"
#include "da-llm-models.h"

/* A server on the same machine answers in a millisecond or is busy loading a model. */
#define LIMIT_MS 700

typedef struct {
  const DaLlmPreset *preset;
  char              *base_url;
} Place;

/* Owned by the task; each question holds the task. */
typedef struct {
  DaLlmHttp *http;
  GArray    *places;      /* of Place */
  GPtrArray *found;       /* (element-type DaLlmLocal) one per place, NULL where nothing is */
  guint      n_open;
} Discovery;

typedef struct {
  GTask *task;
  guint  index;
} Question;

void
da_llm_local_free (DaLlmLocal *local)
{
  if (!local)
    return;
  g_free (local->base_url);
  g_ptr_array_unref (local->models);
  g_free (local);
}

static void
place_clear (gpointer data)
{
  g_free (((Place *) data)->base_url);
}

static void
discovery_free (gpointer data)
{
  Discovery *self = data;

  g_clear_pointer (&self->http, da_llm_http_unref);
  g_array_unref (self->places);
  g_ptr_array_unref (self->found);
  g_free (self);
}

static gboolean
is_loopback (const char *base_url)
{
  g_autoptr (GUri) uri = g_uri_parse (base_url, G_URI_FLAGS_NONE, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  g_autoptr (GInetAddress) address = host ? g_inet_address_new_from_string (host) : NULL;

  if (g_strcmp0 (host, "localhost") == 0)
    return TRUE;
  return address && g_inet_address_get_is_loopback (address);
}

static void
add_place (Discovery         *self,
           const DaLlmPreset *preset,
           const char        *base_url)
{
  Place place = { preset, g_strdup (base_url) };

  if (is_loopback (base_url))
    g_array_append_val (self->places, place);
  else
    {
      g_warning ("Not asked for local models, because it is not this machine: %s", base_url);
      g_free (place.base_url);
    }
}

/* "ollama=http://127.0.0.1:1/v1,lm-studio=..."; the table's order is kept. */
static void
add_places (Discovery  *self,
            const char *override)
{
  g_auto (GStrv) pairs = override ? g_strsplit (override, ",", -1) : NULL;
  guint n_presets = 0;
  const DaLlmPreset *presets = da_llm_presets_all (&n_presets);

  for (guint i = 0; i < n_presets; i++)
    {
      gsize id_length = strlen (presets[i].id);

      if (!presets[i].is_local)
        continue;
      if (!override)
        add_place (self, &presets[i], presets[i].base_url);
      for (guint j = 0; pairs && pairs[j]; j++)
        {
          const char *pair = g_strstrip (pairs[j]);

          if (strncmp (pair, presets[i].id, id_length) == 0 && pair[id_length] == '=')
            add_place (self, &presets[i], pair + id_length + 1);
        }
    }
}

static void
finish (GTask *task)
{
  Discovery *self = g_task_get_task_data (task);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_local_free);

  for (guint i = 0; i < self->found->len; i++)
    {
      DaLlmLocal *local = g_steal_pointer (&g_ptr_array_index (self->found, i));

      if (local)
        g_ptr_array_add (list, local);
    }
  g_task_return_pointer (task, list, (GDestroyNotify) g_ptr_array_unref);
}

static DaLlmLocal *
read_local (const Place    *place,
            DaLlmHttpReply *reply)
{
  g_autoptr (GPtrArray) models = NULL;
  DaLlmLocal *local;

  if (reply->status != 200 || reply->cut)
    return NULL;
  models = da_llm_models_parse (place->preset->id, place->preset->name, place->base_url,
                                reply->body->str, reply->body->len, NULL);
  if (!models || models->len == 0)
    return NULL;
  local = g_new0 (DaLlmLocal, 1);
  local->preset = place->preset;
  local->base_url = g_strdup (place->base_url);
  local->models = g_steal_pointer (&models);
  return local;
}

/* Silence, refusal and nonsense all mean the same: nothing to use there. */
static void
ask_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GTask) task = question->task;
  Discovery *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = da_llm_http_send_finish (result, &error);
  const Place *place = &g_array_index (self->places, Place, question->index);

  if (reply)
    g_ptr_array_index (self->found, question->index) = read_local (place, reply);
  if (--self->n_open == 0 && !g_task_return_error_if_cancelled (task))
    finish (task);
}

static void
ask (GTask *task,
     guint  index)
{
  Discovery *self = g_task_get_task_data (task);
  const Place *place = &g_array_index (self->places, Place, index);
  g_autofree char *url = da_llm_models_url (place->preset->id, place->base_url);
  Question *question = g_new0 (Question, 1);
  DaLlmHttpCall call = {
    .url = url,
    .accept = "application/json",
    .first_byte_ms = LIMIT_MS,
    .idle_ms = LIMIT_MS,
    .max_body = DA_LLM_MODELS_MAX_BYTES,
  };

  question->task = g_object_ref (task);
  question->index = index;
  da_llm_http_send_async (self->http, &call, g_task_get_cancellable (task), ask_cb, question);
}

void
da_llm_discover_async (GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Discovery *self = g_new0 (Discovery, 1);

  g_task_set_source_tag (task, da_llm_discover_async);
  g_task_set_task_data (task, self, discovery_free);
  self->places = g_array_new (FALSE, TRUE, sizeof (Place));
  g_array_set_clear_func (self->places, place_clear);
  self->found = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_local_free);
  add_places (self, g_getenv ("DOTAGENTS_LOCAL_PROVIDERS"));
  if (self->places->len == 0)
    {
      finish (task);
      return;
    }
  /* "direct://": this machine is never asked through a proxy. */
  self->http = da_llm_http_new ("direct://", NULL);
  g_ptr_array_set_size (self->found, (int) self->places->len);
  self->n_open = self->places->len;
  for (guint i = 0; i < self->places->len; i++)
    ask (task, i);
}

GPtrArray *
da_llm_discover_finish (GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
