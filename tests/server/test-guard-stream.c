/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-guard-stream.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "da-limits.h"
#include "da-test-util.h"

#define HEAD "POST /v1/x HTTP/1.1\r\nHost: localhost\r\n"

/* A guard on one end of a pair of sockets, the peer at the other; in the place of libsoup, this
 * test. */
typedef struct {
  DaFlushQueue  *queue;
  DaGuardStream *guard;
  GInputStream  *input;
  GOutputStream *output;
  int            peer;
  gboolean       is_closed;
} Fixture;

static void
on_closed (gpointer user_data)
{
  ((Fixture *) user_data)->is_closed = TRUE;
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  socket = g_socket_new_from_fd (ends[0], NULL);
  f->peer = ends[1];
  f->queue = da_guard_stream_flush_queue_new ();
  f->guard = da_guard_stream_new (socket, f->queue, on_closed, f);
  f->input = g_io_stream_get_input_stream (G_IO_STREAM (f->guard));
  f->output = g_io_stream_get_output_stream (G_IO_STREAM (f->guard));
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  da_guard_stream_abandon (f->guard);
  g_assert_true (f->is_closed);
  da_flush_queue_stop (f->queue);
  g_assert_finalize_object (f->guard);
  da_flush_queue_unref (f->queue);
  close (f->peer);
}

static void
tell (Fixture    *f,
      const char *text)
{
  g_assert_cmpint (write (f->peer, text, strlen (text)), ==, strlen (text));
}

/* What libsoup would get; "" when it has to wait, NULL when the connection is broken. */
static char *
take (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  char buffer[8192];
  gssize n;

  n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (f->input), buffer,
                                                sizeof buffer, NULL, &error);
  if (n >= 0)
    return g_strndup (buffer, (gsize) n);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return g_strdup ("");
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  return NULL;
}

static void
expect (Fixture    *f,
        const char *text)
{
  g_autofree char *got = take (f);

  g_assert_cmpstr (got, ==, text);
}

/* libsoup is told of an end before a request with the beginning of one (da-guard-read.c). */
static void
expect_end (Fixture *f)
{
  g_autofree char *got = take (f);

  if (got != NULL)
    {
      g_assert_cmpstr (got, ==, "X\r\n");
      expect (f, NULL);
    }
  expect (f, NULL);
}

static char *
hear (Fixture *f)
{
  char buffer[65536];
  gssize n = read (f->peer, buffer, sizeof buffer);

  return g_strndup (buffer, (gsize) MAX (n, 0));
}

static void
say (Fixture    *f,
     const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (
                     G_POLLABLE_OUTPUT_STREAM (f->output), text, strlen (text), NULL, &error), ==,
                   strlen (text));
  g_assert_no_error (error);
}

static void
test_head_is_whole (Fixture      *f,
                    gconstpointer data)
{
  tell (f, "GET / HTTP/1.1\r\nHo");
  expect (f, "");
  g_assert_cmpint (da_guard_stream_get_phase (f->guard), ==, DA_GUARD_HEAD);
  tell (f, "st: a\r\n\r");
  expect (f, "");
  tell (f, "\n");
  expect (f, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_cmpint (da_guard_stream_get_phase (f->guard), ==, DA_GUARD_ANSWER);
  g_assert_true (da_guard_stream_is_complete (f->guard));
}

static void
test_never_across (Fixture      *f,
                   gconstpointer data)
{
  tell (f, HEAD "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: b\r\n\r\n");
  expect (f, HEAD "Content-Length: 3\r\n\r\nabc");
  g_assert_true (da_guard_stream_is_complete (f->guard));
  say (f, "HTTP/1.1 200 OK\r\n\r\n");
  expect (f, "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
}

static gboolean
on_readable (GObject *stream,
             gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_pipelined_is_ready (Fixture      *f,
                         gconstpointer data)
{
  g_autoptr (GSource) source = NULL;
  gboolean called = FALSE;

  tell (f, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  expect (f, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  /* The second came with the first: the socket has nothing more to tell. */
  source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (f->input), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), &called, NULL);
  g_source_attach (source, NULL);
  da_test_await_boolean (&called);
  g_source_destroy (source);
  expect (f, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void
test_smuggling (Fixture      *f,
                gconstpointer data)
{
  g_autofree char *answer = NULL;

  tell (f, HEAD "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /secret");
  expect_end (f);
  g_io_stream_close (G_IO_STREAM (f->guard), NULL, NULL);
  answer = hear (f);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 Bad Request\r\n"));
  g_assert_nonnull (strstr (answer, "Connection: close\r\n"));
  g_assert_nonnull (strstr (answer, "{\"error\":"));
}

static void
test_bad_chunk (Fixture      *f,
                gconstpointer data)
{
  g_autofree char *answer = NULL;

  tell (f, HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  expect (f, HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  tell (f, "3;x=y\r\nabc\r\n");
  expect (f, NULL);
  answer = hear (f);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
}

static void
test_early_end (Fixture      *f,
                gconstpointer data)
{
  g_autofree char *answer = NULL;

  tell (f, HEAD "Content-Length: 5\r\n\r\nab");
  expect (f, HEAD "Content-Length: 5\r\n\r\nab");
  shutdown (f->peer, SHUT_WR);
  expect (f, NULL);
  answer = hear (f);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
}

static void
test_large_body (Fixture      *f,
                 gconstpointer data)
{
  g_autofree char *body = g_strnfill (100000, 'x');
  gsize sent = 0, got = 0;

  tell (f, HEAD "Content-Length: 100000\r\n\r\n");
  expect (f, HEAD "Content-Length: 100000\r\n\r\n");
  while (got < 100000)
    {
      g_autofree char *piece = NULL;
      gssize n = write (f->peer, body + sent, MIN (100000 - sent, 30000));

      if (n > 0)
        sent += (gsize) n;
      piece = take (f);
      got += strlen (piece);
    }
  g_assert_cmpuint (got, ==, 100000);
  g_assert_true (da_guard_stream_is_complete (f->guard));
}

static void
test_gathers (Fixture      *f,
              gconstpointer data)
{
  g_autofree char *nothing = NULL;
  g_autofree char *all = NULL;

  say (f, "a");
  say (f, "b");
  nothing = hear (f);
  g_assert_cmpstr (nothing, ==, "");
  da_guard_stream_flush (f->guard);
  all = hear (f);
  g_assert_cmpstr (all, ==, "ab");
}

static void
test_interim_answer (Fixture      *f,
                     gconstpointer data)
{
  g_autofree char *heard = NULL;

  tell (f, HEAD "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  expect (f, HEAD "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  say (f, "HTTP/1.1 100 Continue\r\n\r\n");
  expect (f, "");
  heard = hear (f);
  g_assert_cmpstr (heard, ==, "HTTP/1.1 100 Continue\r\n\r\n");
  /* libsoup may leave this body unread, so an early refusal must end the connection. */
  tell (f, "x");
  expect (f, "x");
  g_assert_false (da_guard_stream_is_complete (f->guard));
}

typedef struct {
  guint drained, halves, hangups;
} Watched;

static void
on_drained (gpointer user_data)
{
  ((Watched *) user_data)->drained++;
}

static void
on_hung_up (gpointer user_data,
            gboolean half)
{
  Watched *watched = user_data;

  if (half)
    watched->halves++;
  else
    watched->hangups++;
}

static const DaGuardWatch watch_funcs = { on_drained, on_hung_up };

static gboolean
has_drained (gpointer user_data)
{
  return ((Watched *) user_data)->drained > 0;
}

static gboolean
has_half (gpointer user_data)
{
  return ((Watched *) user_data)->halves > 0;
}

static gboolean
has_hung_up (gpointer user_data)
{
  return ((Watched *) user_data)->hangups > 0;
}

static void
test_slow_reader (Fixture      *f,
                  gconstpointer data)
{
  g_autofree char *piece = g_strnfill (32 * 1024, 'x');
  Watched watched = { 0 };
  gsize sent = 0, got = 0;

  da_guard_stream_watch (f->guard, &watch_funcs, &watched);
  while (da_guard_stream_get_blocked (f->guard) == 0)
    {
      da_guard_stream_send (f->guard, piece, 32 * 1024);
      sent += 32 * 1024;
      da_test_drain ();
      g_assert_cmpuint (sent, <, 64 * 1024 * 1024);
    }
  g_assert_cmpuint (da_guard_stream_get_unsent (f->guard), >, 0);
  watched.drained = 0;
  da_test_drain ();
  g_assert_cmpuint (watched.drained, ==, 0);

  while (got < sent)
    {
      g_autofree char *heard = hear (f);

      got += strlen (heard);
      da_test_drain ();
    }
  da_test_await (has_drained, &watched);
  g_assert_cmpint (da_guard_stream_get_blocked (f->guard), ==, 0);
  da_guard_stream_watch (f->guard, NULL, NULL);
}

/* The socket took all at once and never was full; whoever waits for room is told all the same. */
static void
test_quick_reader (Fixture      *f,
                   gconstpointer data)
{
  Watched watched = { 0 };
  g_autofree char *heard = NULL;

  da_guard_stream_watch (f->guard, &watch_funcs, &watched);
  da_guard_stream_send (f->guard, "a frame", 7);
  da_test_await (has_drained, &watched);
  heard = hear (f);
  g_assert_cmpstr (heard, ==, "a frame");
  da_guard_stream_watch (f->guard, NULL, NULL);
}

static void
test_hang_up (Fixture      *f,
              gconstpointer data)
{
  Watched watched = { 0 };

  da_guard_stream_watch (f->guard, &watch_funcs, &watched);
  shutdown (f->peer, SHUT_WR);
  da_test_await (has_half, &watched);
  g_assert_cmpuint (watched.hangups, ==, 0);
  /* Told once; it is a state, not news. */
  da_test_iterate_for (50);
  g_assert_cmpuint (watched.halves, ==, 1);

  shutdown (f->peer, SHUT_RDWR);
  da_test_await (has_hung_up, &watched);
  g_assert_cmpuint (watched.hangups, ==, 1);
}

static void
test_time_out (Fixture      *f,
               gconstpointer data)
{
  g_autofree char *answer = NULL;

  tell (f, "GET / HT");
  expect (f, "");
  da_guard_stream_time_out (f->guard);
  expect_end (f);
  answer = hear (f);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 408 "));
}

static void
test_idle_time_out (Fixture      *f,
                    gconstpointer data)
{
  g_autofree char *answer = NULL;

  da_guard_stream_time_out (f->guard);
  expect_end (f);
  answer = hear (f);
  g_assert_cmpstr (answer, ==, "");
}

static gboolean
is_closed (gpointer user_data)
{
  return ((Fixture *) user_data)->is_closed;
}

static void
test_lingers (Fixture      *f,
              gconstpointer data)
{
  g_autofree char *body = g_strnfill (20000, 'x');
  g_autofree char *answer = NULL;

  /* With bytes unread a plain close would send a reset, and the answer would be lost. */
  tell (f, HEAD "Content-Length: 1000000\r\n\r\n");
  expect (f, HEAD "Content-Length: 1000000\r\n\r\n");
  da_guard_stream_refuse (f->guard, 400, "No");
  tell (f, body);
  expect (f, NULL);
  g_io_stream_close (G_IO_STREAM (f->guard), NULL, NULL);
  g_assert_cmpint (da_guard_stream_get_phase (f->guard), ==, DA_GUARD_LINGER);
  da_test_drain ();
  answer = hear (f);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400 "));
  g_assert_false (f->is_closed);
  shutdown (f->peer, SHUT_WR);
  da_test_await (is_closed, f);
}

static void
test_closes_with_unsent (Fixture      *f,
                         gconstpointer data)
{
  g_autofree char *heard = NULL;

  say (f, "the end");
  g_io_stream_close (G_IO_STREAM (f->guard), NULL, NULL);
  heard = hear (f);
  g_assert_cmpstr (heard, ==, "the end");
  g_assert_true (f->is_closed);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, func) g_test_add ("/server/guard-stream/" path, Fixture, NULL, set_up, func, \
                                    tear_down)
  ADD ("a-head-is-passed-on-when-it-is-whole", test_head_is_whole);
  ADD ("a-read-never-goes-across-the-end-of-a-request", test_never_across);
  ADD ("a-pipelined-request-is-ready-without-the-socket", test_pipelined_is_ready);
  ADD ("a-request-of-two-lengths-is-refused-and-ends-the-connection", test_smuggling);
  ADD ("a-bad-chunk-in-the-middle-ends-the-connection", test_bad_chunk);
  ADD ("a-body-shorter-than-declared-is-400", test_early_end);
  ADD ("a-large-body-comes-through-whole", test_large_body);
  ADD ("small-writes-leave-together", test_gathers);
  ADD ("an-interim-answer-leaves-before-the-body", test_interim_answer);
  ADD ("a-slow-reader-holds-back-and-lets-go", test_slow_reader);
  ADD ("a-quick-reader-is-asked-for-more-too", test_quick_reader);
  ADD ("a-hang-up-is-known-at-once-half-or-whole", test_hang_up);
  ADD ("a-head-that-takes-too-long-is-408", test_time_out);
  ADD ("an-idle-connection-ends-without-a-word", test_idle_time_out);
  ADD ("a-refusal-waits-for-the-peer-to-read-it", test_lingers);
  ADD ("what-was-written-leaves-before-the-close", test_closes_with_unsent);
#undef ADD
  return g_test_run ();
}
