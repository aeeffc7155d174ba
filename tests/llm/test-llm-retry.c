/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-retry"

#include "da-llm-retry.h"

#include <gio/gio.h>

static void
test_which_errors (void)
{
  static const struct { DaLlmError code; guint status; gboolean is_final, is_retried; } cases[] = {
    { DA_LLM_ERROR_AUTH, 401, FALSE, FALSE },
    { DA_LLM_ERROR_AUTH, 403, FALSE, FALSE },
    { DA_LLM_ERROR_BAD_REQUEST, 400, FALSE, FALSE },
    { DA_LLM_ERROR_BAD_REQUEST, 404, FALSE, FALSE },
    { DA_LLM_ERROR_BAD_REQUEST, 422, FALSE, FALSE },
    { DA_LLM_ERROR_CONTEXT_LENGTH, 400, FALSE, FALSE },
    { DA_LLM_ERROR_CONTEXT_LENGTH, 413, FALSE, FALSE },
    { DA_LLM_ERROR_NETWORK, 408, FALSE, TRUE },
    { DA_LLM_ERROR_NETWORK, 0, FALSE, TRUE },
    { DA_LLM_ERROR_RATE_LIMIT, 429, FALSE, TRUE },
    { DA_LLM_ERROR_RATE_LIMIT, 429, TRUE, FALSE },
    { DA_LLM_ERROR_SERVER, 500, FALSE, TRUE },
    { DA_LLM_ERROR_SERVER, 502, FALSE, TRUE },
    { DA_LLM_ERROR_SERVER, 529, FALSE, TRUE },
    { DA_LLM_ERROR_SERVER, 501, FALSE, FALSE },
    { DA_LLM_ERROR_BAD_ANSWER, 0, FALSE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = da_llm_error_new (cases[i].code, cases[i].status, -1,
                                                   cases[i].is_final, "x");
      DaLlmRetry retry;
      guint delay;

      da_llm_retry_init (&retry, 3, 1000, 30000);
      g_assert_cmpint (da_llm_retry_next (&retry, error, FALSE, &delay, NULL), ==,
                       cases[i].is_retried);
      /* Never once something was shown, and never when retries are switched off. */
      da_llm_retry_init (&retry, 3, 1000, 30000);
      g_assert_false (da_llm_retry_next (&retry, error, TRUE, &delay, NULL));
      da_llm_retry_init (&retry, 0, 1000, 30000);
      g_assert_false (da_llm_retry_next (&retry, error, FALSE, &delay, NULL));
    }
}

static void
test_foreign_errors (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  DaLlmRetry retry;
  guint delay;

  da_llm_retry_init (&retry, 3, 1000, 30000);
  g_assert_false (da_llm_retry_next (&retry, error, FALSE, &delay, NULL));
}

static void
test_count (void)
{
  g_autoptr (GError) error = da_llm_error_new (DA_LLM_ERROR_SERVER, 500, -1, FALSE, "x");
  static const guint expected[] = { 1000, 2000, 4000 };
  DaLlmRetry retry;
  guint delay;

  da_llm_retry_init (&retry, 3, 1000, 30000);
  for (guint i = 0; i < 3; i++)
    {
      gboolean is_unlimited = TRUE;

      g_assert_true (da_llm_retry_next (&retry, error, FALSE, &delay, &is_unlimited));
      g_assert_false (is_unlimited);
      g_assert_cmpuint (delay, >=, expected[i] * 3 / 4);
      g_assert_cmpuint (delay, <=, expected[i] * 5 / 4 + 1);
    }
  g_assert_false (da_llm_retry_next (&retry, error, FALSE, &delay, NULL));
}

static void
test_jitter (void)
{
  guint least = G_MAXUINT, most = 0;

  for (guint i = 0; i < 2000; i++)
    {
      guint delay = da_llm_retry_backoff (1000, 30000, 0);

      least = MIN (least, delay);
      most = MAX (most, delay);
      g_assert_cmpuint (da_llm_retry_backoff (1000, 30000, 31), <=, 30000);
      g_assert_cmpuint (da_llm_retry_backoff (1000, 30000, 31), >=, 22500);
      g_assert_cmpuint (da_llm_retry_backoff (0, 0, 3), ==, 0);
    }
  g_assert_cmpuint (least, >=, 750);
  g_assert_cmpuint (most, <=, 1250);
  /* It does spread. */
  g_assert_cmpuint (least, <, 800);
  g_assert_cmpuint (most, >, 1200);
}

static void
test_rate_limit_bound (void)
{
  g_autoptr (GError) error = da_llm_error_new (DA_LLM_ERROR_RATE_LIMIT, 429, -1, FALSE, "x");
  DaLlmRetry retry;
  gint64 total = 0;
  guint n = 0, delay;
  gboolean is_unlimited = FALSE;

  da_llm_retry_init (&retry, 3, 1000, 30000);
  while (da_llm_retry_next (&retry, error, FALSE, &delay, &is_unlimited))
    {
      g_assert_true (is_unlimited);
      g_assert_cmpuint (delay, <=, 30000);
      total += delay;
      g_assert_cmpuint (++n, <, 1000);
    }
  g_assert_cmpuint (n, >, 15);
  g_assert_cmpint (total, <=, DA_LLM_RETRY_LIMIT_TOTAL_MS);
  g_assert_cmpint (total, >, DA_LLM_RETRY_LIMIT_TOTAL_MS - 30001);
}

static void
test_retry_after (void)
{
  g_autoptr (GError) some = da_llm_error_new (DA_LLM_ERROR_RATE_LIMIT, 429, 45000, FALSE, "x");
  g_autoptr (GError) none = da_llm_error_new (DA_LLM_ERROR_RATE_LIMIT, 429, 0, FALSE, "x");
  g_autoptr (GError) much = da_llm_error_new (DA_LLM_ERROR_RATE_LIMIT, 429, 3600000, FALSE, "x");
  g_autoptr (GError) busy = da_llm_error_new (DA_LLM_ERROR_SERVER, 503, 5000, FALSE, "x");
  DaLlmRetry retry;
  guint delay;

  da_llm_retry_init (&retry, 3, 1000, 30000);
  g_assert_true (da_llm_retry_next (&retry, some, FALSE, &delay, NULL));
  g_assert_cmpuint (delay, ==, 45000);
  g_assert_false (da_llm_retry_next (&retry, much, FALSE, &delay, NULL));
  g_assert_true (da_llm_retry_next (&retry, none, FALSE, &delay, NULL));
  g_assert_cmpuint (delay, >=, 1500);
  da_llm_retry_init (&retry, 3, 1000, 30000);
  g_assert_true (da_llm_retry_next (&retry, busy, FALSE, &delay, NULL));
  g_assert_cmpuint (delay, ==, 5000);
}

static void
test_header (void)
{
  /* 2015-10-21 07:28:00 UTC */
  const gint64 now_ms = G_GINT64_CONSTANT (1445412480000);
  static const struct { const char *value; gint64 ms; } cases[] = {
    { NULL, -1 }, { "", -1 }, { "  ", -1 }, { "0", 0 }, { "1", 1000 }, { " 20 ", 20000 },
    { "1.5", 1500 }, { "-1", -1 }, { "soon", -1 }, { "3 apples", -1 },
    { "Wed, 21 Oct 2015 07:28:30 GMT", 30000 },
    { "Wed, 21 Oct 2015 07:27:00 GMT", 0 },
    { "Wednesday, 21-Oct-15 07:28:05 GMT", 5000 },
    { "1e999", G_GINT64_CONSTANT (31622400000) },
    { "99999999999999", G_GINT64_CONSTANT (31622400000) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (da_llm_retry_parse (cases[i].value, now_ms), ==, cases[i].ms);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/retry/each-kind-of-error-is-decided", test_which_errors);
  g_test_add_func ("/llm/retry/other-errors-are-final", test_foreign_errors);
  g_test_add_func ("/llm/retry/three-tries-with-growing-pauses", test_count);
  g_test_add_func ("/llm/retry/pauses-are-spread", test_jitter);
  g_test_add_func ("/llm/retry/rate-limits-are-waited-for-ten-minutes", test_rate_limit_bound);
  g_test_add_func ("/llm/retry/what-the-provider-asks-for-is-honoured", test_retry_after);
  g_test_add_func ("/llm/retry/the-header-is-read", test_header);
  return g_test_run ();
}
