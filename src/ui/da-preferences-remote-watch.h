/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-reachability.h"

G_BEGIN_DECLS

/**
 * DaRemoteWatch:
 *
 * Watches what decides who can reach the server (settings, server, key, networks) and keeps the
 * answer. Signal "changed", at most once per turn of the main loop. Shared by the page and the
 * pairing dialog. Main thread.
 */
#define DA_TYPE_REMOTE_WATCH (da_remote_watch_get_type ())
G_DECLARE_FINAL_TYPE (DaRemoteWatch, da_remote_watch, DA, REMOTE_WATCH, GObject)

/* (transfer full) */
DaRemoteWatch        *da_remote_watch_new              (DaEngine       *engine);
/* (transfer none): valid until the next "changed" */
const DaReachability *da_remote_watch_get_reachability (DaRemoteWatch *self);
/* (transfer none) (element-type DaNetworkAddress): all of this machine's */
GPtrArray            *da_remote_watch_get_addresses    (DaRemoteWatch *self);
/* (transfer full): those the server answers on now */
GPtrArray            *da_remote_watch_dup_open         (DaRemoteWatch *self);
/* The real port while it runs, else the one in the settings. */
guint                 da_remote_watch_get_port         (DaRemoteWatch *self);
const char           *da_remote_watch_get_bind         (DaRemoteWatch *self);
/* (transfer full): what the button of the repair says, with a mnemonic; NULL for none */
char                 *da_remote_watch_dup_repair_label (DaRemoteWatch *self);
/* Does the one thing that helps. @widget: where to say how it went. */
void                  da_remote_watch_repair           (DaRemoteWatch *self,
                                                        GtkWidget      *widget);

G_END_DECLS
