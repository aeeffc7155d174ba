/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-range"

#include "da-range.h"

#include <string.h>

/* Digits only; a number too large for 64 bits is "very large", not an error of its own. */
static gboolean
take_number (const char **text,
             guint64     *out)
{
  const char *p = *text;
  guint64 value = 0;

  if (!g_ascii_isdigit (*p))
    return FALSE;

  for (; g_ascii_isdigit (*p); p++)
    {
      guint64 digit = (guint64) (*p - '0');

      value = value > (G_MAXUINT64 - digit) / 10 ? G_MAXUINT64 : value * 10 + digit;
    }

  *text = p;
  *out = value;
  return TRUE;
}

DaRangeOutcome
da_range_parse (const char *text,
                guint64     size,
                guint64    *start,
                guint64    *length)
{
  guint64 first, last = G_MAXUINT64;

  *start = 0;
  *length = size;

  if (text == NULL)
    return DA_RANGE_WHOLE;
  if (!g_str_has_prefix (text, "bytes="))
    return DA_RANGE_UNSATISFIABLE;
  text += strlen ("bytes=");

  if (*text == '-')
    {
      guint64 suffix;

      text++;
      if (!take_number (&text, &suffix) || *text != '\0' || suffix == 0 || size == 0)
        return DA_RANGE_UNSATISFIABLE;
      *length = MIN (suffix, size);
      *start = size - *length;
      return DA_RANGE_PART;
    }

  if (!take_number (&text, &first) || *text != '-')
    return DA_RANGE_UNSATISFIABLE;
  text++;
  if (*text != '\0' && (!take_number (&text, &last) || *text != '\0'))
    return DA_RANGE_UNSATISFIABLE;
  if (first >= size || last < first)
    return DA_RANGE_UNSATISFIABLE;

  *start = first;
  *length = MIN (last, size - 1) - first + 1;
  return DA_RANGE_PART;
}
