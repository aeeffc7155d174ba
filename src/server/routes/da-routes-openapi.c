/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * GET /v1/openapi.json: data/openapi.yaml, made into JSON when the program is built. It changes
 * with the program only, so whoever asks again is told that it has not.
 */

#define G_LOG_DOMAIN "da-server-openapi"

#include "config.h"

#include "da-routes.h"

#include "da-reply.h"
#include "da-request.h"
#include "da-server-resources.h"

/* The document of this program: the same version may be built with another. (transfer full) */
static char *
make_etag (GBytes *document)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, document);

  digest[16] = '\0';
  return g_strdup_printf ("\"o%s\"", digest);
}

static void
get_document (DaRequest *request)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) document = NULL;
  g_autofree char *etag = NULL;
  DaJsonWriter *writer;

  document = g_resource_lookup_data (da_server_get_resource (),
                                     DA_RESOURCE_BASE "/openapi.json",
                                     G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  /* It is linked in. */
  g_assert_no_error (error);
  etag = make_etag (document);
  writer = da_json_writer_new (g_bytes_get_size (document) + 64);
  /* GResource ends what it unpacks with a zero byte beyond the size. */
  da_json_writer_raw (writer, NULL, g_bytes_get_data (document, NULL));
  da_reply_json_etag (request, etag, writer);
}

const DaRoute da_routes_openapi[] = {
  { "GET", "/v1/openapi.json", DA_SCOPE_CHAT, 0, DA_ROUTE_NO_BODY, get_document },
  { NULL },
};
