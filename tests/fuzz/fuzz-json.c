/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-json"

#include "da-json.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

static void
check_round_trip (JsonNode *node,
                  gboolean  pretty)
{
  g_autofree char *text = da_json_to_string (node, pretty);
  g_autoptr (JsonNode) again = da_json_parse (text, strlen (text), G_MAXSIZE, NULL);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (again);
  /* Unequal hashes would be found here too: equality looks at every member. A whole double is
   * written as an integer, so the texts are compared, not the types. */
  {
    g_autofree char *text_again = da_json_to_string (again, pretty);

    g_assert_cmpstr (text, ==, text_again);
  }
  if (!pretty)
    g_assert_null (strpbrk (text, "\r\n"));
}

/* What is accepted can be written and read again; what is refused says why, where, in UTF-8. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = da_json_parse ((const char *) data, size, 1024 * 1024, &error);

  g_assert_true ((node == NULL) == (error != NULL));
  if (node != NULL)
    {
      g_assert_true (json_node_is_immutable (node));
      check_round_trip (node, FALSE);
      check_round_trip (node, TRUE);
    }
  else
    {
      g_assert_true (error->domain == DA_JSON_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpuint (strlen (error->message), <, 200);
    }

  return 0;
}
