/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaServer:
 *
 * The HTTP API (contract 10, 20, 30) on the main loop. Owns the listening sockets and a SoupServer
 * without listeners of its own: accepted connections are handed over, so that a port or bind can
 * change without dropping open streams. Publishes its state to the engine's DaRemoteAccess.
 *
 * Signals: "restart-program": a client asked for it; the program that can do it connects.
 */
#define DA_TYPE_SERVER (da_server_get_type ())
G_DECLARE_FINAL_TYPE (DaServer, da_server, DA, SERVER, GObject)

DaServer *da_server_new        (DaEngine    *engine);
/* For dotagentsd: beats the settings remoteServerBindAddress / remoteServerPort until the
 * program ends; @bind NULL or @port < 0: not overridden. Port 0: any free one. */
void      da_server_override   (DaServer    *self,
                                const char  *bind,
                                int          port);
/* Listens. Errors: DA_ERROR_CONFLICT (port busy; names the process where the kernel tells),
 * DA_ERROR_INVALID (no such address; or no key for a non-loopback bind). Already running: rebinds
 * if needed. */
gboolean  da_server_start      (DaServer    *self,
                                GError     **error);
/* Closes the listener at once, lets answers in flight finish for @grace_ms, then cuts. */
void      da_server_stop_async  (DaServer            *self,
                                 guint                grace_ms,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data);
gboolean  da_server_stop_finish (DaServer            *self,
                                 GAsyncResult        *result,
                                 GError             **error);
gboolean  da_server_is_running (DaServer    *self);
/* Opens the person's own UNIX socket at @path (da-control-socket.h); it stays open while the
 * network's listener is switched off. */
gboolean  da_server_open_control  (DaServer   *self,
                                   const char *path,
                                   GError    **error);
void      da_server_close_control (DaServer   *self);
/* Listens anew on the same address without dropping what is open; starts when it did not run. */
gboolean  da_server_restart    (DaServer    *self,
                                GError     **error);
/* Asks the program to start itself again ("restart-program"). FALSE: this one cannot. */
gboolean  da_server_restart_program     (DaServer *self);
gboolean  da_server_can_restart_program (DaServer *self);
/* The real port, 0 while not listening. */
guint     da_server_get_port   (DaServer    *self);

G_END_DECLS
