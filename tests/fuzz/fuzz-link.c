/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "da-link.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpint (g_utf8_strlen (text, -1), <=, DA_LINK_MAX_TEXT + 1);
  g_assert_null (strpbrk (text, "\n\r\t"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *uri = g_strndup ((const char *) data, size);
  g_autoptr (DaLink) link = da_link_parse (uri);

  if (link == NULL)
    return 0;
  g_assert_cmpuint (link->values->len, <=, DA_LINK_MAX_VALUES);
  check_text (link->kind);
  for (guint i = 0; i < link->values->len; i++)
    {
      const DaLinkValue *value = link->values->pdata[i];

      check_text (value->name);
      if (value->value != NULL)
        check_text (value->value);
    }
  return 0;
}
