/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-listener"

#include "config.h"

#include "da-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gio/gunixsocketaddress.h>

#include "da-error.h"

/* A burst of a page's connections fits; the kernel cuts it to net.core.somaxconn. */
#define BACKLOG 1024
/* Accepted in one turn of the loop, so that a flood does not starve what is open. */
#define ACCEPT_BATCH 64

typedef struct {
  DaListener *listener;   /* borrowed */
  GSocket    *socket;     /* owned */
  GSource    *source;     /* owned */
} Entry;

struct _DaListener {
  char           *bind;
  guint           port;
  char           *path;      /* (nullable) of a UNIX socket, to be removed */
  Entry           entries[2];
  guint           n_entries;
  int             reserve;   /* a descriptor to give up when there are no others */
  DaListenerFunc  func;
  gpointer        user_data;
};

static int
open_reserve (void)
{
  return open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left: with the one in reserve the caller is taken and let go, so its wait
 * ends. FALSE: there was no caller, which the kernel tells only to who has a descriptor. */
static gboolean
turn_away (DaListener *self,
           GSocket    *socket)
{
  static const char answer[] =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\n"
    "Retry-After: 1\r\nContent-Length: 33\r\nConnection: close\r\n\r\n"
    "{\"error\":\"Too many connections.\"}";
  int fd;

  if (self->reserve >= 0)
    close (self->reserve);
  fd = accept4 (g_socket_get_fd (socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0)
    {
      if (send (fd, answer, strlen (answer), MSG_NOSIGNAL) < 0)
        g_debug ("A caller was turned away without a word");
      close (fd);
    }
  self->reserve = open_reserve ();
  if (fd >= 0)
    self->func (NULL, self->user_data);
  return fd >= 0;
}

static gboolean
on_socket_ready (GSocket      *socket,
                 GIOCondition  condition,
                 gpointer      user_data)
{
  Entry *entry = user_data;

  for (int i = 0; i < ACCEPT_BATCH; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) accepted = g_socket_accept (socket, NULL, &error);

      if (accepted != NULL)
        entry->listener->func (accepted, entry->listener->user_data);
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES)
               || !turn_away (entry->listener, socket))
        break;
    }

  return G_SOURCE_CONTINUE;
}

static void
add_socket (DaListener *self,
            GSocket    *socket)
{
  Entry *entry = &self->entries[self->n_entries++];

  entry->listener = self;
  entry->socket = g_object_ref (socket);
  entry->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (entry->source, G_SOURCE_FUNC (on_socket_ready), entry, NULL);
  g_source_attach (entry->source, NULL);
}

static void
set_share_port (DaListener *self,
                gboolean    share)
{
  for (guint i = 0; self != NULL && i < self->n_entries; i++)
    g_socket_set_option (self->entries[i].socket, SOL_SOCKET, SO_REUSEPORT, share, NULL);
}

/* Not g_socket_bind(): it takes SO_REUSEPORT back. */
static gboolean
bind_socket (GSocket         *socket,
             GSocketAddress  *address,
             GError         **error)
{
  struct sockaddr_storage native;

  if (!g_socket_address_to_native (address, &native, sizeof native, error))
    return FALSE;
  if (bind (g_socket_get_fd (socket), (struct sockaddr *) &native,
            (socklen_t) g_socket_address_get_native_size (address)) == 0)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  return FALSE;
}

static GSocket *
open_socket (GInetAddress  *inet,
             guint          port,
             gboolean       share,
             GError       **error)
{
  GSocketFamily family = g_inet_address_get_family (inet);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (inet, (guint16) port);
  g_autoptr (GSocket) socket = NULL;

  socket = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  /* "::" serves both families; any other address is one family's. */
  if (family == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, !g_inet_address_get_is_any (inet),
                         NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_REUSEADDR, TRUE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_REUSEPORT, share, NULL);
  if (!bind_socket (socket, address, error) || !g_socket_listen (socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

/* Shown in the settings as the reason why nobody can reach the server. */
static void
explain_failure (GError     **error,
                 GError      *cause,
                 const char  *bind,
                 guint        port)
{
  g_autofree char *owner = NULL;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      owner = da_port_owner (port);
      if (owner != NULL)
        /* Translators: the name of another program */
        g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT, _("Port %u is in use by %s"), port, owner);
      else
        g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                     _("Port %u is in use by another program"), port);
    }
  else
    {
      /* Translators: an address, a port, and what the system says */
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, _("Cannot listen on %s, port %u: %s"), bind,
                   port, cause->message);
    }
}

static gboolean
add_address (DaListener    *self,
             GInetAddress  *inet,
             gboolean       share,
             GError       **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocket) socket = open_socket (inet, self->port, share, &cause);

  if (socket == NULL)
    {
      explain_failure (error, cause, self->bind, self->port);
      return FALSE;
    }

  local = g_socket_get_local_address (socket, NULL);
  if (self->port == 0 && G_IS_INET_SOCKET_ADDRESS (local))
    self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  add_socket (self, socket);
  return TRUE;
}

/* "[::1]", " 127.0.0.1 " and "LOCALHOST" are what people write. */
static char *
clean_bind (const char *bind)
{
  g_autofree char *text = g_strstrip (g_ascii_strdown (bind, -1));
  gsize length = strlen (text);

  if (length > 2 && text[0] == '[' && text[length - 1] == ']')
    return g_strndup (text + 1, length - 2);
  return g_steal_pointer (&text);
}

DaListener *
da_listener_new (const char      *bind,
                 guint            port,
                 DaListener      *share,
                 DaListenerFunc   func,
                 gpointer         user_data,
                 GError         **error)
{
  g_autoptr (DaListener) self = g_new0 (DaListener, 1);
  g_autoptr (GInetAddress) inet = NULL;
  gboolean is_localhost, opened;

  self->reserve = -1;
  self->func = func;
  self->user_data = user_data;
  self->bind = clean_bind (bind);
  self->port = port;
  is_localhost = strcmp (self->bind, "localhost") == 0;
  inet = is_localhost ? g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4)
                      : g_inet_address_new_from_string (self->bind);
  if (inet == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, _("“%s” is not an address to listen on"),
                   bind);
      return NULL;
    }

  /* Only for this moment: two programs must not share a port without knowing. */
  if (share != NULL && share->port != port)
    share = NULL;
  set_share_port (share, TRUE);
  opened = add_address (self, inet, share != NULL, error);
  set_share_port (share, FALSE);
  set_share_port (self, FALSE);
  if (!opened)
    return NULL;

  if (is_localhost)
    {
      g_autoptr (GInetAddress) six = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV6);
      g_autoptr (GError) ignored = NULL;

      if (!add_address (self, six, FALSE, &ignored))
        g_debug ("No IPv6 loopback: %s", ignored->message);
    }

  self->reserve = open_reserve ();
  return g_steal_pointer (&self);
}

DaListener *
da_listener_new_local (const char      *path,
                       DaListenerFunc   func,
                       gpointer         user_data,
                       GError         **error)
{
  g_autoptr (DaListener) self = g_new0 (DaListener, 1);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  mode_t mask;
  gboolean bound;

  self->reserve = -1;
  self->func = func;
  self->user_data = user_data;
  self->bind = g_strdup (path);
  if (strlen (path) >= 108)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "The socket path %s is too long", path);
      return NULL;
    }

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                         error);
  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  address = g_unix_socket_address_new (path);
  /* What a program that died left behind. */
  g_unlink (path);
  mask = umask (0177);
  bound = g_socket_bind (socket, address, TRUE, error);
  umask (mask);
  if (!bound || !g_socket_listen (socket, error))
    return NULL;

  self->path = g_strdup (path);
  add_socket (self, socket);
  self->reserve = open_reserve ();
  return g_steal_pointer (&self);
}

void
da_listener_free (DaListener *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_entries; i++)
    {
      g_source_destroy (self->entries[i].source);
      g_clear_pointer (&self->entries[i].source, g_source_unref);
      g_socket_close (self->entries[i].socket, NULL);
      g_clear_object (&self->entries[i].socket);
    }
  if (self->path != NULL)
    g_unlink (self->path);
  if (self->reserve >= 0)
    close (self->reserve);
  g_free (self->bind);
  g_free (self->path);
  g_free (self);
}

guint
da_listener_get_port (DaListener *self)
{
  return self->port;
}

const char *
da_listener_get_bind (DaListener *self)
{
  return self->bind;
}
