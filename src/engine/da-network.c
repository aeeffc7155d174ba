/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-network"

#include "config.h"

#include "da-network.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/*
 * Which of this machine's addresses a phone can use, and in which order. The choice is a pure
 * function over what da-network-system.c has read from the kernel.
 */

/* What container and virtual machine programs call their interfaces. "br-" is a bridge of Docker; a
 * bridge a person made is "br0" and stays. */
static const char *const virtual_prefixes[] = {
  "docker", "br-", "veth", "virbr", "vnet", "lxc", "lxdbr", "cni", "podman", "flannel", "cali",
  "kube", "vmnet", "vboxnet", "dummy", "ifb", NULL
};

const char *
da_network_kind_to_string (DaNetworkKind kind)
{
  switch (kind)
    {
    case DA_NETWORK_ETHERNET: return _("Ethernet");
    case DA_NETWORK_WIFI: return _("Wi-Fi");
    case DA_NETWORK_OTHER: return _("Other network");
    case DA_NETWORK_TAILSCALE: return _("Tailscale");
    case DA_NETWORK_VPN: return _("VPN");
    case DA_NETWORK_MOBILE: return _("Mobile broadband");
    }
  g_assert_not_reached ();
}

void
da_network_address_free (DaNetworkAddress *self)
{
  g_free (self->address);
  g_free (self->interface);
  g_free (self->network);
  g_free (self);
}

DaNetworkAddress *
da_network_address_copy (const DaNetworkAddress *self)
{
  DaNetworkAddress *copy = g_memdup2 (self, sizeof *self);

  copy->address = g_strdup (self->address);
  copy->interface = g_strdup (self->interface);
  copy->network = g_strdup (self->network);
  return copy;
}

char *
da_network_address_dup_name (const DaNetworkAddress *self)
{
  if (self->network != NULL)
    /* Translators: the kind of a network and its name, as in: Wi-Fi “Home” */
    return g_strdup_printf (_("%s “%s”"), da_network_kind_to_string (self->kind), self->network);
  if (self->kind == DA_NETWORK_OTHER || self->kind == DA_NETWORK_VPN)
    /* Translators: the kind of a network and the interface, as in: VPN (wg0) */
    return g_strdup_printf (_("%s (%s)"), da_network_kind_to_string (self->kind),
                            self->interface);
  return g_strdup (da_network_kind_to_string (self->kind));
}

const char *
da_network_address_get_reason (const DaNetworkAddress *self)
{
  if (self->kind == DA_NETWORK_TAILSCALE)
    return _("Reached from anywhere by your own devices that run Tailscale");
  if (self->kind == DA_NETWORK_VPN)
    return _("Reached only by devices in the same VPN");
  if (self->kind == DA_NETWORK_MOBILE)
    return _("Mobile networks rarely let anybody in");
  if (self->is_default)
    return _("The network this computer is online with");
  return _("Another network of this computer; it does not lead to the internet");
}

gboolean
da_network_is_virtual (const char *interface)
{
  for (guint i = 0; virtual_prefixes[i] != NULL; i++)
    if (g_str_has_prefix (interface, virtual_prefixes[i]))
      return TRUE;
  return FALSE;
}

gboolean
da_network_is_tailnet (const char *address)
{
  static const char *const ranges[] = { "100.64.0.0/10", "fd7a:115c:a1e0::/48" };
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (address);

  for (guint i = 0; inet != NULL && i < G_N_ELEMENTS (ranges); i++)
    {
      g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string (ranges[i], NULL);

      if (g_inet_address_mask_matches (mask, inet))
        return TRUE;
    }
  return FALSE;
}

/* Choosing and sorting */

static gboolean
is_usable (const DaNetworkRaw *raw, GInetAddress *inet)
{
  return inet != NULL
         && raw->is_up
         && !raw->is_loopback
         && !raw->is_temporary
         && !da_network_is_virtual (raw->interface)
         && !g_inet_address_get_is_any (inet)
         && !g_inet_address_get_is_loopback (inet)
         && !g_inet_address_get_is_link_local (inet)
         && !g_inet_address_get_is_multicast (inet);
}

static int
rank (const DaNetworkAddress *self)
{
  int place = 0;

  switch (self->kind)
    {
    case DA_NETWORK_ETHERNET:
    case DA_NETWORK_WIFI: place = self->is_default ? 0 : 4; break;
    case DA_NETWORK_OTHER: place = self->is_default ? 2 : 6; break;
    case DA_NETWORK_TAILSCALE: place = 8; break;
    case DA_NETWORK_VPN: place = 10; break;
    case DA_NETWORK_MOBILE: place = 12; break;
    }
  return place + (self->is_ipv6 ? 1 : 0);
}

/* Stable for equal ranks: the kernel's order, which g_ptr_array_sort (a merge sort) keeps. */
static int
compare (gconstpointer a, gconstpointer b)
{
  return rank (*(DaNetworkAddress **) a) - rank (*(DaNetworkAddress **) b);
}

GPtrArray *
da_network_sort (const DaNetworkRaw *raw,
                 gsize               n_raw,
                 const char         *default_interface)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) da_network_address_free);

  for (gsize i = 0; i < n_raw; i++)
    {
      g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (raw[i].address);
      DaNetworkAddress *address;

      if (!is_usable (&raw[i], inet))
        continue;
      address = g_new0 (DaNetworkAddress, 1);
      address->address = g_strdup (raw[i].address);
      address->interface = g_strdup (raw[i].interface);
      address->network = g_strdup (raw[i].network);
      address->kind = raw[i].kind;
      address->is_ipv6 = g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6;
      address->is_default = g_strcmp0 (raw[i].interface, default_interface) == 0;
      if (g_str_has_prefix (raw[i].interface, "tailscale"))
        address->kind = DA_NETWORK_TAILSCALE;
      g_ptr_array_add (found, address);
    }
  g_ptr_array_sort (found, compare);
  return found;
}

/* Routes */

/* IPv4: interface destination gateway flags refcount use metric mask; in hex but the metric. */
static gboolean
read_ipv4_route (char **words, guint n_words, const char **interface, guint64 *metric)
{
  if (n_words < 8 || strcmp (words[1], "00000000") != 0 || strcmp (words[7], "00000000") != 0)
    return FALSE;
  if ((g_ascii_strtoull (words[3], NULL, 16) & 1) == 0)
    return FALSE;
  *interface = words[0];
  *metric = g_ascii_strtoull (words[6], NULL, 10);
  return TRUE;
}

/* IPv6: destination length source length next-hop metric refcount use flags interface, all in hex.
 * The kernel keeps a "no route" default on lo; flag 0x200 marks it. */
static gboolean
read_ipv6_route (char **words, guint n_words, const char **interface, guint64 *metric)
{
  guint64 flags;

  if (n_words < 10 || strcmp (words[1], "00") != 0
      || strspn (words[0], "0") != strlen (words[0]))
    return FALSE;
  flags = g_ascii_strtoull (words[8], NULL, 16);
  if ((flags & 1) == 0 || (flags & 0x200) != 0)
    return FALSE;
  *interface = words[9];
  *metric = g_ascii_strtoull (words[5], NULL, 16);
  return TRUE;
}

typedef gboolean (*ReadRoute) (char **words, guint n_words, const char **interface,
                               guint64 *metric);

static char *
find_lowest (const char *table, ReadRoute read)
{
  g_auto(GStrv) lines = g_strsplit (table, "\n", -1);
  g_autofree char *best = NULL;
  guint64 best_metric = G_MAXUINT64;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit_set (lines[i], " \t", -1);
      const char *interface = NULL;
      guint64 metric = 0;
      guint n = 0;

      for (guint j = 0; parts[j] != NULL; j++)
        if (*parts[j] == '\0')
          g_clear_pointer (&parts[j], g_free);
        else
          parts[n++] = parts[j];
      /* Blank words were freed; the array ends where the kept ones end. */
      parts[n] = NULL;
      if (!read (parts, n, &interface, &metric) || metric >= best_metric)
        continue;
      best_metric = metric;
      g_free (best);
      best = g_strdup (interface);
    }
  return g_steal_pointer (&best);
}

char *
da_network_find_default (const char *ipv4_table,
                         const char *ipv6_table)
{
  char *interface = ipv4_table != NULL ? find_lowest (ipv4_table, read_ipv4_route) : NULL;

  if (interface == NULL && ipv6_table != NULL)
    interface = find_lowest (ipv6_table, read_ipv6_route);
  return interface;
}

/* Binds */

gboolean
da_network_is_loopback (const char *bind)
{
  g_autoptr(GInetAddress) inet = NULL;

  if (bind == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (bind, "localhost") == 0)
    return TRUE;
  inet = g_inet_address_new_from_string (bind);
  return inet != NULL && g_inet_address_get_is_loopback (inet);
}

gboolean
da_network_is_wildcard (const char *bind)
{
  g_autoptr(GInetAddress) inet = NULL;

  if (bind == NULL || *bind == '\0' || strcmp (bind, "*") == 0)
    return TRUE;
  inet = g_inet_address_new_from_string (bind);
  return inet != NULL && g_inet_address_get_is_any (inet);
}

static gboolean
same_address (const char *a, const char *b)
{
  g_autoptr(GInetAddress) first = g_inet_address_new_from_string (a);
  g_autoptr(GInetAddress) second = g_inet_address_new_from_string (b);

  return first != NULL && second != NULL && g_inet_address_equal (first, second);
}

GPtrArray *
da_network_filter_for_bind (GPtrArray  *addresses,
                            const char *bind)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) da_network_address_free);
  gboolean both = bind != NULL && strchr (bind, ':') != NULL;

  for (guint i = 0; i < addresses->len; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (addresses, i);

      if (da_network_is_wildcard (bind) ? (both || !address->is_ipv6)
                                        : same_address (address->address, bind))
        g_ptr_array_add (found, da_network_address_copy (address));
    }
  return found;
}

gboolean
da_network_is_outside (GPtrArray  *own,
                       const char *address)
{
  g_autoptr(GInetAddress) inet = address != NULL ? g_inet_address_new_from_string (address) : NULL;

  if (inet == NULL || g_inet_address_get_is_loopback (inet))
    return FALSE;
  for (guint i = 0; i < own->len; i++)
    if (same_address (((const DaNetworkAddress *) own->pdata[i])->address, address))
      return FALSE;
  return TRUE;
}

char *
da_network_base_url (const char *address,
                     guint       port)
{
  if (strchr (address, ':') != NULL)
    return g_strdup_printf ("http://[%s]:%u/v1", address, port);
  return g_strdup_printf ("http://%s:%u/v1", address, port);
}
