/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-host.h"

typedef struct {
  const char *text;
  const char *name;     /* NULL: refused */
  guint       port;
  int         family;
} Case;

static const Case cases[] = {
  { "localhost", "localhost", 0, 0 },
  { "LOCALHOST:3210", "localhost", 3210, 0 },
  { "localhost.", "localhost", 0, 0 },
  { "localhost.:80", "localhost", 80, 0 },
  { "a.LocalHost", "a.localhost", 0, 0 },
  { "127.0.0.1", "127.0.0.1", 0, 4 },
  { "127.0.0.1:65535", "127.0.0.1", 65535, 4 },
  { "127.0.0.1.", "127.0.0.1", 0, 4 },
  { "[::1]", "::1", 0, 6 },
  { "[::1]:3210", "::1", 3210, 6 },
  { "[0:0:0:0:0:0:0:1]", "::1", 0, 6 },
  { "[::ffff:127.0.0.1]:3210", "127.0.0.1", 3210, 4 },
  { "[::ffff:7f00:1]", "127.0.0.1", 0, 4 },
  { "[::]", "::", 0, 6 },
  { "0.0.0.0", "0.0.0.0", 0, 4 },
  /* Not dotted quads: names, and none of ours. */
  { "127.1", "127.1", 0, 0 },
  { "2130706433", "2130706433", 0, 0 },
  { "0x7f.0.0.1", "0x7f.0.0.1", 0, 0 },
  { "xn--lcalhost-c2a", "xn--lcalhost-c2a", 0, 0 },
  { "my_host-1.example", "my_host-1.example", 0, 0 },
  { "", NULL }, { ".", NULL }, { "..", NULL }, { ":80", NULL }, { "a..localhost", NULL },
  { ".localhost", NULL }, { "localhost:", NULL }, { "localhost:0", NULL },
  { "localhost:65536", NULL }, { "localhost:80a", NULL }, { "localhost:000080", NULL },
  { "localhost:+80", NULL }, { "localhost:80:80", NULL }, { "local host", NULL },
  { " localhost", NULL }, { "localhost ", NULL }, { "localhost,evil", NULL },
  { "user@localhost", NULL }, { "localhost/x", NULL }, { "l\xc3\xb6" "calhost", NULL },
  { "*", NULL }, { "*.localhost", NULL }, { "[::1", NULL }, { "::1", NULL }, { "[]", NULL },
  { "[127.0.0.1]", NULL }, { "[::1]x", NULL }, { "[::1]:", NULL }, { "[fe80::1%eth0]", NULL },
  { "[fe80::1%25eth0]", NULL }, { "localhost\t", NULL }, { "local%68ost", NULL },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DaHost host;
      gboolean valid = da_host_parse (cases[i].text, &host);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (valid, ==, cases[i].name != NULL);
      if (!valid)
        continue;
      g_assert_cmpstr (host.name, ==, cases[i].name);
      g_assert_cmpuint (host.port, ==, cases[i].port);
      g_assert_cmpint (host.family, ==, cases[i].family);
    }
}

static void
test_length (void)
{
  g_autofree char *fits = g_strnfill (253, 'a');
  g_autofree char *longer = g_strnfill (254, 'a');
  DaHost host;

  g_assert_true (da_host_parse (fits, &host));
  g_assert_false (da_host_parse (longer, &host));
}

static gboolean
is (const char *text,
    gboolean  (*check) (const DaHost *host))
{
  DaHost host;

  g_assert_true (da_host_parse (text, &host));
  return check (&host);
}

static void
test_kinds (void)
{
  g_assert_true (is ("localhost", da_host_is_localhost));
  g_assert_true (is ("a.b.localhost.", da_host_is_localhost));
  g_assert_false (is ("localhost.evil.example", da_host_is_localhost));
  g_assert_false (is ("notlocalhost", da_host_is_localhost));
  g_assert_false (is ("127.0.0.1", da_host_is_localhost));
  g_assert_true (is ("127.200.3.4", da_host_is_loopback));
  g_assert_true (is ("[::1]", da_host_is_loopback));
  g_assert_true (is ("[::ffff:127.0.0.1]", da_host_is_loopback));
  g_assert_false (is ("128.0.0.1", da_host_is_loopback));
  g_assert_false (is ("127.1", da_host_is_loopback));
  g_assert_true (is ("0.0.0.0", da_host_is_unspecified));
  g_assert_true (is ("[::]", da_host_is_unspecified));
  g_assert_true (is ("[::ffff:0.0.0.0]", da_host_is_unspecified));
  g_assert_false (is ("[::1]", da_host_is_unspecified));
}

static void
check_origin (const char *text,
              const char *expected)
{
  g_autofree char *normal = da_origin_normalize (text);

  g_assert_cmpstr (normal, ==, expected);
}

static void
test_origins (void)
{
  g_autofree char *longer = g_strnfill (301, 'a');

  check_origin ("https://App.Example", "https://app.example");
  check_origin ("https://app.example/", "https://app.example");
  check_origin ("http://localhost:8081", "http://localhost:8081");
  check_origin ("null", "null");
  check_origin ("", NULL);
  check_origin ("/", NULL);
  check_origin ("https://a b", NULL);
  check_origin ("https://a, https://b", NULL);
  check_origin ("https://\xc3\xa9.example", NULL);
  check_origin (longer, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/host/each-spelling-is-decided-as-the-table-says", test_table);
  g_test_add_func ("/server/host/a-name-is-at-most-253-characters", test_length);
  g_test_add_func ("/server/host/loopback-localhost-and-nowhere-are-told-apart", test_kinds);
  g_test_add_func ("/server/host/origins-are-compared-in-one-form", test_origins);
  return g_test_run ();
}
