/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaHost: one parsed Host header value (or a host a person typed). Pure, no look-ups.
 */
typedef struct {
  /* lower case, no brackets, no trailing dot; an address in canonical form */
  char   name[256];
  guint  port;           /* 0: none was given */
  int    family;         /* 0: a name; 4 or 6: an address (an IPv4-mapped one is a 4) */
  guint8 address[16];    /* network order; 4 or 16 bytes of it */
} DaHost;

/* FALSE: not one valid host (empty, a comma, white space, a zone, userinfo, a bad port, non-ASCII).
   */
gboolean  da_host_parse           (const char   *text,
                                   DaHost       *out);
/* "localhost" and everything below it: browsers resolve these to loopback without DNS. */
gboolean  da_host_is_localhost    (const DaHost *host);
gboolean  da_host_is_loopback     (const DaHost *host);
gboolean  da_host_is_unspecified  (const DaHost *host);
/* (transfer full) (nullable): an Origin header in the form it is compared in: lower case, no
 * trailing slash; "null" stays. NULL: nothing a browser sends. */
char     *da_origin_normalize     (const char   *text);

G_END_DECLS
