/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-link"

#include "da-link.h"

#include <string.h>

/* More of a link than this is not read: browsers allow megabytes. */
#define MAX_BYTES (64 * 1024)

static void
value_free (gpointer data)
{
  DaLinkValue *value = data;

  g_free (value->name);
  g_free (value->value);
  g_free (value);
}

/* Characters that are not seen but change what is: line ends, and the format characters, among
 * them those that turn the direction of the text around. */
static gboolean
is_shown (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return !g_unichar_iscntrl (c) && type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR
         && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

static char *
clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (n == DA_LINK_MAX_TEXT)
        {
          g_string_append (out, "…");
          break;
        }
      if (is_shown (c))
        {
          g_string_append_unichar (out, c);
          n++;
        }
    }
  return g_string_free (out, FALSE);
}

static gboolean
may_be_secret (const char *name)
{
  static const char *const parts[] = { "key", "token", "secret", "password", "auth" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (lower, parts[i]))
      return TRUE;
  return FALSE;
}

static DaLinkValue *
value_new (const char *name,
           const char *text)
{
  DaLinkValue *value = g_new0 (DaLinkValue, 1);

  value->name = clean (name);
  /* Of the name as it was: what is cut or left out must not make a secret harmless. */
  if (may_be_secret (name) || may_be_secret (value->name))
    {
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      value->n_hidden = (guint) g_utf8_strlen (valid, -1);
    }
  else
    {
      value->value = clean (text);
    }
  return value;
}

static void
read_values (DaLink     *self,
             const char *query)
{
  g_autoptr (GError) error = NULL;
  GUriParamsIter iter;
  char *name;
  char *text;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &text, &error))
    {
      if (self->values->len < DA_LINK_MAX_VALUES)
        g_ptr_array_add (self->values, value_new (name, text));
      else
        self->n_more++;
      g_free (name);
      g_free (text);
    }
  /* The rest cannot be read; that there was some is told. */
  if (error)
    self->n_more++;
}

DaLink *
da_link_parse (const char *uri)
{
  g_autoptr (GUri) parsed = NULL;
  const char *host;
  DaLink *self;

  if (strlen (uri) > MAX_BYTES)
    return NULL;
  parsed = g_uri_parse (uri, G_URI_FLAGS_ENCODED, NULL);
  if (!parsed || strcmp (g_uri_get_scheme (parsed), "dotagents") != 0)
    return NULL;
  host = g_uri_get_host (parsed) ? g_uri_get_host (parsed) : "";
  self = g_new0 (DaLink, 1);
  self->kind = clean (host);
  self->is_pairing = strcmp (host, "config") == 0;
  self->values = g_ptr_array_new_with_free_func (value_free);
  if (g_uri_get_query (parsed))
    read_values (self, g_uri_get_query (parsed));
  return self;
}

void
da_link_free (DaLink *self)
{
  if (!self)
    return;
  g_free (self->kind);
  g_ptr_array_unref (self->values);
  g_free (self);
}
