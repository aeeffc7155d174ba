/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-host"

#include "da-host.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* What is accepted is in one canonical form: reading that again gives the same, and it holds
 * nothing that could end a line, a host or a path. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *again = NULL;
  DaHost host, second;

  if (!da_host_parse (text, &host))
    return 0;

  g_assert_cmpuint (strlen (host.name), >, 0);
  g_assert_cmpuint (strlen (host.name), <=, 253);
  g_assert_cmpuint (host.port, <=, 65535);
  g_assert_true (host.family == 0 || host.family == 4 || host.family == 6);
  for (const char *p = host.name; *p != '\0'; p++)
    g_assert_true (g_ascii_isdigit (*p) || g_ascii_islower (*p) || strchr ("-_.:", *p) != NULL);
  g_assert_false (g_str_has_suffix (host.name, "."));
  g_assert_true (host.family == 6 || strchr (host.name, ':') == NULL);
  g_assert_false (da_host_is_unspecified (&host) && da_host_is_loopback (&host));
  g_assert_false (da_host_is_localhost (&host) && host.family != 0);

  again = g_strdup_printf (host.family == 6 ? "[%s]" : "%s", host.name);
  g_assert_true (da_host_parse (again, &second));
  g_assert_cmpstr (second.name, ==, host.name);
  g_assert_cmpint (second.family, ==, host.family);
  g_assert_cmpmem (second.address, 16, host.address, 16);
  return 0;
}
