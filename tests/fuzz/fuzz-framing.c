/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-framing"

#include "da-framing.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* However a head comes in, in one piece or byte by byte, it ends at the same place or is refused
 * with the same status. */
static gsize
find_end_in_steps (const char     *data,
                   gsize           size,
                   DaFramingFault *fault)
{
  gsize looked = 0;

  for (gsize i = 1; i <= size; i++)
    {
      gsize length = da_framing_find_end (data, i, looked, fault);

      if (length > 0 || fault->status != 0)
        return length;
      looked = i;
    }
  return 0;
}

static void
check_chunks (const char *data,
              gsize       size)
{
  DaFramingChunks whole = { 0 }, steps = { 0 };
  DaFramingFault fault = { 0 }, step_fault = { 0 };
  gboolean done, step_done = FALSE;
  gsize taken = da_framing_check_chunks (&whole, data, size, &done, &fault);
  gsize i = 0;

  g_assert_cmpuint (taken, <=, size);
  g_assert_false (done && fault.status != 0);
  g_assert_true (done || fault.status != 0 || taken == size);

  while (i < size && !step_done && step_fault.status == 0)
    i += da_framing_check_chunks (&steps, data + i, 1, &step_done, &step_fault);
  g_assert_cmpuint (i, ==, taken);
  g_assert_cmpint (step_done, ==, done);
  g_assert_cmpuint (step_fault.status, ==, fault.status);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  /* A copy that ends where the data end, so that reading further is seen. */
  g_autofree char *text = g_memdup2 (data, size);
  DaFramingFault fault = { 0 }, step_fault = { 0 };
  DaFramingHead head;
  gsize length, step_length;

  if (size == 0)
    return 0;
  check_chunks (text, size);

  length = da_framing_find_end (text, size, 0, &fault);
  g_assert_cmpuint (length, <=, size);
  g_assert_false (length > 0 && fault.status != 0);
  step_length = find_end_in_steps (text, size, &step_fault);
  g_assert_cmpuint (step_length, ==, length);
  g_assert_cmpuint (step_fault.status, ==, fault.status);
  if (length == 0)
    return 0;

  if (da_framing_check_head (text, length, &head, &fault))
    {
      g_assert_cmpuint (fault.status, ==, 0);
      g_assert_false (head.chunked && head.content_length >= 0);
      g_assert_cmpint (head.content_length, >=, -1);
      g_assert_nonnull (g_strstr_len (text, (gssize) length, "HTTP/1."));
    }
  else
    {
      g_assert_cmpuint (fault.status, >=, 400);
      g_assert_cmpuint (fault.status, <, 600);
      g_assert_nonnull (fault.reason);
    }
  return 0;
}
