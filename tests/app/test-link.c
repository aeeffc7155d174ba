/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-link"

#include "da-link.h"

static void
assert_value (DaLink     *link,
              guint       at,
              const char *name,
              const char *value)
{
  const DaLinkValue *found = g_ptr_array_index (link->values, at);

  g_assert_cmpstr (found->name, ==, name);
  g_assert_cmpstr (found->value, ==, value);
}

static void
test_pairing (void)
{
  g_autoptr (DaLink) link = da_link_parse ("dotagents://config?baseUrl=http%3A%2F%2F10.0.0.2"
                                           "%3A3210%2Fv1&apiKey=0123456789abcdef&a=b+c");

  g_assert_true (link->is_pairing);
  g_assert_cmpstr (link->kind, ==, "config");
  g_assert_cmpuint (link->values->len, ==, 3);
  assert_value (link, 0, "baseUrl", "http://10.0.0.2:3210/v1");
  assert_value (link, 1, "apiKey", NULL);
  g_assert_cmpuint (((DaLinkValue *) link->values->pdata[1])->n_hidden, ==, 16);
  assert_value (link, 2, "a", "b c");
  g_assert_cmpuint (link->n_more, ==, 0);
}

static void
test_not_ours (void)
{
  static const char *const links[] = { "", "dotagents", "http://config", "file:///etc/passwd",
                                       "dotagentsx://config", "://", "dotagents://[", "\xff" };
  g_autofree char *huge = g_strnfill (100000, 'a');
  g_autofree char *long_link = g_strconcat ("dotagents://config?x=", huge, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    g_assert_null (da_link_parse (links[i]));
  g_assert_null (da_link_parse (long_link));
}

/* What a page could use to make a dialog say something else. */
static void
test_disguises (void)
{
  g_autoptr (DaLink) link = da_link_parse ("dotagents://x?to%E2%80%AEken=1&a=l1%0Al2%E2%80%A8l3"
                                           "&s%E2%80%8Eecret=hidden&c=%D8%9Cok&b=%FF%FE&d=1");

  g_assert_false (link->is_pairing);
  /* Without what was hidden in it the name says what it is. */
  assert_value (link, 0, "token", NULL);
  assert_value (link, 1, "a", "l1l2l3");
  assert_value (link, 2, "secret", NULL);
  assert_value (link, 3, "c", "ok");
  g_assert_cmpuint (link->n_more, ==, 1);
}

static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new ("dotagents://x?");
  g_autoptr (DaLink) link = NULL;
  g_autofree char *words = g_strnfill (1000, 'w');
  const char *first;

  g_string_append_printf (text, "first=%s", words);
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text, "&n%u=1", i);
  link = da_link_parse (text->str);
  g_assert_cmpuint (link->values->len, ==, DA_LINK_MAX_VALUES);
  g_assert_cmpuint (link->n_more, ==, 5001 - DA_LINK_MAX_VALUES);
  first = ((DaLinkValue *) link->values->pdata[0])->value;
  g_assert_cmpint (g_utf8_strlen (first, -1), ==, DA_LINK_MAX_TEXT + 1);
  g_assert_true (g_str_has_suffix (first, "…"));
}

static void
test_broken_query (void)
{
  g_autoptr (DaLink) link = da_link_parse ("dotagents://x?a=1&b&c=2");

  assert_value (link, 0, "a", "1");
  g_assert_cmpuint (link->n_more, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/app/link/a-pairing-link-hides-its-key", test_pairing);
  g_test_add_func ("/app/link/what-is-not-ours-is-refused", test_not_ours);
  g_test_add_func ("/app/link/a-disguise-is-taken-off", test_disguises);
  g_test_add_func ("/app/link/many-and-long-values-are-bounded", test_limits);
  g_test_add_func ("/app/link/a-broken-query-is-told", test_broken_query);
  return g_test_run ();
}
