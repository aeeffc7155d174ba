/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-network-system"

#include "da-network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <gio/gio.h>

#include <linux/wireless.h>

/*
 * Reads from the kernel what da-network.c chooses from: getifaddrs, /proc/net and /sys/class/net.
 * These are answers from memory, so this is done on the main thread.
 */

/* Those below belong to the system. */
#define FIRST_OWN_PORT 1024
#define FREE_PORT_TRIES 100

static gboolean
has_entry (const char *interface, const char *name)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", interface, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static DaNetworkKind
find_kind (const char *interface)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", interface, "uevent", NULL);
  g_autofree char *type_path = g_build_filename ("/sys/class/net", interface, "type", NULL);
  g_autofree char *uevent = NULL;
  g_autofree char *type = NULL;

  if (has_entry (interface, "wireless") || has_entry (interface, "phy80211"))
    return DA_NETWORK_WIFI;
  if (g_file_get_contents (path, &uevent, NULL, NULL))
    {
      if (strstr (uevent, "DEVTYPE=wlan") != NULL)
        return DA_NETWORK_WIFI;
      if (strstr (uevent, "DEVTYPE=wwan") != NULL)
        return DA_NETWORK_MOBILE;
      if (strstr (uevent, "DEVTYPE=wireguard") != NULL)
        return DA_NETWORK_VPN;
    }
  if (has_entry (interface, "tun_flags"))
    return DA_NETWORK_VPN;
  /* 1 is ARPHRD_ETHER, 65534 ARPHRD_NONE: a tunnel without a link layer. */
  if (!g_file_get_contents (type_path, &type, NULL, NULL))
    return DA_NETWORK_OTHER;
  g_strstrip (type);
  if (strcmp (type, "1") == 0)
    return DA_NETWORK_ETHERNET;
  return strcmp (type, "65534") == 0 ? DA_NETWORK_VPN : DA_NETWORK_OTHER;
}

/* The name of the wireless network, where the driver still answers the old question. */
static char *
find_network_name (const char *interface)
{
  char name[IW_ESSID_MAX_SIZE + 1] = { 0 };
  struct iwreq request = { 0 };
  int handle = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int status;

  if (handle < 0)
    return NULL;
  g_strlcpy (request.ifr_ifrn.ifrn_name, interface, sizeof request.ifr_ifrn.ifrn_name);
  request.u.essid.pointer = name;
  request.u.essid.length = IW_ESSID_MAX_SIZE;
  status = ioctl (handle, SIOCGIWESSID, &request);
  close (handle);
  if (status < 0 || *name == '\0')
    return NULL;
  return g_utf8_make_valid (name, -1);
}

/* /proc/net/if_inet6: address index length scope flags interface. 0x01 is a privacy address, 0x20
 * one that is no longer preferred, 0x40 one that is not yet usable. */
static gboolean
is_temporary (const char *table, const struct in6_addr *address)
{
  g_autoptr(GString) hex = g_string_new (NULL);
  const char *line;
  g_auto(GStrv) words = NULL;

  if (table == NULL)
    return FALSE;
  for (guint i = 0; i < sizeof address->s6_addr; i++)
    g_string_append_printf (hex, "%02x", address->s6_addr[i]);
  line = strstr (table, hex->str);
  if (line == NULL)
    return FALSE;
  words = g_strsplit (line, " ", 6);
  return g_strv_length (words) == 6 && (g_ascii_strtoull (words[4], NULL, 16) & 0x61) != 0;
}

static void
add_raw (GArray *raw, GStringChunk *strings, const struct ifaddrs *entry, const char *temporary)
{
  char text[INET6_ADDRSTRLEN];
  const int family = entry->ifa_addr->sa_family;
  DaNetworkRaw item = {
    .interface = g_string_chunk_insert (strings, entry->ifa_name),
    .is_up = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_RUNNING) != 0,
    .is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0,
    .kind = find_kind (entry->ifa_name),
  };
  g_autofree char *network = NULL;

  if (family == AF_INET)
    {
      const struct sockaddr_in *inet = (const void *) entry->ifa_addr;

      inet_ntop (family, &inet->sin_addr, text, sizeof text);
    }
  else
    {
      const struct sockaddr_in6 *inet = (const void *) entry->ifa_addr;

      inet_ntop (family, &inet->sin6_addr, text, sizeof text);
      item.is_temporary = is_temporary (temporary, &inet->sin6_addr);
    }
  item.address = g_string_chunk_insert (strings, text);
  if (item.kind == DA_NETWORK_WIFI)
    network = find_network_name (entry->ifa_name);
  if (network != NULL)
    item.network = g_string_chunk_insert (strings, network);
  g_array_append_val (raw, item);
}

GPtrArray *
da_network_list_addresses (void)
{
  g_autoptr(GArray) raw = g_array_new (FALSE, TRUE, sizeof (DaNetworkRaw));
  g_autofree char *ipv4_routes = NULL;
  g_autofree char *ipv6_routes = NULL;
  g_autofree char *ipv6_table = NULL;
  g_autofree char *route = NULL;
  GStringChunk *strings = g_string_chunk_new (512);
  struct ifaddrs *list = NULL;
  GPtrArray *found;

  g_file_get_contents ("/proc/net/route", &ipv4_routes, NULL, NULL);
  g_file_get_contents ("/proc/net/ipv6_route", &ipv6_routes, NULL, NULL);
  g_file_get_contents ("/proc/net/if_inet6", &ipv6_table, NULL, NULL);
  route = da_network_find_default (ipv4_routes, ipv6_routes);
  if (getifaddrs (&list) != 0)
    g_warning ("the addresses of this machine could not be read: %s", g_strerror (errno));
  for (struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
    if (entry->ifa_addr != NULL
        && (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6))
      add_raw (raw, strings, entry, ipv6_table);
  if (list != NULL)
    freeifaddrs (list);
  found = da_network_sort ((const DaNetworkRaw *) (const void *) raw->data, raw->len, route);
  g_string_chunk_free (strings);
  return found;
}

DaNetworkPort
da_network_check_port (const char *bind,
                       guint       port)
{
  const char *host = da_network_is_wildcard (bind) && strchr (bind, ':') == NULL ? "0.0.0.0" : bind;
  g_autoptr(GInetAddress) inet = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GError) error = NULL;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    host = "127.0.0.1";
  inet = g_inet_address_new_from_string (host);
  if (inet == NULL || port == 0 || port > 65535)
    return DA_NETWORK_PORT_UNKNOWN;
  address = g_inet_socket_address_new (inet, port);
  socket = g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, NULL);
  if (socket == NULL)
    return DA_NETWORK_PORT_UNKNOWN;
  if (g_socket_bind (socket, address, TRUE, &error))
    return DA_NETWORK_PORT_FREE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return DA_NETWORK_PORT_TAKEN;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED)
         ? DA_NETWORK_PORT_FORBIDDEN : DA_NETWORK_PORT_UNKNOWN;
}

gboolean
da_network_is_port_free (const char *bind,
                         guint       port)
{
  return da_network_check_port (bind, port) == DA_NETWORK_PORT_FREE;
}

guint
da_network_find_free_port (const char *bind,
                           guint       port)
{
  guint next = port;

  for (guint i = 0; i < FREE_PORT_TRIES; i++)
    {
      next = next < FIRST_OWN_PORT || next >= 65535 ? FIRST_OWN_PORT : next + 1;
      if (da_network_is_port_free (bind, next))
        return next;
    }
  return 0;
}

const char *
da_network_find_firewall (gboolean has_firewalld)
{
  g_autofree char *text = NULL;

  if (has_firewalld)
    return "firewalld";
  if (g_file_get_contents ("/etc/ufw/ufw.conf", &text, NULL, NULL)
      && strstr (text, "\nENABLED=yes") != NULL)
    return "ufw";
  return NULL;
}
