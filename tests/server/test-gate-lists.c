/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-gate.h"

static gboolean
allows (DaGate     *gate,
        const char *text,
        const char *own)
{
  g_autoptr (GSocketAddress) local = NULL;
  DaHost host;

  if (own != NULL)
    local = g_inet_socket_address_new_from_string (own, 3210);
  g_assert_true (da_host_parse (text, &host));
  return da_gate_allows_host (gate, &host, local);
}

static void
test_hosts (void)
{
  static const char *const extra[] = {
    "desk.example", "192.0.2.7", "*", "0.0.0.0", "bad host", "2001:DB8::7", "[2001:db8::8]", "::",
    "]", "", NULL,
  };
  DaGate *gate = da_gate_new ();
  g_autofree char *dotted = g_strconcat (g_get_host_name (), ".", NULL);

  g_assert_true (allows (gate, "localhost", NULL));
  g_assert_true (allows (gate, "LOCALHOST.:1", NULL));
  g_assert_true (allows (gate, "app.localhost", NULL));
  g_assert_true (allows (gate, "127.0.0.1:3210", NULL));
  g_assert_true (allows (gate, "[::1]:3210", NULL));
  g_assert_true (allows (gate, "[::ffff:127.0.0.1]", NULL));
  g_assert_true (allows (gate, g_get_host_name (), NULL));
  g_assert_true (allows (gate, dotted, NULL));

  g_assert_false (allows (gate, "evil.example", NULL));
  g_assert_false (allows (gate, "localhost.evil.example", NULL));
  g_assert_false (allows (gate, "0.0.0.0", "0.0.0.0"));
  g_assert_false (allows (gate, "[::]", "::"));
  g_assert_false (allows (gate, "127.1", NULL));
  g_assert_false (allows (gate, "192.0.2.7", NULL));
  g_assert_false (allows (gate, "desk.example", NULL));

  da_gate_set_hosts (gate, extra);
  g_assert_true (allows (gate, "desk.example:80", NULL));
  g_assert_true (allows (gate, "Desk.Example.", NULL));
  g_assert_true (allows (gate, "192.0.2.7", NULL));
  g_assert_true (allows (gate, "[2001:db8::7]:3210", NULL));
  g_assert_true (allows (gate, "[2001:db8::8]", NULL));
  g_assert_false (allows (gate, "[2001:db8::9]", NULL));
  g_assert_false (allows (gate, "[::]", NULL));
  /* A star is no host, and does not open the door to all. */
  g_assert_false (allows (gate, "evil.example", NULL));
  g_assert_false (allows (gate, "0.0.0.0", NULL));
  g_assert_false (allows (gate, "sub.desk.example", NULL));

  da_gate_set_hosts (gate, NULL);
  g_assert_false (allows (gate, "desk.example", NULL));
  da_gate_free (gate);
}

static void
test_own_address (void)
{
  DaGate *gate = da_gate_new ();

  /* What a connection came to is ours; for every bind the rest stays shut. */
  g_assert_true (allows (gate, "203.0.113.9:3210", "203.0.113.9"));
  g_assert_true (allows (gate, "203.0.113.9", "::ffff:203.0.113.9"));
  g_assert_true (allows (gate, "[2001:db8::9]", "2001:db8::9"));
  g_assert_false (allows (gate, "203.0.113.10", "203.0.113.9"));
  g_assert_false (allows (gate, "evil.example", "203.0.113.9"));
  g_assert_false (allows (gate, "evil.example", "0.0.0.0"));
  da_gate_free (gate);
}

static void
test_public_host (void)
{
  static const char *const extra[] = { "desk.example", NULL };
  DaGate *gate = da_gate_new ();

  da_gate_set_public_host (gate, "abc.trycloudflare.com");
  g_assert_true (allows (gate, "abc.trycloudflare.com", NULL));
  da_gate_set_hosts (gate, extra);
  g_assert_true (allows (gate, "abc.trycloudflare.com", NULL));
  g_assert_false (allows (gate, "xyz.trycloudflare.com", NULL));
  da_gate_free (gate);
}

static void
test_origins (void)
{
  static const char *const any[] = { "*", NULL };
  static const char *const listed[] = { "https://App.Example/", "http://localhost:8081", NULL };
  DaGate *gate = da_gate_new ();

  g_assert_false (da_gate_allows_origin (gate, "https://app.example"));
  da_gate_set_origins (gate, any);
  g_assert_true (da_gate_allows_origin (gate, "https://evil.example"));
  g_assert_true (da_gate_allows_origin (gate, "null"));
  g_assert_false (da_gate_allows_origin (gate, "https://a b"));

  da_gate_set_origins (gate, listed);
  g_assert_true (da_gate_allows_origin (gate, "https://app.example"));
  g_assert_true (da_gate_allows_origin (gate, "HTTP://LOCALHOST:8081"));
  g_assert_false (da_gate_allows_origin (gate, "http://localhost:8082"));
  g_assert_false (da_gate_allows_origin (gate, "https://evil.example"));
  g_assert_false (da_gate_allows_origin (gate, "https://app.example.evil.example"));
  g_assert_false (da_gate_allows_origin (gate, "http://app.example"));
  g_assert_false (da_gate_allows_origin (gate, "null"));

  da_gate_set_origins (gate, NULL);
  g_assert_false (da_gate_allows_origin (gate, "https://app.example"));
  da_gate_free (gate);
}

static void
test_devices (void)
{
  static const char *const listed[] = { "phone-1", "phone 2", NULL };
  static const char *const empty[] = { NULL };
  DaGate *gate = da_gate_new ();

  g_assert_false (da_gate_guards_devices (gate));
  g_assert_true (da_gate_allows_device (gate, NULL));
  da_gate_set_devices (gate, listed);
  g_assert_true (da_gate_guards_devices (gate));
  g_assert_true (da_gate_allows_device (gate, "phone 2"));
  g_assert_false (da_gate_allows_device (gate, "phone-3"));
  g_assert_false (da_gate_allows_device (gate, NULL));
  da_gate_set_devices (gate, empty);
  g_assert_false (da_gate_guards_devices (gate));
  da_gate_free (gate);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/gate/only-known-hosts-pass-and-a-star-never-does", test_hosts);
  g_test_add_func ("/server/gate/the-address-a-connection-came-to-is-ours", test_own_address);
  g_test_add_func ("/server/gate/a-tunnel-name-survives-a-change-of-the-list", test_public_host);
  g_test_add_func ("/server/gate/origins-are-those-of-the-list", test_origins);
  g_test_add_func ("/server/gate/an-empty-list-of-devices-guards-nothing", test_devices);
  return g_test_run ();
}
