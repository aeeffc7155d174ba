/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  DA_REMOTE_OFF,
  DA_REMOTE_STARTING,
  DA_REMOTE_RUNNING,
  DA_REMOTE_FAILED,
} DaRemoteState;

/**
 * DaRemoteAccess:
 *
 * The status of the remote server, written by the server (and the tunnel) and read by the window
 * and the operator routes, so that these never meet. Properties (all notify): "state" (int),
 * "bind", "port" (uint, the real one), "url", "connectable-url", "last-error" (strings,
 * nullable), "streams" (uint, open now), "refused-host", "refused-origin" (string, nullable: the
 * last one refused).
 */
#define DA_TYPE_REMOTE_ACCESS (da_remote_access_get_type ())
G_DECLARE_FINAL_TYPE (DaRemoteAccess, da_remote_access, DA, REMOTE_ACCESS, GObject)

DaRemoteAccess *da_remote_access_new           (void);
DaRemoteState   da_remote_access_get_state     (DaRemoteAccess *self);
const char     *da_remote_access_get_bind      (DaRemoteAccess *self);
guint           da_remote_access_get_port      (DaRemoteAccess *self);
const char     *da_remote_access_get_url       (DaRemoteAccess *self);
const char     *da_remote_access_get_connectable_url (DaRemoteAccess *self);
const char     *da_remote_access_get_last_error (DaRemoteAccess *self);
guint           da_remote_access_get_streams   (DaRemoteAccess *self);

/* For the server only. */
void            da_remote_access_set_running   (DaRemoteAccess *self, const char *bind, guint port,
                                                const char *url, const char *connectable_url);
void            da_remote_access_set_state     (DaRemoteAccess *self, DaRemoteState state,
                                                const char *last_error);
void            da_remote_access_add_streams   (DaRemoteAccess *self, int delta);
void            da_remote_access_set_refused   (DaRemoteAccess *self, const char *host,
                                                const char *origin);

G_END_DECLS
