/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-reachability"

#include "da-reachability.h"

#define ON .enabled = TRUE, .has_key = TRUE, .port = 3210, .state = DA_REMOTE_RUNNING

typedef struct {
  const char *name;
  const char *network;            /* what addresses there are: see make_addresses() */
  DaReachabilityState state;
  DaReach reach;
  DaRepair repair;
  gboolean is_problem;
  const char *who;
} Case;

static const Case cases[] = {
  { "off-is-nobody", "home", { .bind = "127.0.0.1", .has_key = TRUE },
    DA_REACH_NOBODY, DA_REPAIR_SWITCH_ON, FALSE, "Nobody: it is off" },
  { "off-says-off-even-without-a-key", "home", { .bind = "0.0.0.0" },
    DA_REACH_NOBODY, DA_REPAIR_SWITCH_ON, FALSE, "Nobody: it is off" },
  { "without-a-key-is-nobody", "home", { .bind = "0.0.0.0", .enabled = TRUE },
    DA_REACH_NOBODY, DA_REPAIR_MAKE_KEY, TRUE, "Nobody: there is no key" },
  { "a-locked-keyring-is-unlocked-not-replaced", "home",
    { .bind = "0.0.0.0", .enabled = TRUE, .keyring_locked = TRUE },
    DA_REACH_NOBODY, DA_REPAIR_UNLOCK, TRUE, "Nobody: the keyring is locked" },
  { "a-locked-keyring-without-our-key-does-not-matter", "home",
    { ON, .bind = "127.0.0.1", .keyring_locked = TRUE },
    DA_REACH_THIS_COMPUTER, DA_REPAIR_OPEN_TO_NETWORK, FALSE, "Only this computer" },
  { "starting-is-nobody-yet", "home",
    { .bind = "0.0.0.0", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_STARTING },
    DA_REACH_NOBODY, DA_REPAIR_NONE, FALSE, "Nobody yet" },
  { "a-taken-port-offers-the-next", "home",
    { .bind = "0.0.0.0", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED,
      .port_use = DA_NETWORK_PORT_TAKEN },
    DA_REACH_NOBODY, DA_REPAIR_NEXT_PORT, TRUE, "Nobody: the port is taken" },
  { "a-port-of-the-system-offers-another", "home",
    { .bind = "0.0.0.0", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED,
      .port = 80, .port_use = DA_NETWORK_PORT_FORBIDDEN },
    DA_REACH_NOBODY, DA_REPAIR_NEXT_PORT, TRUE, "Nobody: the port belongs to the system" },
  { "a-failed-start-offers-another-try", "home",
    { .bind = "0.0.0.0", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED },
    DA_REACH_NOBODY, DA_REPAIR_RETRY, TRUE, "Nobody: it could not start" },
  { "a-failed-address-offers-the-new-one", "home",
    { .bind = "10.9.9.9", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED,
      .port_use = DA_NETWORK_PORT_UNKNOWN },
    DA_REACH_NOBODY, DA_REPAIR_OPEN_TO_NETWORK, TRUE, "Nobody: it could not start" },
  { "a-failed-address-without-another-offers-this-computer", "",
    { .bind = "10.9.9.9", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED,
      .port_use = DA_NETWORK_PORT_UNKNOWN },
    DA_REACH_NOBODY, DA_REPAIR_THIS_COMPUTER, TRUE, "Nobody: it could not start" },
  { "a-failed-start-on-an-address-that-is-there-offers-another-try", "home",
    { .bind = "192.168.1.5", .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED },
    DA_REACH_NOBODY, DA_REPAIR_RETRY, TRUE, "Nobody: it could not start" },
  { "loopback-is-this-computer", "home", { ON, .bind = "127.0.0.1" },
    DA_REACH_THIS_COMPUTER, DA_REPAIR_OPEN_TO_NETWORK, FALSE, "Only this computer" },
  { "ipv6-loopback-is-this-computer", "home", { ON, .bind = "::1" },
    DA_REACH_THIS_COMPUTER, DA_REPAIR_OPEN_TO_NETWORK, FALSE, "Only this computer" },
  { "all-interfaces-without-a-network-is-this-computer", "", { ON, .bind = "0.0.0.0" },
    DA_REACH_THIS_COMPUTER, DA_REPAIR_NONE, TRUE, "Only this computer" },
  { "all-interfaces-names-the-best-network", "home tail", { ON, .bind = "0.0.0.0" },
    DA_REACH_NETWORK, DA_REPAIR_NONE, FALSE, "Devices on Wi-Fi “Home”" },
  { "one-address-names-its-network", "home tail", { ON, .bind = "192.168.1.5" },
    DA_REACH_NETWORK, DA_REPAIR_NONE, FALSE, "Devices on Wi-Fi “Home”" },
  { "the-tailnet-alone-is-the-tailnet", "home tail", { ON, .bind = "100.64.0.1" },
    DA_REACH_TAILNET, DA_REPAIR_NONE, FALSE, "Your tailnet" },
  { "an-address-that-is-gone-offers-the-new-one", "home", { ON, .bind = "192.168.9.9" },
    DA_REACH_NOBODY, DA_REPAIR_OPEN_TO_NETWORK, TRUE, "Nobody: the address is gone" },
  { "an-address-that-is-gone-without-another-offers-this-computer", "",
    { ON, .bind = "192.168.9.9" },
    DA_REACH_NOBODY, DA_REPAIR_THIS_COMPUTER, TRUE, "Nobody: the address is gone" },
  { "a-public-address-is-the-internet", "public", { ON, .bind = "0.0.0.0" },
    DA_REACH_INTERNET, DA_REPAIR_NONE, FALSE, "The internet, at 8.8.4.4" },
  { "a-public-ipv6-address-is-the-internet", "home six", { ON, .bind = "::" },
    DA_REACH_INTERNET, DA_REPAIR_NONE, FALSE, "The internet, at 2a00:1450::5" },
  { "an-ipv6-address-nothing-listens-on-does-not-matter", "home six", { ON, .bind = "0.0.0.0" },
    DA_REACH_NETWORK, DA_REPAIR_NONE, FALSE, "Devices on Wi-Fi “Home”" },
  { "a-public-ipv4-address-comes-first", "six public", { ON, .bind = "::" },
    DA_REACH_INTERNET, DA_REPAIR_NONE, FALSE, "The internet, at 8.8.4.4" },
  { "a-tunnel-is-the-internet-whatever-the-bind", "home",
    { ON, .bind = "127.0.0.1", .tunnel_url = "https://x.example" },
    DA_REACH_INTERNET, DA_REPAIR_NONE, FALSE, "The internet, through https://x.example" },
  { "a-firewall-is-named", "home", { ON, .bind = "0.0.0.0", .firewall = "ufw" },
    DA_REACH_NETWORK, DA_REPAIR_FIREWALL, FALSE, "Devices on Wi-Fi “Home”" },
  { "a-firewall-does-not-matter-on-loopback", "home",
    { ON, .bind = "127.0.0.1", .firewall = "ufw" },
    DA_REACH_THIS_COMPUTER, DA_REPAIR_OPEN_TO_NETWORK, FALSE, "Only this computer" },
};

static GPtrArray *
make_addresses (const char *names)
{
  const DaNetworkRaw home = { "wlan0", "192.168.1.5", "Home", DA_NETWORK_WIFI, .is_up = TRUE };
  const DaNetworkRaw tail = { "tailscale0", "100.64.0.1", NULL, DA_NETWORK_VPN, .is_up = TRUE };
  const DaNetworkRaw outside = { "eth0", "8.8.4.4", NULL, DA_NETWORK_ETHERNET, .is_up = TRUE };
  const DaNetworkRaw six = { "wlan0", "2a00:1450::5", "Home", DA_NETWORK_WIFI, .is_up = TRUE };
  DaNetworkRaw raw[4];
  gsize n = 0;

  if (g_strrstr (names, "home") != NULL)
    raw[n++] = home;
  if (g_strrstr (names, "tail") != NULL)
    raw[n++] = tail;
  if (g_strrstr (names, "public") != NULL)
    raw[n++] = outside;
  if (g_strrstr (names, "six") != NULL)
    raw[n++] = six;
  return da_network_sort (raw, n, "wlan0");
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  DaReachabilityState state = one->state;
  g_autoptr(GPtrArray) addresses = make_addresses (one->network);
  g_autoptr(DaReachability) found = NULL;

  state.addresses = addresses;
  found = da_reachability_new (&state);
  g_assert_cmpstr (found->who, ==, one->who);
  g_assert_cmpint (found->reach, ==, one->reach);
  g_assert_cmpint (found->repair, ==, one->repair);
  g_assert_cmpint (found->is_problem, ==, one->is_problem);
  g_assert_nonnull (found->reason);
  g_assert_cmpuint (*found->reason, !=, '\0');
}

static void
test_servers_words (void)
{
  g_autoptr(GPtrArray) addresses = make_addresses ("home");
  const DaReachabilityState state = {
    .enabled = TRUE, .has_key = TRUE, .state = DA_REMOTE_FAILED, .bind = "0.0.0.0", .port = 3210,
    .port_use = DA_NETWORK_PORT_TAKEN, .last_error = "Port 3210 is used by nc (pid 7)",
    .addresses = addresses,
  };
  g_autoptr(DaReachability) found = da_reachability_new (&state);

  g_assert_cmpstr (found->reason, ==, "Port 3210 is used by nc (pid 7)");
}

static void
test_addresses_are_told (void)
{
  g_autoptr(GPtrArray) addresses = make_addresses ("home tail");
  const DaReachabilityState state = { ON, .bind = "0.0.0.0", .addresses = addresses };
  g_autoptr(DaReachability) found = da_reachability_new (&state);

  g_assert_cmpstr (found->reason, ==, "192.168.1.5:3210, 100.64.0.1:3210");
}

static void
test_public (void)
{
  g_assert_true (da_reachability_is_public ("1.1.1.1"));
  g_assert_true (da_reachability_is_public ("2a00:1450::1"));
  g_assert_false (da_reachability_is_public ("172.31.0.1"));
  g_assert_true (da_reachability_is_public ("172.32.0.1"));
  g_assert_false (da_reachability_is_public ("100.100.0.1"));
  g_assert_false (da_reachability_is_public ("fd00::1"));
  g_assert_false (da_reachability_is_public ("no address"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/reachability/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/engine/reachability/the-server-says-why-in-its-own-words",
                   test_servers_words);
  g_test_add_func ("/engine/reachability/the-addresses-are-told", test_addresses_are_told);
  g_test_add_func ("/engine/reachability/public-and-private-ranges-differ", test_public);
  return g_test_run ();
}
