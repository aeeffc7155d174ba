/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaListener: the sockets of one address and port. Accepts on the main loop and hands each
 * connection on. When file descriptors run out it keeps one in reserve, so that a caller is told
 * 503 instead of waiting for ever.
 */
typedef struct _DaListener DaListener;

/* @socket is non-blocking and the callee's to keep; NULL: there was no descriptor for it,
 * somebody was turned away. */
typedef void (*DaListenerFunc) (GSocket *socket, gpointer user_data);

/**
 * da_listener_new:
 * @bind: an address, "localhost" (both loopbacks) or "::" (both families)
 * @port: 0: any free one
 * @share: (nullable): a listener that may hold the same port at this moment; it is to be closed
 *   next, and this one takes its place without a gap
 *
 * Errors: DA_ERROR_INVALID (@bind is no address of this machine), DA_ERROR_CONFLICT (the port is in
 * use; the message names the program when the kernel tells)
 */
DaListener *da_listener_new      (const char      *bind,
                                  guint            port,
                                  DaListener      *share,
                                  DaListenerFunc   func,
                                  gpointer         user_data,
                                  GError         **error);
/* A UNIX socket at @path, 0600, of this user alone. */
DaListener *da_listener_new_local (const char     *path,
                                  DaListenerFunc   func,
                                  gpointer         user_data,
                                  GError         **error);
/* Closes at once. */
void        da_listener_free     (DaListener      *self);
guint       da_listener_get_port (DaListener      *self);
const char *da_listener_get_bind (DaListener      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaListener, da_listener_free)

/* (transfer full) (nullable): "name (pid 123)" of who listens on @port, as far as we may know.
 * Reads /proc. */
char       *da_port_owner        (guint            port);

G_END_DECLS
