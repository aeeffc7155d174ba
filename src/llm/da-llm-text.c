/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-text"

#include "da-llm-scan.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static gboolean
is_high (guint unit)
{
  return unit >= 0xd800 && unit <= 0xdbff;
}

static gboolean
is_low (guint unit)
{
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/* A waiting surrogate did not get its other half. */
static void
give_up_surrogate (DaLlmText *self,
                   GString   *out)
{
  if (self->surrogate)
    g_string_append (out, REPLACEMENT);
  self->surrogate = 0;
}

static void
append_unit (DaLlmText *self,
             GString   *out,
             guint      unit)
{
  if (self->surrogate && is_low (unit))
    {
      gunichar c = 0x10000 + (((gunichar) self->surrogate - 0xd800) << 10) + (unit - 0xdc00);

      self->surrogate = 0;
      g_string_append_unichar (out, c);
      return;
    }
  give_up_surrogate (self, out);
  if (is_high (unit))
    self->surrogate = (guint16) unit;
  else if (is_low (unit) || unit == 0)
    g_string_append (out, REPLACEMENT);
  else
    g_string_append_unichar (out, unit);
}

static guint
hex_unit (const char *digits)
{
  guint unit = 0;

  for (int i = 0; i < 4; i++)
    unit = unit << 4 | (guint) g_ascii_xdigit_value (digits[i]);
  return unit;
}

/* Bytes that @lead announces, or 0 when it cannot begin a code point. */
static gsize
sequence_length (guchar lead)
{
  if (lead >= 0xc2 && lead <= 0xdf)
    return 2;
  if (lead >= 0xe0 && lead <= 0xef)
    return 3;
  if (lead >= 0xf0 && lead <= 0xf4)
    return 4;
  return 0;
}

/* TRUE when @text is the beginning of one code point and only its end is missing. */
static gboolean
is_unfinished (const char *text,
               gsize       length)
{
  if (length == 0 || length >= sequence_length ((guchar) text[0]))
    return FALSE;
  return g_utf8_get_char_validated (text, (gssize) length) == (gunichar) -2;
}

/* Raw bytes between escapes. */
static void
append_bytes (DaLlmText  *self,
              GString    *out,
              const char *text,
              gsize       length)
{
  const char *bad;

  if (length == 0)
    return;
  give_up_surrogate (self, out);
  while (!g_utf8_validate (text, (gssize) length, &bad))
    {
      gsize rest = length - (gsize) (bad - text);

      g_string_append_len (out, text, bad - text);
      if (is_unfinished (bad, rest))
        {
          memcpy (self->bytes, bad, rest);
          self->n_bytes = (guint8) rest;
          return;
        }
      g_string_append (out, REPLACEMENT);
      text = bad + 1;
      length = rest - 1;
    }
  g_string_append_len (out, text, (gssize) length);
}

/* Joins what waits from the last piece with the first bytes of this one. Returns how many bytes of
 * @text were taken. */
static gsize
join_waiting (DaLlmText  *self,
              GString    *out,
              const char *text,
              gsize       length)
{
  gsize taken = 0;

  while (taken < length && self->n_bytes > 0)
    {
      char joined[5];
      gsize n = self->n_bytes;

      memcpy (joined, self->bytes, n);
      joined[n] = text[taken];
      if (g_utf8_validate (joined, (gssize) n + 1, NULL))
        {
          g_string_append_len (out, joined, (gssize) n + 1);
          self->n_bytes = 0;
          taken++;
        }
      else if (is_unfinished (joined, n + 1))
        {
          self->bytes[n] = text[taken++];
          self->n_bytes++;
        }
      else
        {
          g_string_append (out, REPLACEMENT);
          self->n_bytes = 0;
        }
    }
  return taken;
}

static void
append_raw (DaLlmText  *self,
            GString    *out,
            const char *text,
            gsize       length)
{
  gsize taken = self->n_bytes > 0 ? join_waiting (self, out, text, length) : 0;

  append_bytes (self, out, text + taken, length - taken);
}

static void
append_escape (DaLlmText *self,
               GString   *out,
               char       c)
{
  static const char from[] = "bfnrt";
  static const char to[] = "\b\f\n\r\t";
  const char *found = strchr (from, c);

  if (found)
    c = to[found - from];
  append_unit (self, out, (guchar) c);
}

void
da_llm_text_append (DaLlmText       *self,
                    GString         *out,
                    const DaLlmSpan *piece)
{
  const char *p = piece->text;
  const char *end = p + piece->length;

  while (p < end)
    {
      const char *stop = piece->escaped ? memchr (p, '\\', (gsize) (end - p)) : NULL;

      if (!stop)
        stop = end;
      append_raw (self, out, p, (gsize) (stop - p));
      if (stop == end)
        return;
      if (self->n_bytes > 0)
        {
          g_string_append (out, REPLACEMENT);
          self->n_bytes = 0;
        }
      if (stop[1] == 'u')
        append_unit (self, out, hex_unit (stop + 2));
      else
        append_escape (self, out, stop[1]);
      p = stop + (stop[1] == 'u' ? 6 : 2);
    }
}

void
da_llm_text_finish (DaLlmText *self,
                    GString   *out)
{
  give_up_surrogate (self, out);
  if (self->n_bytes > 0)
    g_string_append (out, REPLACEMENT);
  self->n_bytes = 0;
}

char *
da_llm_span_dup (const DaLlmSpan *self)
{
  DaLlmText text = { 0 };
  GString *out = g_string_sized_new (self->length + 1);

  da_llm_text_append (&text, out, self);
  da_llm_text_finish (&text, out);
  return g_string_free (out, FALSE);
}
