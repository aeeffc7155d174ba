/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-preferences-remote-diagnosis"

#include "config.h"

#include <glib/gi18n-lib.h>

#include "da-preferences-remote-check.h"

/*
 * From a symptom to its cause. Pure, and tested from a table: what surely keeps the caller out
 * comes first, then what the last requests tell, then what can only be advised.
 */

static DaDiagnosis *
make (gboolean found, const char *cause, const char *advice)
{
  DaDiagnosis *self = g_new0 (DaDiagnosis, 1);

  self->found = found;
  self->cause = g_strdup (cause);
  self->advice = g_strdup (advice);
  return self;
}

/* (nullable): what keeps everybody out, or everybody but this computer */
static DaDiagnosis *
find_closed (const DaDiagnosisState *state, gboolean needs_outside)
{
  const DaReachability *reachability = state->reachability;
  DaDiagnosis *self = NULL;

  if (reachability->reach == DA_REACH_NOBODY
      || (needs_outside && reachability->reach == DA_REACH_THIS_COMPUTER))
    {
      self = make (TRUE, reachability->who, reachability->reason);
      self->repairs = reachability->repair != DA_REPAIR_NONE;
    }
  else if (!state->answers_here)
    {
      self = make (TRUE, _("The server does not answer at its own address"),
                   _("Switch it off and on again. If that does not help, restart the program"));
    }
  return self;
}

static DaDiagnosis *
find_refused (const DaDiagnosisState *state)
{
  g_autofree char *cause = NULL;

  if (state->refused_host != NULL)
    {
      cause = g_strdup_printf (_("The host name %s was refused"), state->refused_host);
      return make (TRUE, cause, _("Allow it under Activity if you know it"));
    }
  if (state->refused_origin != NULL)
    {
      cause = g_strdup_printf (_("The web page %s was refused"), state->refused_origin);
      return make (TRUE, cause, _("Allow it under Activity if you know it"));
    }
  return NULL;
}

static DaDiagnosis *
find_firewall (const DaDiagnosisState *state)
{
  DaDiagnosis *self;

  if (state->reachability->repair != DA_REPAIR_FIREWALL || state->outside > 0)
    return NULL;
  self = make (TRUE, state->reachability->reason,
               _("Nobody from outside has got through since the program was started"));
  self->repairs = TRUE;
  return self;
}

static DaDiagnosis *
explain_key (const DaDiagnosisState *state)
{
  g_autofree char *cause = NULL;

  if (state->wrong_keys > 0)
    {
      cause = g_strdup_printf (ngettext ("%u of the last requests came with an unknown key",
                                         "%u of the last requests came with unknown keys",
                                         state->wrong_keys), state->wrong_keys);
      return make (TRUE, cause,
                   _("A phone that was removed has to be paired again. A script needs the API key "
                     "that is shown under Scripts"));
    }
  if (state->n_devices == 0)
    return make (FALSE, _("No phone is paired"),
                 _("Pair it again: a code works once, and for ten minutes"));
  return make (FALSE, _("No wrong key was seen lately"),
               _("Let the phone or script try again, then look here"));
}

static DaDiagnosis *
explain_phone (const DaDiagnosisState *state)
{
  DaDiagnosis *found = find_firewall (state);

  if (found != NULL)
    return found;
  if (state->outside > 0)
    return make (FALSE, _("Other machines do get through"),
                 _("If the phone does not, it is in another network, or the address in it is old: "
                   "pair it again"));
  if (state->reachability->reach == DA_REACH_TAILNET)
    return make (FALSE, _("Nobody from your tailnet has got through yet"),
                 _("The phone has to run Tailscale with the same account"));
  return make (FALSE, _("Nobody from outside has got through yet"),
               _("The phone has to be in the same network, not in the guest network, and the "
                 "router must not keep its devices apart"));
}

static DaDiagnosis *
explain_tunnel (const DaDiagnosisState *state)
{
  if (state->wrong_keys > 0)
    return explain_key (state);
  if (state->tunnel_is_open)
    return make (FALSE, _("The tunnel is open and nothing was refused"),
                 _("The address in the app has to end in /v1"));
  return make (FALSE, _("DotAgents has not opened a tunnel"),
               _("If another program has, it has to lead to this port, and its host name is "
                 "refused once before it can be allowed under Activity"));
}

static DaDiagnosis *
explain_connection (const DaDiagnosisState *state)
{
  DaDiagnosis *found = find_firewall (state);

  if (found != NULL)
    return found;
  return make (FALSE, _("The server answers"),
               state->reachability->reach == DA_REACH_THIS_COMPUTER
               ? _("Only this computer can reach it. A phone needs it to be open to a network")
               : _("Compare the address in the phone or script with the one on the page: it "
                   "has to be the same, with the port and /v1"));
}

DaDiagnosis *
da_diagnosis_new (DaSymptom               symptom,
                  const DaDiagnosisState *state)
{
  DaDiagnosis *found = find_closed (state, symptom == DA_SYMPTOM_NOT_ON_PHONE);

  /* 401 is about the key, whatever else was refused. */
  if (found == NULL && symptom == DA_SYMPTOM_WRONG_KEY && state->wrong_keys > 0)
    found = explain_key (state);
  if (found == NULL)
    found = find_refused (state);
  if (found != NULL)
    return found;
  switch (symptom)
    {
    case DA_SYMPTOM_WRONG_KEY:
      return explain_key (state);
    case DA_SYMPTOM_NOT_ON_PHONE:
      return explain_phone (state);
    case DA_SYMPTOM_TUNNEL:
      return explain_tunnel (state);
    case DA_SYMPTOM_CANNOT_CONNECT:
      return explain_connection (state);
    }
  g_assert_not_reached ();
}

void
da_diagnosis_free (DaDiagnosis *self)
{
  g_free (self->cause);
  g_free (self->advice);
  g_free (self);
}
