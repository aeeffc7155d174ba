/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-framing"

#include "da-framing.h"

#include <string.h>

#include "da-limits.h"

typedef struct {
  const char     *p;          /* the next byte to read */
  const char     *end;
  DaFramingHead  *head;
  DaFramingFault *fault;
  const char     *authority;  /* of an absolute-form target, or NULL */
  gsize           authority_length;
  const char     *host;
  gsize           host_length;
  int             minor;
  guint           n_hosts, n_lengths, n_encodings;
  guint           seen;       /* bits: fields of once_only that have come */
} Reader;

/* The gate decides by these. Of two, libsoup hands out the last; a proxy in front may have looked
 * at the first. */
static const char *const once_only[] = {
  "Authorization", "Origin", "Content-Type", "Content-Encoding", "Sec-Fetch-Site",
};

static gboolean
refuse (DaFramingFault *fault,
        guint           status,
        const char     *reason)
{
  fault->status = status;
  fault->reason = reason;
  return FALSE;
}

static inline gboolean
is_token (char c)
{
  return g_ascii_isalnum (c) || (c > 0x20 && c < 0x7f && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

gsize
da_framing_find_end (const char     *data,
                     gsize           length,
                     gsize           from,
                     DaFramingFault *fault)
{
  /* Three bytes back: the empty line may have begun in what was looked at before. */
  gsize start = from > 3 ? from - 3 : 0;
  const char *p = data + start;
  const char *end = data + length;

  while ((p = memchr (p, '\n', (gsize) (end - p))) != NULL)
    {
      if (p == data || p[-1] != '\r')
        {
          refuse (fault, 400, "A line must end in CRLF");
          return 0;
        }
      if (p - data >= 3 && p[-2] == '\n' && p[-3] == '\r')
        {
          gsize size = (gsize) (p + 1 - data);

          if (size <= DA_LIMIT_HEADER_BYTES)
            return size;
          break;
        }
      p++;
    }

  if (length > DA_LIMIT_HEADER_BYTES)
    refuse (fault, 431, "Request header too large");
  return 0;
}

/* The bytes of an absolute-form target's authority must be those of Host; what is not plain http is
 * not ours. */
static gboolean
check_target (Reader     *self,
              const char *target,
              gsize       length,
              gboolean    is_options)
{
  const char *rest;

  for (gsize i = 0; i < length; i++)
    {
      if (target[i] <= 0x20 || target[i] >= 0x7f || strchr ("\"<>\\^`{|}#", target[i]) != NULL)
        return refuse (self->fault, 400, "The request target has a character that is not allowed");
      if (target[i] == '%'
          && (i + 2 >= length || !g_ascii_isxdigit (target[i + 1])
              || !g_ascii_isxdigit (target[i + 2])))
        return refuse (self->fault, 400, "The request target has a bad escape");
    }

  if (target[0] == '/')
    {
      /* "//host/path" would be read as an authority by some. */
      if (length > 1 && target[1] == '/')
        return refuse (self->fault, 400, "The request target is malformed");
      return TRUE;
    }
  if (is_options && length == 1 && target[0] == '*')
    return TRUE;
  if (length <= 7 || g_ascii_strncasecmp (target, "http://", 7) != 0)
    return refuse (self->fault, 400, "The request target must be a path");

  self->authority = target + 7;
  rest = self->authority;
  while (rest < target + length && *rest != '/' && *rest != '?')
    rest++;
  self->authority_length = (gsize) (rest - self->authority);
  if (self->authority_length == 0 || memchr (self->authority, '@', self->authority_length) != NULL)
    return refuse (self->fault, 400, "The request target is malformed");
  return TRUE;
}

static gboolean
check_version (Reader     *self,
               const char *version,
               gsize       length)
{
  if (length != 8 || memcmp (version, "HTTP/", 5) != 0 || !g_ascii_isdigit (version[5])
      || version[6] != '.' || !g_ascii_isdigit (version[7]))
    return refuse (self->fault, 400, "The request line is malformed");
  if (version[5] != '1' || (version[7] != '0' && version[7] != '1'))
    return refuse (self->fault, 505, "HTTP/1.1 is spoken here");

  self->minor = version[7] - '0';
  return TRUE;
}

static gboolean
check_request_line (Reader     *self,
                    const char *line,
                    gsize       length)
{
  const char *end = line + length;
  const char *first = memchr (line, ' ', length);
  const char *second;

  if (first == NULL || first == line || first - line > 20)
    return refuse (self->fault, 400, "The request line is malformed");
  for (const char *p = line; p < first; p++)
    if (!is_token (*p))
      return refuse (self->fault, 400, "The method is malformed");

  second = memchr (first + 1, ' ', (gsize) (end - first - 1));
  if (second == NULL || second == first + 1)
    return refuse (self->fault, 400, "The request line is malformed");

  /* The version first: the target of another protocol's first line is of no interest. */
  return check_version (self, second + 1, (gsize) (end - second - 1))
         && check_target (self, first + 1, (gsize) (second - first - 1),
                          first - line == 7 && memcmp (line, "OPTIONS", 7) == 0);
}

static gboolean
check_content_length (Reader     *self,
                      const char *value,
                      gsize       length)
{
  gint64 result = 0;

  if (self->n_lengths++ > 0)
    return refuse (self->fault, 400, "More than one Content-Length");
  /* 18 digits fit an int64; "1, 1", "+1", "0x1" and "" are refused. */
  if (length == 0 || length > 18)
    return refuse (self->fault, 400, "Content-Length is malformed");
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return refuse (self->fault, 400, "Content-Length is malformed");
      result = result * 10 + (value[i] - '0');
    }

  self->head->content_length = result;
  return TRUE;
}

static gboolean
check_once (Reader     *self,
            const char *name,
            gsize       length)
{
  for (guint i = 0; i < G_N_ELEMENTS (once_only); i++)
    {
      if (strlen (once_only[i]) != length
          || g_ascii_strncasecmp (name, once_only[i], length) != 0)
        continue;
      if ((self->seen & 1u << i) != 0)
        return refuse (self->fault, 400, "A header that may come once came twice");
      self->seen |= 1u << i;
      break;
    }
  return TRUE;
}

static gboolean
check_field (Reader     *self,
             const char *name,
             gsize       name_length,
             const char *value,
             gsize       length)
{
#define IS(text) (name_length == strlen (text) \
                  && g_ascii_strncasecmp (name, text, name_length) == 0)
  if (IS ("Host"))
    {
      if (self->n_hosts++ > 0)
        return refuse (self->fault, 400, "More than one Host");
      self->host = value;
      self->host_length = length;
    }
  else if (IS ("Content-Length"))
    {
      return check_content_length (self, value, length);
    }
  else if (IS ("Transfer-Encoding"))
    {
      if (self->n_encodings++ > 0)
        return refuse (self->fault, 400, "More than one Transfer-Encoding");
      /* Exactly this word: every other spelling has been read in two ways by somebody. */
      if (length != 7 || memcmp (value, "chunked", 7) != 0)
        return refuse (self->fault, 501, "No transfer encoding but chunked is known");
      self->head->chunked = TRUE;
    }
  else if (IS ("Expect"))
    {
      if (length != 12 || g_ascii_strncasecmp (value, "100-continue", 12) != 0)
        return refuse (self->fault, 417, "No expectation but 100-continue is known");
      self->head->expects_continue = TRUE;
    }
  else
    {
      return check_once (self, name, name_length);
    }
#undef IS
  return TRUE;
}

static gboolean
check_line (Reader     *self,
            const char *line,
            gsize       length)
{
  const char *colon = memchr (line, ':', length);
  const char *value, *end = line + length;

  if (line[0] == ' ' || line[0] == '\t')
    return refuse (self->fault, 400, "A folded header line");
  if (colon == NULL || colon == line)
    return refuse (self->fault, 400, "A header line without a name");
  for (const char *p = line; p < colon; p++)
    if (!is_token (*p))
      return refuse (self->fault, 400, "A header name is malformed");

  value = colon + 1;
  for (const char *p = value; p < end; p++)
    if ((guchar) *p < 0x20 ? *p != '\t' : *p == 0x7f)
      return refuse (self->fault, 400, "A header value has a control character");
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;

  return check_field (self, line, (gsize) (colon - line), value, (gsize) (end - value));
}

static gboolean
check_together (Reader *self)
{
  if (self->n_hosts != 1 || self->host_length == 0)
    return refuse (self->fault, 400, "Exactly one Host is needed");
  if (memchr (self->host, ',', self->host_length) != NULL)
    return refuse (self->fault, 400, "Host is malformed");
  if (self->authority != NULL
      && (self->authority_length != self->host_length
          || g_ascii_strncasecmp (self->authority, self->host, self->host_length) != 0))
    return refuse (self->fault, 400, "The request target and Host differ");
  if (self->head->chunked && self->head->content_length >= 0)
    return refuse (self->fault, 400, "Both Content-Length and Transfer-Encoding");
  if (self->minor == 0 && self->head->chunked)
    return refuse (self->fault, 400, "Transfer-Encoding in HTTP/1.0");
  if (self->minor == 0 && self->head->expects_continue)
    self->head->expects_continue = FALSE;
  return TRUE;
}

gboolean
da_framing_check_head (const char     *data,
                       gsize           length,
                       DaFramingHead  *head,
                       DaFramingFault *fault)
{
  Reader reader = { .p = data, .end = data + length, .head = head, .fault = fault };
  guint n_lines = 0;

  memset (head, 0, sizeof *head);
  head->content_length = -1;

  while (TRUE)
    {
      const char *line = reader.p;
      const char *lf = memchr (line, '\n', (gsize) (reader.end - line));
      gsize size;

      /* find_end() has seen that every line ends in CRLF and that there is an empty one. */
      g_assert (lf != NULL && lf > line);
      size = (gsize) (lf - 1 - line);
      reader.p = lf + 1;

      if (size == 0 && n_lines > 0)
        break;
      if (n_lines == 0 ? !check_request_line (&reader, line, size)
                       : !check_line (&reader, line, size))
        return FALSE;
      if (n_lines++ > DA_LIMIT_HEADER_COUNT)
        return refuse (fault, 431, "Too many header lines");
    }

  g_assert (reader.p == reader.end);
  return check_together (&reader);
}

enum { SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, LAST_CR, LAST_LF, ENDED };

gsize
da_framing_check_chunks (DaFramingChunks *self,
                         const char      *data,
                         gsize            length,
                         gboolean        *done,
                         DaFramingFault  *fault)
{
  gsize i = 0;

  *done = FALSE;
  while (i < length)
    {
      char c = data[i];

      if (self->state == DATA)
        {
          gsize n = (gsize) MIN (self->left, (guint64) (length - i));

          self->left -= n;
          i += n;
          if (self->left == 0)
            self->state = DATA_CR;
          continue;
        }

      if (self->state == SIZE && g_ascii_isxdigit (c) && self->digits < 8)
        {
          self->size = self->size << 4 | (guint64) g_ascii_xdigit_value (c);
          self->digits++;
        }
      else if (self->state == SIZE && c == '\r' && self->digits > 0)
        {
          self->state = SIZE_LF;
        }
      else if (self->state == SIZE_LF && c == '\n')
        {
          self->state = self->size > 0 ? DATA : LAST_CR;
          self->left = self->size;
          self->total += self->size;
          self->size = 0;
          self->digits = 0;
        }
      else if ((self->state == DATA_CR || self->state == LAST_CR) && c == '\r')
        {
          self->state++;
        }
      else if (self->state == DATA_LF && c == '\n')
        {
          self->state = SIZE;
        }
      else if (self->state == LAST_LF && c == '\n')
        {
          self->state = ENDED;
          *done = TRUE;
          return i + 1;
        }
      else
        {
          refuse (fault, 400, "The chunked body is malformed");
          return i;
        }
      i++;
    }

  return i;
}
