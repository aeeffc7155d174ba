/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-llm-chunk"

#include "da-llm-stream.h"

#include <string.h>

#include "da-json.h"
#include "da-llm-scan.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

static void
on_event (const DaLlmEvent *event,
          gpointer          user_data)
{
  g_assert_true (g_utf8_validate (event->text, (gssize) event->length, NULL));
  if (event->type == DA_LLM_EVENT_TEXT)
    g_string_append_len (user_data, event->text, (gssize) event->length);
}

/* The whole outcome of a stream as text. */
static char *
read_stream (const char *data,
             gsize       size,
             gsize       step)
{
  GString *out = g_string_new (NULL);
  g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", on_event, out);
  g_autoptr (DaLlmResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize at = 0; at < size; at += step)
    {
      gsize n = MIN (step, size - at);
      g_autofree char *piece = g_memdup2 (data + at, n);

      da_llm_stream_feed (stream, piece, n);
    }
  result = da_llm_stream_finish (stream, NULL, &error);
  g_assert_true ((result == NULL) == (error != NULL));
  if (error)
    {
      g_assert_true (error->domain == DA_LLM_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_string_append_printf (out, "!%s", error->message);
    }
  else
    g_string_append_printf (out, "|%s|%d", result->finish_reason, result->tool_calls != NULL);
  if (result && result->tool_calls)
    {
      g_autoptr (JsonNode) node = da_json_parse (result->tool_calls, strlen (result->tool_calls),
                                                 G_MAXSIZE, NULL);

      g_assert_nonnull (node);
    }
  return g_string_free (out, FALSE);
}

/* What the door takes, the scanner takes; what the scanner takes beyond it is only text the door
 * refuses for its characters, its numbers or its names. */
static void
compare_with_the_door (const char *data,
                       gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = da_json_parse (data, size, G_MAXSIZE, &error);
  gboolean is_taken;
  DaLlmScan scan;

  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    return;
  da_llm_scan_init (&scan, data, size);
  da_llm_scan_skip (&scan, NULL);
  is_taken = da_llm_scan_finish (&scan);
  if (node)
    g_assert_true (is_taken);
  else if (is_taken)
    g_assert_true (g_error_matches (error, DA_JSON_ERROR, DA_JSON_ERROR_ENCODING) ||
                   g_error_matches (error, DA_JSON_ERROR, DA_JSON_ERROR_RANGE) ||
                   g_error_matches (error, DA_JSON_ERROR, DA_JSON_ERROR_KEY));
}

/* The first byte says in which pieces the rest arrives: that must make no difference. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autofree char *whole = NULL;
  g_autofree char *split = NULL;
  g_autofree char *copy = NULL;

  if (size < 2)
    return 0;
  copy = g_memdup2 (data + 1, size - 1);
  whole = read_stream (copy, size - 1, size);
  split = read_stream (copy, size - 1, 1 + data[0] % 32);
  g_assert_cmpstr (whole, ==, split);
  compare_with_the_door (copy, size - 1);
  return 0;
}
