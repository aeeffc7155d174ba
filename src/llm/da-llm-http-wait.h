/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * DaLlmSockets:
 *
 * Knows the sockets behind a session's connections, so that a body can be waited for on the socket
 * itself. libsoup's own source for a body is four sources deep, and GLib blocks and unblocks each
 * of them around every token: ten system calls that a token of a streamed answer does not need.
 */
typedef struct _DaLlmSockets DaLlmSockets;

DaLlmSockets *da_llm_sockets_new   (void);
void          da_llm_sockets_free  (DaLlmSockets  *self);
/* To be called from "network-event" of @message with the event's connection. */
void          da_llm_sockets_learn (DaLlmSockets  *self,
                                    SoupMessage   *message,
                                    GIOStream     *connection);
/* (transfer full): calls a GSourceFunc when more of @message's body may be there, and once at
 * first. Who does not read until G_IO_ERROR_WOULD_BLOCK wakes it with g_source_set_ready_time
 * (source, 0), because bytes may wait above the socket. It may call again from a main loop within
 * the callback. Attach it yourself. */
GSource      *da_llm_sockets_wait  (DaLlmSockets  *self,
                                    SoupMessage   *message,
                                    GInputStream  *body);

G_END_DECLS
