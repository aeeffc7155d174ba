/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-listener.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gio/gunixsocketaddress.h>

#include "da-error.h"
#include "da-test-util.h"

typedef struct {
  guint accepted;
  guint turned_away;
} Seen;

static void
on_accepted (GSocket *socket,
             gpointer user_data)
{
  Seen *seen = user_data;

  if (socket != NULL)
    seen->accepted++;
  else
    seen->turned_away++;
}

static gboolean
saw_one (gpointer user_data)
{
  Seen *seen = user_data;

  return seen->accepted + seen->turned_away > 0;
}

static GSocket *
call (const char *address,
      guint       port)
{
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GError) error = NULL;
  GSocket *socket;

  socket = g_socket_new (g_socket_address_get_family (target), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_connect (socket, target, NULL, &error);
  g_assert_no_error (error);
  return socket;
}

static void
test_accepts (void)
{
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaListener) listener = da_listener_new (" 127.0.0.1 ", 0, NULL, on_accepted, &seen,
                                                     &error);
  g_autoptr (GSocket) caller = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (da_listener_get_port (listener), >, 0);
  g_assert_cmpstr (da_listener_get_bind (listener), ==, "127.0.0.1");
  caller = call ("127.0.0.1", da_listener_get_port (listener));
  da_test_await (saw_one, &seen);
  g_assert_cmpuint (seen.accepted, ==, 1);
}

static void
test_busy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaListener) first = da_listener_new ("127.0.0.1", 0, NULL, on_accepted, NULL, &error);
  g_autoptr (DaListener) second = NULL;
  g_autofree char *pid = g_strdup_printf ("(pid %d)", (int) getpid ());

  g_assert_no_error (error);
  second = da_listener_new ("127.0.0.1", da_listener_get_port (first), NULL, on_accepted, NULL,
                            &error);
  g_assert_null (second);
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, pid));
}

static void
test_takes_over (void)
{
  Seen old_seen = { 0 }, new_seen = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaListener) old = da_listener_new ("127.0.0.1", 0, NULL, on_accepted, &old_seen,
                                                &error);
  guint port = da_listener_get_port (old);
  g_autoptr (DaListener) wider = da_listener_new ("0.0.0.0", port, old, on_accepted, &new_seen,
                                                  &error);
  g_autoptr (DaListener) third = NULL;
  g_autoptr (GSocket) caller = NULL;

  g_assert_no_error (error);
  g_clear_pointer (&old, da_listener_free);
  caller = call ("127.0.0.1", port);
  da_test_await (saw_one, &new_seen);
  g_assert_cmpuint (new_seen.accepted, ==, 1);

  /* The moment of sharing is over: nobody else gets in. */
  third = da_listener_new ("0.0.0.0", port, NULL, on_accepted, NULL, &error);
  g_assert_null (third);
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
}

static void
test_bad_addresses (void)
{
  static const char *const addresses[] = { "evil.example", "", "127.0.0.300", "192.0.2.1", "*" };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DaListener) listener = da_listener_new (addresses[i], 0, NULL, on_accepted, NULL,
                                                         &error);

      g_assert_null (listener);
      g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
    }
}

static void
test_localhost (void)
{
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaListener) listener = da_listener_new ("LOCALHOST", 0, NULL, on_accepted, &seen,
                                                     &error);
  g_autoptr (GSocket) caller = NULL;

  g_assert_no_error (error);
  if (access ("/proc/net/if_inet6", F_OK) != 0)
    {
      g_test_skip ("This machine has no IPv6");
      return;
    }
  caller = call ("::1", da_listener_get_port (listener));
  da_test_await (saw_one, &seen);
  g_assert_cmpuint (seen.accepted, ==, 1);
}

static void
test_local_socket (void)
{
  g_autofree char *folder = da_test_make_dir ();
  g_autofree char *path = g_build_filename (folder, "socket", NULL);
  g_autoptr (GError) error = NULL;
  DaListener *listener;
  struct stat status;

  da_test_write_file (path, "left behind");
  listener = da_listener_new_local (path, on_accepted, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_true (S_ISSOCK (status.st_mode));
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  da_listener_free (listener);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  da_test_remove_tree (folder);
}

/* In a process of its own: it uses up all descriptors. */
static void
test_no_descriptors (void)
{
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;
  struct rlimit limit = { 64, 64 };
  DaListener *listener;
  char answer[512];
  GSocket *caller;
  gssize n;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  listener = da_listener_new ("127.0.0.1", 0, NULL, on_accepted, &seen, &error);
  g_assert_no_error (error);
  caller = call ("127.0.0.1", da_listener_get_port (listener));
  while (open ("/dev/null", O_RDONLY) >= 0)
    continue;

  da_test_await (saw_one, &seen);
  g_assert_cmpuint (seen.accepted, ==, 0);
  g_assert_cmpuint (seen.turned_away, ==, 1);
  n = g_socket_receive (caller, answer, sizeof answer - 1, NULL, &error);
  g_assert_no_error (error);
  answer[n] = '\0';
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503 "));
  g_object_unref (caller);
  da_listener_free (listener);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/listener/accepts-on-a-free-port-it-names", test_accepts);
  g_test_add_func ("/server/listener/a-busy-port-is-told-with-its-program", test_busy);
  g_test_add_func ("/server/listener/another-address-takes-the-port-over", test_takes_over);
  g_test_add_func ("/server/listener/what-is-no-own-address-is-refused", test_bad_addresses);
  g_test_add_func ("/server/listener/localhost-is-both-families", test_localhost);
  g_test_add_func ("/server/listener/a-local-socket-is-private-and-removed", test_local_socket);
  g_test_add_func ("/server/listener/without-descriptors-a-caller-is-told", test_no_descriptors);
  return g_test_run ();
}
