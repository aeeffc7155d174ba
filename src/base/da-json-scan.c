/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-json-scan"

#include "da-json-private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "da-json.h"

/* In an object of more than CROWD members, more than MAX_COLLISIONS in one of COLLISION_BUCKETS are
 * no accident: one is expected, thirty-two have a probability of 10^-36. */
#define CROWD             64
#define MAX_COLLISIONS    32
#define COLLISION_BUCKETS 4093

/*
 * A recursive descent over the text that makes the json-glib tree as it goes. json-glib's own
 * parser is not behind it: it wraps large integers, cuts strings at \u0000, refuses empty member
 * names and recurses without a limit, so a check in front of it would have to agree with each of
 * its habits. Here what is accepted and what is built are the same lines.
 *
 * Nesting is bounded by DA_JSON_MAX_DEPTH, so the recursion is; the number of values and of members
 * is bounded, so neither the tree nor a flood of colliding member names can grow without end.
 */
typedef struct {
  const char  *start;
  const char  *at;
  const char  *end;
  GString     *scratch;    /* the decoded form of the string just read */
  guint        n_values;
  guint        depth;
  GError     **error;
} Scan;

static JsonNode *scan_value (Scan *self);

/* NULL, so that callers can return it. */
static gpointer
refuse_at (Scan        *self,
           const char  *where,
           DaJsonError  code,
           const char  *message)
{
  guint line = 1;
  const char *line_start = self->start;

  for (const char *at = self->start; at < where; at++)
    {
      if (*at == '\n')
        {
          line++;
          line_start = at + 1;
        }
    }

  g_set_error (self->error, DA_JSON_ERROR, code, "Line %u, column %u: %s", line,
               (guint) g_utf8_strlen (line_start, where - line_start) + 1, message);
  return NULL;
}

static gpointer
refuse (Scan        *self,
        DaJsonError  code,
        const char  *message)
{
  if (self->at >= self->end)
    return refuse_at (self, self->end, DA_JSON_ERROR_SYNTAX, "the text ends too early");

  return refuse_at (self, self->at, code, message);
}

static void
skip_space (Scan *self)
{
  while (self->at < self->end
         && (*self->at == ' ' || *self->at == '\n' || *self->at == '\r' || *self->at == '\t'))
    self->at++;
}

static gboolean
take_char (Scan *self,
           char  wanted)
{
  if (self->at < self->end && *self->at == wanted)
    {
      self->at++;
      return TRUE;
    }
  return FALSE;
}

/* Four hex digits, or -1. */
static int
scan_hex4 (Scan *self)
{
  int value = 0;

  if (self->end - self->at < 4)
    return -1;

  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->at[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }
  self->at += 4;
  return value;
}

static gboolean
scan_unicode_escape (Scan       *self,
                     const char *escape)
{
  int high = scan_hex4 (self);
  int low;

  if (high < 0)
    return refuse_at (self, escape, DA_JSON_ERROR_SYNTAX, "“\\u” needs four hex digits") != NULL;
  if (high == 0)
    return refuse_at (self, escape, DA_JSON_ERROR_ENCODING, "“\\u0000” is not accepted") != NULL;

  if (high < 0xD800 || high > 0xDFFF)
    {
      g_string_append_unichar (self->scratch, (gunichar) high);
      return TRUE;
    }

  if (high <= 0xDBFF && take_char (self, '\\') && take_char (self, 'u'))
    {
      low = scan_hex4 (self);
      if (low >= 0xDC00 && low <= 0xDFFF)
        {
          g_string_append_unichar (self->scratch,
                                   0x10000 + (((gunichar) high - 0xD800) << 10)
                                   + ((gunichar) low - 0xDC00));
          return TRUE;
        }
    }

  return refuse_at (self, escape, DA_JSON_ERROR_ENCODING,
                    "a surrogate escape without its other half") != NULL;
}

static gboolean
scan_escape (Scan *self)
{
  static const char plain[] = "\"\\/bfnrt";
  static const char decoded[] = "\"\\/\b\f\n\r\t";
  const char *escape = self->at - 1;
  const char *found;

  if (self->at >= self->end)
    return refuse (self, DA_JSON_ERROR_SYNTAX, "") != NULL;

  if (take_char (self, 'u'))
    return scan_unicode_escape (self, escape);

  found = *self->at != '\0' ? strchr (plain, *self->at) : NULL;
  if (found == NULL)
    return refuse_at (self, escape, DA_JSON_ERROR_SYNTAX, "an unknown escape in a string") != NULL;

  g_string_append_c (self->scratch, decoded[found - plain]);
  self->at++;
  return TRUE;
}

/* Leaves the decoded text in self->scratch. */
static gboolean
scan_string (Scan *self)
{
  const char *run;

  self->at++;
  g_string_truncate (self->scratch, 0);

  for (;;)
    {
      run = self->at;
      while (self->at < self->end && *self->at != '"' && *self->at != '\\'
             && (guchar) *self->at >= 0x20)
        self->at++;
      g_string_append_len (self->scratch, run, self->at - run);

      if (take_char (self, '"'))
        return TRUE;
      if (!take_char (self, '\\'))
        return refuse (self, DA_JSON_ERROR_SYNTAX, "a control character in a string") != NULL;
      if (!scan_escape (self))
        return FALSE;
    }
}

static gboolean
skip_digits (Scan *self)
{
  const char *first = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > first;
}

/* The grammar of RFC 8259, section 6; says in @is_integer whether int64 is meant. */
static gboolean
skip_number (Scan     *self,
             gboolean *is_integer)
{
  *is_integer = TRUE;
  take_char (self, '-');

  if (!take_char (self, '0') && !skip_digits (self))
    return FALSE;

  if (take_char (self, '.'))
    {
      *is_integer = FALSE;
      if (!skip_digits (self))
        return FALSE;
    }

  if (take_char (self, 'e') || take_char (self, 'E'))
    {
      *is_integer = FALSE;
      if (!take_char (self, '+'))
        take_char (self, '-');
      if (!skip_digits (self))
        return FALSE;
    }

  return self->at >= self->end || !(g_ascii_isalnum (*self->at) || *self->at == '.');
}

static JsonNode *
scan_number (Scan *self)
{
  const char *first = self->at;
  gboolean is_integer;
  gint64 whole;
  double number;

  if (!skip_number (self, &is_integer))
    return refuse (self, DA_JSON_ERROR_SYNTAX, "a malformed number");

  g_string_truncate (self->scratch, 0);
  g_string_append_len (self->scratch, first, self->at - first);
  errno = 0;

  if (is_integer)
    {
      whole = g_ascii_strtoll (self->scratch->str, NULL, 10);
      if (errno == ERANGE)
        return refuse_at (self, first, DA_JSON_ERROR_RANGE, "the number is too large");
      return json_node_init_int (json_node_alloc (), whole);
    }

  /* An underflow to zero is near enough; an overflow is not a number any more. */
  number = g_ascii_strtod (self->scratch->str, NULL);
  if (!isfinite (number))
    return refuse_at (self, first, DA_JSON_ERROR_RANGE, "the number is too large");
  return json_node_init_double (json_node_alloc (), number);
}

static JsonNode *
scan_word (Scan *self)
{
  static const struct { const char *word; gsize length; } words[] = {
    { "true", 4 }, { "false", 5 }, { "null", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = words[i].length;

      if ((gsize) (self->end - self->at) < length
          || memcmp (self->at, words[i].word, length) != 0)
        continue;

      self->at += length;
      if (i == 2)
        return json_node_init_null (json_node_alloc ());
      return json_node_init_boolean (json_node_alloc (), i == 0);
    }

  return refuse (self, DA_JSON_ERROR_SYNTAX, "expected a value");
}

static gboolean
enter (Scan *self)
{
  if (self->depth >= DA_JSON_MAX_DEPTH)
    return refuse (self, DA_JSON_ERROR_DEPTH, "nested too deeply") != NULL;

  self->depth++;
  self->at++;
  skip_space (self);
  return TRUE;
}

/* After an element: TRUE to go on, FALSE when @close was met or, with @failed, neither. */
static gboolean
next_element (Scan     *self,
              char      close,
              gboolean *failed)
{
  skip_space (self);
  *failed = FALSE;

  if (take_char (self, ','))
    {
      skip_space (self);
      return TRUE;
    }

  if (!take_char (self, close))
    {
      refuse (self, DA_JSON_ERROR_SYNTAX,
              close == ']' ? "expected a comma or “]”" : "expected a comma or “}”");
      *failed = TRUE;
    }
  return FALSE;
}

static JsonNode *
scan_array (Scan *self)
{
  g_autoptr (JsonArray) array = json_array_new ();
  gboolean failed = FALSE;

  if (!enter (self))
    return NULL;

  if (!take_char (self, ']'))
    {
      do
        {
          JsonNode *element = scan_value (self);

          if (element == NULL)
            return NULL;
          json_array_add_element (array, element);
        }
      while (next_element (self, ']', &failed));
    }

  if (failed)
    return NULL;

  self->depth--;
  return json_node_init_array (json_node_alloc (), array);
}

/* json-glib keys its members by g_str_hash(), for which anyone can write colliding names; inserting
 * a few thousand of them takes seconds. */
static gboolean
collides_too_often (guint8     **counts,
                    guint        n_members,
                    const char  *name)
{
  if (n_members < CROWD)
    return FALSE;

  if (*counts == NULL)
    *counts = g_malloc0 (COLLISION_BUCKETS);
  return ++(*counts)[g_str_hash (name) % COLLISION_BUCKETS] > MAX_COLLISIONS;
}

/* Reads `"name" :` and checks the name. */
static char *
scan_name (Scan        *self,
           JsonObject  *object,
           guint8     **counts)
{
  g_autofree char *name = NULL;
  const char *first = self->at;

  if (self->at >= self->end || *self->at != '"')
    return refuse (self, DA_JSON_ERROR_SYNTAX, "expected a member name in double quotes");
  if (!scan_string (self))
    return NULL;
  if (g_str_equal (self->scratch->str, "__proto__"))
    return refuse_at (self, first, DA_JSON_ERROR_KEY, "a member named “__proto__”");
  if (json_object_has_member (object, self->scratch->str))
    return refuse_at (self, first, DA_JSON_ERROR_KEY, "a member occurs twice");
  if (json_object_get_size (object) >= DA_JSON_MAX_MEMBERS)
    return refuse_at (self, first, DA_JSON_ERROR_SIZE, "an object with too many members");
  if (collides_too_often (counts, json_object_get_size (object), self->scratch->str))
    return refuse_at (self, first, DA_JSON_ERROR_KEY, "member names that are made to collide");

  name = g_strndup (self->scratch->str, self->scratch->len);
  skip_space (self);
  if (!take_char (self, ':'))
    return refuse (self, DA_JSON_ERROR_SYNTAX, "expected a colon after the member name");
  skip_space (self);

  return g_steal_pointer (&name);
}

static JsonNode *
scan_object (Scan *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree guint8 *counts = NULL;
  gboolean failed = FALSE;

  if (!enter (self))
    return NULL;

  if (!take_char (self, '}'))
    {
      do
        {
          g_autofree char *name = scan_name (self, object, &counts);
          JsonNode *value = name != NULL ? scan_value (self) : NULL;

          if (value == NULL)
            return NULL;
          json_object_set_member (object, name, value);
        }
      while (next_element (self, '}', &failed));
    }

  if (failed)
    return NULL;

  self->depth--;
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
scan_value (Scan *self)
{
  if (self->at >= self->end)
    return refuse (self, DA_JSON_ERROR_SYNTAX, "");

  if (++self->n_values > DA_JSON_MAX_VALUES)
    return refuse (self, DA_JSON_ERROR_SIZE, "too many values");

  switch (*self->at)
    {
    case '{':
      return scan_object (self);
    case '[':
      return scan_array (self);
    case '"':
      if (!scan_string (self))
        return NULL;
      return json_node_init_string (json_node_alloc (), self->scratch->str);
    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return scan_number (self);
    default:
      return scan_word (self);
    }
}

JsonNode *
_da_json_scan (const char  *text,
               gsize        length,
               GError     **error)
{
  Scan self = { .start = text, .at = text, .end = text + length, .error = error };
  g_autoptr (JsonNode) root = NULL;
  const char *bad;

  if (!g_utf8_validate_len (text, length, &bad))
    return refuse_at (&self, bad, DA_JSON_ERROR_ENCODING, "not UTF-8 text");

  skip_space (&self);
  if (self.at >= self.end)
    return refuse_at (&self, self.at, DA_JSON_ERROR_SYNTAX, "the text is empty");

  self.scratch = g_string_new (NULL);
  root = scan_value (&self);
  if (root != NULL)
    {
      skip_space (&self);
      if (self.at < self.end)
        {
          refuse (&self, DA_JSON_ERROR_SYNTAX, "more text after the end of the document");
          g_clear_pointer (&root, json_node_unref);
        }
    }
  g_string_free (self.scratch, TRUE);

  return g_steal_pointer (&root);
}
