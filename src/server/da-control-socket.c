/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-control"

#include "da-control-socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-listener.h"
#include "da-path.h"

/* Digits of the data folder's digest; a name must fit the 108 bytes of a socket address. */
#define NAME_DIGITS 16

struct _DaControlSocket {
  DaListener          *listener;   /* owned */
  DaControlSocketFunc  func;
  gpointer             user_data;
};

/* Set by the log-in; with "sudo -E" it may be another user's, where we must not put anything. */
static const char *
get_runtime_dir (void)
{
  const char *folder = g_getenv ("XDG_RUNTIME_DIR");
  struct stat info;

  if (folder == NULL || !g_path_is_absolute (folder))
    return NULL;
  return stat (folder, &info) == 0 && info.st_uid == geteuid () ? folder : NULL;
}

char *
da_control_socket_path (const char *data_dir)
{
  const char *runtime = get_runtime_dir ();
  g_autofree char *usual = g_build_filename (g_get_user_data_dir (), "dotagents", NULL);
  g_autofree char *canonical = g_canonicalize_filename (data_dir, NULL);
  g_autofree char *digest = NULL;
  g_autofree char *name = NULL;

  if (runtime == NULL)
    return g_build_filename (canonical, "control.sock", NULL);
  if (g_str_equal (canonical, usual))
    return g_build_filename (runtime, "dotagents", "control.sock", NULL);

  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);
  name = g_strdup_printf ("%.*s.sock", NAME_DIGITS, digest);
  return g_build_filename (runtime, "dotagents", name, NULL);
}

gboolean
da_control_socket_allows (guint own,
                          guint peer)
{
  return peer == own || peer == 0;
}

static void
on_accepted (GSocket *socket,
             gpointer user_data)
{
  DaControlSocket *self = user_data;
  struct ucred peer = { .uid = (uid_t) -1 };
  socklen_t length = sizeof peer;

  if (socket == NULL)
    return;
  if (getsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0
      || !da_control_socket_allows (geteuid (), peer.uid))
    {
      g_warning ("User %u was turned away from the control socket", (guint) peer.uid);
      g_socket_close (socket, NULL);
      return;
    }

  self->func (socket, self->user_data);
}

DaControlSocket *
da_control_socket_new (const char           *path,
                       DaControlSocketFunc   func,
                       gpointer              user_data,
                       GError              **error)
{
  g_autoptr (DaControlSocket) self = g_new0 (DaControlSocket, 1);
  g_autofree char *folder = g_path_get_dirname (path);

  self->func = func;
  self->user_data = user_data;
  if (!da_path_ensure_private (folder, error))
    return NULL;
  self->listener = da_listener_new_local (path, on_accepted, self, error);
  return self->listener != NULL ? g_steal_pointer (&self) : NULL;
}

void
da_control_socket_free (DaControlSocket *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->listener, da_listener_free);
  g_free (self);
}
