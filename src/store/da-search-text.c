/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-search"

#include "da-search-text.h"

#include <string.h>

/* A question longer than this finds nothing that a shorter one would not. */
#define MAX_WORDS 16
#define MAX_WORD_BYTES 200
/* Shorter beginnings match nearly everything and have no prefix index. */
#define MIN_PREFIX_CHARACTERS 2
#define SNIPPET_BEFORE 40
#define SNIPPET_AFTER 120

/* Letters of scripts written without spaces between words, and Hangul, where endings are glued to
 * the word one looks for. */
static gboolean
is_dense (gunichar c)
{
  if (c < 0x0e00)
    return FALSE;
  return g_unichar_isalpha (c) &&
         ((c >= 0x0e00 && c <= 0x0eff) ||     /* Thai, Lao */
          (c >= 0x1000 && c <= 0x109f) ||     /* Myanmar */
          (c >= 0x1100 && c <= 0x11ff) ||     /* Hangul letters */
          (c >= 0x1780 && c <= 0x17ff) ||     /* Khmer */
          (c >= 0x3005 && c <= 0x30ff) ||     /* kana */
          (c >= 0x3100 && c <= 0x31ff) ||     /* Bopomofo, kana extensions */
          (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
          (c >= 0xa960 && c <= 0xa97f) || (c >= 0xac00 && c <= 0xd7ff) ||
          (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9d) ||
          (c >= 0x20000 && c <= 0x3ffff));
}

char *
da_search_text_grams (const char *text)
{
  GString *out = NULL;

  if (text == NULL)
    return NULL;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c;

      /* The common case: nothing below U+0E00 has three bytes starting with 0xE0 0xB8 or more. */
      if ((guchar) *text < 0xe0)
        continue;
      c = g_utf8_get_char (text);
      if (!is_dense (c))
        continue;
      if (out == NULL)
        out = g_string_new (NULL);
      else
        g_string_append_c (out, ' ');
      g_string_append_unichar (out, c);
    }
  return out != NULL ? g_string_free (out, FALSE) : NULL;
}

/* Something the tokenizer makes a token of; a word without any would match nothing at all. */
static gboolean
has_token (const char *word)
{
  for (; *word != '\0'; word = g_utf8_next_char (word))
    {
      gunichar c = g_utf8_get_char (word);

      if (g_unichar_isalnum (c) || g_unichar_type (c) == G_UNICODE_PRIVATE_USE)
        return TRUE;
    }
  return FALSE;
}

static void
append_term (GString    *expression,
             const char *column,
             const char *text,
             gboolean    as_prefix)
{
  if (expression->len > 0)
    g_string_append (expression, " AND ");
  g_string_append_printf (expression, "%s : \"", column);
  for (; *text != '\0'; text++)
    {
      if (*text == '"')
        g_string_append_c (expression, '"');
      g_string_append_c (expression, *text);
    }
  g_string_append (expression, as_prefix ? "\" *" : "\"");
}

/* One word of the person may change between scripts; each stretch is a term of its own. */
static void
append_word (GString       *expression,
             const char    *word,
             gboolean       is_last,
             const char    *column,
             const char    *grams_column,
             DaSearchQuery *query)
{
  const char *start = word;

  while (*start != '\0')
    {
      gboolean dense = is_dense (g_utf8_get_char (start));
      const char *end = start;
      g_autofree char *stretch = NULL;

      while (*end != '\0' && is_dense (g_utf8_get_char (end)) == dense)
        end = g_utf8_next_char (end);
      stretch = g_strndup (start, end - start);
      if (dense)
        {
          g_autofree char *grams = da_search_text_grams (stretch);

          append_term (expression, grams_column, grams, FALSE);
          query->dense = TRUE;
        }
      else if (has_token (stretch))
        {
          append_term (expression, column, stretch,
                       is_last && *end == '\0' &&
                       g_utf8_strlen (stretch, -1) >= MIN_PREFIX_CHARACTERS);
        }
      start = end;
    }
}

void
da_search_query_parse (const char    *text,
                       const char    *column,
                       const char    *grams_column,
                       DaSearchQuery *out)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) expression = g_string_new (NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = NULL;

  for (char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_isspace (g_utf8_get_char (c)))
      memset (c, ' ', g_utf8_next_char (c) - c);
  parts = g_strsplit (valid, " ", -1);
  for (guint i = 0; parts[i] != NULL && words->len < MAX_WORDS; i++)
    if (has_token (parts[i]) && strlen (parts[i]) <= MAX_WORD_BYTES)
      g_ptr_array_add (words, g_utf8_strdown (parts[i], -1));

  memset (out, 0, sizeof *out);
  for (guint i = 0; i < words->len; i++)
    append_word (expression, words->pdata[i], i + 1 == words->len, column, grams_column, out);
  if (expression->len > 0)
    out->expression = g_strdup (expression->str);
  g_ptr_array_add (words, NULL);
  out->words = (char **) g_ptr_array_free (g_steal_pointer (&words), FALSE);
}

void
da_search_query_clear (DaSearchQuery *query)
{
  g_clear_pointer (&query->expression, g_free);
  g_clear_pointer (&query->words, g_strfreev);
}

/* Bytes of the word at @at, when one begins there; lower case compared character by character, so
 * that positions stay those of the original text. */
static gsize
match_at (const char        *at,
          const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      const char *text = at;
      const char *word = words[i];

      while (*word != '\0' && *text != '\0' &&
             g_unichar_tolower (g_utf8_get_char (text)) == g_utf8_get_char (word))
        {
          text = g_utf8_next_char (text);
          word = g_utf8_next_char (word);
        }
      if (*word == '\0')
        return text - at;
    }
  return 0;
}

char *
da_search_text_snippet (const char        *text,
                        const char *const *words)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *found = text;
  const char *from;
  guint n = 0;

  while (*found != '\0' && match_at (found, words) == 0)
    found = g_utf8_next_char (found);
  if (*found == '\0')
    found = text;
  from = found;
  for (guint i = 0; i < SNIPPET_BEFORE && from > text; i++)
    from = g_utf8_prev_char (from);
  if (from > text)
    g_string_append (out, "…");

  while (*from != '\0' && n < SNIPPET_BEFORE + SNIPPET_AFTER)
    {
      gsize length = match_at (from, words);
      const char *next = length > 0 ? from + length : g_utf8_next_char (from);

      if (length > 0)
        g_string_append_c (out, '\2');
      g_string_append_len (out, from, next - from);
      if (length > 0)
        g_string_append_c (out, '\3');
      n += g_utf8_strlen (from, next - from);
      from = next;
    }
  if (*from != '\0')
    g_string_append (out, "…");
  return g_string_free (g_steal_pointer (&out), FALSE);
}
