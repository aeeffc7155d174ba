/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-sse-parser"

#include "da-sse-parser.h"

#include <string.h>

#include "da-error.h"

/* A line carries a field name besides its data; "event: " and "data: " fit in here. */
#define FIELD_NAME_BYTES 16

/* Buffers that one big event has grown beyond this are given back. */
#define KEEP_BYTES (64 * 1024)

struct _DaSseParser {
  DaSseFunc  func;
  gpointer   user_data;
  gsize      max_event_bytes;

  GString   *line;   /* the unfinished line of earlier chunks */
  GString   *event;
  GString   *data;

  gboolean   has_data : 1;
  gboolean   first_line : 1;
  gboolean   after_cr : 1;
  gboolean   dead : 1;
};

DaSseParser *
da_sse_parser_new (gsize     max_event_bytes,
                   DaSseFunc func,
                   gpointer  user_data)
{
  DaSseParser *self = g_new0 (DaSseParser, 1);

  g_assert (func != NULL);
  g_assert (max_event_bytes > 0);

  self->func = func;
  self->user_data = user_data;
  self->max_event_bytes = max_event_bytes;
  self->line = g_string_new (NULL);
  self->event = g_string_new (NULL);
  self->data = g_string_new (NULL);
  self->first_line = TRUE;

  return self;
}

void
da_sse_parser_free (DaSseParser *self)
{
  if (self == NULL)
    return;

  g_string_free (self->line, TRUE);
  g_string_free (self->event, TRUE);
  g_string_free (self->data, TRUE);
  g_free (self);
}

static void
reset_buffer (GString **buffer)
{
  if ((*buffer)->allocated_len > KEEP_BYTES)
    {
      g_string_free (*buffer, TRUE);
      *buffer = g_string_new (NULL);
    }
  else
    g_string_truncate (*buffer, 0);
}

static void
dispatch (DaSseParser *self)
{
  if (self->has_data)
    {
      const char *event = self->event->len > 0 ? self->event->str : NULL;

      self->func (event, self->data->str, self->data->len, self->user_data);
    }

  self->has_data = FALSE;
  g_string_truncate (self->event, 0);
  reset_buffer (&self->data);
}

/* "id" and "retry" matter to a client that reconnects; ours never does, so they fall through with
 * the unknown fields. */
static gboolean
take_field (DaSseParser *self,
            const char  *name,
            gsize        name_length,
            const char  *value,
            gsize        value_length)
{
  if (name_length == 4 && memcmp (name, "data", 4) == 0)
    {
      gsize separator = self->has_data ? 1 : 0;

      if (self->data->len + separator + value_length > self->max_event_bytes)
        return FALSE;
      if (separator > 0)
        g_string_append_c (self->data, '\n');
      g_string_append_len (self->data, value, (gssize) value_length);
      self->has_data = TRUE;
    }
  else if (name_length == 5 && memcmp (name, "event", 5) == 0)
    {
      if (value_length > self->max_event_bytes)
        return FALSE;
      g_string_truncate (self->event, 0);
      g_string_append_len (self->event, value, (gssize) value_length);
    }

  return TRUE;
}

static gboolean
take_line (DaSseParser *self,
           const char  *line,
           gsize        length)
{
  const char *colon;

  if (self->first_line)
    {
      self->first_line = FALSE;
      if (length >= 3 && memcmp (line, "\xEF\xBB\xBF", 3) == 0)
        {
          line += 3;
          length -= 3;
        }
    }

  if (length == 0)
    {
      dispatch (self);
      return TRUE;
    }

  colon = memchr (line, ':', length);
  if (colon == line)
    return TRUE;
  if (colon == NULL)
    return take_field (self, line, length, "", 0);

  {
    gsize name_length = (gsize) (colon - line);
    const char *value = colon + 1;
    gsize value_length = length - name_length - 1;

    if (value_length > 0 && value[0] == ' ')
      {
        value++;
        value_length--;
      }
    return take_field (self, line, name_length, value, value_length);
  }
}

static const char *
find_line_end (const char *at,
               const char *end)
{
  while (at < end && *at != '\n' && *at != '\r')
    at++;
  return at;
}

static gboolean
die (DaSseParser  *self,
     GError      **error)
{
  self->dead = TRUE;
  g_set_error (error, DA_ERROR, DA_ERROR_TOO_LARGE,
               "One event of the stream is larger than %" G_GSIZE_FORMAT " bytes",
               self->max_event_bytes);
  return FALSE;
}

/* A line that is whole within one chunk is never copied. */
gboolean
da_sse_parser_feed (DaSseParser  *self,
                    const void   *data,
                    gsize         length,
                    GError      **error)
{
  const char *at = data;
  const char *end = at + length;
  gsize max_line = self->max_event_bytes + FIELD_NAME_BYTES;

  if (self->dead)
    return die (self, error);

  while (at < end)
    {
      const char *stop;
      gsize piece;
      gboolean taken;

      if (self->after_cr)
        {
          self->after_cr = FALSE;
          if (*at == '\n')
            {
              at++;
              continue;
            }
        }

      stop = find_line_end (at, end);
      piece = (gsize) (stop - at);
      if (self->line->len + piece > max_line)
        return die (self, error);

      if (stop == end)
        {
          g_string_append_len (self->line, at, (gssize) piece);
          break;
        }

      if (self->line->len > 0)
        {
          g_string_append_len (self->line, at, (gssize) piece);
          taken = take_line (self, self->line->str, self->line->len);
          reset_buffer (&self->line);
        }
      else
        taken = take_line (self, at, piece);

      if (!taken)
        return die (self, error);

      self->after_cr = *stop == '\r';
      at = stop + 1;
    }

  return TRUE;
}
