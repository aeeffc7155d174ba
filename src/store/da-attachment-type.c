/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-attachment"

#include "da-attachment-type.h"

#include <string.h>

/* The first row of a content type is the extension new files get. */
static const DaAttachmentType types[] = {
  { "png", "image/png", FALSE },
  { "apng", "image/apng", FALSE },
  { "gif", "image/gif", FALSE },
  { "jpg", "image/jpeg", FALSE },
  { "jpg", "image/jpg", FALSE },
  { "jpeg", "image/jpeg", FALSE },
  { "webp", "image/webp", FALSE },
  { "bmp", "image/bmp", FALSE },
  { "avif", "image/avif", FALSE },
  { "mp4", "video/mp4", TRUE },
  { "m4v", "video/mp4", TRUE },
  { "m4v", "video/x-m4v", TRUE },
  { "webm", "video/webm", TRUE },
  { "mov", "video/quicktime", TRUE },
  { "ogv", "video/ogg", TRUE },
};

const DaAttachmentType *
da_attachment_type_find (const char *content_type)
{
  gsize length;

  g_assert (content_type != NULL);

  length = strcspn (content_type, "; ");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strlen (types[i].content_type) == length &&
        g_ascii_strncasecmp (types[i].content_type, content_type, length) == 0)
      return &types[i];
  return NULL;
}

const DaAttachmentType *
da_attachment_type_of_name (const char *file_name)
{
  const char *dot = strrchr (file_name, '.');

  for (guint i = 0; dot != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].extension, dot + 1))
      return &types[i];
  return NULL;
}

static gboolean
has_bytes (const guint8 *bytes,
           gsize         length,
           gsize         offset,
           const char   *expected)
{
  gsize n = strlen (expected);

  return length >= offset + n && memcmp (bytes + offset, expected, n) == 0;
}

/* ISO media files: the box after the length names itself, then come the brands. */
static gboolean
has_brand (const guint8 *bytes,
           gsize         length,
           const char   *brand)
{
  gsize box;

  if (!has_bytes (bytes, length, 4, "ftyp"))
    return FALSE;
  box = ((gsize) bytes[0] << 24) | ((gsize) bytes[1] << 16) | ((gsize) bytes[2] << 8) | bytes[3];
  box = MIN (MIN (box, length), 256);
  for (gsize at = 8; at + 4 <= box; at += 4)
    if (has_bytes (bytes, length, at, brand))
      return TRUE;
  return FALSE;
}

static gboolean
is_movie (const guint8 *bytes,
          gsize         length)
{
  static const char *const boxes[] = { "moov", "mdat", "free", "skip", "wide", "pnot" };

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    if (has_bytes (bytes, length, 4, boxes[i]))
      return TRUE;
  return has_bytes (bytes, length, 4, "ftyp");
}

gboolean
da_attachment_type_matches (const DaAttachmentType *type,
                            const guint8           *bytes,
                            gsize                   length)
{
  const char *name = strchr (type->content_type, '/') + 1;

  if (g_str_equal (name, "png") || g_str_equal (name, "apng"))
    return has_bytes (bytes, length, 0, "\x89PNG\r\n\x1a\n");
  if (g_str_equal (name, "gif"))
    return has_bytes (bytes, length, 0, "GIF87a") || has_bytes (bytes, length, 0, "GIF89a");
  if (g_str_equal (name, "jpeg") || g_str_equal (name, "jpg"))
    return has_bytes (bytes, length, 0, "\xff\xd8\xff");
  if (g_str_equal (name, "webp"))
    return has_bytes (bytes, length, 0, "RIFF") && has_bytes (bytes, length, 8, "WEBP");
  if (g_str_equal (name, "bmp"))
    return has_bytes (bytes, length, 0, "BM") && length >= 26;
  if (g_str_equal (name, "avif"))
    return has_brand (bytes, length, "avif") || has_brand (bytes, length, "avis");
  if (g_str_equal (name, "webm"))
    return has_bytes (bytes, length, 0, "\x1a\x45\xdf\xa3");
  if (g_str_equal (name, "ogg"))
    return has_bytes (bytes, length, 0, "OggS");
  if (g_str_equal (name, "quicktime"))
    return is_movie (bytes, length);
  return has_bytes (bytes, length, 4, "ftyp");
}
