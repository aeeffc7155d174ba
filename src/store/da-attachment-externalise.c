/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-attachment"

#include "da-attachment-externalise.h"

#include <string.h>

#define ASSET_SCHEME "assets://conversation-image/"
#define DATA_LINK "](data:image/"
/* "image/apng;charset=utf-8;base64" and the like. */
#define MAX_MEDIA_TYPE_BYTES 100
/* How far back the "[" of a picture is looked for; without a limit a hostile text costs the square
 * of its length. */
#define MAX_ALT_BYTES 2000
#define MAX_ALT_DEPTH 8

static int
base64_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+')
    return 62;
  return c == '/' ? 63 : -1;
}

guint8 *
da_base64_decode_bounded (const char *text,
                          gsize       length,
                          gsize       max,
                          gsize      *out_length)
{
  g_autofree guint8 *out = NULL;
  guint32 bits = 0;
  gsize n = 0;

  if (length > 0 && length % 4 == 0 && text[length - 1] == '=')
    length -= length > 1 && text[length - 2] == '=' ? 2 : 1;
  if (length == 0 || length % 4 == 1 || length / 4 > max / 3)
    return NULL;
  out = g_try_malloc (length / 4 * 3 + 3);
  if (out == NULL)
    return NULL;
  for (gsize i = 0; i < length; i++)
    {
      int value = base64_value (text[i]);

      if (value < 0)
        return NULL;
      bits = bits << 6 | (guint32) value;
      if (i % 4 == 3)
        {
          out[n++] = bits >> 16 & 0xff;
          out[n++] = bits >> 8 & 0xff;
          out[n++] = bits & 0xff;
          bits = 0;
        }
    }
  if (length % 4 == 2)
    out[n++] = bits >> 4 & 0xff;
  if (length % 4 == 3)
    {
      out[n++] = bits >> 10 & 0xff;
      out[n++] = bits >> 2 & 0xff;
    }
  if (n > max)
    return NULL;
  *out_length = n;
  return g_steal_pointer (&out);
}

/* TRUE when the "]" at @close ends the alternative text of a Markdown image. */
static gboolean
is_image_close (const char *text,
                const char *close)
{
  guint depth = 1;

  for (const char *at = close; at > text && close - at < MAX_ALT_BYTES;)
    {
      at--;
      if (*at == '\n' && at > text && at[-1] == '\n')
        return FALSE;
      if (at > text && at[-1] == '\\')
        continue;
      if (*at == ']' && ++depth > MAX_ALT_DEPTH)
        return FALSE;
      if (*at == '[' && --depth == 0)
        return at > text && at[-1] == '!';
    }
  return FALSE;
}

/* @link: behind "](". On success @end is behind the address. NULL: not for us. */
static guint8 *
decode_link (const char              *link,
             const char             **end,
             const DaAttachmentType **type,
             gsize                   *length)
{
  g_autofree guint8 *bytes = NULL;
  g_autofree char *media = NULL;
  const char *media_start = link + strlen ("data:");
  gsize media_length = 0;
  const char *data;
  gsize data_length = 0;

  while (media_length < MAX_MEDIA_TYPE_BYTES && media_start[media_length] != '\0' &&
         strchr (",)\n ", media_start[media_length]) == NULL)
    media_length++;
  if (media_start[media_length] != ',')
    return NULL;
  media = g_ascii_strdown (media_start, media_length);
  *type = da_attachment_type_find (media);
  if (*type == NULL || (*type)->video || !g_str_has_suffix (media, ";base64"))
    return NULL;
  data = media_start + media_length + 1;
  while (base64_value (data[data_length]) >= 0 || data[data_length] == '=')
    data_length++;
  if (data[data_length] != ')' && data[data_length] != ' ')
    return NULL;
  bytes = da_base64_decode_bounded (data, data_length, DA_EXTERNALISE_MAX_BYTES, length);
  if (bytes == NULL || !da_attachment_type_matches (*type, bytes, *length))
    return NULL;
  *end = data + data_length;
  return g_steal_pointer (&bytes);
}

static const char *
find_data_link (const char *text)
{
  for (const char *at = strchr (text, ']'); at != NULL; at = strchr (at + 1, ']'))
    if (at[1] == '(' && g_ascii_strncasecmp (at, DATA_LINK, strlen (DATA_LINK)) == 0)
      return at;
  return NULL;
}

gboolean
da_attachment_externalise (const char         *text,
                           const char         *conversation_id,
                           DaExternaliseFunc   func,
                           gpointer            user_data,
                           char              **out,
                           GError            **error)
{
  g_autoptr (GString) result = NULL;
  g_autofree char *id = NULL;
  const char *done = text;

  for (const char *at = find_data_link (text); at != NULL; at = find_data_link (at + 2))
    {
      g_autofree guint8 *bytes = NULL;
      g_autofree char *name = NULL;
      const DaAttachmentType *type;
      const char *end;
      gsize length;

      if (at < done || !is_image_close (text, at))
        continue;
      bytes = decode_link (at + 2, &end, &type, &length);
      if (bytes == NULL)
        continue;
      name = func (type, bytes, length, user_data, error);
      if (name == NULL)
        return FALSE;
      if (result == NULL)
        {
          result = g_string_new (NULL);
          id = g_uri_escape_string (conversation_id, NULL, FALSE);
        }
      g_string_append_len (result, done, at + 2 - done);
      g_string_append_printf (result, ASSET_SCHEME "%s/%s", id, name);
      done = end;
    }
  if (result == NULL)
    {
      *out = g_strdup (text);
      return TRUE;
    }
  g_string_append (result, done);
  *out = g_string_free (g_steal_pointer (&result), FALSE);
  return TRUE;
}

char *
da_attachment_readdress (const char *text,
                         const char *from,
                         const char *to)
{
  static const char *const schemes[] = { ASSET_SCHEME, "assets://conversation-video/" };
  g_autoptr (GString) out = NULL;
  g_autofree char *from_id = NULL;
  g_autofree char *to_id = NULL;

  if (text == NULL)
    return NULL;
  out = g_string_new (text);
  from_id = g_uri_escape_string (from, NULL, FALSE);
  to_id = g_uri_escape_string (to, NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      g_autofree char *before = g_strconcat (schemes[i], from_id, "/", NULL);
      g_autofree char *after = g_strconcat (schemes[i], to_id, "/", NULL);

      g_string_replace (out, before, after, 0);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
