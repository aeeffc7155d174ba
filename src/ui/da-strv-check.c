/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-strv-check"

#include "config.h"

#include "da-strv-check.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#define MAX_NAME_BYTES 253

/* (transfer full) (nullable): a name as it travels: ASCII, small letters. NULL: it is none. */
static char *
dup_name (const char *name)
{
  g_autofree char *ascii = g_hostname_to_ascii (name);

  if (ascii == NULL || *ascii == '\0' || strlen (ascii) > MAX_NAME_BYTES)
    return NULL;
  for (const char *p = ascii; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && strchr ("-_.", *p) == NULL)
        return NULL;
      if (*p == '.' && (p == ascii || p[-1] == '.'))
        return NULL;
    }
  return g_ascii_strdown (ascii, -1);
}

/* (transfer full) (nullable): @host is a name or an address without brackets. */
static char *
dup_host (const char *host)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (host);
  g_autofree char *text = NULL;

  if (inet == NULL)
    return dup_name (host);
  /* What browsers lead to this computer; nobody is called that. */
  if (g_inet_address_get_is_any (inet))
    return NULL;
  text = g_inet_address_to_string (inet);
  return g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6
         ? g_strdup_printf ("[%s]", text) : g_steal_pointer (&text);
}

static gboolean
is_default_port (const char *scheme, int port)
{
  return port == -1
         || (port == 80 && strcmp (scheme, "http") == 0)
         || (port == 443 && strcmp (scheme, "https") == 0);
}

static gboolean
has_more (GUri *uri)
{
  const char *path = g_uri_get_path (uri);

  return (*path != '\0' && strcmp (path, "/") != 0)
         || g_uri_get_query (uri) != NULL
         || g_uri_get_fragment (uri) != NULL
         || g_uri_get_userinfo (uri) != NULL;
}

char *
da_strv_check_origin (const char  *text,
                      const char **problem)
{
  g_autoptr(GUri) uri = NULL;
  g_autofree char *host = NULL;
  g_autofree char *scheme = NULL;

  if (strcmp (text, "*") == 0 || strcmp (text, "null") == 0)
    return g_strdup (text);
  *problem = _("A web page begins with https:// or http://");
  if (strstr (text, "://") == NULL)
    return NULL;
  *problem = _("This is no address of a web page");
  uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return NULL;
  host = dup_host (g_uri_get_host (uri));
  if (host == NULL || g_uri_get_port (uri) == 0)
    return NULL;
  *problem = _("Only the beginning, like https://example.org, and nothing behind it");
  if (has_more (uri))
    return NULL;
  /* Browsers leave out the port that goes without saying. */
  scheme = g_ascii_strdown (g_uri_get_scheme (uri), -1);
  if (is_default_port (scheme, g_uri_get_port (uri)))
    return g_strdup_printf ("%s://%s", scheme, host);
  return g_strdup_printf ("%s://%s:%d", scheme, host, g_uri_get_port (uri));
}

/* Takes ":3210" off "desk.lan:3210" and "[::1]:3210". FALSE: what follows the name is no port. */
static gboolean
cut_port (char *text)
{
  char *start = *text == '[' ? strchr (text, ']') : text;
  char *colon = start != NULL ? strchr (start, ':') : NULL;
  guint64 port;

  if (colon == NULL)
    return TRUE;
  *colon = '\0';
  return g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL);
}

char *
da_strv_check_host (const char  *text,
                    const char **problem)
{
  g_autofree char *host = g_strdup (text);
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (text);
  gsize length;

  *problem = _("Only the name, like desk.example.org, without http:// and what follows it");
  if (strchr (text, '/') != NULL)
    return NULL;
  *problem = _("This is no host name");
  if (inet != NULL)
    return dup_host (text);
  if (!cut_port (host))
    return NULL;
  length = strlen (host);
  if (*host == '[' && length > 2 && host[length - 1] == ']')
    {
      host[length - 1] = '\0';
      return g_hostname_is_ip_address (host + 1) ? dup_host (host + 1) : NULL;
    }
  return dup_host (host);
}
