/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-gate.h"

G_BEGIN_DECLS

struct _DaGate {
  /* set of names and addresses besides localhost and our own addresses */
  GHashTable *hosts;
  GHashTable *origins;         /* set, normalised */
  GHashTable *interfaces;      /* set of our addresses, asked for when one is not known */
  gint64      interfaces_us;
  char      **devices;         /* (nullable): no list, no gate */
  char       *public_host;     /* (nullable) */
  guint       generation;      /* counts changes of the hosts */
  gboolean    any_origin;
};

G_END_DECLS
