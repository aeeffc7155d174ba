/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-sse"

#include "da-sse-parser.h"

#include <string.h>

/* Small, so that the limit is met as well. */
#define MAX_EVENT 256

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

static void
note_event (const char *event,
            const char *data,
            gsize       length,
            gpointer    user_data)
{
  GString *log = user_data;

  g_assert_cmpint (data[length], ==, '\0');
  g_assert_cmpuint (length, <=, MAX_EVENT);
  g_string_append_printf (log, "%s=", event != NULL ? event : "(none)");
  g_string_append_len (log, data, (gssize) length);
  g_string_append_c (log, '\n');
}

/* The first byte of the input chooses how the rest is cut up. */
static GString *
decode (const guint8 *data,
        gsize         size,
        gsize         piece,
        gboolean     *survived)
{
  GString *log = g_string_new (NULL);
  g_autoptr (DaSseParser) parser = da_sse_parser_new (MAX_EVENT, note_event, log);

  *survived = TRUE;
  for (gsize at = 0; at < size && *survived; at += piece)
    {
      gsize now = MIN (piece, size - at);
      g_autofree guint8 *chunk = g_memdup2 (data + at, now);

      *survived = da_sse_parser_feed (parser, chunk, now, NULL);
    }
  return log;
}

/* However a stream is cut, its events are the same. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  gboolean whole_survived;
  gboolean cut_survived;
  GString *whole;
  GString *cut;

  if (size < 2)
    return 0;

  whole = decode (data + 1, size - 1, size, &whole_survived);
  cut = decode (data + 1, size - 1, 1 + data[0] % 17, &cut_survived);
  g_assert_true (whole_survived == cut_survived);
  g_assert_cmpmem (whole->str, whole->len, cut->str, cut->len);
  g_string_free (whole, TRUE);
  g_string_free (cut, TRUE);

  return 0;
}
