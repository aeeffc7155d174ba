/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-random"

#include "da-random.h"

#include <string.h>

#include "da-clock.h"

static void
test_bytes_vary (void)
{
  guint8 a[4096] = { 0 };
  guint8 b[4096] = { 0 };
  guint seen[256] = { 0 };

  da_random_bytes (a, sizeof a);
  da_random_bytes (b, sizeof b);
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
  for (gsize i = 0; i < sizeof a; i++)
    {
      seen[a[i]]++;
      seen[b[i]]++;
    }
  /* 32 of each are expected; 110 would be fourteen standard deviations away. */
  for (guint i = 0; i < 256; i++)
    g_assert_cmpuint (seen[i], <, 110);
  da_random_bytes (a, 0);
}

static void
test_hex (void)
{
  g_autofree char *key = da_random_hex (32);
  g_autofree char *other = da_random_hex (32);
  g_autofree char *empty = da_random_hex (0);

  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_cmpuint (strspn (key, "0123456789abcdef"), ==, 64);
  g_assert_cmpstr (key, !=, other);
  g_assert_cmpstr (empty, ==, "");
}

static void
test_ids (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      char *id = da_random_id ("conv");
      g_auto (GStrv) parts = g_strsplit (id, "_", -1);
      gint64 ms;

      g_assert_cmpuint (g_strv_length (parts), ==, 3);
      g_assert_cmpstr (parts[0], ==, "conv");
      ms = g_ascii_strtoll (parts[1], NULL, 10);
      g_assert_cmpint (ABS (ms - da_clock_now_ms ()), <, 60000);
      g_assert_cmpuint (strlen (parts[2]), ==, 26);
      g_assert_cmpuint (strspn (parts[2], "0123456789abcdefghijklmnopqrstuvwxyz"), ==, 26);
      g_assert_true (g_hash_table_add (seen, g_steal_pointer (&id)));
    }
}

/* With "% 36" over a whole byte the first four digits would be an eighth likelier. */
static void
test_id_digits_are_even (void)
{
  guint seen[128] = { 0 };
  const guint rounds = 4000;

  for (guint i = 0; i < rounds; i++)
    {
      g_autofree char *id = da_random_id ("x");

      for (const char *at = strrchr (id, '_') + 1; *at != '\0'; at++)
        seen[(guint) *at]++;
    }
  /* 2889 are expected, 53 is one standard deviation. */
  for (guint c = 0; c < 128; c++)
    {
      if (g_ascii_isdigit ((char) c) || g_ascii_islower ((char) c))
        g_assert_cmpint (ABS ((int) seen[c] - (int) (rounds * 26 / 36)), <, 350);
    }
}

static void
test_uint (void)
{
  guint counts[6] = { 0 };

  for (guint i = 0; i < 6000; i++)
    counts[da_random_uint (6)]++;
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (ABS ((int) counts[i] - 1000), <, 300);
  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpuint (da_random_uint (1), ==, 0);
      g_assert_cmpuint (da_random_uint (0x80000001), <, 0x80000001);
    }
}

static void
test_secret_equal (void)
{
  g_assert_true (da_secret_equal ("abc", "abc"));
  g_assert_true (da_secret_equal ("", ""));
  g_assert_false (da_secret_equal ("abc", "abd"));
  g_assert_false (da_secret_equal ("abc", "ab"));
  g_assert_false (da_secret_equal ("abc", "abcd"));
  g_assert_false (da_secret_equal ("abc", ""));
  g_assert_false (da_secret_equal ("abc", "ABC"));
  g_assert_false (da_secret_equal (NULL, "abc"));
  g_assert_false (da_secret_equal ("abc", NULL));
  g_assert_false (da_secret_equal (NULL, NULL));
}

static void
test_secret_digest (void)
{
  g_autofree char *digest = da_secret_digest ("abc");

  g_assert_cmpstr (digest, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_secret_preview (void)
{
  static const struct { const char *secret; const char *preview; } cases[] = {
    { "0123456789abcdef", "0123...cdef" }, { "123456789", "1234...6789" },
    { "12345678", "***" },                 { "a", "***" },
    { "", "***" },                         { NULL, "***" },
    { "geheim-schlüssel", "***" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *preview = da_secret_preview (cases[i].secret);

      g_assert_cmpstr (preview, ==, cases[i].preview);
    }
  da_secret_free (NULL);
  da_secret_free (g_strdup ("x"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/base/random/bytes-vary", test_bytes_vary);
  g_test_add_func ("/base/random/hex-form", test_hex);
  g_test_add_func ("/base/random/ids-have-their-form-and-differ", test_ids);
  g_test_add_func ("/base/random/id-digits-are-even", test_id_digits_are_even);
  g_test_add_func ("/base/random/uint-is-even-and-below-its-bound", test_uint);
  g_test_add_func ("/base/random/secrets-compare", test_secret_equal);
  g_test_add_func ("/base/random/secret-digest-is-sha256", test_secret_digest);
  g_test_add_func ("/base/random/secret-preview", test_secret_preview);

  return g_test_run ();
}
