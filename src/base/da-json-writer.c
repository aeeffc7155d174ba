/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-json-writer"

#include "da-json-writer.h"

#include <math.h>
#include <string.h>

#include "da-json-private.h"

/* Open levels are bits of these words; a document of ours never comes near. */
#define MAX_LEVELS 256
#define WORD_BITS  64

/*
 * Owns its buffer unless it was made with da_json_writer_new_on(). One bit per open level says
 * whether it is an object, another whether it has an element already, so no call allocates beyond
 * the buffer.
 */
struct _DaJsonWriter {
  GString  *buffer;
  guint     depth;
  guint64   is_object[MAX_LEVELS / WORD_BITS];
  guint64   has_element[MAX_LEVELS / WORD_BITS];
  gboolean  owns_buffer : 1;
  gboolean  root_written : 1;
};

static gboolean
get_bit (const guint64 *words,
         guint          index)
{
  return (words[index / WORD_BITS] >> (index % WORD_BITS)) & 1;
}

static void
set_bit (guint64  *words,
         guint     index,
         gboolean  value)
{
  guint64 mask = G_GUINT64_CONSTANT (1) << (index % WORD_BITS);

  if (value)
    words[index / WORD_BITS] |= mask;
  else
    words[index / WORD_BITS] &= ~mask;
}

/* What a byte asks of the copying loop. */
enum { COPY, ESCAPE, MULTI };

static const guint8 byte_class[256] = {
  [0x00 ... 0x1F] = ESCAPE,
  ['"'] = ESCAPE,
  ['\\'] = ESCAPE,
  [0x7F] = ESCAPE,
  [0x80 ... 0xFF] = MULTI,
};

/* Length of the well-formed UTF-8 sequence at @at (RFC 3629, section 4), or 0. */
static gsize
sequence_length (const guint8 *at,
                 const guint8 *end)
{
  guint8 lead = at[0];
  gsize left = (gsize) (end - at);
  guint8 low = 0x80;
  guint8 high = 0xBF;
  gsize length;

  if (lead < 0xC2 || lead > 0xF4)
    return 0;

  length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length)
    return 0;

  if (lead == 0xE0)
    low = 0xA0;
  else if (lead == 0xED)
    high = 0x9F;
  else if (lead == 0xF0)
    low = 0x90;
  else if (lead == 0xF4)
    high = 0x8F;

  if (at[1] < low || at[1] > high)
    return 0;
  for (gsize i = 2; i < length; i++)
    {
      if ((at[i] & 0xC0) != 0x80)
        return 0;
    }

  return length;
}

static void
append_escape (GString *buffer,
               guint8   byte)
{
  static const char digits[] = "0123456789abcdef";
  char escape[6] = { '\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15] };
  gssize length = 2;

  switch (byte)
    {
    case '"':
    case '\\':
      escape[1] = (char) byte;
      break;
    case '\n':
      escape[1] = 'n';
      break;
    case '\r':
      escape[1] = 'r';
      break;
    case '\t':
      escape[1] = 't';
      break;
    default:
      length = 6;
    }

  g_string_append_len (buffer, escape, length);
}

/* Copies in runs: a byte costs one table look-up until one needs more. */
void
da_json_append_quoted (GString    *buffer,
                       const char *text,
                       gssize      length)
{
  const guint8 *at = (const guint8 *) text;
  const guint8 *end = at + (length < 0 ? strlen (text) : (gsize) length);
  const guint8 *run = at;

  g_string_append_c (buffer, '"');
  while (at < end)
    {
      gsize sequence;

      if (G_LIKELY (byte_class[*at] == COPY))
        {
          at++;
          continue;
        }

      sequence = byte_class[*at] == MULTI ? sequence_length (at, end) : 0;
      /* U+2028 and U+2029 are E2 80 A8 and E2 80 A9. */
      if (sequence > 0
          && !(sequence == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] | 1) == 0xA9))
        {
          at += sequence;
          continue;
        }

      g_string_append_len (buffer, (const char *) run, at - run);
      if (sequence > 0)
        g_string_append (buffer, at[2] == 0xA8 ? "\\u2028" : "\\u2029");
      else if (byte_class[*at] == ESCAPE)
        append_escape (buffer, *at);
      else
        g_string_append (buffer, "\xEF\xBF\xBD");
      at += MAX (sequence, 1);
      run = at;
    }
  g_string_append_len (buffer, (const char *) run, at - run);
  g_string_append_c (buffer, '"');
}

/* The shortest form that reads back as the same number, as the clients' language writes it: a whole
 * number has no point, minus zero no sign, and what JSON has no word for is null. */
static void
append_double (GString *buffer,
               double   value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (buffer, "null");
      return;
    }

  /* Not only for looks: "-0" would come back as an integer and then lose its sign. */
  if (value == 0)
    {
      g_string_append_c (buffer, '0');
      return;
    }

  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, "%.16g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_formatd (text, sizeof text, "%.17g", value);
  g_string_append (buffer, text);
}

static void
append_int (GString *buffer,
            gint64   value)
{
  char text[24];
  char *at = text + sizeof text;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

  do
    {
      *--at = (char) ('0' + rest % 10);
      rest /= 10;
    }
  while (rest > 0);
  if (value < 0)
    *--at = '-';

  g_string_append_len (buffer, at, text + sizeof text - at);
}

static void
append_line_break (GString *buffer,
                   int      indent)
{
  if (indent < 0)
    return;

  g_string_append_c (buffer, '\n');
  for (int i = 0; i < indent; i++)
    g_string_append (buffer, "  ");
}

static int
deeper (int indent)
{
  return indent < 0 ? indent : indent + 1;
}

static void
append_object (GString    *buffer,
               JsonObject *object,
               int         indent)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  gboolean first = TRUE;

  g_string_append_c (buffer, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      if (!first)
        g_string_append_c (buffer, ',');
      first = FALSE;
      append_line_break (buffer, deeper (indent));
      da_json_append_quoted (buffer, name, -1);
      g_string_append (buffer, indent < 0 ? ":" : ": ");
      _da_json_append_node (buffer, value, deeper (indent));
    }
  if (!first)
    append_line_break (buffer, indent);
  g_string_append_c (buffer, '}');
}

static void
append_array (GString   *buffer,
              JsonArray *array,
              int        indent)
{
  guint length = json_array_get_length (array);

  g_string_append_c (buffer, '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (buffer, ',');
      append_line_break (buffer, deeper (indent));
      _da_json_append_node (buffer, json_array_get_element (array, i), deeper (indent));
    }
  if (length > 0)
    append_line_break (buffer, indent);
  g_string_append_c (buffer, ']');
}

static void
append_value (GString  *buffer,
              JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    da_json_append_quoted (buffer, json_node_get_string (node), -1);
  else if (type == G_TYPE_INT64)
    append_int (buffer, json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    append_double (buffer, json_node_get_double (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (buffer, json_node_get_boolean (node) ? "true" : "false");
  else
    g_assert_not_reached ();
}

void
_da_json_append_node (GString  *buffer,
                      JsonNode *node,
                      int       indent)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      append_object (buffer, json_node_get_object (node), indent);
      break;
    case JSON_NODE_ARRAY:
      append_array (buffer, json_node_get_array (node), indent);
      break;
    case JSON_NODE_VALUE:
      append_value (buffer, node);
      break;
    case JSON_NODE_NULL:
    default:
      g_string_append (buffer, "null");
    }
}

DaJsonWriter *
da_json_writer_new (gsize reserve)
{
  DaJsonWriter *self = g_new0 (DaJsonWriter, 1);

  self->buffer = g_string_sized_new (MAX (reserve, 64));
  self->owns_buffer = TRUE;
  return self;
}

DaJsonWriter *
da_json_writer_new_on (GString *buffer)
{
  DaJsonWriter *self = g_new0 (DaJsonWriter, 1);

  self->buffer = buffer;
  return self;
}

void
da_json_writer_free (DaJsonWriter *self)
{
  if (self == NULL)
    return;

  if (self->owns_buffer)
    g_string_free (self->buffer, TRUE);
  g_free (self);
}

static GString *
finish (DaJsonWriter *self)
{
  g_assert (self->owns_buffer);
  g_assert (self->depth == 0);
  g_assert (self->root_written);

  self->owns_buffer = FALSE;
  return self->buffer;
}

GBytes *
da_json_writer_free_to_bytes (DaJsonWriter *self)
{
  GString *buffer = finish (self);

  da_json_writer_free (self);
  return g_string_free_to_bytes (buffer);
}

char *
da_json_writer_free_to_string (DaJsonWriter *self)
{
  GString *buffer = finish (self);

  da_json_writer_free (self);
  return g_string_free (buffer, FALSE);
}

/* The comma and the member name in front of a value. */
static void
begin_value (DaJsonWriter *self,
             const char   *name)
{
  guint level;

  if (self->depth == 0)
    {
      g_assert (name == NULL && !self->root_written);
      self->root_written = TRUE;
      return;
    }

  level = self->depth - 1;
  g_assert ((name != NULL) == get_bit (self->is_object, level));

  if (get_bit (self->has_element, level))
    g_string_append_c (self->buffer, ',');
  else
    set_bit (self->has_element, level, TRUE);

  if (name != NULL)
    {
      da_json_append_quoted (self->buffer, name, -1);
      g_string_append_c (self->buffer, ':');
    }
}

static void
begin_level (DaJsonWriter *self,
             const char   *name,
             gboolean      is_object)
{
  g_assert (self->depth < MAX_LEVELS);

  begin_value (self, name);
  set_bit (self->is_object, self->depth, is_object);
  set_bit (self->has_element, self->depth, FALSE);
  self->depth++;
  g_string_append_c (self->buffer, is_object ? '{' : '[');
}

static void
end_level (DaJsonWriter *self,
           gboolean      is_object)
{
  g_assert (self->depth > 0);
  g_assert (get_bit (self->is_object, self->depth - 1) == is_object);

  self->depth--;
  g_string_append_c (self->buffer, is_object ? '}' : ']');
}

void
da_json_writer_begin_object (DaJsonWriter *self,
                             const char   *name)
{
  begin_level (self, name, TRUE);
}

void
da_json_writer_end_object (DaJsonWriter *self)
{
  end_level (self, TRUE);
}

void
da_json_writer_begin_array (DaJsonWriter *self,
                            const char   *name)
{
  begin_level (self, name, FALSE);
}

void
da_json_writer_end_array (DaJsonWriter *self)
{
  end_level (self, FALSE);
}

void
da_json_writer_string_len (DaJsonWriter *self,
                           const char   *name,
                           const char   *value,
                           gssize        length)
{
  begin_value (self, name);
  if (value != NULL)
    da_json_append_quoted (self->buffer, value, length);
  else
    g_string_append (self->buffer, "null");
}

void
da_json_writer_string (DaJsonWriter *self,
                       const char   *name,
                       const char   *value)
{
  da_json_writer_string_len (self, name, value, -1);
}

void
da_json_writer_int (DaJsonWriter *self,
                    const char   *name,
                    gint64        value)
{
  begin_value (self, name);
  append_int (self->buffer, value);
}

void
da_json_writer_double (DaJsonWriter *self,
                       const char   *name,
                       double        value)
{
  begin_value (self, name);
  append_double (self->buffer, value);
}

void
da_json_writer_boolean (DaJsonWriter *self,
                        const char   *name,
                        gboolean      value)
{
  begin_value (self, name);
  g_string_append (self->buffer, value ? "true" : "false");
}

void
da_json_writer_null (DaJsonWriter *self,
                     const char   *name)
{
  begin_value (self, name);
  g_string_append (self->buffer, "null");
}

void
da_json_writer_node (DaJsonWriter *self,
                     const char   *name,
                     JsonNode     *node)
{
  begin_value (self, name);
  if (node != NULL)
    _da_json_append_node (self->buffer, node, -1);
  else
    g_string_append (self->buffer, "null");
}

void
da_json_writer_raw (DaJsonWriter *self,
                    const char   *name,
                    const char   *json)
{
  begin_value (self, name);
  g_string_append (self->buffer, json != NULL ? json : "null");
}

void
da_json_writer_strv (DaJsonWriter      *self,
                     const char        *name,
                     const char *const *values)
{
  da_json_writer_begin_array (self, name);
  for (gsize i = 0; values != NULL && values[i] != NULL; i++)
    da_json_writer_string (self, NULL, values[i]);
  da_json_writer_end_array (self);
}

void
da_json_writer_opt_string (DaJsonWriter *self,
                           const char   *name,
                           const char   *value)
{
  if (value != NULL)
    da_json_writer_string (self, name, value);
}

void
da_json_writer_opt_raw (DaJsonWriter *self,
                        const char   *name,
                        const char   *json)
{
  if (json != NULL)
    da_json_writer_raw (self, name, json);
}
