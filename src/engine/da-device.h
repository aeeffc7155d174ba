/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-access.h"

G_BEGIN_DECLS

typedef enum {
  DA_DEVICE_WAITING,    /* its code is on the screen, nobody has used it yet */
  DA_DEVICE_PAIRED,
  DA_DEVICE_REVOKED,    /* cut off; may be brought back while the undo is offered */
  DA_DEVICE_EXPIRED,    /* its code was closed or ran out */
} DaDeviceState;

/* "waiting", "paired", "revoked" or "expired". */
const char    *da_device_state_to_string (DaDeviceState state);

/* How long a pairing code is good for (decisions.md, "A key per device"). */
#define DA_PAIRING_SECONDS 600

/**
 * DaDevice:
 *
 * A phone, or the code that waits for one. Made by da_access_begin_pairing(); while it waits it
 * knows its key in clear, for the code; afterwards only the digest is left. Main thread.
 *
 * Properties (all notify): "state" (int), "name" (string), "scopes" (uint), "last-seen" (int64),
 * "address" (string), "requests" (uint, open now).
 */
#define DA_TYPE_DEVICE (da_device_get_type ())
G_DECLARE_FINAL_TYPE (DaDevice, da_device, DA, DEVICE, GObject)

const char    *da_device_get_id          (DaDevice   *self);
DaDeviceState  da_device_get_state       (DaDevice   *self);
const char    *da_device_get_name        (DaDevice   *self);
unsigned       da_device_get_scopes      (DaDevice   *self);
gint64         da_device_get_first_seen  (DaDevice   *self);   /* Unix ms; 0 while waiting */
gint64         da_device_get_last_seen   (DaDevice   *self);   /* Unix ms */
const char    *da_device_get_address     (DaDevice   *self);   /* (nullable) */
const char    *da_device_get_user_agent  (DaDevice   *self);   /* (nullable) */
const char    *da_device_get_client_id   (DaDevice   *self);   /* (nullable) */
/* While it waits: when the code runs out (Unix ms), else 0. */
gint64         da_device_get_expires_at  (DaDevice   *self);
/* (nullable) (transfer none): the key in clear, only while it waits. */
const char    *da_device_peek_key        (DaDevice   *self);
/* (transfer full) (nullable): the link of the code (contract 10 1.10), while it waits.
 * @base_url ends in /v1. */
char          *da_device_dup_link        (DaDevice   *self,
                                          const char *base_url);

G_END_DECLS
