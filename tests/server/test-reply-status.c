/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-reply-status.h"

#include <gio/gio.h>

#include "da-error.h"
#include "da-json.h"

static void
check (GQuark domain,
       int    code,
       guint  status,
       gboolean is_internal)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "text");
  DaReplyStatus how = da_reply_status_for_error (error);

  g_assert_cmpuint (how.status, ==, status);
  g_assert_cmpint (how.is_internal, ==, is_internal);
}

static void
test_errors (void)
{
  check (DA_ERROR, DA_ERROR_INVALID, 400, FALSE);
  check (DA_ERROR, DA_ERROR_NOT_FOUND, 404, FALSE);
  check (DA_ERROR, DA_ERROR_CONFLICT, 409, FALSE);
  check (DA_ERROR, DA_ERROR_TOO_LARGE, 413, FALSE);
  check (DA_ERROR, DA_ERROR_NO_SPACE, 507, FALSE);
  check (DA_ERROR, DA_ERROR_BUSY, 503, FALSE);
  check (DA_ERROR, DA_ERROR_UNAVAILABLE, 501, FALSE);
  check (DA_ERROR, DA_ERROR_LOCKED, 503, FALSE);
  check (DA_ERROR, DA_ERROR_CORRUPT, 500, TRUE);
  check (DA_ERROR, DA_ERROR_UPSTREAM, 502, FALSE);
  check (DA_ERROR, DA_ERROR_INTERNAL, 500, TRUE);
  check (DA_JSON_ERROR, DA_JSON_ERROR_SIZE, 413, FALSE);
  check (DA_JSON_ERROR, DA_JSON_ERROR_SYNTAX, 400, FALSE);
  check (DA_JSON_ERROR, DA_JSON_ERROR_FIELD, 400, FALSE);
  check (G_IO_ERROR, G_IO_ERROR_NO_SPACE, 507, TRUE);
  check (G_IO_ERROR, G_IO_ERROR_FAILED, 500, TRUE);
  check (G_FILE_ERROR, G_FILE_ERROR_IO, 500, TRUE);
  check (g_quark_from_static_string ("da-llm-error-quark"), 0, 502, FALSE);
}

static void
test_runs (void)
{
  g_autoptr (GError) error = g_error_new_literal (DA_ERROR, DA_ERROR_NO_SPACE, "full");

  g_assert_cmpuint (da_reply_status_for_run (error, "auth", -1).status, ==, 502);
  g_assert_cmpuint (da_reply_status_for_run (error, "rate_limit", -1).status, ==, 429);
  g_assert_cmpuint (da_reply_status_for_run (error, "rate_limit", -1).retry_after, >, 0);
  g_assert_cmpuint (da_reply_status_for_run (error, "context_length", -1).status, ==, 400);
  g_assert_cmpuint (da_reply_status_for_run (error, "network", -1).status, ==, 502);
  g_assert_cmpuint (da_reply_status_for_run (error, "other", -1).status, ==, 507);
  g_assert_cmpuint (da_reply_status_for_run (error, NULL, -1).status, ==, 507);
  g_assert_cmpuint (da_reply_status_for_run (NULL, NULL, -1).status, ==, 500);
}

static guint
seconds_for (gint64 retry_after_ms)
{
  g_autoptr (GError) error = g_error_new_literal (DA_ERROR, DA_ERROR_UPSTREAM, "slower");

  return da_reply_status_for_run (error, "rate_limit", retry_after_ms).retry_after;
}

static void
test_retry_after (void)
{
  g_autoptr (GError) error = g_error_new_literal (DA_ERROR, DA_ERROR_UPSTREAM, "x");

  g_assert_cmpuint (seconds_for (600 * 1000), ==, 600);
  g_assert_cmpuint (seconds_for (1), ==, 1);
  g_assert_cmpuint (seconds_for (1001), ==, 2);
  g_assert_cmpuint (seconds_for (0), ==, 1);
  g_assert_cmpuint (seconds_for (-1), >, 1);
  g_assert_cmpuint (seconds_for (G_MAXINT64), ==, 24 * 60 * 60);
  /* A time is of use only where the client may do something about it. */
  g_assert_cmpuint (da_reply_status_for_run (error, "network", 5000).retry_after, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/reply/each-error-has-its-status", test_errors);
  g_test_add_func ("/server/reply/a-failed-run-never-looks-like-a-wrong-key", test_runs);
  g_test_add_func ("/server/reply/a-provider-s-time-to-wait-is-passed-on", test_retry_after);
  return g_test_run ();
}
