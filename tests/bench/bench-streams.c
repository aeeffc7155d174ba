/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-bench-streams"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* The clients of P9: many chat streams at once, of which some speak. Prints "open" once every
 * stream has begun, measures for a while, and prints what it saw as one line of JSON.
 *
 *   bench-streams --port=N [--key=KEY] [--streams=500] [--active=50] [--seconds=20]
 *
 * Works against the provider as well, for what is not ours. */

#define QUIET_MODEL "script:stall"
#define ACTIVE_MODEL "script:never-ending"
#define SETTLE_US (2 * G_USEC_PER_SEC)

typedef struct {
  int      fd;
  gboolean is_active;
  gboolean has_begun;
  gint64   last_us;     /* when the last text came; 0: not since the measure began */
  gint64   worst_us;
  guint64  n_texts;
} Stream;

static int port;
static int n_streams = 500;
static int n_active = 50;
static int seconds = 20;
static char *key;

static Stream *streams;
static int n_begun;
static gint64 measured_from;   /* 0: not yet */
static GArray *gaps;           /* gint64, of all active streams */

static void
start_stream (Stream *stream,
              int     number)
{
  const char *model = stream->is_active ? ACTIVE_MODEL : QUIET_MODEL;
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons ((guint16) port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  g_autofree char *body = g_strdup_printf ("{\"model\":\"%s\",\"stream\":true,\"messages\":["
                                           "{\"role\":\"user\",\"content\":\"Stream %d\"}]}",
                                           model, number);
  g_autofree char *text = g_strdup_printf ("POST /v1/chat/completions HTTP/1.1\r\n"
                                           "Host: 127.0.0.1:%d\r\nUser-Agent: curl/8\r\n"
                                           "Authorization: Bearer %s\r\n"
                                           "Content-Type: application/json\r\n"
                                           "Content-Length: %zu\r\n\r\n%s",
                                           port, key, strlen (body), body);

  stream->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (stream->fd < 0 || connect (stream->fd, (struct sockaddr *) &address, sizeof address) != 0 ||
      send (stream->fd, text, strlen (text), MSG_NOSIGNAL) != (gssize) strlen (text))
    g_error ("stream %d: %s", number, g_strerror (errno));
}

static void
take_text (Stream *stream,
           gint64  now)
{
  stream->n_texts++;
  if (measured_from == 0 || now < measured_from)
    return;
  if (stream->last_us != 0)
    {
      gint64 gap = now - stream->last_us;

      stream->worst_us = MAX (stream->worst_us, gap);
      g_array_append_val (gaps, gap);
    }
  stream->last_us = now;
}

static void
read_stream (Stream *stream)
{
  char buffer[64 * 1024];
  gssize n = recv (stream->fd, buffer, sizeof buffer - 1, MSG_DONTWAIT);

  if (n <= 0)
    g_error ("a stream ended: %s", n < 0 ? g_strerror (errno) : "closed");
  buffer[n] = '\0';
  if (!stream->has_begun)
    {
      if (strncmp (buffer, "HTTP/1.1 200", 12) != 0)
        g_error ("refused: %.300s", buffer);
      stream->has_begun = TRUE;
      n_begun++;
    }
  if (stream->is_active && strstr (buffer, "\"content\":\"t") != NULL)
    take_text (stream, g_get_monotonic_time ());
}

static int
compare_gaps (gconstpointer a,
              gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
print_result (void)
{
  gint64 worst = 0;
  guint64 n_texts = 0;

  for (int i = 0; i < n_streams; i++)
    {
      worst = MAX (worst, streams[i].worst_us);
      n_texts += streams[i].n_texts;
    }
  g_array_sort (gaps, compare_gaps);
  printf ("{\"worst_ms\":%.3f,\"p99_ms\":%.3f,\"p50_ms\":%.3f,\"gaps\":%u,"
          "\"texts\":%" G_GUINT64_FORMAT "}\n", worst / 1000.0,
          g_array_index (gaps, gint64, (guint) (gaps->len * 0.99)) / 1000.0,
          g_array_index (gaps, gint64, gaps->len / 2) / 1000.0, gaps->len, n_texts);
}

static void
run (int epoll)
{
  gint64 end = 0;

  while (end == 0 || g_get_monotonic_time () < end)
    {
      struct epoll_event events[256];
      int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), 100);

      for (int i = 0; i < n; i++)
        read_stream (events[i].data.ptr);
      if (end == 0 && n_begun == n_streams)
        {
          puts ("open");
          fflush (stdout);
          measured_from = g_get_monotonic_time () + SETTLE_US;
          end = measured_from + seconds * G_USEC_PER_SEC;
        }
    }
}

int
main (int    argc,
      char **argv)
{
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "Where to connect", "N" },
    { "key", 0, 0, G_OPTION_ARG_STRING, &key, "API key", "KEY" },
    { "streams", 0, 0, G_OPTION_ARG_INT, &n_streams, "How many", "N" },
    { "active", 0, 0, G_OPTION_ARG_INT, &n_active, "How many of them speak", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "How long to measure", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- many streams");
  g_autoptr (GError) error = NULL;
  int epoll = epoll_create1 (EPOLL_CLOEXEC);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || n_streams < 1)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "wrong usage");
      return 2;
    }
  streams = g_new0 (Stream, n_streams);
  gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (int i = 0; i < n_streams; i++)
    {
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = &streams[i] };

      /* Spread over all of them. */
      streams[i].is_active = (i * n_active) / n_streams != ((i + 1) * n_active) / n_streams;
      start_stream (&streams[i], i);
      epoll_ctl (epoll, EPOLL_CTL_ADD, streams[i].fd, &event);
    }
  run (epoll);
  print_result ();
  return 0;
}
