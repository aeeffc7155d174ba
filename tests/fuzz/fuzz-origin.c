/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-origin"

#include "da-host.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* A normal form is stable, can stand in a header line, and has no second value in it. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *normal = da_origin_normalize (text);
  g_autofree char *again = NULL;

  if (normal == NULL)
    return 0;

  g_assert_cmpuint (strlen (normal), >, 0);
  g_assert_null (strpbrk (normal, "\r\n\t ,\""));
  for (const char *p = normal; *p != '\0'; p++)
    g_assert_true (*p > ' ' && *p < 0x7f && !g_ascii_isupper (*p));

  /* One slash at the end goes; a second one is no origin that a browser sends. */
  again = da_origin_normalize (normal);
  if (!g_str_has_suffix (normal, "/"))
    g_assert_cmpstr (again, ==, normal);
  return 0;
}
