/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 10 section 3: the list of models, which is also the pairing check and health check of
 * the phone, and the single model of the OpenAI SDKs.
 */

#define G_LOG_DOMAIN "da-server-models"

#include "da-routes.h"

#include <string.h>

#include "da-engine-models.h"
#include "da-error.h"
#include "da-reply.h"
#include "da-request.h"

/* (nullable): an empty value counts as none. */
static const char *
wanted_provider (DaRequest *request)
{
  const char *id = da_request_get_query (request, "providerId");

  return id != NULL && *id != '\0' ? id : NULL;
}

static const char *
shown_provider (DaRequest *request)
{
  const char *id = wanted_provider (request);

  return id != NULL ? id
                    : da_engine_get_configured_provider_id (da_request_get_engine (request));
}

static void
write_model (DaJsonWriter *writer,
             DaModelInfo  *info)
{
  da_json_writer_string (writer, "id", info->id);
  da_json_writer_string (writer, "name", info->name != NULL ? info->name : info->id);
  da_json_writer_opt_string (writer, "description", info->description);
  if (info->context_length > 0)
    da_json_writer_int (writer, "context_length", info->context_length);
}

/* One item as the SDKs type it; they require "created". */
static void
write_sdk_model (DaJsonWriter *writer,
                 DaModelInfo  *info,
                 const char   *provider)
{
  da_json_writer_begin_object (writer, NULL);
  write_model (writer, info);
  da_json_writer_string (writer, "object", "model");
  da_json_writer_int (writer, "created", info->created);
  da_json_writer_string (writer, "owned_by", provider);
  da_json_writer_end_object (writer);
}

static GBytes *
make_list (GPtrArray  *models,
           const char *provider)
{
  DaJsonWriter *writer = da_json_writer_new (1024 + models->len * 160);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "object", "list");
  da_json_writer_begin_array (writer, "data");
  for (guint i = 0; i < models->len; i++)
    write_sdk_model (writer, g_ptr_array_index (models, i), provider);
  da_json_writer_end_array (writer);
  da_json_writer_string (writer, "providerId", provider);
  da_json_writer_begin_array (writer, "models");
  for (guint i = 0; i < models->len; i++)
    {
      da_json_writer_begin_object (writer, NULL);
      write_model (writer, g_ptr_array_index (models, i));
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_bytes (writer);
}

static void
on_listed (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) models = NULL;
  g_autoptr(GBytes) text = NULL;

  models = da_engine_list_models_finish (DA_ENGINE (source), result, &error);
  if (models == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  text = make_list (models, shown_provider (request));
  da_reply_json_bytes (request, SOUP_STATUS_OK, text);
}

/* The last answer, kept with the engine: the phone asks for it every few seconds to see whether we
 * are there, and a list may have hundreds of models. */
typedef struct {
  GPtrArray *models;     /* owned */
  char      *provider;   /* owned */
  GBytes    *text;       /* owned */
} Kept;

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_ptr_array_unref (kept->models);
  g_free (kept->provider);
  g_bytes_unref (kept->text);
  g_free (kept);
}

/* (transfer none) */
static GBytes *
keep_list (DaEngine   *engine,
           GPtrArray  *models,
           const char *provider)
{
  Kept *kept = g_object_get_data (G_OBJECT (engine), "da-server-models");

  if (kept == NULL || kept->models != models || strcmp (kept->provider, provider) != 0)
    {
      kept = g_new0 (Kept, 1);
      kept->models = g_ptr_array_ref (models);
      kept->provider = g_strdup (provider);
      kept->text = make_list (models, provider);
      g_object_set_data_full (G_OBJECT (engine), "da-server-models", kept, kept_free);
    }
  return kept->text;
}

static void
list (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  g_autoptr(GPtrArray) known = NULL;

  if (wanted_provider (request) == NULL)
    known = da_engine_peek_models (engine);
  if (known != NULL)
    {
      da_reply_json_bytes (request, SOUP_STATUS_OK,
                           keep_list (engine, known, shown_provider (request)));
      return;
    }
  da_engine_list_models_async (engine, wanted_provider (request),
                               da_request_get_cancellable (request), on_listed,
                               da_request_ref (request));
}

/* Some SDKs do not encode the slash of "vendor/model", so that spelling has a row of its own. */
static char *
wanted_model (DaRequest *request)
{
  if (strstr (da_request_get_route (request)->pattern, ":vendor") == NULL)
    return g_strdup (da_request_get_param (request, "model"));
  return g_strconcat (da_request_get_param (request, "vendor"), "/",
                      da_request_get_param (request, "model"), NULL);
}

static void
on_listed_for_one (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) models = NULL;
  g_autofree char *id = wanted_model (request);

  models = da_engine_list_models_finish (DA_ENGINE (source), result, &error);
  if (models == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  for (guint i = 0; i < models->len; i++)
    {
      DaModelInfo *info = g_ptr_array_index (models, i);
      g_autoptr(DaJsonWriter) writer = NULL;

      if (!g_str_equal (info->id, id))
        continue;
      writer = da_json_writer_new (256);
      write_sdk_model (writer, info, shown_provider (request));
      da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
      return;
    }
  da_reply_error (request, SOUP_STATUS_NOT_FOUND, "The model \"%s\" does not exist", id);
}

static void
get_one (DaRequest *request)
{
  da_engine_list_models_async (da_request_get_engine (request), wanted_provider (request),
                               da_request_get_cancellable (request), on_listed_for_one,
                               da_request_ref (request));
}

const DaRoute da_routes_models[] = {
  { "GET", "/v1/models", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, list },
  { "GET", "/v1/models/:model", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, get_one },
  { "GET", "/v1/models/:vendor/:model", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, get_one },
  { NULL },
};
