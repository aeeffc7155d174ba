/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-redact"

#include "da-redact.h"

#include <string.h>

#include "da-random.h"

/* Shorter registered values would shred ordinary text ("test", "1234"). */
#define MIN_SECRET_BYTES 6

#define MASK "***"

typedef struct {
  char  *text;
  gsize  length;
  guint  uses;
} Known;

static GMutex known_mutex;
static GArray *known;          /* of Known; guarded by known_mutex */

static void
clear_known (gpointer data)
{
  da_secret_free (((Known *) data)->text);
}

/* Call with the mutex held. */
static Known *
find_known (const char *secret,
            guint      *index)
{
  for (guint i = 0; known != NULL && i < known->len; i++)
    {
      Known *entry = &g_array_index (known, Known, i);

      if (strcmp (entry->text, secret) == 0)
        {
          *index = i;
          return entry;
        }
    }
  return NULL;
}

void
da_redact_register (const char *secret)
{
  g_autoptr (GMutexLocker) locker = NULL;
  Known *entry;
  guint index;

  if (secret == NULL || strlen (secret) < MIN_SECRET_BYTES)
    return;

  locker = g_mutex_locker_new (&known_mutex);
  entry = find_known (secret, &index);
  if (entry != NULL)
    entry->uses++;
  else
    {
      Known fresh = { .text = g_strdup (secret), .length = strlen (secret), .uses = 1 };

      if (known == NULL)
        {
          known = g_array_new (FALSE, FALSE, sizeof (Known));
          g_array_set_clear_func (known, clear_known);
        }
      g_array_append_val (known, fresh);
    }
}

void
da_redact_unregister (const char *secret)
{
  g_autoptr (GMutexLocker) locker = NULL;
  Known *entry;
  guint index;

  if (secret == NULL)
    return;

  locker = g_mutex_locker_new (&known_mutex);
  entry = find_known (secret, &index);
  if (entry != NULL && --entry->uses == 0)
    g_array_remove_index_fast (known, index);
}

/* (nullable): @text with every known value replaced, or NULL when none occurs. */
static char *
hide_known (const char *text,
            gsize       length)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&known_mutex);
  g_autofree char *result = NULL;

  for (guint i = 0; known != NULL && i < known->len; i++)
    {
      const Known *entry = &g_array_index (known, Known, i);
      const char *from = result != NULL ? result : text;
      gsize left = result != NULL ? strlen (result) : length;
      const char *hit = memmem (from, left, entry->text, entry->length);
      GString *buffer;

      if (hit == NULL)
        continue;

      buffer = g_string_sized_new (left);
      for (; hit != NULL; hit = memmem (from, left, entry->text, entry->length))
        {
          g_string_append_len (buffer, from, hit - from);
          g_string_append (buffer, MASK);
          left -= (gsize) (hit - from) + entry->length;
          from = hit + entry->length;
        }
      g_string_append_len (buffer, from, (gssize) left);
      da_secret_free (g_steal_pointer (&result));
      result = g_string_free (buffer, FALSE);
    }

  return g_steal_pointer (&result);
}

/* Words are what a key is made of; everything else separates them. */
static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* Ends a value that follows "name=" or "Bearer ". */
static gboolean
ends_value (char c)
{
  return c == '\0' || g_ascii_isspace (c) || strchr ("\"'`&,;)}]<>|", c) != NULL;
}

/* What keys of providers and services begin with, and how short a whole word still counts. */
static const struct {
  const char *prefix;
  gsize       min_length;
} key_shapes[] = {
  { "sk-", 11 }, { "sk_", 20 }, { "gsk_", 20 }, { "csk-", 20 }, { "xai-", 20 }, { "pplx-", 20 },
  { "AIza", 30 }, { "hf_", 20 }, { "ghp_", 20 }, { "gho_", 20 }, { "github_pat_", 20 },
  { "xoxb-", 20 }, { "xoxp-", 20 }, { "tgp_v1_", 20 }, { "eyJ", 20 },
};

static gboolean
has_key_shape (const char *word,
               gsize       length)
{
  gsize hex = 0;

  if (length < 11)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (key_shapes); i++)
    {
      const char *prefix = key_shapes[i].prefix;

      if (word[0] == prefix[0] && length >= key_shapes[i].min_length
          && strncmp (word, prefix, strlen (prefix)) == 0)
        return TRUE;
    }

  if (length < 64)
    return FALSE;
  while (hex < length && g_ascii_isxdigit (word[hex]))
    hex++;
  return hex >= 64;
}

static gboolean
ends_with (const char *word,
           gsize       length,
           const char *ending)
{
  gsize ending_length = strlen (ending);

  return length >= ending_length
         && g_ascii_strncasecmp (word + length - ending_length, ending, ending_length) == 0;
}

static gboolean
names_a_secret (const char *word,
                gsize       length)
{
  static const char *const endings[] = {
    "apikey", "api_key", "api-key", "token", "secret", "password", "passwd",
  };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      if (ends_with (word, length, endings[i]))
        return TRUE;
    }

  return length == 3 && g_ascii_strncasecmp (word, "key", 3) == 0;
}

/* The start of the value when the word that ends at @after is the name of a secret:
 * `name=value`, `name="value"`, `"name": "value"` or `\"name\":\"value\"`. In prose
 * ("token: none left") nothing is hidden. */
static const char *
find_value (const char *after)
{
  const char *at = after;
  gboolean quoted = FALSE;

  while (*at == '\\')
    at++;
  if (*at == '"' || *at == '\'')
    {
      quoted = TRUE;
      at++;
    }

  if (quoted)
    {
      while (*at == ' ')
        at++;
      if (*at != ':')
        return NULL;
      at++;
      while (*at == ' ')
        at++;
      while (*at == '\\')
        at++;
      return *at == '"' || *at == '\'' ? at + 1 : NULL;
    }

  if (at != after || *at != '=')
    return NULL;
  at++;
  return *at == '"' || *at == '\'' ? at + 1 : at;
}

static gboolean
is_scheme (const char *word,
           gsize       length)
{
  return (length == 6 && g_ascii_strncasecmp (word, "bearer", 6) == 0)
         || (length == 5 && g_ascii_strncasecmp (word, "basic", 5) == 0);
}

/* If the word from @word to @after gives a secret away, where the secret begins. */
static const char *
find_secret (const char *word,
             const char *after)
{
  gsize length = (gsize) (after - word);
  const char *value;

  if (has_key_shape (word, length))
    return word;

  if (*after == ' ' && is_scheme (word, length))
    {
      while (*after == ' ')
        after++;
      /* "Bearer token" in prose is short; a real one is not. */
      for (value = after; !ends_value (*value); value++)
        ;
      return value - after >= 8 ? after : NULL;
    }

  if ((*after == '=' || *after == '"' || *after == '\'' || *after == '\\')
      && names_a_secret (word, length))
    {
      value = find_value (after);
      return value != NULL && !ends_value (*value) ? value : NULL;
    }

  return NULL;
}

/* (nullable): @text without anything of the shape of a key, or NULL when there is none. */
static char *
hide_shapes (const char *text)
{
  GString *buffer = NULL;
  const char *copied = text;
  const char *at = text;

  while (*at != '\0')
    {
      const char *word;
      const char *secret;

      if (!is_word (*at))
        {
          at++;
          continue;
        }

      word = at;
      while (is_word (*at))
        at++;
      secret = find_secret (word, at);
      if (secret == NULL)
        continue;

      if (buffer == NULL)
        buffer = g_string_new (NULL);
      g_string_append_len (buffer, copied, secret - copied);
      g_string_append (buffer, MASK);
      for (at = secret; !ends_value (*at) && *at != '\\'; at++)
        ;
      copied = at;
    }

  if (buffer == NULL)
    return NULL;

  g_string_append (buffer, copied);
  return g_string_free (buffer, FALSE);
}

char *
da_redact (const char *text)
{
  g_autofree char *without_known = NULL;
  char *without_shapes;

  if (text == NULL)
    return NULL;

  without_known = hide_known (text, strlen (text));
  without_shapes = hide_shapes (without_known != NULL ? without_known : text);

  if (without_shapes != NULL)
    return without_shapes;
  return without_known != NULL ? g_steal_pointer (&without_known) : g_strdup (text);
}
