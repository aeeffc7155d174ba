/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-scan"

#include "da-llm-scan.h"

#include <string.h>

#include "da-json.h"

void
da_llm_scan_init (DaLlmScan  *self,
                  const char *text,
                  gsize       length)
{
  /* Nothing may be added to NULL, not even nothing. */
  self->cursor = text ? text : "";
  self->end = self->cursor + length;
  self->depth = 0;
  self->failed = FALSE;
}

static gboolean
fail (DaLlmScan *self)
{
  self->failed = TRUE;
  self->cursor = self->end;
  return FALSE;
}

static void
skip_space (DaLlmScan *self)
{
  while (self->cursor < self->end)
    {
      char c = *self->cursor;

      if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
        return;
      self->cursor++;
    }
}

static gboolean
eat (DaLlmScan *self,
     char       expected)
{
  skip_space (self);
  if (self->cursor >= self->end || *self->cursor != expected)
    return FALSE;
  self->cursor++;
  return TRUE;
}

DaLlmScanKind
da_llm_scan_peek (DaLlmScan *self)
{
  skip_space (self);
  if (self->failed || self->cursor >= self->end)
    return DA_LLM_SCAN_FAILED;
  switch (*self->cursor)
    {
    case '"':
      return DA_LLM_SCAN_STRING;
    case '{':
      return DA_LLM_SCAN_OBJECT;
    case '[':
      return DA_LLM_SCAN_ARRAY;
    case 't': case 'f': case 'n':
      return DA_LLM_SCAN_WORD;
    default:
      if (*self->cursor == '-' || g_ascii_isdigit (*self->cursor))
        return DA_LLM_SCAN_NUMBER;
      return DA_LLM_SCAN_FAILED;
    }
}

static gboolean
enter (DaLlmScan *self,
       char       opening)
{
  if (self->failed || !eat (self, opening))
    return fail (self);
  if (++self->depth > DA_JSON_MAX_DEPTH)
    return fail (self);
  return TRUE;
}

/* Between values of an object or array. The byte before the cursor tells a first value (just after
 * the opening) from a later one, so no state has to be kept per level. */
static gboolean
next (DaLlmScan *self,
      char       opening,
      char       closing)
{
  gboolean is_first;

  if (self->failed)
    return FALSE;
  is_first = self->cursor[-1] == opening;
  if (eat (self, closing))
    {
      self->depth--;
      return FALSE;
    }
  if (!is_first && !eat (self, ','))
    return fail (self);
  return TRUE;
}

gboolean
da_llm_scan_enter_object (DaLlmScan *self)
{
  return enter (self, '{');
}

gboolean
da_llm_scan_enter_array (DaLlmScan *self)
{
  return enter (self, '[');
}

static gboolean
is_escape_valid (const char *cursor,
                 const char *end)
{
  if (cursor >= end)
    return FALSE;
  if (*cursor != 'u')
    return strchr ("\"\\/bfnrt", *cursor) != NULL && *cursor != '\0';
  if (end - cursor < 5)
    return FALSE;
  for (int i = 1; i <= 4; i++)
    {
      if (!g_ascii_isxdigit (cursor[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_string (DaLlmScan *self,
             DaLlmSpan *out)
{
  const char *start;

  if (!eat (self, '"'))
    return fail (self);
  start = self->cursor;
  out->escaped = FALSE;
  for (const char *p = start; p < self->end; p++)
    {
      if (*p == '"')
        {
          out->text = start;
          out->length = (gsize) (p - start);
          self->cursor = p + 1;
          return TRUE;
        }
      if ((guchar) *p < 0x20)
        return fail (self);
      if (*p != '\\')
        continue;
      out->escaped = TRUE;
      if (!is_escape_valid (++p, self->end))
        return fail (self);
    }
  return fail (self);
}

gboolean
da_llm_scan_next_member (DaLlmScan *self,
                         DaLlmSpan *name)
{
  if (!next (self, '{', '}'))
    return FALSE;
  if (!read_string (self, name))
    return FALSE;
  if (!eat (self, ':'))
    return fail (self);
  return TRUE;
}

gboolean
da_llm_scan_next_element (DaLlmScan *self)
{
  return next (self, '[', ']');
}

gboolean
da_llm_scan_string (DaLlmScan *self,
                    DaLlmSpan *out)
{
  if (da_llm_scan_peek (self) != DA_LLM_SCAN_STRING)
    {
      da_llm_scan_skip (self, NULL);
      return FALSE;
    }
  return read_string (self, out);
}

static gsize
skip_digits (DaLlmScan *self)
{
  const char *start = self->cursor;

  while (self->cursor < self->end && g_ascii_isdigit (*self->cursor))
    self->cursor++;
  return (gsize) (self->cursor - start);
}

/* RFC 8259: no leading zeros, digits on both sides of the point. */
static gboolean
read_number (DaLlmScan *self)
{
  gboolean is_zero;

  if (*self->cursor == '-')
    self->cursor++;
  is_zero = self->cursor < self->end && *self->cursor == '0';
  if (is_zero)
    self->cursor++;
  else if (skip_digits (self) == 0)
    return fail (self);
  if (self->cursor < self->end && *self->cursor == '.')
    {
      self->cursor++;
      if (skip_digits (self) == 0)
        return fail (self);
    }
  if (self->cursor < self->end && (*self->cursor == 'e' || *self->cursor == 'E'))
    {
      self->cursor++;
      if (self->cursor < self->end && (*self->cursor == '+' || *self->cursor == '-'))
        self->cursor++;
      if (skip_digits (self) == 0)
        return fail (self);
    }
  return TRUE;
}

static gboolean
read_word (DaLlmScan *self)
{
  static const char *const words[] = { "null", "false", "true" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      if ((gsize) (self->end - self->cursor) >= length &&
          memcmp (self->cursor, words[i], length) == 0)
        {
          self->cursor += length;
          return TRUE;
        }
    }
  return fail (self);
}

gboolean
da_llm_scan_int (DaLlmScan *self,
                 gint64    *out)
{
  DaLlmSpan span;
  char buffer[24];
  char *stop = NULL;
  double value;

  if (da_llm_scan_peek (self) != DA_LLM_SCAN_NUMBER)
    {
      da_llm_scan_skip (self, NULL);
      return FALSE;
    }
  da_llm_scan_skip (self, &span);
  if (self->failed || span.length >= sizeof buffer)
    return FALSE;
  memcpy (buffer, span.text, span.length);
  buffer[span.length] = '\0';
  value = g_ascii_strtod (buffer, &stop);
  if (*stop != '\0' || value < -9e15 || value > 9e15)
    return FALSE;
  *out = (gint64) value;
  return TRUE;
}

static void
skip_container (DaLlmScan *self)
{
  gboolean is_object = *self->cursor == '{';
  DaLlmSpan name;

  if (!enter (self, is_object ? '{' : '['))
    return;
  while (is_object ? da_llm_scan_next_member (self, &name) : da_llm_scan_next_element (self))
    da_llm_scan_skip (self, NULL);
}

void
da_llm_scan_skip (DaLlmScan *self,
                  DaLlmSpan *out)
{
  DaLlmScanKind kind = da_llm_scan_peek (self);
  const char *start = self->cursor;
  DaLlmSpan ignored;

  switch (kind)
    {
    case DA_LLM_SCAN_STRING:
      read_string (self, &ignored);
      break;
    case DA_LLM_SCAN_NUMBER:
      read_number (self);
      break;
    case DA_LLM_SCAN_WORD:
      read_word (self);
      break;
    case DA_LLM_SCAN_OBJECT:
    case DA_LLM_SCAN_ARRAY:
      skip_container (self);
      break;
    case DA_LLM_SCAN_FAILED:
    default:
      fail (self);
    }
  if (out)
    {
      out->text = start;
      out->length = self->failed ? 0 : (gsize) (self->cursor - start);
      out->escaped = FALSE;
    }
}

gboolean
da_llm_scan_finish (DaLlmScan *self)
{
  skip_space (self);
  return !self->failed && self->depth == 0 && self->cursor == self->end;
}

gboolean
da_llm_span_is (const DaLlmSpan *self,
                const char      *text)
{
  return strlen (text) == self->length && memcmp (self->text, text, self->length) == 0;
}
