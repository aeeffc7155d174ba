/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <libsoup/soup.h>

#include "da-connection.h"
#include "da-host.h"
#include "da-route.h"

G_BEGIN_DECLS

/**
 * DaGate:
 *
 * The one door in front of all routes. da_gate_check() runs when the head of a request is there and
 * before its body: Host, preflight, Origin, key, throttle, route, scope, trusted devices, type and
 * size of the body, in this order. What it refuses never reaches a handler. Its tables are made
 * from the settings once and again when they change (da_gate_reload()).
 */
typedef struct _DaGate DaGate;

DaGate  *da_gate_new            (void);
void     da_gate_free           (DaGate            *self);
/* (all nullable) lists of the settings. */
void     da_gate_set_origins    (DaGate            *self,
                                 const char *const *origins);
void     da_gate_set_hosts      (DaGate            *self,
                                 const char *const *hosts);
void     da_gate_set_devices    (DaGate            *self,
                                 const char *const *devices);
/* Names by which a tunnel or the like leads here; NULL: none. */
void     da_gate_set_public_host (DaGate           *self,
                                  const char       *host);

/* The pure decisions, for tests. @local: (nullable): our own address of the connection. */
gboolean da_gate_allows_host    (DaGate            *self,
                                 const DaHost      *host,
                                 GSocketAddress    *local);
gboolean da_gate_allows_origin  (DaGate            *self,
                                 const char        *origin);
gboolean da_gate_allows_device  (DaGate            *self,
                                 const char        *device_id);
gboolean da_gate_guards_devices (DaGate            *self);

/* Answers what it refuses; what passes becomes the request of its connection. */
void     da_gate_check          (DaServerContext   *context,
                                 SoupServerMessage *message,
                                 const char        *path,
                                 GHashTable        *query);

G_END_DECLS
