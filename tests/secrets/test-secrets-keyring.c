/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secrets-keyring"

#include "da-secrets.h"

#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-macros.h"
#include "keyring-daemon.h"
#include "secrets-test-util.h"

/* The real gnome-keyring on a bus of its own; run through with-private-bus.sh. */

typedef struct {
  char          *home;
  char          *file;
  KeyringDaemon *daemon;
  DaSecrets     *secrets;
} Fixture;

static void
set_up_folders (Fixture *fixture)
{
  g_autofree char *folder = make_folder ();

  fixture->home = g_build_filename (folder, "keyring", NULL);
  fixture->file = g_build_filename (folder, "secrets.json", NULL);
  g_assert_cmpint (g_mkdir (fixture->home, 0700), ==, 0);
  prompter_reset (FALSE);
}

static void
open_keyring (Fixture *fixture)
{
  Answer answer = { 0 };

  begin_open (fixture->file, TRUE, NULL, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_cmpint (da_secrets_get_kind (answer.secrets), ==, DA_SECRETS_KIND_KEYRING);
  fixture->secrets = g_steal_pointer (&answer.secrets);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_folders (fixture);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), TRUE);
  open_keyring (fixture);
}

static void
set_up_mock (Fixture *fixture, gconstpointer data)
{
  set_up_folders (fixture);
  fixture->daemon = keyring_start (fixture->home, mock_person_get_name (), TRUE);
  open_keyring (fixture);
}

/* Nobody ever logged in here: no default collection. */
static void
set_up_empty (Fixture *fixture, gconstpointer data)
{
  set_up_folders (fixture);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), FALSE);
  open_keyring (fixture);
}

static void
set_up_empty_mock (Fixture *fixture, gconstpointer data)
{
  set_up_folders (fixture);
  fixture->daemon = keyring_start (fixture->home, mock_person_get_name (), FALSE);
  open_keyring (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->secrets != NULL)
    assert_finalized (fixture->secrets);
  g_clear_pointer (&fixture->daemon, keyring_free);
  /* What the keyring was asked to keep is in no file of ours. */
  g_assert_false (g_file_test (fixture->file, G_FILE_TEST_EXISTS));
  g_free (fixture->home);
  g_free (fixture->file);
}

static void
test_keeps_and_clears (Fixture *fixture, gconstpointer data)
{
  g_autoptr(DaSecrets) other = da_secrets_new_keyring ();

  assert_secret (fixture->secrets, "preset:a", NULL);
  assert_store (fixture->secrets, "preset:a", "value one, ü 🔑");
  assert_store (fixture->secrets, "preset:b", "value two");
  assert_secret (other, "preset:a", "value one, ü 🔑");
  assert_store (fixture->secrets, "preset:a", "value three");
  assert_secret (other, "preset:a", "value three");
  g_assert_cmpuint (keyring_count (fixture->daemon), ==, 2);

  assert_clear (other, "preset:a");
  assert_secret (fixture->secrets, "preset:a", NULL);
  assert_secret (fixture->secrets, "preset:b", "value two");
  assert_clear (fixture->secrets, "preset:never-there");
  assert_store (fixture->secrets, "preset:b", "");
  g_assert_cmpuint (keyring_count (fixture->daemon), ==, 0);
  g_assert_cmpuint (prompter_get_count (), ==, 0);
}

/* The main loop does not turn meanwhile, so the program has not heard of it when this returns. */
static void
restart (Fixture *fixture)
{
  g_clear_pointer (&fixture->daemon, keyring_free);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), TRUE);
}

/* What the bus had sent before is in the main loop when the answer is there. */
static void
hear_the_bus (void)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetId", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_survives_a_restart (Fixture *fixture, gconstpointer data)
{
  assert_store (fixture->secrets, DA_SECRET_API_KEY, "kept-over-restart");
  restart (fixture);
  hear_the_bus ();
  /* The same object: it finds the new daemon by itself. */
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "kept-over-restart");
}

/* The first call after it still goes to the daemon that is gone. */
static void
test_survives_a_restart_unheard (Fixture *fixture, gconstpointer data)
{
  Answer answers[10] = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "kept-over-restart");
  restart (fixture);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "kept-over-restart");
  restart (fixture);
  assert_store (fixture->secrets, DA_SECRET_API_KEY, "another");
  g_assert_cmpuint (keyring_count (fixture->daemon), ==, 1);
  restart (fixture);
  begin_unlock (fixture->secrets, &answers[0]);
  answer_wait (&answers[0]);
  g_assert_no_error (answers[0].error);
  answer_clear (&answers[0]);
  restart (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    begin_lookup (fixture->secrets, DA_SECRET_API_KEY, NULL, &answers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      g_assert_no_error (answers[i].error);
      g_assert_cmpstr (answers[i].secret, ==, "another");
      answer_clear (&answers[i]);
    }
  restart (fixture);
  assert_clear (fixture->secrets, DA_SECRET_API_KEY);
  g_assert_cmpuint (keyring_count (fixture->daemon), ==, 0);
  g_assert_cmpuint (prompter_get_count (), ==, 0);
}

static void
test_many_at_once (Fixture *fixture, gconstpointer data)
{
  Answer answers[20] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *id = g_strdup_printf ("preset:%u", i);

      begin_store (fixture->secrets, id, id, &answers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      g_assert_no_error (answers[i].error);
      answer_clear (&answers[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *id = g_strdup_printf ("preset:%u", i);

      assert_secret (fixture->secrets, id, id);
    }
}

static void
test_locked_asks_once (Fixture *fixture, gconstpointer data)
{
  Answer answers[4] = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  keyring_lock (fixture->daemon);

  for (guint i = 0; i < 3; i++)
    begin_lookup (fixture->secrets, DA_SECRET_API_KEY, NULL, &answers[i]);
  /* Not there, but that cannot be known while it is locked. */
  begin_lookup (fixture->secrets, "preset:never-there", NULL, &answers[3]);
  g_assert_false (da_secrets_get_locked (fixture->secrets));
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      g_assert_error (answers[i].error, DA_ERROR, DA_ERROR_LOCKED);
      answer_clear (&answers[i]);
    }
  g_assert_cmpuint (prompter_get_count (), ==, 1);

  g_assert_true (da_secrets_get_locked (fixture->secrets));
  assert_lookup_error (fixture->secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  assert_store_error (fixture->secrets, DA_SECRET_API_KEY, "new", DA_ERROR, DA_ERROR_LOCKED);
  begin_clear (fixture->secrets, DA_SECRET_API_KEY, &answers[0]);
  answer_wait (&answers[0]);
  g_assert_error (answers[0].error, DA_ERROR, DA_ERROR_LOCKED);
  answer_clear (&answers[0]);
  g_assert_cmpuint (prompter_get_count (), ==, 1);

  /* A click asks again. */
  begin_unlock (fixture->secrets, &answers[0]);
  answer_wait (&answers[0]);
  g_assert_error (answers[0].error, DA_ERROR, DA_ERROR_LOCKED);
  answer_clear (&answers[0]);
  g_assert_cmpuint (prompter_get_count (), ==, 2);
  assert_lookup_error (fixture->secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_cmpuint (prompter_get_count (), ==, 2);

  /* Unlocked by the log-in, all works without a question. */
  keyring_log_in (fixture->daemon);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  g_assert_false (da_secrets_get_locked (fixture->secrets));
  assert_secret (fixture->secrets, "preset:never-there", NULL);
  g_assert_cmpuint (prompter_get_count (), ==, 2);
}

static void
test_locked_from_the_start (Fixture *fixture, gconstpointer data)
{
  g_autoptr(DaSecrets) later = NULL;

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  g_clear_pointer (&fixture->daemon, keyring_free);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), FALSE);
  later = da_secrets_new_keyring ();
  assert_lookup_error (later, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  assert_lookup_error (later, DA_SECRET_GROQ_KEY, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_cmpuint (prompter_get_count (), ==, 1);
}

static void
test_nobody_at_the_desk (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) phone = g_cancellable_new ();
  Answer hung_up = { 0 }, patient = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  keyring_lock (fixture->daemon);
  prompter_reset (TRUE);
  begin_lookup (fixture->secrets, DA_SECRET_API_KEY, phone, &hung_up);
  begin_lookup (fixture->secrets, DA_SECRET_API_KEY, NULL, &patient);
  while (prompter_get_count () == 0)
    g_main_context_iteration (NULL, TRUE);

  g_cancellable_cancel (phone);
  answer_wait (&hung_up);
  g_assert_error (hung_up.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_clear (&hung_up);
  g_assert_false (patient.done);

  /* The daemon goes with its dialog open. */
  keyring_kill (fixture->daemon);
  answer_wait (&patient);
  g_assert_nonnull (patient.error);
  g_assert_true (patient.error->domain == DA_ERROR);
  g_assert_cmpuint (prompter_get_count (), ==, 1);
  answer_clear (&patient);
}

static void
test_a_person_unlocks (Fixture *fixture, gconstpointer data)
{
  Answer answer = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  keyring_lock (fixture->daemon);
  mock_person_types (KEYRING_PASSWORD);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "behind-the-lock");
  g_assert_false (mock_person_waits ());

  /* The question of this run is used up; a click still asks. */
  keyring_lock (fixture->daemon);
  assert_lookup_error (fixture->secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_true (da_secrets_get_locked (fixture->secrets));
  mock_person_types (KEYRING_PASSWORD);
  begin_unlock (fixture->secrets, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  answer_clear (&answer);
  g_assert_false (da_secrets_get_locked (fixture->secrets));
  assert_store (fixture->secrets, DA_SECRET_API_KEY, "new-value");
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "new-value");
  g_assert_false (mock_person_waits ());

  /* Nothing is locked: no dialog. */
  begin_unlock (fixture->secrets, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  answer_clear (&answer);
}

static void
test_without_a_default_collection (Fixture *fixture, gconstpointer data)
{
  g_autofree char *alias = keyring_get_alias (fixture->daemon, "default");
  Answer answer = { 0 };

  g_assert_cmpstr (alias, ==, "/");
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, NULL);
  g_assert_cmpuint (prompter_get_count (), ==, 0);

  /* Refused: it works until the log-out, and the error says so. */
  begin_store (fixture->secrets, DA_SECRET_API_KEY, "for-now", &answer);
  answer_wait (&answer);
  g_assert_error (answer.error, DA_ERROR, DA_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (answer.error->message, "log out"));
  answer_clear (&answer);
  g_assert_cmpuint (prompter_get_count (), ==, 1);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "for-now");
  assert_store_error (fixture->secrets, DA_SECRET_API_KEY, "still-for-now", DA_ERROR,
                      DA_ERROR_UNAVAILABLE);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "still-for-now");
  g_assert_cmpuint (prompter_get_count (), ==, 1);
  assert_clear (fixture->secrets, DA_SECRET_API_KEY);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, NULL);
}

static void
test_a_person_makes_the_default_collection (Fixture *fixture, gconstpointer data)
{
  g_autofree char *alias = NULL;
  Answer answer = { 0 };

  mock_person_closes ();
  assert_store_error (fixture->secrets, DA_SECRET_API_KEY, "for-now", DA_ERROR,
                      DA_ERROR_UNAVAILABLE);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "for-now");

  mock_person_types (KEYRING_PASSWORD);
  begin_unlock (fixture->secrets, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  answer_clear (&answer);
  g_assert_false (mock_person_waits ());
  alias = keyring_get_alias (fixture->daemon, "default");
  g_assert_cmpstr (alias, !=, "/");

  /* Now it is kept, and the copy for now is gone. */
  assert_store (fixture->secrets, DA_SECRET_API_KEY, "kept");
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "kept");
  g_assert_cmpuint (keyring_count (fixture->daemon), ==, 1);
}

static void
test_daemon_killed_and_back (Fixture *fixture, gconstpointer data)
{
  assert_store (fixture->secrets, DA_SECRET_API_KEY, "kept-over-death");
  keyring_kill (fixture->daemon);
  for (int i = 0; i < 2; i++)
    {
      assert_lookup_error (fixture->secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_UNAVAILABLE);
      assert_store_error (fixture->secrets, "preset:a", "v", DA_ERROR, DA_ERROR_UNAVAILABLE);
    }
  g_clear_pointer (&fixture->daemon, keyring_free);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), TRUE);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "kept-over-death");
  assert_store (fixture->secrets, "preset:a", "v");
}

static void
test_daemon_killed_in_the_middle (Fixture *fixture, gconstpointer data)
{
  Answer answers[10] = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "kept-over-death");
  keyring_pause (fixture->daemon, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    if (i % 2 == 0)
      begin_lookup (fixture->secrets, DA_SECRET_API_KEY, NULL, &answers[i]);
    else
      begin_store (fixture->secrets, DA_SECRET_API_KEY, "overwritten", &answers[i]);
  keyring_kill (fixture->daemon);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      g_assert_error (answers[i].error, DA_ERROR, DA_ERROR_UNAVAILABLE);
      answer_clear (&answers[i]);
    }
  g_clear_pointer (&fixture->daemon, keyring_free);
  fixture->daemon = keyring_start (fixture->home, prompter_get_name (), TRUE);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "kept-over-death");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 };

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "a-value");
  begin_lookup (fixture->secrets, DA_SECRET_API_KEY, cancellable, &answer);
  g_cancellable_cancel (cancellable);
  answer_wait (&answer);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_clear (&answer);
  assert_secret (fixture->secrets, DA_SECRET_API_KEY, "a-value");
}

static void
assert_opens_file (const char *file)
{
  gint64 start = da_clock_monotonic_us ();
  Answer answer = { 0 };

  begin_open (file, TRUE, NULL, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_cmpint (da_secrets_get_kind (answer.secrets), ==, DA_SECRETS_KIND_FILE);
  /* Two seconds, and room for a slow machine; the bus itself would wait for 25. */
  g_assert_cmpint ((da_clock_monotonic_us () - start) / 1000, <, 10000);
  assert_store (answer.secrets, "preset:a", "a-value");
  assert_secret (answer.secrets, "preset:a", "a-value");
  answer_clear (&answer);
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static void
test_hung_daemon (Fixture *fixture, gconstpointer data)
{
  keyring_pause (fixture->daemon, TRUE);
  assert_opens_file (fixture->file);
  keyring_pause (fixture->daemon, FALSE);
}

static void
test_no_service (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *file = g_build_filename (folder, "secrets.json", NULL);
  DaSecrets *keyring = da_secrets_new_keyring ();

  assert_opens_file (file);
  assert_lookup_error (keyring, "preset:a", DA_ERROR, DA_ERROR_UNAVAILABLE);
  assert_finalized (keyring);
}

/* Last: it takes the bus with it. GIO would end the process; ours goes on. */
static void
test_bus_dies (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr(GVariant) reply = NULL;
  guint32 pid;

  assert_store (fixture->secrets, DA_SECRET_API_KEY, "a-value");
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                       g_variant_new ("(s)", "org.freedesktop.DBus"), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
  g_variant_get (reply, "(u)", &pid);
  g_assert_cmpint (kill ((pid_t) pid, SIGKILL), ==, 0);
  while (!g_dbus_connection_is_closed (bus))
    g_main_context_iteration (NULL, TRUE);
  for (int i = 0; i < 2; i++)
    assert_lookup_error (fixture->secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_UNAVAILABLE);
}

static void
tear_down_without_bus (Fixture *fixture, gconstpointer data)
{
  assert_finalized (fixture->secrets);
  g_subprocess_force_exit (fixture->daemon->process);
  g_subprocess_wait (fixture->daemon->process, NULL, NULL);
  g_clear_object (&fixture->daemon->process);
  tear_down (&(Fixture) { .home = fixture->home, .file = fixture->file,
                          .daemon = fixture->daemon }, data);
}

#define ADD(name, up, func) \
  g_test_add ("/secrets/keyring/" name, Fixture, NULL, up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();

  ADD ("keeps-and-clears", set_up, test_keeps_and_clears);
  ADD ("survives-a-restart", set_up, test_survives_a_restart);
  ADD ("survives-a-restart-unheard", set_up, test_survives_a_restart_unheard);
  ADD ("many-at-once", set_up, test_many_at_once);
  ADD ("locked-asks-once", set_up, test_locked_asks_once);
  ADD ("locked-from-the-start", set_up, test_locked_from_the_start);
  ADD ("nobody-at-the-desk", set_up, test_nobody_at_the_desk);
  ADD ("a-person-unlocks", set_up_mock, test_a_person_unlocks);
  ADD ("without-a-default-collection", set_up_empty, test_without_a_default_collection);
  ADD ("a-person-makes-the-default-collection", set_up_empty_mock,
       test_a_person_makes_the_default_collection);
  ADD ("daemon-killed-and-back", set_up, test_daemon_killed_and_back);
  ADD ("daemon-killed-in-the-middle", set_up, test_daemon_killed_in_the_middle);
  ADD ("cancelled", set_up, test_cancelled);
  ADD ("hung-daemon", set_up, test_hung_daemon);
  g_test_add_func ("/secrets/keyring/no-service", test_no_service);
  g_test_add ("/secrets/keyring/the-bus-dies", Fixture, NULL, set_up, test_bus_dies,
              tear_down_without_bus);
  return g_test_run ();
}
