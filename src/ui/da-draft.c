/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-draft"

#include "da-draft.h"

#include <string.h>

#define GAP "\n\n"
#define BASE64 ";base64,"

/* The end of the picture that begins at @at; NULL when there is none. */
static const char *
find_end (const char *at)
{
  const char *name = g_str_has_prefix (at, "![") ? strchr (at, ']') : NULL;
  const char *end = NULL;

  if (name != NULL && g_str_has_prefix (name, "](data:image/"))
    end = strchr (name, ')');
  return end != NULL ? end + 1 : NULL;
}

static gboolean
is_only_pictures (const char *text)
{
  const char *end;

  while ((end = find_end (text)) != NULL && g_str_has_prefix (end, GAP))
    text = end + strlen (GAP);
  return end != NULL && *end == '\0';
}

const char *
da_draft_find_pictures (const char *draft)
{
  const char *at = draft;

  while (at != NULL && !is_only_pictures (at))
    {
      at = strstr (at, GAP "![");
      at = at != NULL ? at + strlen (GAP) : NULL;
    }
  return at != NULL ? at : draft + strlen (draft);
}

GBytes *
da_draft_next_picture (const char **at,
                       char       **out_name)
{
  const char *end = find_end (*at);
  const char *name = strchr (*at, ']');
  const char *data = end != NULL ? g_strstr_len (name, end - name, BASE64) : NULL;
  g_autofree char *base64 = NULL;
  guchar *raw;
  gsize size;

  *out_name = NULL;
  if (data != NULL)
    {
      *out_name = g_strndup (*at + 2, (gsize) (name - *at) - 2);
      data += strlen (BASE64);
      base64 = g_strndup (data, (gsize) (end - data) - 1);
    }
  *at = end == NULL ? *at + strlen (*at) : *end == '\0' ? end : end + strlen (GAP);
  if (base64 == NULL)
    return NULL;
  raw = g_base64_decode (base64, &size);
  return g_bytes_new_take (raw, size);
}
