/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-address"

#include "da-address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <gio/gio.h>

/* Programs that make networks of their own inside this machine; a phone cannot reach these. */
static const char *const inner_prefixes[] = {
  "docker", "br-", "veth", "virbr", "vmnet", "lxc", "cni",
};

gboolean
da_address_is_loopback (const char *bind)
{
  g_autoptr (GInetAddress) inet = NULL;

  if (g_ascii_strcasecmp (bind, "localhost") == 0)
    return TRUE;
  inet = g_inet_address_new_from_string (bind);
  return inet != NULL && g_inet_address_get_is_loopback (inet);
}

char *
da_address_make_url (const char *host,
                     guint       port)
{
  gboolean is_six = strchr (host, ':') != NULL;

  return g_strdup_printf ("http://%s%s%s:%u/v1", is_six ? "[" : "", host, is_six ? "]" : "", port);
}

static gboolean
is_inner (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (inner_prefixes); i++)
    if (g_str_has_prefix (name, inner_prefixes[i]))
      return TRUE;

  return FALSE;
}

static GInetAddress *
get_address (const struct ifaddrs *item,
             GSocketFamily         family)
{
  if (item->ifa_addr == NULL || (item->ifa_flags & IFF_LOOPBACK) != 0
      || (item->ifa_flags & IFF_UP) == 0 || is_inner (item->ifa_name))
    return NULL;
  if (family == G_SOCKET_FAMILY_IPV4 && item->ifa_addr->sa_family == AF_INET)
    return g_inet_address_new_from_bytes (
      (const guint8 *) &((const struct sockaddr_in *) (const void *) item->ifa_addr)->sin_addr,
      family);
  if (family == G_SOCKET_FAMILY_IPV6 && item->ifa_addr->sa_family == AF_INET6)
    return g_inet_address_new_from_bytes (
      (const guint8 *) &((const struct sockaddr_in6 *) (const void *) item->ifa_addr)->sin6_addr,
      family);

  return NULL;
}

static char *
find_first (const struct ifaddrs *list,
            GSocketFamily         family)
{
  for (const struct ifaddrs *item = list; item != NULL; item = item->ifa_next)
    {
      g_autoptr (GInetAddress) inet = get_address (item, family);

      if (inet != NULL && !g_inet_address_get_is_link_local (inet)
          && !g_inet_address_get_is_multicast (inet) && !g_inet_address_get_is_any (inet))
        return g_inet_address_to_string (inet);
    }

  return NULL;
}

char *
da_address_find_reachable (const char *bind)
{
  struct ifaddrs *list = NULL;
  char *found = NULL;

  if (da_address_is_loopback (bind))
    return NULL;
  if (strcmp (bind, "0.0.0.0") != 0 && strcmp (bind, "::") != 0)
    return g_strdup (bind);
  if (getifaddrs (&list) != 0)
    return NULL;

  if (strcmp (bind, "::") == 0)
    found = find_first (list, G_SOCKET_FAMILY_IPV6);
  if (found == NULL)
    found = find_first (list, G_SOCKET_FAMILY_IPV4);
  freeifaddrs (list);
  return found;
}
