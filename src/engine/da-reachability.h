/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

#include "da-network.h"
#include "da-remote-access.h"

G_BEGIN_DECLS

typedef enum {
  DA_REACH_NOBODY,
  DA_REACH_THIS_COMPUTER,
  DA_REACH_NETWORK,
  DA_REACH_TAILNET,
  DA_REACH_INTERNET,
} DaReach;

/* The one thing that would help; the window has a button for it. */
typedef enum {
  DA_REPAIR_NONE,
  DA_REPAIR_SWITCH_ON,
  DA_REPAIR_NEXT_PORT,       /* the port is taken: use the next free one */
  DA_REPAIR_MAKE_KEY,
  DA_REPAIR_UNLOCK,          /* the key is in a locked keyring */
  DA_REPAIR_OPEN_TO_NETWORK, /* bound to this computer only, or to an address that is gone */
  DA_REPAIR_THIS_COMPUTER,   /* the address is gone, and there is no other */
  DA_REPAIR_FIREWALL,        /* show how to open the port */
  DA_REPAIR_RETRY,
} DaRepair;

/* Everything the answer depends on. All borrowed. */
typedef struct {
  gboolean       enabled;
  DaRemoteState  state;
  const char    *bind;
  guint          port;         /* the real one while it runs, else the one in the settings */
  gboolean       has_key;
  gboolean       keyring_locked;
  const char    *last_error;   /* (nullable): the server's own words */
  DaNetworkPort  port_use;     /* only asked when the server has failed */
  GPtrArray     *addresses;    /* (element-type DaNetworkAddress) */
  const char    *tunnel_url;   /* (nullable) */
  const char    *firewall;     /* (nullable): the name of one that is on and may block the port */
} DaReachabilityState;

/**
 * DaReachability: who can reach the server right now. Texts are translated and owned.
 */
typedef struct {
  DaReach   reach;
  DaRepair  repair;
  gboolean  is_problem;        /* something is wrong, not merely off */
  char     *who;               /* "Only this computer" */
  char     *reason;
} DaReachability;

/* A pure function: no I/O, the same state gives the same answer. (transfer full) */
DaReachability *da_reachability_new  (const DaReachabilityState *state);
void            da_reachability_free (DaReachability            *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaReachability, da_reachability_free)

/* FALSE for private, shared, link-local and documentation ranges and what is no address. */
gboolean        da_reachability_is_public (const char           *address);

G_END_DECLS
