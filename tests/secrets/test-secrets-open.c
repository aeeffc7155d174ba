/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secrets-open"

#include "da-secrets.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "da-clock.h"
#include "da-macros.h"
#include "secrets-test-util.h"

/* Without a bus, or with one that is broken: the file is used, soon. What a real keyring does is in
 * test-secrets-keyring.c. */

static char *
open_file_name (void)
{
  g_autofree char *folder = make_folder ();

  return g_build_filename (folder, "secrets.json", NULL);
}

static void
assert_opens_file (gboolean allow_keyring, gint64 most_ms)
{
  g_autofree char *path = open_file_name ();
  gint64 start = da_clock_monotonic_us ();
  Answer answer = { 0 };

  begin_open (path, allow_keyring, NULL, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_cmpint (da_secrets_get_kind (answer.secrets), ==, DA_SECRETS_KIND_FILE);
  g_assert_cmpint ((da_clock_monotonic_us () - start) / 1000, <=, most_ms);
  assert_store (answer.secrets, "preset:a", "a-value");
  assert_secret (answer.secrets, "preset:a", "a-value");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  answer_clear (&answer);
}

static void
test_keyring_switched_off (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  assert_opens_file (FALSE, 10000);
}

static void
test_no_bus_at_all (void)
{
  /* The isolated runtime folder has no "bus", so nothing may be found or started. */
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  assert_opens_file (TRUE, 10000);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "", TRUE);
  assert_opens_file (TRUE, 10000);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  assert_opens_file (TRUE, 10000);
}

static void
test_dead_bus (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  assert_opens_file (TRUE, 10000);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "no address at all", TRUE);
  assert_opens_file (TRUE, 10000);
}

/* (transfer full): accepts connections in its backlog and never says a word. */
static GSocketListener *
listen_silently (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "silent", NULL);
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autoptr(GSocketAddress) socket_address = g_unix_socket_address_new (path);
  g_autoptr(GError) error = NULL;
  GSocketListener *listener = g_socket_listener_new ();

  g_socket_listener_add_address (listener, socket_address, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
  return listener;
}

static void
test_silent_bus (void)
{
  g_autoptr(GSocketListener) listener = listen_silently ();

  assert_opens_file (TRUE, 10000);
}

static void
test_cancelled (void)
{
  g_autoptr(GSocketListener) listener = listen_silently ();
  g_autofree char *path = open_file_name ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 };

  begin_open (path, TRUE, cancellable, &answer);
  g_cancellable_cancel (cancellable);
  answer_wait (&answer);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (answer.secrets);
  answer_clear (&answer);

  /* And already cancelled before the call. */
  begin_open (path, TRUE, cancellable, &answer);
  answer_wait (&answer);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  answer_clear (&answer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();

  g_test_add_func ("/secrets/open/keyring-switched-off", test_keyring_switched_off);
  g_test_add_func ("/secrets/open/no-bus-at-all", test_no_bus_at_all);
  g_test_add_func ("/secrets/open/dead-bus", test_dead_bus);
  g_test_add_func ("/secrets/open/silent-bus", test_silent_bus);
  g_test_add_func ("/secrets/open/cancelled", test_cancelled);
  return g_test_run ();
}
