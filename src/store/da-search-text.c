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

/* As the tokenizer has it: lower case, without accents. */
static gunichar
fold (gunichar c)
{
  gunichar parts[4];

  if (c < 0x80)
    return g_ascii_tolower (c);
  if (g_unichar_type (c) != G_UNICODE_OTHER_LETTER &&
      g_unichar_fully_decompose (c, FALSE, parts, G_N_ELEMENTS (parts)) > 1)
    c = parts[0];
  return g_unichar_tolower (c);
}

static gboolean
is_word_char (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) ||
         g_unichar_type (c) == G_UNICODE_PRIVATE_USE;
}

static void
add_mark (GPtrArray  *marks,
          const char *text,
          const char *end)
{
  g_autoptr (GString) mark = g_string_new (NULL);

  for (; text < end; text = g_utf8_next_char (text))
    if (!g_unichar_ismark (g_utf8_get_char (text)))
      g_string_append_unichar (mark, fold (g_utf8_get_char (text)));
  if (mark->len > 0)
    g_ptr_array_add (marks, g_strdup (mark->str));
}

/* One word of the person may change between scripts; each stretch is a term of its own. */
static void
append_word (GString    *expression,
             const char *word,
             gboolean    is_last,
             const char *column,
             const char *grams_column,
             GPtrArray  *marks)
{
  const char *start = word;

  while (*start != '\0')
    {
      gboolean dense = is_dense (g_utf8_get_char (start));
      gboolean is_word = is_word_char (g_utf8_get_char (start));
      const char *end = start;
      g_autofree char *stretch = NULL;

      while (*end != '\0' && is_dense (g_utf8_get_char (end)) == dense &&
             is_word_char (g_utf8_get_char (end)) == is_word)
        end = g_utf8_next_char (end);
      stretch = g_strndup (start, end - start);
      if (dense)
        {
          g_autofree char *grams = da_search_text_grams (stretch);

          append_term (expression, grams_column, grams, FALSE);
        }
      else if (has_token (stretch))
        {
          append_term (expression, column, stretch,
                       is_last && *end == '\0' &&
                       g_utf8_strlen (stretch, -1) >= MIN_PREFIX_CHARACTERS);
        }
      if (dense || has_token (stretch))
        add_mark (marks, start, end);
      start = end;
    }
}

/* White space becomes one kind of it, so that words can be split. */
static char **
split_words (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (char *c = valid; *c != '\0';)
    {
      char *next = g_utf8_next_char (c);

      if (g_unichar_isspace (g_utf8_get_char (c)))
        memset (c, ' ', next - c);
      c = next;
    }
  return g_strsplit (valid, " ", -1);
}

void
da_search_query_parse (const char    *text,
                       const char    *column,
                       const char    *grams_column,
                       DaSearchQuery *out)
{
  g_autoptr (GString) expression = g_string_new (NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GPtrArray) marks = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = split_words (text);

  for (guint i = 0; parts[i] != NULL && words->len < MAX_WORDS; i++)
    if (has_token (parts[i]) && strlen (parts[i]) <= MAX_WORD_BYTES)
      g_ptr_array_add (words, parts[i]);
  for (guint i = 0; i < words->len; i++)
    append_word (expression, words->pdata[i], i + 1 == words->len, column, grams_column, marks);

  memset (out, 0, sizeof *out);
  if (expression->len > 0)
    out->expression = g_strdup (expression->str);
  g_ptr_array_set_free_func (marks, NULL);
  g_ptr_array_add (marks, NULL);
  out->marks = (char **) g_ptr_array_free (g_steal_pointer (&marks), FALSE);
}

void
da_search_query_clear (DaSearchQuery *query)
{
  g_clear_pointer (&query->expression, g_free);
  g_clear_pointer (&query->marks, g_strfreev);
}

/* Bytes of @text that say @mark; 0 when it does not. */
static gsize
match_mark (const char *text,
            const char *mark,
            gboolean    as_prefix)
{
  const char *at = text;
  gboolean dense = is_dense (g_utf8_get_char (mark));

  while (*mark != '\0')
    {
      if (*at == '\0' || fold (g_utf8_get_char (at)) != g_utf8_get_char (mark))
        return 0;
      mark = g_utf8_next_char (mark);
      at = g_utf8_next_char (at);
      while (g_unichar_ismark (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
    }
  if (!dense && !as_prefix && is_word_char (g_utf8_get_char (at)))
    return 0;
  return at - text;
}

/* A word begins where none goes on; letters of dense scripts are words of their own. */
static gsize
match_at (const char        *text,
          const char        *at,
          const char *const *marks)
{
  gunichar before = at > text ? g_utf8_get_char (g_utf8_prev_char (at)) : ' ';
  gboolean inside = is_word_char (before) && !is_dense (before);

  for (guint i = 0; marks[i] != NULL; i++)
    {
      gsize length;

      if (inside && !is_dense (g_utf8_get_char (marks[i])))
        continue;
      length = match_mark (at, marks[i], marks[i + 1] == NULL);
      if (length > 0)
        return length;
    }
  return 0;
}

char *
da_search_text_snippet (const char        *text,
                        const char *const *marks)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *found = text;
  const char *from;
  guint n = 0;

  while (*found != '\0' && match_at (text, found, marks) == 0)
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
      gsize length = match_at (text, from, marks);
      const char *next = length > 0 ? from + length : g_utf8_next_char (from);

      if (length > 0)
        g_string_append_c (out, '\2');
      for (; from < next; from = g_utf8_next_char (from), n++)
        if (*from != '\2' && *from != '\3')
          g_string_append_len (out, from, g_utf8_next_char (from) - from);
      if (length > 0)
        g_string_append_c (out, '\3');
    }
  if (*from != '\0')
    g_string_append (out, "…");
  return g_string_free (g_steal_pointer (&out), FALSE);
}
