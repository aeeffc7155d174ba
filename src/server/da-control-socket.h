/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaControlSocket: the person's own door: a UNIX socket, 0600 in a 0700 folder, through which every
 * route can be used without a key by the user that owns the process, and by root. Who else connects
 * (a folder that was opened up, a socket handed on) is closed without a word. There is one for each
 * data folder, because there is one process for each.
 */
typedef struct _DaControlSocket DaControlSocket;

/* @socket is the callee's to keep. */
typedef void (*DaControlSocketFunc) (GSocket *socket, gpointer user_data);

/**
 * da_control_socket_path:
 * @data_dir: an absolute folder
 *
 * $XDG_RUNTIME_DIR/dotagents/control.sock for the usual data folder, a name made from the folder
 * for another one; <data_dir>/control.sock where there is no runtime folder of this user.
 *
 * Returns: (transfer full)
 */
char            *da_control_socket_path (const char           *data_dir);
/* Replaces what a program that died left at @path. */
DaControlSocket *da_control_socket_new  (const char           *path,
                                         DaControlSocketFunc   func,
                                         gpointer              user_data,
                                         GError              **error);
/* Closes it and removes the file. */
void             da_control_socket_free (DaControlSocket      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaControlSocket, da_control_socket_free)

/* Whether a process of user @peer may use the socket of user @own. */
gboolean         da_control_socket_allows (guint               own,
                                           guint               peer);

G_END_DECLS
