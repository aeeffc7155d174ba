/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-redact"

#include "da-redact.h"

#include <string.h>

#define SECRET "s3cret-value"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* A registered value never survives, and nothing is read behind the end. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *with_secret = g_strconcat (text, SECRET, text, NULL);
  g_autofree char *redacted = NULL;
  static gboolean registered;

  if (!registered)
    da_redact_register (SECRET);
  registered = TRUE;

  redacted = da_redact (with_secret);
  g_assert_null (strstr (redacted, SECRET));
  return 0;
}
