/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-remote-access.h"
#include "da-settings.h"

G_BEGIN_DECLS

/* Where a pairing code leads. All strings owned. */
typedef struct {
  char *base_url;     /* ends in /v1 */
  char *address;      /* the address or name in it */
  char *reason;       /* why this one, in words */
} DaPairingAddress;

void              da_pairing_address_free   (DaPairingAddress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaPairingAddress, da_pairing_address_free)

/**
 * da_pairing_address_choose:
 * @wanted: (nullable): an address of this machine, a name it has in the network, or a whole URL
 *
 * Errors: DA_ERROR_CONFLICT when no code can be of use now (not listening, listening on this
 * computer only, no network, streamer mode), with what to do; DA_ERROR_INVALID for a wrong @wanted,
 * with those there are.
 */
DaPairingAddress *da_pairing_address_choose (DaRemoteAccess   *remote,
                                             DaSettings       *settings,
                                             const char       *wanted,
                                             GError          **error);

G_END_DECLS
