/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-keyring"

#include "keyring-daemon.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>

#include <gio/gunixsocketaddress.h>

#define SECRETS_NAME "org.freedesktop.secrets"

/* --- A connection that is not the program's, so that both ends are really on the bus -------- */

static GDBusConnection *
get_bus (void)
{
  static GDBusConnection *bus;
  g_autoptr(GError) error = NULL;

  if (bus == NULL)
    bus = g_dbus_connection_new_for_address_sync (g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
                                                  G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                  | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                  NULL, NULL, &error);
  g_assert_no_error (error);
  return bus;
}

static GVariant *
call (const char *name, const char *path, const char *interface, const char *method,
      GVariant *arguments)
{
  g_autoptr(GError) error = NULL;
  GVariant *reply;

  reply = g_dbus_connection_call_sync (get_bus (), name, path, interface, method, arguments, NULL,
                                       G_DBUS_CALL_FLAGS_NO_AUTO_START, 10000, NULL, &error);
  g_assert_no_error (error);
  return reply;
}

/* --- The counter ---------------------------------------------------------------------------- */

static guint prompter_count;
static gboolean prompter_ignores;

static void
on_prompter_call (GDBusConnection       *connection,
                  const char            *sender,
                  const char            *path,
                  const char            *interface,
                  const char            *method,
                  GVariant              *arguments,
                  GDBusMethodInvocation *invocation,
                  gpointer               user_data)
{
  if (g_str_equal (method, "BeginPrompting"))
    {
      prompter_count++;
      if (!prompter_ignores)
        {
          g_dbus_method_invocation_return_dbus_error (invocation,
                                                      "org.gnome.keyring.Prompter.Failed",
                                                      "nobody is here");
          return;
        }
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

const char *
prompter_get_name (void)
{
  static const GDBusInterfaceVTable vtable = { on_prompter_call, NULL, NULL };
  static const char xml[] =
    "<node><interface name='org.gnome.keyring.internal.Prompter'>"
    "<method name='BeginPrompting'><arg type='o' direction='in'/></method>"
    "<method name='PerformPrompt'><arg type='o' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='a{sv}' direction='in'/><arg type='s' direction='in'/></method>"
    "<method name='StopPrompting'><arg type='o' direction='in'/></method>"
    "</interface></node>";
  static GDBusNodeInfo *info;
  g_autoptr(GError) error = NULL;

  if (info == NULL)
    {
      info = g_dbus_node_info_new_for_xml (xml, &error);
      g_assert_no_error (error);
      g_dbus_connection_register_object (get_bus (), "/org/gnome/keyring/Prompter",
                                         info->interfaces[0], &vtable, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  return g_dbus_connection_get_unique_name (get_bus ());
}

guint
prompter_get_count (void)
{
  return prompter_count;
}

void
prompter_reset (gboolean ignore)
{
  prompter_count = 0;
  prompter_ignores = ignore;
}

/* --- The mock person: libgcr has no development package in the list, so by name ------------- */

static gpointer
find_mock (const char *symbol)
{
  static void *library;
  gpointer address;

  if (library == NULL)
    library = dlopen ("libgcr-base-3.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL)
    library = dlopen ("libgcr-4.so.4", RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL)
    g_error ("libgcr, which gnome-keyring itself uses, cannot be loaded: %s", dlerror ());
  address = dlsym (library, symbol);
  g_assert_nonnull (address);
  return address;
}

const char *
mock_person_get_name (void)
{
  static const char *name;
  const char *(*start) (void);

  if (name == NULL)
    {
      start = find_mock ("gcr_mock_prompter_start");
      name = start ();
    }
  return name;
}

void
mock_person_types (const char *password)
{
  void (*expect) (const char *text, const char *first_property, ...);

  expect = find_mock ("gcr_mock_prompter_expect_password_ok");
  expect (password, NULL);
}

void
mock_person_closes (void)
{
  void (*expect) (void);

  expect = find_mock ("gcr_mock_prompter_expect_close");
  expect ();
}

gboolean
mock_person_waits (void)
{
  gboolean (*is_expecting) (void);

  is_expecting = find_mock ("gcr_mock_prompter_is_expecting");
  return is_expecting ();
}

/* --- The daemon ----------------------------------------------------------------------------- */

static gboolean
is_on_bus (void)
{
  g_autoptr(GVariant) reply = NULL;
  gboolean owned;

  reply = call ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                "NameHasOwner", g_variant_new ("(s)", SECRETS_NAME));
  g_variant_get (reply, "(b)", &owned);
  return owned;
}

/* Asks the bus again and again; each round is a round trip, so this does not spin. The main loop
 * does not turn meanwhile: what the program is told of the change, it has not heard yet. */
static void
wait_for_name (gboolean owned)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (is_on_bus () != owned)
    if (g_get_monotonic_time () > end)
      g_error ("the keyring daemon did not %s", owned ? "come" : "go");
}

static GSubprocess *
run_daemon (KeyringDaemon *self, const char *prompter, gboolean unlock)
{
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autofree char *control = g_strconcat ("--control-directory=", self->control, NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;
  const char *argv[] = { "gnome-keyring-daemon", "--foreground", "--components=secrets", control,
                         unlock ? "--unlock" : NULL, NULL };

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
                                        | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                        | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", self->home, TRUE);
  if (prompter != NULL)
    g_subprocess_launcher_setenv (launcher, "GNOME_KEYRING_TEST_PROMPTER", prompter, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  if (unlock)
    g_output_stream_write_all (g_subprocess_get_stdin_pipe (process), KEYRING_PASSWORD,
                               strlen (KEYRING_PASSWORD), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (g_subprocess_get_stdin_pipe (process), NULL, &error);
  g_assert_no_error (error);
  return process;
}

KeyringDaemon *
keyring_start (const char *home, const char *prompter, gboolean unlock)
{
  KeyringDaemon *self = g_new0 (KeyringDaemon, 1);

  g_assert_false (is_on_bus ());
  self->home = g_strdup (home);
  /* Short, since it holds a socket; with-private-bus.sh removes it. */
  self->control = g_dir_make_tmp ("control-XXXXXX", NULL);
  g_assert_nonnull (self->control);
  self->process = run_daemon (self, prompter, unlock);
  wait_for_name (TRUE);
  return self;
}

void
keyring_kill (KeyringDaemon *self)
{
  g_autoptr(GError) error = NULL;

  if (self->process == NULL)
    return;
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&self->process);
  wait_for_name (FALSE);
}

/* All threads of the daemon, which stop one after another. */
static gboolean
is_stopped (KeyringDaemon *self)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%s/task",
                                            g_subprocess_get_identifier (self->process));
  g_autoptr(GDir) dir = g_dir_open (tasks, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (tasks, name, "stat", NULL);
      g_autofree char *text = NULL;
      const char *state;

      if (!g_file_get_contents (path, &text, NULL, NULL))
        continue;
      state = strrchr (text, ')');
      if (state == NULL || state[1] == '\0' || state[2] != 'T')
        return FALSE;
    }
  return TRUE;
}

void
keyring_pause (KeyringDaemon *self, gboolean pause)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  g_subprocess_send_signal (self->process, pause ? SIGSTOP : SIGCONT);
  /* The signal is on its way when kill() returns; the daemon could answer once more. */
  while (pause && !is_stopped (self))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
}

char *
keyring_get_alias (KeyringDaemon *self, const char *alias)
{
  g_autoptr(GVariant) reply = NULL;
  char *path;

  reply = call (SECRETS_NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
                "ReadAlias", g_variant_new ("(s)", alias));
  g_variant_get (reply, "(o)", &path);
  return path;
}

void
keyring_lock (KeyringDaemon *self)
{
  g_autofree char *path = keyring_get_alias (self, "default");
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) locked = NULL;
  const char *objects[] = { path, NULL };

  reply = call (SECRETS_NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service", "Lock",
                g_variant_new ("(^ao)", objects));
  locked = g_variant_get_child_value (reply, 0);
  g_assert_cmpuint (g_variant_n_children (locked), ==, 1);
}

/* What PAM does: the password over the control socket. A byte for the credentials, then the length
 * of all, the operation (1 is "unlock") and the password with its own length, in network order; the
 * answer is its length (8) and the result (0 is "done"). */
void
keyring_log_in (KeyringDaemon *self)
{
  g_autofree char *path = g_build_filename (self->control, "control", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GByteArray) request = g_byte_array_new ();
  guint32 length = strlen (KEYRING_PASSWORD);
  guint32 head[3] = { g_htonl (12 + length), g_htonl (1), g_htonl (length) };
  guint32 reply[2] = { 0 };

  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  g_byte_array_append (request, (const guint8 *) "", 1);
  g_byte_array_append (request, (const guint8 *) head, sizeof head);
  g_byte_array_append (request, (const guint8 *) KEYRING_PASSWORD, length);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             request->data, request->len, NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply,
                           sizeof reply, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_ntohl (reply[0]), ==, 8);
  g_assert_cmpuint (g_ntohl (reply[1]), ==, 0);
}

guint
keyring_count (KeyringDaemon *self)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) unlocked = NULL;
  g_autoptr(GVariant) locked = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&builder, "{ss}", "xdg:schema", "app.dotagents.Desktop.Secret");
  reply = call (SECRETS_NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
                "SearchItems", g_variant_new ("(a{ss})", &builder));
  unlocked = g_variant_get_child_value (reply, 0);
  locked = g_variant_get_child_value (reply, 1);
  return (guint) (g_variant_n_children (unlocked) + g_variant_n_children (locked));
}

void
keyring_free (KeyringDaemon *self)
{
  keyring_kill (self);
  g_free (self->home);
  g_free (self->control);
  g_free (self);
}
