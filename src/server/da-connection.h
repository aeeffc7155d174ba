/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

#include "da-guard-stream.h"
#include "da-route.h"

G_BEGIN_DECLS

/* Where a connection came in. */
typedef enum {
  DA_ENTRANCE_NETWORK,   /* the listener of the settings */
  DA_ENTRANCE_TUNNEL,    /* a listener of its own for a tunnel program: never taken for local */
  DA_ENTRANCE_LOCAL,     /* the person's own UNIX socket: needs no key */
} DaEntrance;

/**
 * DaConnection: one accepted connection, its limits and its time-outs. Lives from accept until the
 * socket is closed. Knows the one request that is being read or answered. Refcounted; main thread.
 */
typedef struct _DaConnection DaConnection;
struct _DaConnection {
  int              ref_count;
  DaServerContext *context;      /* owned */
  DaGuardStream   *guard;        /* owned */
  GSocketAddress  *local;        /* owned */
  GSocketAddress  *remote;       /* owned; libsoup hands it back to us: it leads here */
  char            *address;      /* the peer, as text without port; "local" for a UNIX socket */
  DaRequest       *request;      /* (nullable) owned */
  char            *good_host;    /* (nullable) the last Host that passed the gate */
  guint            good_generation;
  DaEntrance       entrance;
  gboolean         is_loopback;
};

/* Takes over @socket; answers 503 when there are too many. */
void          da_connection_accept       (DaServerContext   *context,
                                          GSocket           *socket,
                                          DaEntrance         entrance);
DaConnection *da_connection_ref          (DaConnection      *self);
void          da_connection_unref        (DaConnection      *self);
/* (transfer none) (nullable): NULL for a message that did not come through us. */
DaConnection *da_connection_from_message (SoupServerMessage *message);
/* Gives the connection (back) to libsoup, for the next request. */
void          da_connection_hand_over    (DaConnection      *self);
/* Ends it now, in the middle of whatever there is. */
void          da_connection_cut          (DaConnection      *self);
/* Ends those that no request uses; with @all every one. */
void          da_connection_cut_idle     (DaServerContext   *context,
                                          gboolean           all);
/* Ends those of other machines. */
void          da_connection_cut_remote   (DaServerContext   *context);
/* Closes all of them without the main loop's help. */
void          da_connection_abandon_all  (DaServerContext   *context);

G_END_DECLS
