/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secret-reference"

#include "da-secret-reference.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-error.h"
#include "da-macros.h"
#include "da-redact.h"
#include "secrets-test-util.h"

static char *agents_dir;

static void
resolve_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->secret = da_secret_reference_resolve_finish (result, &answer->error);
  answer->done = TRUE;
}

static void
resolve (const char *reference, Answer *answer)
{
  da_secret_reference_resolve_async (agents_dir, reference, NULL, resolve_cb, answer);
  answer_wait (answer);
}

static void
assert_resolves (const char *reference, const char *expected)
{
  Answer answer = { 0 };

  resolve (reference, &answer);
  g_assert_no_error (answer.error);
  g_assert_cmpstr (answer.secret, ==, expected);
  answer_clear (&answer);
}

static void
write_secrets (const char *text)
{
  g_autofree char *path = g_build_filename (agents_dir, "secrets.local.json", NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, 0644), ==, 0);
}

static void
test_is_recognised (void)
{
  g_assert_true (da_secret_reference_is ("dotagents-secret://x"));
  g_assert_true (da_secret_reference_is ("dotagents-secret://"));
  g_assert_false (da_secret_reference_is ("dotagents-secret:/x"));
  g_assert_false (da_secret_reference_is (" dotagents-secret://x"));
  g_assert_false (da_secret_reference_is ("sk-123"));
  g_assert_false (da_secret_reference_is (""));
  g_assert_false (da_secret_reference_is (NULL));
}

static void
test_without_a_file_there_is_none (void)
{
  assert_resolves ("dotagents-secret://api", NULL);
}

static void
test_decodes_up_to_three_times (void)
{
  write_secrets ("{\"secrets\":{\"plain\":\"v-plain\",\"a/b\":\"v-slash\",\"c%2Fd\":\"v-literal\","
                 "\"ä\":\"v-umlaut\",\"50%\":\"v-percent\"}}");
  assert_resolves ("dotagents-secret://plain", "v-plain");
  assert_resolves ("dotagents-secret://a/b", "v-slash");
  assert_resolves ("dotagents-secret://a%2Fb", "v-slash");
  assert_resolves ("dotagents-secret://a%252Fb", "v-slash");
  assert_resolves ("dotagents-secret://a%25252Fb", "v-slash");
  assert_resolves ("dotagents-secret://a%2525252Fb", NULL);
  assert_resolves ("dotagents-secret://c%2Fd", "v-literal");
  assert_resolves ("dotagents-secret://c%252Fd", "v-literal");
  assert_resolves ("dotagents-secret://%C3%A4", "v-umlaut");
  assert_resolves ("dotagents-secret://50%", "v-percent");
  assert_resolves ("dotagents-secret://50%25", "v-percent");
}

static void
test_odd_ids_are_harmless (void)
{
  write_secrets ("{\"secrets\":{\"a\":\"v\",\"\":\"empty id\"}}");
  assert_resolves ("dotagents-secret://", NULL);
  assert_resolves ("dotagents-secret://a%00", NULL);
  assert_resolves ("dotagents-secret://%", NULL);
  assert_resolves ("dotagents-secret://%zz", NULL);
  assert_resolves ("dotagents-secret://%ff", NULL);
  assert_resolves ("dotagents-secret://../../etc/passwd", NULL);
}

static void
test_only_texts_are_secrets (void)
{
  write_secrets ("{\"secrets\":{\"empty\":\"\",\"number\":5,\"null\":null,\"object\":{}}}");
  assert_resolves ("dotagents-secret://empty", NULL);
  assert_resolves ("dotagents-secret://number", NULL);
  assert_resolves ("dotagents-secret://null", NULL);
  assert_resolves ("dotagents-secret://object", NULL);
}

static void
test_a_damaged_file_is_an_error (void)
{
  Answer answer = { 0 };

  write_secrets ("{\"secrets\":{\"a\":\"precious");
  resolve ("dotagents-secret://a", &answer);
  g_assert_error (answer.error, DA_ERROR, DA_ERROR_CORRUPT);
  g_assert_null (answer.secret);
  g_assert_null (strstr (answer.error->message, "precious"));
  answer_clear (&answer);
}

static void
test_a_plain_key_is_not_resolved (void)
{
  Answer answer = { 0 };

  resolve ("sk-plain", &answer);
  g_assert_error (answer.error, DA_ERROR, DA_ERROR_INVALID);
  answer_clear (&answer);
}

static void
test_a_change_is_seen_and_the_file_untouched (void)
{
  g_autofree char *path = g_build_filename (agents_dir, "secrets.local.json", NULL);
  g_autofree char *text = NULL;
  g_autofree char *hidden = NULL;
  struct stat info;

  write_secrets ("{\"secrets\":{\"a\":\"first words of the test\"}}");
  assert_resolves ("dotagents-secret://a", "first words of the test");
  write_secrets ("{\"secrets\":{\"a\":\"second words of the test\"}}");
  assert_resolves ("dotagents-secret://a", "second words of the test");

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "{\"secrets\":{\"a\":\"second words of the test\"}}");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint ((int) (info.st_mode & 0777), ==, 0644);
  hidden = da_redact ("key: second words of the test");
  g_assert_null (strstr (hidden, "second words"));
}

int
main (int argc, char *argv[])
{
  g_autofree char *file = NULL;
  int failed;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  /* The isolated folders exist only while one test runs. */
  agents_dir = g_dir_make_tmp ("da-reference-XXXXXX", NULL);
  g_assert_nonnull (agents_dir);

  g_test_add_func ("/secrets/reference/is-recognised", test_is_recognised);
  g_test_add_func ("/secrets/reference/without-a-file-there-is-none",
                   test_without_a_file_there_is_none);
  g_test_add_func ("/secrets/reference/decodes-up-to-three-times", test_decodes_up_to_three_times);
  g_test_add_func ("/secrets/reference/odd-ids-are-harmless", test_odd_ids_are_harmless);
  g_test_add_func ("/secrets/reference/only-texts-are-secrets", test_only_texts_are_secrets);
  g_test_add_func ("/secrets/reference/a-damaged-file-is-an-error",
                   test_a_damaged_file_is_an_error);
  g_test_add_func ("/secrets/reference/a-plain-key-is-not-resolved",
                   test_a_plain_key_is_not_resolved);
  g_test_add_func ("/secrets/reference/a-change-is-seen-and-the-file-untouched",
                   test_a_change_is_seen_and_the_file_untouched);
  failed = g_test_run ();
  file = g_build_filename (agents_dir, "secrets.local.json", NULL);
  g_unlink (file);
  g_rmdir (agents_dir);
  g_clear_pointer (&agents_dir, g_free);
  return failed;
}
