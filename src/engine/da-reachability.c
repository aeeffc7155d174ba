/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-reachability"

#include "config.h"

#include "da-reachability.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

/*
 * "Who can reach this server right now?" Pure: the window collects the state and shows the answer.
 * What is wrong comes before what is right: the first thing that keeps everybody out decides.
 */

static const char *const not_public[] = {
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
  "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
  "203.0.113.0/24", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32",
};

gboolean
da_reachability_is_public (const char *address)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (address);

  for (guint i = 0; inet != NULL && i < G_N_ELEMENTS (not_public); i++)
    {
      g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string (not_public[i], NULL);

      if (g_inet_address_mask_matches (mask, inet))
        return FALSE;
    }
  return inet != NULL;
}

static void
answer (DaReachability *self, DaReach reach, const char *who, char *reason)
{
  self->reach = reach;
  self->who = g_strdup (who);
  self->reason = reason;
}

static void
problem (DaReachability *self, DaRepair repair, const char *who, char *reason)
{
  answer (self, DA_REACH_NOBODY, who, reason);
  self->repair = repair;
  self->is_problem = TRUE;
}

/* An address that came from a router changes; the one it changed to lets the phones in again. */
static DaRepair
get_move (const DaReachabilityState *state)
{
  return state->addresses->len > 0 ? DA_REPAIR_OPEN_TO_NETWORK : DA_REPAIR_THIS_COMPUTER;
}

static gboolean
is_gone (const DaReachabilityState *state)
{
  g_autoptr(GPtrArray) open = NULL;

  if (da_network_is_loopback (state->bind) || da_network_is_wildcard (state->bind))
    return FALSE;
  open = da_network_filter_for_bind (state->addresses, state->bind);
  return open->len == 0;
}

/* The server's own words say more than ours: by whom a port is taken, for one. */
static char *
dup_cause (const DaReachabilityState *state, char *otherwise)
{
  if (state->last_error == NULL)
    return otherwise;
  g_free (otherwise);
  return g_strdup (state->last_error);
}

static void
explain_failure (DaReachability *self, const DaReachabilityState *state)
{
  if (state->port_use == DA_NETWORK_PORT_TAKEN)
    problem (self, DA_REPAIR_NEXT_PORT, _("Nobody: the port is taken"),
             dup_cause (state, g_strdup_printf (_("Another program uses port %u"), state->port)));
  else if (state->port_use == DA_NETWORK_PORT_FORBIDDEN)
    problem (self, DA_REPAIR_NEXT_PORT, _("Nobody: the port belongs to the system"),
             dup_cause (state, g_strdup_printf (_("A program of yours may not use port %u"),
                                                state->port)));
  else
    problem (self, is_gone (state) ? get_move (state) : DA_REPAIR_RETRY,
             _("Nobody: it could not start"),
             dup_cause (state, g_strdup (_("The cause is unknown"))));
}

/* TRUE: nobody gets in, and the answer says why. */
static gboolean
explain_closed (DaReachability *self, const DaReachabilityState *state)
{
  if (!state->enabled)
    {
      answer (self, DA_REACH_NOBODY, _("Nobody: it is off"),
              g_strdup (_("Switch it on to use your agents from a phone or a script")));
      self->repair = DA_REPAIR_SWITCH_ON;
      return TRUE;
    }
  if (!state->has_key && state->keyring_locked)
    {
      problem (self, DA_REPAIR_UNLOCK, _("Nobody: the keyring is locked"),
               g_strdup (_("The server’s key is in it; phones get in again once it is unlocked")));
      return TRUE;
    }
  if (!state->has_key)
    {
      problem (self, DA_REPAIR_MAKE_KEY, _("Nobody: there is no key"),
               g_strdup (_("It was removed, or it could not be read")));
      return TRUE;
    }
  if (state->state == DA_REMOTE_STARTING)
    {
      answer (self, DA_REACH_NOBODY, _("Nobody yet"), g_strdup (_("The server is starting")));
      return TRUE;
    }
  if (state->state == DA_REMOTE_RUNNING)
    return FALSE;
  if (state->state == DA_REMOTE_FAILED)
    explain_failure (self, state);
  else
    answer (self, DA_REACH_NOBODY, _("Nobody yet"), g_strdup (_("The server has not started")));
  return TRUE;
}

static char *
join_urls (GPtrArray *addresses, guint port)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < addresses->len && i < 3; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (addresses, i);
      gboolean is_ipv6 = address->is_ipv6;

      /* Translators: between the items of a list */
      g_string_append_printf (text, "%s%s%s%s:%u", i > 0 ? _(", ") : "", is_ipv6 ? "[" : "",
                              address->address, is_ipv6 ? "]" : "", port);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* It listens on an address other machines may reach; @open: those it answers on. */
static void
explain_open (DaReachability *self, const DaReachabilityState *state, GPtrArray *open)
{
  const DaNetworkAddress *best = g_ptr_array_index (open, 0);
  const DaNetworkAddress *outside = NULL;
  gboolean only_tailnet = TRUE;
  g_autofree char *name = da_network_address_dup_name (best);
  g_autofree char *who = NULL;

  for (guint i = 0; i < open->len; i++)
    {
      const DaNetworkAddress *address = g_ptr_array_index (open, i);

      only_tailnet = only_tailnet && address->kind == DA_NETWORK_TAILSCALE;
      if ((outside == NULL || outside->is_ipv6) && da_reachability_is_public (address->address)
          && (outside == NULL || !address->is_ipv6))
        outside = address;
    }
  if (outside != NULL)
    {
      /* Translators: an address on the internet */
      who = g_strdup_printf (_("The internet, at %s"), outside->address);
      answer (self, DA_REACH_INTERNET, who,
              /* Every computer has such an IPv6 address, most of them behind a router. */
              g_strdup (outside->is_ipv6
                        ? _("This computer has a public address. Unless the router keeps callers "
                            "out, whoever has a key gets in")
                        : _("This computer has a public address. Whoever has a key gets in")));
    }
  else if (only_tailnet)
    answer (self, DA_REACH_TAILNET, _("Your tailnet"), join_urls (open, state->port));
  else
    {
      /* Translators: the name of a network, as in: Devices on Wi-Fi “Home” */
      who = g_strdup_printf (_("Devices on %s"), name);
      answer (self, DA_REACH_NETWORK, who, join_urls (open, state->port));
    }
  if (state->firewall == NULL)
    return;
  g_free (self->reason);
  /* Translators: the name of a firewall and a port */
  self->reason = g_strdup_printf (_("A firewall (%s) may block port %u"),
                                  state->firewall, state->port);
  self->repair = DA_REPAIR_FIREWALL;
}

DaReachability *
da_reachability_new (const DaReachabilityState *state)
{
  DaReachability *self = g_new0 (DaReachability, 1);
  g_autoptr(GPtrArray) open = NULL;

  if (explain_closed (self, state))
    return self;
  if (state->tunnel_url != NULL)
    {
      g_autofree char *who = g_strdup_printf (_("The internet, through %s"), state->tunnel_url);

      answer (self, DA_REACH_INTERNET, who,
              g_strdup (_("The tunnel is open. Whoever has a key gets in")));
      return self;
    }
  if (da_network_is_loopback (state->bind))
    {
      answer (self, DA_REACH_THIS_COMPUTER, _("Only this computer"),
              g_strdup (_("Scripts here can use it; a phone cannot")));
      self->repair = DA_REPAIR_OPEN_TO_NETWORK;
      return self;
    }
  open = da_network_filter_for_bind (state->addresses, state->bind);
  if (open->len > 0)
    explain_open (self, state, open);
  else if (da_network_is_wildcard (state->bind))
    {
      answer (self, DA_REACH_THIS_COMPUTER, _("Only this computer"),
              g_strdup (_("It is in no network a phone could be in. Join one, and phones can "
                          "get in at once")));
      self->is_problem = TRUE;
    }
  else
    problem (self, get_move (state), _("Nobody: the address is gone"),
             g_strdup_printf (_("This computer no longer has the address %s"), state->bind));
  return self;
}

void
da_reachability_free (DaReachability *self)
{
  g_free (self->who);
  g_free (self->reason);
  g_free (self);
}
