/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-host"

#include "da-host.h"

#include <arpa/inet.h>
#include <string.h>

/* DNS allows 253 characters; an Origin adds scheme and port. */
#define MAX_HOST_BYTES   253
#define MAX_ORIGIN_BYTES 300

static gboolean
parse_port (const char *text,
            guint      *out)
{
  guint value = 0;

  /* "host:" without digits is valid by RFC 3986, but no client of ours sends it. */
  if (*text == '\0')
    return FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isdigit (*p) || p - text >= 5)
        return FALSE;
      value = value * 10 + (guint) (*p - '0');
    }

  if (value == 0 || value > G_MAXUINT16)
    return FALSE;

  *out = value;
  return TRUE;
}

static void
set_ipv4 (DaHost       *out,
          const guint8 *bytes)
{
  out->family = 4;
  memcpy (out->address, bytes, 4);
  inet_ntop (AF_INET, bytes, out->name, sizeof out->name);
}

static gboolean
parse_ipv6 (const char *start,
            gsize       length,
            DaHost     *out)
{
  static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
  char text[INET6_ADDRSTRLEN];
  guint8 bytes[16];

  if (length == 0 || length >= sizeof text)
    return FALSE;

  memcpy (text, start, length);
  text[length] = '\0';
  if (inet_pton (AF_INET6, text, bytes) != 1)
    return FALSE;

  if (memcmp (bytes, mapped, sizeof mapped) == 0)
    {
      set_ipv4 (out, bytes + 12);
      return TRUE;
    }

  out->family = 6;
  memcpy (out->address, bytes, 16);
  inet_ntop (AF_INET6, bytes, out->name, sizeof out->name);
  return TRUE;
}

static gboolean
parse_name (const char *start,
            gsize       length,
            DaHost     *out)
{
  guint8 bytes[4];

  if (length > 0 && start[length - 1] == '.')
    length--;
  if (length == 0 || length > MAX_HOST_BYTES)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      char c = start[i];

      /* An empty label would let "a..localhost" through as a name. */
      if (c == '.' && (i == 0 || i + 1 == length || start[i - 1] == '.'))
        return FALSE;
      if (!g_ascii_isalnum (c) && c != '-' && c != '_' && c != '.')
        return FALSE;
      out->name[i] = g_ascii_tolower (c);
    }
  out->name[length] = '\0';

  /* Only the dotted quad is an address; "127.1" or "2130706433" stay names, and no name of ours. */
  if (inet_pton (AF_INET, out->name, bytes) == 1)
    set_ipv4 (out, bytes);
  return TRUE;
}

gboolean
da_host_parse (const char *text,
               DaHost     *out)
{
  const char *end;
  gsize length;

  g_assert (text != NULL && out != NULL);

  memset (out, 0, sizeof *out);

  if (text[0] == '[')
    {
      end = strchr (text, ']');
      if (end == NULL || !parse_ipv6 (text + 1, (gsize) (end - text - 1), out))
        return FALSE;
      end++;
      return *end == '\0' || (*end == ':' && parse_port (end + 1, &out->port));
    }

  length = strcspn (text, ":");
  if (!parse_name (text, length, out))
    return FALSE;

  return text[length] == '\0' || parse_port (text + length + 1, &out->port);
}

gboolean
da_host_is_localhost (const DaHost *host)
{
  return host->family == 0
         && (strcmp (host->name, "localhost") == 0 || g_str_has_suffix (host->name, ".localhost"));
}

gboolean
da_host_is_loopback (const DaHost *host)
{
  static const guint8 loopback6[16] = { [15] = 1 };

  if (host->family == 4)
    return host->address[0] == 127;
  return host->family == 6 && memcmp (host->address, loopback6, 16) == 0;
}

gboolean
da_host_is_unspecified (const DaHost *host)
{
  static const guint8 zero[16];

  if (host->family == 4)
    return memcmp (host->address, zero, 4) == 0;
  return host->family == 6 && memcmp (host->address, zero, 16) == 0;
}

char *
da_origin_normalize (const char *text)
{
  gsize length;

  g_assert (text != NULL);

  length = strlen (text);
  if (length > 0 && text[length - 1] == '/')
    length--;
  if (length == 0 || length > MAX_ORIGIN_BYTES)
    return NULL;

  for (gsize i = 0; i < length; i++)
    if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == ',' || text[i] == '"')
      return NULL;

  return g_ascii_strdown (text, (gssize) length);
}
