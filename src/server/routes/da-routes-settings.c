/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 section C: GET /v1/settings, one flat object made from the one table of settings.
 * What is in it, and how, is decided by the flags of each row; only secrets and two derived lists
 * are written here by name. PATCH is in da-routes-settings-patch.c.
 */

#define G_LOG_DOMAIN "da-server-settings"

#include "da-routes.h"

#include "da-engine-models.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-route-shapes.h"
#include "da-routes-settings.h"

/* Made here, not stored; a row of that name in a file is not ours to show. */
static gboolean
is_derived (const DaSettingSpec *spec)
{
  return g_str_equal (spec->name, "availablePresets") || g_str_equal (spec->name, "acpxAgents");
}

static gboolean
secret_is_set (DaEngine            *engine,
               const DaSettingSpec *spec)
{
  if (g_str_equal (spec->name, "remoteServerApiKey"))
    return da_access_has_key (da_engine_get_access (engine));
  return da_engine_has_secret (engine, spec->name);
}

static void
write_setting (DaJsonWriter        *writer,
               DaEngine            *engine,
               const DaSettingSpec *spec)
{
  DaSettings *settings = da_engine_get_settings (engine);
  JsonNode *node;

  if (spec->type == DA_SETTING_SECRET)
    {
      da_json_writer_string (writer, spec->name,
                             secret_is_set (engine, spec) ? DA_SHAPE_MASK : "");
      return;
    }
  node = da_settings_peek (settings, spec->name);
  if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
    da_json_writer_node (writer, spec->name, node);
  else if (spec->flags & DA_SETTING_OMIT_UNSET)
    return;
  else if (spec->type == DA_SETTING_STRV)
    da_json_writer_strv (writer, spec->name, da_settings_get_strv (settings, spec->name));
  else if (spec->type == DA_SETTING_STRING)
    da_json_writer_string (writer, spec->name, "");
}

static void
get_settings (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (8192);
  const DaSettingSpec *specs;
  guint n_specs;

  specs = da_setting_spec_all (&n_specs);
  da_json_writer_begin_object (writer, NULL);
  for (guint i = 0; i < n_specs; i++)
    if ((specs[i].flags & DA_SETTING_READ) && !is_derived (&specs[i]))
      write_setting (writer, engine, &specs[i]);
  da_shape_presets (writer, "availablePresets", engine);
  /* External agents arrive with the agent profiles. */
  da_json_writer_begin_array (writer, "acpxAgents");
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

const DaRoute da_routes_settings[] = {
  { "GET", "/v1/settings", DA_SCOPE_MANAGE, 0, DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES, get_settings },
  { "PATCH", "/v1/settings", DA_SCOPE_MANAGE, 8 * 1024 * 1024, DA_ROUTE_DEVICES,
    da_settings_route_patch },
  { NULL },
};
