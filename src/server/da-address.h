/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "127.0.0.1", "::1", "localhost". */
gboolean  da_address_is_loopback    (const char *bind);
/* (transfer full): "http://HOST:PORT/v1", an IPv6 address in brackets. */
char     *da_address_make_url       (const char *host,
                                     guint       port);
/* (transfer full) (nullable): the address other machines reach a listener on @bind by (contract
 * 10 1.9): a concrete one is itself, a wildcard is the first of this machine's; a loopback one
 * has none. */
char     *da_address_find_reachable (const char *bind);

G_END_DECLS
