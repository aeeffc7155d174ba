/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* What `tailscale status --json` last said (contract 10 1.9). */
typedef struct {
  gboolean available;    /* the program is there and answered */
  gboolean running;
  char    *host_name;    /* (nullable) */
  char    *dns_name;     /* (nullable) only with MagicDNS, without the trailing dot */
  char    *ipv4;         /* (nullable) the first own 100.x address */
  char    *error;        /* (nullable) */
} DaTailnet;

/* Never waits: answers what is known now and, when that is older than five seconds, asks again in
 * the background. Before the first answer: not available. (transfer none) */
const DaTailnet *da_tailscale_peek  (DaEngine    *engine);

/* The parser alone, for tests; fills @out, which is zeroed, from the program's JSON. */
void             da_tailnet_parse   (DaTailnet   *out,
                                     const char  *text,
                                     gsize        length);
void             da_tailnet_clear   (DaTailnet   *tailnet);

G_END_DECLS
