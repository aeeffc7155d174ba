/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-audit-log"

#include "da-audit-log.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-test-util.h"
#include "da-worker.h"

#include <string.h>

static void
await_written (void)
{
  while (da_worker_pending (da_worker_get_slow ()) > 0)
    g_main_context_iteration (NULL, FALSE);
  da_test_drain ();
  while (da_worker_pending (da_worker_get_slow ()) > 0)
    g_main_context_iteration (NULL, FALSE);
  da_test_drain ();
}

static DaAuditLog *
open_log (const char *folder)
{
  DaAuditLog *log = da_audit_log_new (folder);
  g_autoptr(GAsyncResult) result = NULL;

  da_audit_log_load_async (log, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return log;
}

static void
append (DaAuditLog *log, guint number)
{
  g_autofree char *action = g_strdup_printf ("action-%u", number);
  DaAuditEntry *entry = da_audit_entry_new (action, "/v1/x", TRUE);

  entry->user_agent = g_strdup ("line\nbreak \"quoted\"");
  da_audit_log_append (log, entry);
}

static void
test_entries_are_there_after_a_restart_and_the_chain_holds (void)
{
  g_autofree char *folder = da_test_make_dir ();
  DaAuditLog *log = open_log (folder);
  g_autoptr(GPtrArray) recent = NULL;
  g_autoptr(GError) error = NULL;
  guint64 lines;

  for (guint i = 0; i < 10; i++)
    append (log, i);
  await_written ();
  g_object_unref (log);
  log = open_log (folder);
  for (guint i = 10; i < 15; i++)
    append (log, i);
  await_written ();
  recent = da_audit_log_get_recent (log, 100);
  g_assert_cmpuint (recent->len, ==, 15);
  g_assert_cmpstr (((DaAuditEntry *) recent->pdata[0])->action, ==, "action-14");
  g_assert_cmpstr (((DaAuditEntry *) recent->pdata[14])->action, ==, "action-0");
  g_assert_cmpstr (((DaAuditEntry *) recent->pdata[14])->user_agent, ==, "line break \"quoted\"");
  g_assert_true (da_audit_log_verify (folder, &lines, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (lines, ==, 15);
  g_object_unref (log);
  da_test_remove_tree (folder);
}

static void
test_a_changed_or_missing_line_shows (void)
{
  g_autofree char *folder = da_test_make_dir ();
  g_autofree char *path = g_build_filename (folder, "audit.jsonl", NULL);
  DaAuditLog *log = open_log (folder);
  g_autofree char *text = NULL;
  g_autofree char *without = NULL;
  char *second, *third;
  guint64 lines;

  for (guint i = 0; i < 5; i++)
    append (log, i);
  await_written ();
  g_object_unref (log);
  text = da_test_read_file (path, NULL);
  second = strchr (text, '\n') + 1;
  third = strchr (second, '\n') + 1;
  without = g_strdup_printf ("%.*s%s", (int) (second - text), text, third);
  da_test_write_file (path, without);
  {
    g_autoptr(GError) error = NULL;

    g_assert_false (da_audit_log_verify (folder, &lines, &error));
    g_assert_error (error, DA_ERROR, DA_ERROR_CORRUPT);
    g_assert_nonnull (strstr (error->message, "line 2"));
  }
  *strstr (text, "action-2") = 'A';
  da_test_write_file (path, text);
  g_assert_false (da_audit_log_verify (folder, &lines, NULL));
  da_test_remove_tree (folder);
}

static void
test_a_large_file_is_set_aside_and_the_chain_goes_on (void)
{
  g_autofree char *folder = da_test_make_dir ();
  g_autofree char *older = g_build_filename (folder, "audit-1.jsonl", NULL);
  DaAuditLog *log = open_log (folder);
  g_autoptr(GError) error = NULL;
  guint64 lines;

  for (guint i = 0; i < 8000; i++)
    {
      append (log, i);
      if (i % 500 == 0)
        await_written ();
    }
  await_written ();
  g_assert_true (g_file_test (older, G_FILE_TEST_EXISTS));
  g_assert_true (da_audit_log_verify (folder, &lines, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (lines, ==, 8000);
  g_object_unref (log);
  da_test_remove_tree (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  g_test_add_func ("/engine/audit-log/entries-are-there-after-a-restart-and-the-chain-holds",
                   test_entries_are_there_after_a_restart_and_the_chain_holds);
  g_test_add_func ("/engine/audit-log/a-changed-or-missing-line-shows",
                   test_a_changed_or_missing_line_shows);
  g_test_add_func ("/engine/audit-log/a-large-file-is-set-aside-and-the-chain-goes-on",
                   test_a_large_file_is_set_aside_and_the_chain_goes_on);
  return g_test_run ();
}
