/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  DA_NETWORK_ETHERNET,
  DA_NETWORK_WIFI,
  DA_NETWORK_OTHER,
  DA_NETWORK_TAILSCALE,
  DA_NETWORK_VPN,
  DA_NETWORK_MOBILE,
} DaNetworkKind;

/* "Wi-Fi", "Ethernet", ... in the person's language. */
const char *da_network_kind_to_string (DaNetworkKind kind);

/**
 * DaNetworkAddress: an address of this machine that a phone may reach it by. All strings owned.
 */
typedef struct {
  char          *address;      /* a literal, without brackets */
  char          *interface;    /* "wlp3s0" */
  char          *network;      /* (nullable) the name of the wireless network */
  DaNetworkKind  kind;
  gboolean       is_ipv6;
  gboolean       is_default;   /* its interface leads to the internet */
} DaNetworkAddress;

void        da_network_address_free       (DaNetworkAddress       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaNetworkAddress, da_network_address_free)
/* (transfer full) */
DaNetworkAddress *da_network_address_copy (const DaNetworkAddress *self);
/* (transfer full): "Wi-Fi “Home”", "Ethernet", "Tailscale", "Other network (eth7)". */
char       *da_network_address_dup_name   (const DaNetworkAddress *self);
/* Why it stands where it stands in the list: one translated sentence. */
const char *da_network_address_get_reason (const DaNetworkAddress *self);

/* What the system tells of one address; the input of the pure part. All strings borrowed. */
typedef struct {
  const char    *interface;
  const char    *address;
  const char    *network;      /* (nullable) */
  DaNetworkKind  kind;
  gboolean       is_up;        /* up and running */
  gboolean       is_loopback;
  gboolean       is_temporary; /* an IPv6 privacy address, or one on its way out */
} DaNetworkRaw;

/**
 * da_network_sort:
 * @default_interface: (nullable): see da_network_find_default()
 *
 * Chooses the usable ones and puts the best first: the interface of the default route, other cable
 * and wireless ones, the tailnet, other VPNs and mobile links; IPv4 before IPv6 on each. Leaves out
 * containers, virtual machines, loopback, link-local and temporary addresses.
 *
 * Returns: (transfer full) (element-type DaNetworkAddress)
 */
GPtrArray  *da_network_sort               (const DaNetworkRaw     *raw,
                                           gsize                   n_raw,
                                           const char             *default_interface);
/* (transfer full) (nullable): the interface of the default route with the lowest metric, from the
 * texts of /proc/net/route and /proc/net/ipv6_route; IPv4 decides where both have one. */
char       *da_network_find_default       (const char             *ipv4_table,
                                           const char             *ipv6_table);
gboolean    da_network_is_virtual         (const char             *interface);
/* 100.64.0.0/10 and fd7a:115c:a1e0::/48, the addresses Tailscale hands out. */
gboolean    da_network_is_tailnet         (const char             *address);

/* (transfer full) (element-type DaNetworkAddress): this machine's, now, best first. Asks only the
 * kernel. */
GPtrArray  *da_network_list_addresses     (void);
/* (transfer full): those of @addresses that a listener on @bind answers on: all IPv4 ones for
 * "0.0.0.0", all for "::", the one itself for a concrete address, none for loopback. */
GPtrArray  *da_network_filter_for_bind    (GPtrArray              *addresses,
                                           const char             *bind);
/* "localhost", 127.0.0.0/8, "::1". */
gboolean    da_network_is_loopback        (const char             *bind);
/* "0.0.0.0", "::", "*" and the empty bind. */
gboolean    da_network_is_wildcard        (const char             *bind);

typedef enum {
  DA_NETWORK_PORT_FREE,
  DA_NETWORK_PORT_TAKEN,
  DA_NETWORK_PORT_FORBIDDEN,  /* the system keeps it for itself; those below 1024, as a rule */
  DA_NETWORK_PORT_UNKNOWN,    /* the address is not there, so nobody can tell */
} DaNetworkPort;

/* Could a listener on @bind have @port? Tries it. */
DaNetworkPort da_network_check_port       (const char             *bind,
                                           guint                   port);
gboolean    da_network_is_port_free       (const char             *bind,
                                           guint                   port);
/* The first free port after @port that is not the system's, from the lowest again after the
 * highest; 0 when there is none among a hundred. */
guint       da_network_find_free_port     (const char             *bind,
                                           guint                   port);
/* Whose name on the system bus tells that firewalld is on. */
#define DA_NETWORK_FIREWALLD_BUS_NAME "org.fedoraproject.FirewallD1"
/* (nullable): the name of a firewall that is switched on ("ufw", "firewalld"). Reads a file. */
const char *da_network_find_firewall      (gboolean                has_firewalld);
/* TRUE: @address (nullable) is that of another machine. @own: this machine's. */
gboolean    da_network_is_outside         (GPtrArray              *own,
                                           const char             *address);
/* (transfer full): "http://ADDRESS:PORT/v1", an IPv6 address in brackets. */
char       *da_network_base_url           (const char             *address,
                                           guint                   port);

G_END_DECLS
