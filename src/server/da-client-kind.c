/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-client-kind"

#include "da-client-kind.h"

#include <string.h>

/* Programs that are scripts whatever key they use, and the network stacks of the mobile app
 * (okhttp: Android, CFNetwork: iOS). Compared in lower case, anywhere in the user agent. */
static const struct {
  const char   *word;
  DaClientKind  kind;
} agents[] = {
  { "openai", DA_CLIENT_SCRIPT },
  { "curl/", DA_CLIENT_SCRIPT },
  { "wget/", DA_CLIENT_SCRIPT },
  { "python", DA_CLIENT_SCRIPT },
  { "httpx", DA_CLIENT_SCRIPT },
  { "aiohttp", DA_CLIENT_SCRIPT },
  { "node-fetch", DA_CLIENT_SCRIPT },
  { "undici", DA_CLIENT_SCRIPT },
  { "go-http-client", DA_CLIENT_SCRIPT },
  { "okhttp", DA_CLIENT_APP },
  { "cfnetwork", DA_CLIENT_APP },
  { "dotagents", DA_CLIENT_APP },
};

DaClientKind
da_client_kind_decide (const DaClientSigns *signs)
{
  g_assert (signs != NULL);

  if (signs->has_stainless)
    return DA_CLIENT_SCRIPT;

  if (signs->user_agent != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (signs->user_agent, -1);

      for (gsize i = 0; i < G_N_ELEMENTS (agents); i++)
        if (strstr (lower, agents[i].word) != NULL)
          return agents[i].kind;
    }

  if (signs->has_requested_with || signs->has_origin)
    return DA_CLIENT_APP;

  return signs->identity == DA_IDENTITY_DEVICE ? DA_CLIENT_APP : DA_CLIENT_SCRIPT;
}

gboolean
da_client_kind_cancels (DaClientKind  kind,
                        const char   *header)
{
  if (header != NULL && g_ascii_strcasecmp (header, "cancel") == 0)
    return TRUE;
  if (header != NULL && g_ascii_strcasecmp (header, "detach") == 0)
    return FALSE;

  return kind == DA_CLIENT_SCRIPT;
}
