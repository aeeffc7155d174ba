/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-gate"

#include "da-gate-private.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The lists the gate decides by. Nothing here looks a name up: a name is known or it is not. */

/* Interfaces are asked for again no more often than this. */
#define INTERFACES_US (2 * G_USEC_PER_SEC)

DaGate *
da_gate_new (void)
{
  DaGate *self = g_new0 (DaGate, 1);

  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->interfaces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->generation = 1;
  da_gate_set_hosts (self, NULL);
  return self;
}

void
da_gate_free (DaGate *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->hosts);
  g_hash_table_unref (self->origins);
  g_hash_table_unref (self->interfaces);
  g_strfreev (self->devices);
  g_free (self->public_host);
  g_free (self);
}

/* As a person writes it in a list, and as we write what was refused: IPv6 without brackets too. */
static gboolean
parse_listed (const char *text,
              DaHost     *out)
{
  g_autofree char *bracketed = NULL;

  if (da_host_parse (text, out))
    return TRUE;
  bracketed = g_strdup_printf ("[%s]", text);
  return text[0] != '[' && da_host_parse (bracketed, out);
}

static void
add_host (DaGate     *self,
          const char *text)
{
  DaHost host;

  /* "*" is no host, so it cannot get in here; nor can 0.0.0.0, which browsers lead to ourselves. */
  if (text != NULL && parse_listed (text, &host) && !da_host_is_unspecified (&host))
    g_hash_table_add (self->hosts, g_strdup (host.name));
}

void
da_gate_set_hosts (DaGate            *self,
                   const char *const *hosts)
{
  const char *name = g_get_host_name ();
  g_autofree char *first = g_strndup (name, strcspn (name, "."));
  g_autofree char *local = g_strconcat (first, ".local", NULL);

  g_hash_table_remove_all (self->hosts);
  add_host (self, name);
  add_host (self, first);
  add_host (self, local);
  add_host (self, self->public_host);
  for (gsize i = 0; hosts != NULL && hosts[i] != NULL; i++)
    add_host (self, hosts[i]);
  self->generation++;
}

void
da_gate_set_public_host (DaGate     *self,
                         const char *host)
{
  g_free (self->public_host);
  self->public_host = g_strdup (host);
  add_host (self, host);
  self->generation++;
}

void
da_gate_set_origins (DaGate            *self,
                     const char *const *origins)
{
  g_hash_table_remove_all (self->origins);
  self->any_origin = FALSE;

  for (gsize i = 0; origins != NULL && origins[i] != NULL; i++)
    {
      char *origin;

      if (strcmp (origins[i], "*") == 0)
        self->any_origin = TRUE;
      else if ((origin = da_origin_normalize (origins[i])) != NULL)
        g_hash_table_add (self->origins, origin);
    }
}

void
da_gate_set_devices (DaGate            *self,
                     const char *const *devices)
{
  g_strfreev (self->devices);
  self->devices = devices != NULL && devices[0] != NULL ? g_strdupv ((char **) devices) : NULL;
}

gboolean
da_gate_guards_devices (DaGate *self)
{
  return self->devices != NULL;
}

gboolean
da_gate_allows_device (DaGate     *self,
                       const char *device_id)
{
  return self->devices == NULL
         || (device_id != NULL && g_strv_contains ((const char *const *) self->devices, device_id));
}

gboolean
da_gate_allows_origin (DaGate     *self,
                       const char *origin)
{
  g_autofree char *normal = da_origin_normalize (origin);

  if (normal == NULL)
    return FALSE;
  return self->any_origin || g_hash_table_contains (self->origins, normal);
}

static void
read_interfaces (DaGate *self)
{
  struct ifaddrs *list = NULL;

  g_hash_table_remove_all (self->interfaces);
  if (getifaddrs (&list) != 0)
    return;

  for (struct ifaddrs *item = list; item != NULL; item = item->ifa_next)
    {
      g_autoptr (GInetAddress) inet = NULL;

      if (item->ifa_addr == NULL)
        continue;
      if (item->ifa_addr->sa_family == AF_INET)
        inet = g_inet_address_new_from_bytes (
          (const guint8 *) &((struct sockaddr_in *) (void *) item->ifa_addr)->sin_addr,
          G_SOCKET_FAMILY_IPV4);
      else if (item->ifa_addr->sa_family == AF_INET6)
        inet = g_inet_address_new_from_bytes (
          (const guint8 *) &((struct sockaddr_in6 *) (void *) item->ifa_addr)->sin6_addr,
          G_SOCKET_FAMILY_IPV6);
      if (inet != NULL)
        g_hash_table_add (self->interfaces, g_inet_address_to_string (inet));
    }

  freeifaddrs (list);
}

/* An address of this machine: the one the connection came to, or one of another interface. */
static gboolean
is_own_address (DaGate         *self,
                const DaHost   *host,
                GSocketAddress *local)
{
  gint64 now = g_get_monotonic_time ();

  if (G_IS_INET_SOCKET_ADDRESS (local))
    {
      GInetAddress *inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
      g_autofree char *text = g_inet_address_to_string (inet);
      const char *plain = g_str_has_prefix (text, "::ffff:") ? text + 7 : text;

      if (strcmp (plain, host->name) == 0)
        return TRUE;
    }

  if (self->interfaces_us == 0 || now - self->interfaces_us > INTERFACES_US)
    {
      self->interfaces_us = now;
      read_interfaces (self);
    }
  return g_hash_table_contains (self->interfaces, host->name);
}

gboolean
da_gate_allows_host (DaGate         *self,
                     const DaHost   *host,
                     GSocketAddress *local)
{
  if (da_host_is_localhost (host) || da_host_is_loopback (host))
    return TRUE;
  if (g_hash_table_contains (self->hosts, host->name))
    return TRUE;

  return host->family != 0 && !da_host_is_unspecified (host) && is_own_address (self, host, local);
}
