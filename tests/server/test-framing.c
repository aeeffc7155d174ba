/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-framing.h"

#include <string.h>

#include "da-limits.h"

#define GET "GET /v1/models HTTP/1.1\r\n"
#define POST "POST /v1/x HTTP/1.1\r\n"
#define HOST "Host: localhost\r\n"

typedef struct {
  const char *head;
  guint       status;    /* 0: passes */
  gint64      length;
  gboolean    chunked;
} Case;

static const Case cases[] = {
  { GET HOST "\r\n", 0, -1 },
  { "GET /v1/models HTTP/1.0\r\n" HOST "\r\n", 0, -1 },
  { "GET http://localhost/v1/models HTTP/1.1\r\n" HOST "\r\n", 0, -1 },
  { "GET http://LOCALHOST HTTP/1.1\r\n" HOST "\r\n", 0, -1 },
  { "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0, -1 },
  { GET "host:localhost\r\nX:\r\nY: \xc3\xa9\t1\r\n\r\n", 0, -1 },
  { POST HOST "Content-Length: 12\r\n\r\n", 0, 12 },
  { POST HOST "content-length:0\r\n\r\n", 0, 0 },
  { POST HOST "Transfer-Encoding: chunked\r\n\r\n", 0, -1, TRUE },
  { POST HOST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n", 0, 1 },

  /* The request line. */
  { "GET /v1/models\r\n" HOST "\r\n", 400 },
  { "GET  /v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /v1/models  HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET\t/v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { " GET /v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "\r\nGET /v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "\r\n\r\n", 400 },
  { "G@T /v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GETGETGETGETGETGETGETGET / HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /v1/models HTTP/1.2\r\n" HOST "\r\n", 505 },
  { "GET /v1/models HTTP/2.0\r\n" HOST "\r\n", 505 },
  { "PRI * HTTP/2.0\r\n\r\n", 505 },
  { "GET /v1/models http/1.1\r\n" HOST "\r\n", 400 },
  { "GET /v1/models HTTP/1.1 \r\n" HOST "\r\n", 400 },
  { "GET /v1/models HTTP/11\r\n" HOST "\r\n", 400 },
  { "GET v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET //evil/v1/models HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET * HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /a\\b HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /a\x01" "b HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /%4 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "CONNECT localhost:80 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET https://localhost/ HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http://evil.example/v1 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http://localhost:80/v1 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http://a@localhost/v1 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http:///v1 HTTP/1.1\r\n" HOST "\r\n", 400 },

  /* Host. */
  { GET "\r\n", 400 },
  { "GET /v1/models HTTP/1.0\r\n\r\n", 400 },
  { GET HOST HOST "\r\n", 400 },
  { GET HOST "HOST: evil.example\r\n\r\n", 400 },
  { GET "Host: localhost, evil.example\r\n\r\n", 400 },
  { GET "Host:\r\n\r\n", 400 },

  /* Header lines. */
  { GET HOST "X : 1\r\n\r\n", 400 },
  { GET HOST " X: 1\r\n\r\n", 400 },
  { GET HOST "X: 1\r\n 2\r\n\r\n", 400 },
  { GET HOST "X: 1\r\n\t2\r\n\r\n", 400 },
  { GET HOST "X\r\n\r\n", 400 },
  { GET HOST ": 1\r\n\r\n", 400 },
  { GET HOST "X@Y: 1\r\n\r\n", 400 },
  { GET HOST "X\xc3\xa9: 1\r\n\r\n", 400 },
  { GET HOST "X: a\x01" "b\r\n\r\n", 400 },
  { GET HOST "X: a\x7f" "b\r\n\r\n", 400 },
  { GET HOST "X: a\rb\r\n\r\n", 400 },

  /* The length of the body. */
  { POST HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400 },
  { POST HOST "Content-Length: 1, 1\r\n\r\n", 400 },
  { POST HOST "Content-Length: +1\r\n\r\n", 400 },
  { POST HOST "Content-Length: -1\r\n\r\n", 400 },
  { POST HOST "Content-Length: 0x1\r\n\r\n", 400 },
  { POST HOST "Content-Length: 1 1\r\n\r\n", 400 },
  { POST HOST "Content-Length:\r\n\r\n", 400 },
  { POST HOST "Content-Length: 9223372036854775808\r\n\r\n", 400 },
  { POST HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
  { POST HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400 },
  { POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
  { POST HOST "Transfer-Encoding: Chunked\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding: chunked, chunked\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding: identity\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding:\r\n\r\n", 501 },
  { POST HOST "Transfer-Encoding:\vchunked\r\n\r\n", 400 },
  { "POST /v1/x HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400 },
  { POST HOST "Expect: something\r\n\r\n", 417 },
};

static void
test_heads (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *text = cases[i].head;
      gsize length = strlen (text);
      DaFramingFault fault = { 0, NULL };
      DaFramingHead head;
      gsize end = da_framing_find_end (text, length, 0, &fault);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      if (fault.status == 0)
        {
          g_assert_cmpuint (end, >, 0);
          da_framing_check_head (text, end, &head, &fault);
        }
      g_assert_cmpuint (fault.status, ==, cases[i].status);
      if (fault.status != 0)
        {
          g_assert_nonnull (fault.reason);
          continue;
        }
      g_assert_cmpuint (end, ==, length);
      g_assert_cmpint (head.content_length, ==, cases[i].length);
      g_assert_cmpint (head.chunked, ==, cases[i].chunked);
    }
}

static void
test_nul (void)
{
  static const char name[] = GET HOST "X\0Y: 1\r\n\r\n";
  static const char value[] = GET HOST "X: 1\0 2\r\n\r\n";
  static const char target[] = "GET /a\0b HTTP/1.1\r\n" HOST "\r\n";
  const struct { const char *text; gsize length; } heads[] = {
    { name, sizeof name - 1 }, { value, sizeof value - 1 }, { target, sizeof target - 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      DaFramingFault fault = { 0, NULL };
      DaFramingHead head;
      gsize end = da_framing_find_end (heads[i].text, heads[i].length, 0, &fault);

      g_assert_cmpuint (end, ==, heads[i].length);
      g_assert_false (da_framing_check_head (heads[i].text, end, &head, &fault));
      g_assert_cmpuint (fault.status, ==, 400);
    }
}

static void
test_byte_by_byte (void)
{
  static const char text[] = POST HOST "Content-Length: 3\r\n\r\nabc";
  gsize body = 3, looked = 0, length = sizeof text - 1;

  for (gsize n = 1; n <= length; n++)
    {
      DaFramingFault fault = { 0, NULL };
      gsize end = da_framing_find_end (text, n, looked, &fault);

      g_assert_cmpuint (fault.status, ==, 0);
      if (n < length - body)
        {
          g_assert_cmpuint (end, ==, 0);
          looked = n;
        }
      else
        {
          g_assert_cmpuint (end, ==, length - body);
        }
    }
}

static void
test_bare_lf (void)
{
  static const char *const texts[] = { "GET / HTTP/1.1\n", "\n", GET "Host: a\n\n", GET HOST "\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      DaFramingFault fault = { 0, NULL };

      g_assert_cmpuint (da_framing_find_end (texts[i], strlen (texts[i]), 0, &fault), ==, 0);
      g_assert_cmpuint (fault.status, ==, 400);
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) wide = g_string_new (GET HOST "X: ");
  g_autoptr (GString) many = g_string_new (GET HOST);
  DaFramingFault fault = { 0, NULL };
  DaFramingHead head;

  while (wide->len < DA_LIMIT_HEADER_BYTES - 4)
    g_string_append_c (wide, 'a');
  g_string_append (wide, "\r\n\r\n");
  g_assert_cmpuint (da_framing_find_end (wide->str, wide->len, 0, &fault), ==, wide->len);
  g_string_insert_c (wide, (gssize) strlen (GET HOST "X: "), 'a');
  g_assert_cmpuint (da_framing_find_end (wide->str, wide->len, 0, &fault), ==, 0);
  g_assert_cmpuint (fault.status, ==, 431);

  /* Without its end, it is refused when it is too long, not later. */
  fault.status = 0;
  da_framing_find_end (wide->str, DA_LIMIT_HEADER_BYTES, 0, &fault);
  g_assert_cmpuint (fault.status, ==, 0);
  da_framing_find_end (wide->str, DA_LIMIT_HEADER_BYTES + 1, 0, &fault);
  g_assert_cmpuint (fault.status, ==, 431);

  for (guint i = 1; i < DA_LIMIT_HEADER_COUNT; i++)
    g_string_append (many, "X: 1\r\n");
  fault.status = 0;
  g_string_append (many, "\r\n");
  g_assert_true (da_framing_check_head (many->str, many->len, &head, &fault));
  g_string_insert (many, (gssize) strlen (GET), "X: 1\r\n");
  g_assert_false (da_framing_check_head (many->str, many->len, &head, &fault));
  g_assert_cmpuint (fault.status, ==, 431);
}

typedef struct {
  const char *text;
  gsize       used;     /* how much of it is right */
  gboolean    done;
  gboolean    refused;
} ChunkCase;

static const ChunkCase chunk_cases[] = {
  { "0\r\n\r\n", 5, TRUE },
  { "3\r\nabc\r\n0\r\n\r\n", 13, TRUE },
  { "A\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n", 26, TRUE },
  { "3\r\nabc\r\n0\r\n\r\nGET", 13, TRUE },
  { "00000003\r\nabc\r\n", 15, FALSE },
  { "3\r\nab", 5, FALSE },
  { "3;ext=1\r\nabc\r\n", 1, FALSE, TRUE },
  { "3 \r\nabc\r\n", 1, FALSE, TRUE },
  { " 3\r\nabc\r\n", 0, FALSE, TRUE },
  { "+3\r\nabc\r\n", 0, FALSE, TRUE },
  { "0x3\r\nabc\r\n", 1, FALSE, TRUE },
  { "\r\n", 0, FALSE, TRUE },
  { "3\nabc\r\n", 1, FALSE, TRUE },
  { "3\r\nabcd\r\n", 6, FALSE, TRUE },
  { "3\r\nabc\n", 6, FALSE, TRUE },
  { "3\r\nabc\r\r", 7, FALSE, TRUE },
  { "0\r\nX: 1\r\n\r\n", 3, FALSE, TRUE },
  { "0\r\n\n", 3, FALSE, TRUE },
  { "000000003\r\n", 8, FALSE, TRUE },
};

static void
test_chunks (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (chunk_cases); i++)
    {
      const ChunkCase *c = &chunk_cases[i];
      DaFramingChunks whole = { 0 }, pieces = { 0 };
      DaFramingFault fault = { 0, NULL };
      gboolean done = FALSE;
      gsize used = 0;

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpuint (da_framing_check_chunks (&whole, c->text, strlen (c->text), &done, &fault),
                        ==, c->used);
      g_assert_cmpint (done, ==, c->done);
      g_assert_cmpint (fault.status != 0, ==, c->refused);

      /* The same, byte by byte. */
      fault.status = 0;
      done = FALSE;
      for (gsize k = 0; c->text[k] != '\0' && !done && fault.status == 0; k++)
        used += da_framing_check_chunks (&pieces, c->text + k, 1, &done, &fault);
      g_assert_cmpuint (used, ==, c->used);
      g_assert_cmpint (done, ==, c->done);
      g_assert_cmpint (fault.status != 0, ==, c->refused);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/framing/each-head-is-decided-as-the-table-says", test_heads);
  g_test_add_func ("/server/framing/a-nul-is-refused-anywhere", test_nul);
  g_test_add_func ("/server/framing/a-head-that-comes-byte-by-byte-is-found", test_byte_by_byte);
  g_test_add_func ("/server/framing/a-line-without-cr-is-refused-at-once", test_bare_lf);
  g_test_add_func ("/server/framing/size-and-number-of-lines-are-limited", test_limits);
  g_test_add_func ("/server/framing/chunks-are-decided-as-the-table-says", test_chunks);
  return g_test_run ();
}
