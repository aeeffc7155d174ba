/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/* What a token costs at least on this machine: a process that waits on one loopback connection and
 * passes on to another what comes, with nothing in between. Prints microseconds of processor time
 * a piece.
 *
 *   bench-bare-relay PIECES INTERVAL_US */

#include <gio/gio.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* About what a chunk of one token is upstream and downstream. */
#define IN_BYTES  190
#define OUT_BYTES 235
#define QUIET_MS  1000

static void
connect_pair (GSocket *ends[2])
{
  g_autoptr (GSocket) listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                               G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  if (!g_socket_bind (listener, any, TRUE, NULL) || !g_socket_listen (listener, NULL))
    exit (1);
  bound = g_socket_get_local_address (listener, NULL);
  ends[0] = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  if (!bound || !g_socket_connect (ends[0], bound, NULL, NULL))
    exit (1);
  ends[1] = g_socket_accept (listener, NULL, NULL);
  if (!ends[1])
    exit (1);
}

static void
produce (GSocket *out,
         guint    pieces,
         guint    interval_us)
{
  char piece[IN_BYTES];
  struct timespec due;

  memset (piece, 'x', sizeof piece);
  clock_gettime (CLOCK_MONOTONIC, &due);
  for (guint i = 0; i < pieces; i++)
    {
      due.tv_nsec += interval_us * 1000L;
      due.tv_sec += due.tv_nsec / 1000000000L;
      due.tv_nsec %= 1000000000L;
      clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
      if (g_socket_send (out, piece, sizeof piece, NULL, NULL) < 0)
        _exit (1);
    }
  _exit (0);
}

static void
consume (GSocket *in)
{
  char buffer[4096];

  while (g_socket_receive (in, buffer, sizeof buffer, NULL, NULL) > 0)
    ;
  _exit (0);
}

/* Forks one end; it must not outlive us. */
static gboolean
is_child (void)
{
  if (fork () != 0)
    return FALSE;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  return TRUE;
}

int
main (int    argc,
      char **argv)
{
  guint pieces = argc > 1 ? (guint) atoi (argv[1]) : 10000;
  guint interval_us = argc > 2 ? (guint) atoi (argv[2]) : 1000;
  GSocket *up[2];
  GSocket *down[2];
  char buffer[8192];
  struct pollfd watched;
  struct rusage used;

  connect_pair (up);
  connect_pair (down);
  if (is_child ())
    produce (up[0], pieces, interval_us);
  if (is_child ())
    consume (down[1]);
  watched = (struct pollfd) { .fd = g_socket_get_fd (up[1]), .events = POLLIN };
  memset (buffer, 'y', sizeof buffer);
  for (gsize taken = 0; taken < (gsize) pieces * IN_BYTES;)
    {
      ssize_t n;

      if (poll (&watched, 1, QUIET_MS) != 1)
        break;
      n = recv (watched.fd, buffer, sizeof buffer, 0);
      if (n <= 0)
        break;
      taken += (gsize) n;
      if (send (g_socket_get_fd (down[0]), buffer, OUT_BYTES, MSG_NOSIGNAL) < 0)
        break;
    }
  getrusage (RUSAGE_SELF, &used);
  printf ("%.1f\n", ((double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6
                     + (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec)) / pieces);
  return 0;
}
