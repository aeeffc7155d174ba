/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-range"

#include "da-range.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* The first eight bytes are the size of the file. A part is never empty and never outside. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static const guint64 sizes[] = { 0, 1, 2, 1000, G_MAXINT64, G_MAXUINT64 };
  g_autofree char *text = NULL;
  guint64 whole, start, length;
  DaRangeOutcome outcome;

  if (size < 8)
    return 0;
  memcpy (&whole, data, 8);
  text = g_strndup ((const char *) data + 8, size - 8);

  for (gsize i = 0; i <= G_N_ELEMENTS (sizes); i++)
    {
      guint64 total = i < G_N_ELEMENTS (sizes) ? sizes[i] : whole;

      outcome = da_range_parse (text, total, &start, &length);
      g_assert_true (outcome != DA_RANGE_WHOLE);
      if (outcome != DA_RANGE_PART)
        continue;
      g_assert_cmpuint (length, >, 0);
      g_assert_cmpuint (start, <, total);
      g_assert_cmpuint (length, <=, total - start);
    }
  return 0;
}
