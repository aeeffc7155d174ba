/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-audit-rules.h"
#include "da-control-socket.h"
#include "da-error.h"
#include "da-pairing-address.h"
#include "da-remote-access.h"
#include "da-settings.h"
#include "da-worker.h"

#define SECOND G_USEC_PER_SEC

/* The socket's place */

static void
test_each_data_folder_has_a_socket_of_its_own (void)
{
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "dotagents", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *other = NULL;
  const char *runtime = g_get_user_runtime_dir ();

  g_mkdir_with_parents (runtime, 0700);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  first = da_control_socket_path (usual);
  second = da_control_socket_path ("/srv/agents");
  other = da_control_socket_path ("/srv/agents/");
  g_assert_true (g_str_has_prefix (first, runtime));
  g_assert_true (g_str_has_suffix (first, "/dotagents/control.sock"));
  g_assert_true (g_str_has_prefix (second, runtime));
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpstr (second, ==, other);
}

static void
test_without_a_runtime_folder_it_is_in_the_data_folder (void)
{
  g_autofree char *path = NULL;

  g_unsetenv ("XDG_RUNTIME_DIR");
  path = da_control_socket_path ("/srv/agents");
  g_assert_cmpstr (path, ==, "/srv/agents/control.sock");
  g_setenv ("XDG_RUNTIME_DIR", "relative", TRUE);
  g_free (path);
  path = da_control_socket_path ("/srv/agents");
  g_assert_cmpstr (path, ==, "/srv/agents/control.sock");
}

static void
test_a_runtime_folder_of_another_user_is_not_ours (void)
{
  g_autofree char *path = NULL;
  const char *folder = g_get_user_runtime_dir ();

  if (geteuid () != 0)
    {
      g_test_skip ("needs root to give a folder away");
      return;
    }
  g_mkdir_with_parents (folder, 0700);
  g_assert_cmpint (chown (folder, 65534, 65534), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  path = da_control_socket_path ("/srv/agents");
  g_assert_cmpstr (path, ==, "/srv/agents/control.sock");
}

static void
test_only_the_owner_and_root_may_come_in (void)
{
  g_assert_true (da_control_socket_allows (1000, 1000));
  g_assert_true (da_control_socket_allows (1000, 0));
  g_assert_false (da_control_socket_allows (1000, 1001));
  g_assert_false (da_control_socket_allows (0, 1000));
  g_assert_false (da_control_socket_allows (1000, (guint) -1));
}

static void
nobody (GSocket *socket, gpointer user_data)
{
}

static void
test_a_path_that_is_too_long_is_an_error (void)
{
  g_autofree char *name = g_strnfill (120, 'x');
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), name, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (da_control_socket_new (path, nobody, NULL, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
}

/* What the record is told */

static DaAuditLog *
make_log (void)
{
  g_mkdir_with_parents (g_get_user_state_dir (), 0700);
  return da_audit_log_new (g_get_user_state_dir ());
}

/* The folder goes with the test. The worker is asked first: what it has done by then is in the
 * main context, and what that makes it do is seen in the next round. */
static void
settle (void)
{
  while (da_worker_pending (da_worker_get_slow ()) > 0 || g_main_context_iteration (NULL, FALSE))
    ;
}

static guint
count_rows (DaAuditLog *log)
{
  g_autoptr(GPtrArray) rows = da_audit_log_get_recent (log, DA_AUDIT_RECENT);

  return rows->len;
}

static void
refuse (DaAuditRules *rules, const char *ip, const char *device, gint64 now)
{
  DaAuditEntry *entry = da_audit_entry_new ("authentication", "/v1/models", FALSE);

  entry->ip = g_strdup (ip);
  entry->device_id = g_strdup (device);
  da_audit_rules_add_refusal (rules, entry, now);
}

static void
test_refusals_beyond_ten_a_minute_are_counted (void)
{
  g_autoptr(DaAuditLog) log = make_log ();
  DaAuditRules *rules = da_audit_rules_new (log);
  g_autoptr(GPtrArray) rows = NULL;

  for (guint i = 0; i < 40; i++)
    refuse (rules, "192.0.2.1", NULL, SECOND);
  g_assert_cmpuint (count_rows (log), ==, DA_AUDIT_REFUSALS_ADDRESS);
  refuse (rules, "192.0.2.2", NULL, SECOND);
  refuse (rules, "192.0.2.1", "device_1", SECOND);
  g_assert_cmpuint (count_rows (log), ==, DA_AUDIT_REFUSALS_ADDRESS + 2);

  da_audit_rules_flush (rules, 62 * SECOND);
  rows = da_audit_log_get_recent (log, 1);
  g_assert_cmpstr (((DaAuditEntry *) rows->pdata[0])->details, ==, "{\"refusals\":30}");
  g_assert_cmpstr (((DaAuditEntry *) rows->pdata[0])->ip, ==, "192.0.2.1");
  refuse (rules, "192.0.2.1", NULL, 63 * SECOND);
  g_assert_cmpuint (count_rows (log), ==, DA_AUDIT_REFUSALS_ADDRESS + 4);
  da_audit_rules_free (rules);
  settle ();
}

static void
test_many_addresses_together_are_counted_too (void)
{
  g_autoptr(DaAuditLog) log = make_log ();
  DaAuditRules *rules = da_audit_rules_new (log);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *ip = g_strdup_printf ("2001:db8::%x", i);

      refuse (rules, ip, NULL, SECOND);
    }
  g_assert_cmpuint (count_rows (log), ==, DA_AUDIT_REFUSALS_ALL);
  da_audit_rules_free (rules);
  settle ();
}

static void
test_what_was_only_counted_is_written_at_the_end (void)
{
  g_autoptr(DaAuditLog) log = make_log ();
  DaAuditRules *rules = da_audit_rules_new (log);
  guint before;

  for (guint i = 0; i < 11; i++)
    refuse (rules, "192.0.2.1", NULL, SECOND);
  before = count_rows (log);
  da_audit_rules_free (rules);
  g_assert_cmpuint (count_rows (log), ==, before + 1);
  settle ();
}

static void
test_a_key_is_news_once_in_ten_minutes (void)
{
  g_autoptr(DaAuditLog) log = make_log ();
  DaAuditRules *rules = da_audit_rules_new (log);

  g_assert_true (da_audit_rules_is_news (rules, "API key", "192.0.2.1", SECOND));
  g_assert_false (da_audit_rules_is_news (rules, "API key", "192.0.2.1", 2 * SECOND));
  g_assert_true (da_audit_rules_is_news (rules, "API key", "192.0.2.2", 2 * SECOND));
  g_assert_true (da_audit_rules_is_news (rules, "device_1", "192.0.2.1", 2 * SECOND));
  g_assert_true (da_audit_rules_is_news (rules, "API key", "192.0.2.1", 602 * SECOND));
  da_audit_rules_free (rules);
}

/* Where a code leads */

static DaSettings *
make_settings (const char *assignment)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "agents", NULL);
  DaSettings *settings = da_settings_new (folder, NULL, NULL);

  if (assignment != NULL)
    g_assert_true (da_settings_override (settings, assignment, NULL));
  da_settings_load (settings);
  return settings;
}

static void
check_address (const char *bind, const char *wanted, const char *base_url)
{
  g_autoptr(DaRemoteAccess) remote = da_remote_access_new ();
  g_autoptr(DaSettings) settings = make_settings (NULL);
  g_autoptr(DaPairingAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  da_remote_access_set_running (remote, bind, 3210, NULL, NULL);
  address = da_pairing_address_choose (remote, settings, wanted, &error);
  if (base_url == NULL)
    {
      g_assert_null (address);
      g_assert_nonnull (error);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (address->base_url, ==, base_url);
  g_assert_cmpuint (strlen (address->reason), >, 3);
}

static void
test_a_wanted_address_is_taken_where_it_can_be_of_use (void)
{
  check_address ("127.0.0.1", NULL, NULL);
  check_address ("127.0.0.1", "127.0.0.1", "http://127.0.0.1:3210/v1");
  check_address ("127.0.0.1", "192.0.2.77", NULL);
  check_address ("0.0.0.0", "203.0.113.99", NULL);
  check_address ("0.0.0.0", "127.0.0.1", "http://127.0.0.1:3210/v1");
  check_address ("0.0.0.0", "desk.local", "http://desk.local:3210/v1");
  check_address ("0.0.0.0", "desk.local:99", NULL);
  check_address ("0.0.0.0", "no name", NULL);
  check_address ("127.0.0.1", "https://desk.example", "https://desk.example/v1");
  check_address ("127.0.0.1", "https://desk.example/v1", "https://desk.example/v1");
  check_address ("127.0.0.1", "https://desk.example/a//", "https://desk.example/a/v1");
  check_address ("127.0.0.1", "ftp://desk.example", NULL);
  check_address ("127.0.0.1", "https://desk.example/?key=1", NULL);
  check_address ("127.0.0.1", "javascript://x", NULL);
}

static void
test_without_a_listener_or_in_streamer_mode_there_is_no_code (void)
{
  g_autoptr(DaRemoteAccess) remote = da_remote_access_new ();
  g_autoptr(DaSettings) plain = make_settings (NULL);
  g_autoptr(DaSettings) streaming = make_settings ("streamerModeEnabled=true");
  g_autoptr(GError) off = NULL;
  g_autoptr(GError) hidden = NULL;

  g_assert_null (da_pairing_address_choose (remote, plain, "https://desk.example", &off));
  g_assert_error (off, DA_ERROR, DA_ERROR_CONFLICT);
  da_remote_access_set_running (remote, "0.0.0.0", 3210, NULL, NULL);
  g_assert_null (da_pairing_address_choose (remote, streaming, "127.0.0.1", &hidden));
  g_assert_error (hidden, DA_ERROR, DA_ERROR_CONFLICT);
  g_assert_nonnull (strstr (hidden->message, "Streamer"));
}

#define ADD(name, func) g_test_add_func ("/app/control/" name, func)

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("each-data-folder-has-a-socket-of-its-own", test_each_data_folder_has_a_socket_of_its_own);
  ADD ("without-a-runtime-folder-it-is-in-the-data-folder",
       test_without_a_runtime_folder_it_is_in_the_data_folder);
  ADD ("a-runtime-folder-of-another-user-is-not-ours",
       test_a_runtime_folder_of_another_user_is_not_ours);
  ADD ("only-the-owner-and-root-may-come-in", test_only_the_owner_and_root_may_come_in);
  ADD ("a-path-that-is-too-long-is-an-error", test_a_path_that_is_too_long_is_an_error);
  ADD ("refusals-beyond-ten-a-minute-are-counted", test_refusals_beyond_ten_a_minute_are_counted);
  ADD ("many-addresses-together-are-counted-too", test_many_addresses_together_are_counted_too);
  ADD ("what-was-only-counted-is-written-at-the-end",
       test_what_was_only_counted_is_written_at_the_end);
  ADD ("a-key-is-news-once-in-ten-minutes", test_a_key_is_news_once_in_ten_minutes);
  ADD ("a-wanted-address-is-taken-where-it-can-be-of-use",
       test_a_wanted_address_is_taken_where_it_can_be_of_use);
  ADD ("without-a-listener-or-in-streamer-mode-there-is-no-code",
       test_without_a_listener_or_in_streamer_mode_there_is_no_code);
  status = g_test_run ();
  settle ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
