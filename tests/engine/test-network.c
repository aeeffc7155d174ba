/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-network"

#include "da-network.h"

#include <gio/gio.h>

#define UP .is_up = TRUE

typedef struct {
  const char *name;
  const DaNetworkRaw raw[8];
  const char *route;
  const char *expected;    /* addresses, best first, with spaces between */
} Case;

static const Case cases[] = {
  { "nothing", { { NULL } }, NULL, "" },
  { "the-default-route-comes-first",
    { { "enp1s0", "10.1.1.5", UP, .kind = DA_NETWORK_ETHERNET },
      { "wlan0", "192.168.1.5", UP, .kind = DA_NETWORK_WIFI } },
    "wlan0", "192.168.1.5 10.1.1.5" },
  { "containers-are-left-out",
    { { "docker0", "172.17.0.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "br-12ab", "172.18.0.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "virbr0", "192.168.122.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "veth9", "10.0.3.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "lxcbr0", "10.0.4.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "cni0", "10.0.5.1", UP, .kind = DA_NETWORK_ETHERNET },
      { "br0", "192.168.7.2", UP, .kind = DA_NETWORK_ETHERNET } },
    "docker0", "192.168.7.2" },
  { "loopback-and-link-local-are-left-out",
    { { "lo", "127.0.0.1", UP, .is_loopback = TRUE },
      { "lo", "::1", UP, .is_loopback = TRUE },
      { "eth0", "fe80::1", UP },
      { "eth0", "169.254.3.4", UP },
      { "eth0", "10.0.0.2", UP } },
    "eth0", "10.0.0.2" },
  { "the-tailnet-comes-after-real-networks-and-before-vpns",
    { { "wg0", "10.9.0.2", UP, .kind = DA_NETWORK_VPN },
      { "tailscale0", "100.101.102.103", UP, .kind = DA_NETWORK_VPN },
      { "tailscale0", "fd7a:115c:a1e0::5", UP, .kind = DA_NETWORK_VPN },
      { "eth1", "10.0.0.2", UP, .kind = DA_NETWORK_ETHERNET } },
    "wg0", "10.0.0.2 100.101.102.103 fd7a:115c:a1e0::5 10.9.0.2" },
  { "ipv6-follows-ipv4-of-the-same-network",
    { { "eth0", "2001:db8::1", UP, .kind = DA_NETWORK_ETHERNET },
      { "eth1", "10.0.0.3", UP, .kind = DA_NETWORK_ETHERNET },
      { "eth0", "10.0.0.2", UP, .kind = DA_NETWORK_ETHERNET } },
    "eth0", "10.0.0.2 2001:db8::1 10.0.0.3" },
  { "temporary-and-sleeping-addresses-are-left-out",
    { { "eth0", "2001:db8::2", UP, .is_temporary = TRUE },
      { "eth1", "10.0.0.3", .is_up = FALSE },
      { "eth0", "not an address", UP } },
    "eth0", "" },
};

static void
test_sort (gconstpointer data)
{
  const Case *one = data;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GPtrArray) found = NULL;
  gsize n = 0;

  while (n < G_N_ELEMENTS (one->raw) && one->raw[n].interface != NULL)
    n++;
  found = da_network_sort (one->raw, n, one->route);
  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : " ",
                            ((DaNetworkAddress *) g_ptr_array_index (found, i))->address);
  g_assert_cmpstr (text->str, ==, one->expected);
}

static void
test_words (void)
{
  const DaNetworkRaw raw[] = {
    { "wlan0", "192.168.1.5", "Home", UP, .kind = DA_NETWORK_WIFI },
    { "eth0", "10.0.0.2", UP, .kind = DA_NETWORK_ETHERNET },
    { "tailscale0", "100.64.0.1", UP, .kind = DA_NETWORK_VPN },
  };
  g_autoptr(GPtrArray) found = da_network_sort (raw, G_N_ELEMENTS (raw), "wlan0");
  g_autofree char *first = da_network_address_dup_name (g_ptr_array_index (found, 0));
  g_autofree char *second = da_network_address_dup_name (g_ptr_array_index (found, 1));
  g_autofree char *third = da_network_address_dup_name (g_ptr_array_index (found, 2));

  g_assert_cmpstr (first, ==, "Wi-Fi “Home”");
  g_assert_cmpstr (second, ==, "Ethernet");
  g_assert_cmpstr (third, ==, "Tailscale");
  g_assert_cmpstr (da_network_address_get_reason (g_ptr_array_index (found, 0)), ==,
                   "The network this computer is online with");
}

static void
test_default_route (void)
{
  const char *ipv4 =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
    "wg0\t00000000\t00000000\t0003\t0\t0\t5\t00000080\t0\t0\t0\n"
    "eth9\t00000000\t010200C0\t0002\t0\t0\t1\t00000000\t0\t0\t0\n";
  const char *ipv6 =
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth7\n";
  g_autofree char *both = da_network_find_default (ipv4, ipv6);
  g_autofree char *only_ipv6 = da_network_find_default ("Iface\tDestination\n", ipv6);
  g_autofree char *none = da_network_find_default ("", "");
  g_autofree char *unread = da_network_find_default (NULL, NULL);

  g_assert_cmpstr (both, ==, "eth0");
  g_assert_cmpstr (only_ipv6, ==, "eth7");
  g_assert_null (none);
  g_assert_null (unread);
}

static void
test_binds (void)
{
  const DaNetworkRaw raw[] = {
    { "eth0", "10.0.0.2", UP }, { "eth0", "2001:db8::1", UP }, { "eth1", "10.0.0.3", UP },
  };
  const struct { const char *bind; guint n; } table[] = {
    { "0.0.0.0", 2 }, { "::", 3 }, { "10.0.0.3", 1 }, { "127.0.0.1", 0 }, { "::1", 0 },
    { "2001:0db8:0::1", 1 }, { "localhost", 0 }, { "10.9.9.9", 0 },
  };
  g_autoptr(GPtrArray) all = da_network_sort (raw, G_N_ELEMENTS (raw), "eth0");

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr(GPtrArray) some = da_network_filter_for_bind (all, table[i].bind);

      g_test_message ("%s", table[i].bind);
      g_assert_cmpuint (some->len, ==, table[i].n);
    }
  g_assert_true (da_network_is_loopback ("127.0.0.2"));
  g_assert_true (da_network_is_loopback ("LOCALHOST"));
  g_assert_false (da_network_is_loopback ("10.0.0.1"));
  g_assert_true (da_network_is_wildcard ("0.0.0.0"));
  g_assert_false (da_network_is_wildcard ("10.0.0.1"));
  g_assert_true (da_network_is_tailnet ("100.127.255.255"));
  g_assert_false (da_network_is_tailnet ("100.128.0.0"));
}

static void
test_outside (void)
{
  const DaNetworkRaw raw[] = { { "eth0", "10.0.0.2", UP }, { "eth0", "2001:db8::1", UP } };
  g_autoptr(GPtrArray) own = da_network_sort (raw, G_N_ELEMENTS (raw), "eth0");

  g_assert_true (da_network_is_outside (own, "10.0.0.3"));
  g_assert_true (da_network_is_outside (own, "2001:db8::2"));
  g_assert_false (da_network_is_outside (own, "10.0.0.2"));
  g_assert_false (da_network_is_outside (own, "2001:db8:0::1"));
  g_assert_false (da_network_is_outside (own, "127.0.0.1"));
  g_assert_false (da_network_is_outside (own, "::1"));
  g_assert_false (da_network_is_outside (own, "local"));
  g_assert_false (da_network_is_outside (own, NULL));
}

static void
test_base_url (void)
{
  g_autofree char *ipv4 = da_network_base_url ("192.168.1.5", 3210);
  g_autofree char *ipv6 = da_network_base_url ("2001:db8::1", 80);

  g_assert_cmpstr (ipv4, ==, "http://192.168.1.5:3210/v1");
  g_assert_cmpstr (ipv6, ==, "http://[2001:db8::1]:80/v1");
}

/* A socket that has a port, somewhere from 1024 on. */
static GSocket *
take_port (guint *port)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (inet, 0);
  g_autoptr(GSocketAddress) local = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, NULL);

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  local = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  return socket;
}

static void
test_ports (void)
{
  guint taken;
  g_autoptr(GSocket) socket = take_port (&taken);

  g_assert_cmpint (da_network_check_port ("127.0.0.1", taken), ==, DA_NETWORK_PORT_TAKEN);
  g_assert_cmpint (da_network_check_port ("192.0.2.1", taken), ==, DA_NETWORK_PORT_UNKNOWN);
  g_assert_cmpint (da_network_check_port ("127.0.0.1", 0), ==, DA_NETWORK_PORT_UNKNOWN);
  g_assert_cmpint (da_network_check_port ("127.0.0.1", 65536), ==, DA_NETWORK_PORT_UNKNOWN);
  g_assert_false (da_network_is_port_free ("127.0.0.1", taken));
  g_assert_cmpuint (da_network_find_free_port ("127.0.0.1", taken), !=, taken);
  /* Also from the two ends there is a way on, and never to a port of the system. */
  g_assert_cmpuint (da_network_find_free_port ("127.0.0.1", 80), >=, 1024);
  g_assert_cmpuint (da_network_find_free_port ("127.0.0.1", 80), <, 1124);
  g_assert_cmpuint (da_network_find_free_port ("127.0.0.1", 65535), >=, 1024);
  g_assert_cmpuint (da_network_find_free_port ("127.0.0.1", 65535), <, 1124);
  g_assert_cmpuint (da_network_find_free_port ("192.0.2.1", 3210), ==, 0);
}

static void
test_real (void)
{
  g_autoptr(GPtrArray) found = da_network_list_addresses ();

  for (guint i = 0; i < found->len; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (found, i);

      g_test_message ("%s on %s", address->address, address->interface);
      g_assert_false (da_network_is_loopback (address->address));
      g_assert_false (da_network_is_virtual (address->interface));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/network/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_sort);
    }
  g_test_add_func ("/engine/network/names-and-reasons-are-words", test_words);
  g_test_add_func ("/engine/network/the-lowest-metric-is-the-default-route", test_default_route);
  g_test_add_func ("/engine/network/a-bind-answers-on-its-addresses", test_binds);
  g_test_add_func ("/engine/network/a-caller-is-from-here-or-from-outside", test_outside);
  g_test_add_func ("/engine/network/ipv6-gets-brackets", test_base_url);
  g_test_add_func ("/engine/network/a-free-port-is-found-from-everywhere", test_ports);
  g_test_add_func ("/engine/network/this-machine-lists-no-virtual-address", test_real);
  return g_test_run ();
}
