/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-pairing"

#include "da-pairing-address.h"

#include <string.h>

#include "da-error.h"
#include "da-host.h"
#include "da-network.h"

void
da_pairing_address_free (DaPairingAddress *self)
{
  g_free (self->base_url);
  g_free (self->address);
  g_free (self->reason);
  g_free (self);
}

static DaPairingAddress *
make (char       *base_url,
      const char *address,
      const char *reason)
{
  DaPairingAddress *self = g_new0 (DaPairingAddress, 1);

  self->base_url = base_url;
  self->address = g_strdup (address);
  self->reason = g_strdup (reason);
  return self;
}

static gboolean
fail (GError     **error,
      int          code,
      const char  *text)
{
  g_set_error_literal (error, DA_ERROR, code, text);
  return FALSE;
}

static gboolean
check_state (DaRemoteAccess  *remote,
             DaSettings      *settings,
             GError         **error)
{
  if (da_settings_get_boolean (settings, "streamerModeEnabled"))
    return fail (error, DA_ERROR_CONFLICT,
                 "Streamer mode is on, so no pairing code is shown; "
                 "switch streamerModeEnabled off first");
  if (da_remote_access_get_state (remote) != DA_REMOTE_RUNNING)
    return fail (error, DA_ERROR_CONFLICT,
                 "The remote server is not listening, so a phone cannot reach it");
  return TRUE;
}

/* "https://name.example" of a tunnel or a proxy: what leads to us, we cannot know. */
static DaPairingAddress *
from_url (const char  *text,
          GError     **error)
{
  g_autoptr(GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  g_autofree char *trimmed = NULL;
  gsize length;

  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_query (uri) != NULL
      || (strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0))
    {
      fail (error, DA_ERROR_INVALID, "The address is not a usable URL");
      return NULL;
    }
  trimmed = g_strdup (text);
  length = strlen (trimmed);
  while (length > 0 && trimmed[length - 1] == '/')
    trimmed[--length] = '\0';
  if (g_str_has_suffix (trimmed, "/v1"))
    return make (g_steal_pointer (&trimmed), g_uri_get_host (uri), "You chose it");
  return make (g_strconcat (trimmed, "/v1", NULL), g_uri_get_host (uri), "You chose it");
}

static void
explain_choice (GPtrArray   *addresses,
                const char  *wanted,
                GError     **error)
{
  g_autoptr(GString) list = g_string_new (NULL);

  for (guint i = 0; i < addresses->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                            ((DaNetworkAddress *) addresses->pdata[i])->address);
  g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
               "The server does not listen on %s; it can be reached by: %s", wanted,
               list->len > 0 ? list->str : "nothing but this computer");
}

static DaPairingAddress *
from_wanted (GPtrArray   *addresses,
             const char  *wanted,
             const char  *bind,
             guint        port,
             GError     **error)
{
  DaHost host;

  for (guint i = 0; i < addresses->len; i++)
    if (strcmp (((DaNetworkAddress *) addresses->pdata[i])->address, wanted) == 0)
      return make (da_network_base_url (wanted, port), wanted, "You chose it");
  /* For an emulator on this computer. */
  if (da_network_is_loopback (wanted) && (da_network_is_loopback (bind)
                                          || da_network_is_wildcard (bind)))
    return make (da_network_base_url (wanted, port), wanted, "You chose this computer itself");
  if (!da_host_parse (wanted, &host) || host.family != 0 || host.port != 0)
    {
      explain_choice (addresses, wanted, error);
      return NULL;
    }
  return make (da_network_base_url (wanted, port), wanted, "You chose it");
}

DaPairingAddress *
da_pairing_address_choose (DaRemoteAccess  *remote,
                           DaSettings      *settings,
                           const char      *wanted,
                           GError         **error)
{
  const char *bind = da_remote_access_get_bind (remote);
  guint port = da_remote_access_get_port (remote);
  g_autoptr(GPtrArray) all = NULL;
  g_autoptr(GPtrArray) addresses = NULL;
  DaNetworkAddress *best;

  if (!check_state (remote, settings, error))
    return NULL;
  if (wanted != NULL && strstr (wanted, "://") != NULL)
    return from_url (wanted, error);
  all = da_network_list_addresses ();
  addresses = da_network_filter_for_bind (all, bind);
  if (wanted != NULL && *wanted != '\0')
    return from_wanted (addresses, wanted, bind, port, error);

  if (da_network_is_loopback (bind))
    {
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                   "The server listens on this computer only (%s), so a phone cannot reach it. "
                   "Start it with --bind=0.0.0.0, or set remoteServerBindAddress to 0.0.0.0", bind);
      return NULL;
    }
  if (addresses->len == 0)
    {
      fail (error, DA_ERROR_CONFLICT, "This computer has no network address a phone could reach");
      return NULL;
    }
  best = addresses->pdata[0];
  return make (da_network_base_url (best->address, port), best->address,
               da_network_address_get_reason (best));
}
