/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-bench-display"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XTest.h>
#include <glib.h>

/* What a person in front of the display sees of a program, told from outside: nothing in the
 * program is made for this. For a display of the benchmark's own, without a window manager.
 *
 *   bench-display start PROGRAM ARGUMENT…   from exec to its window, its first frame, its rest
 *   bench-display windows                   the windows on the display, the upper ones last
 *   bench-display close WINDOW              asks as the cross in its corner does, until it is gone
 *   bench-display press WINDOW KEY          Control and that key: from there to its first change,
 *                                           its rest
 *   bench-display ping WINDOW SECONDS       how long its main loop lets a window manager wait
 *   bench-display wheel WINDOW SECONDS      the same, while the wheel turns upwards in its middle
 *
 * Ping is _NET_WM_PING, by which a window manager finds out that a program hangs: GTK answers it
 * from the main loop, at the priority of a click or a key. They are sent at fixed times, whether or
 * not the one before was answered, so a long wait counts as often as people would have met it. A
 * small process that only answers such pings is asked in turns with the program: what it takes is
 * the display's and the machine's. "calm" are those of the program before and after which that
 * process had its turn at once. */

#define N_ROWS        24
#define PATIENCE_US   (20 * G_USEC_PER_SEC)
#define REST_US       (1500 * 1000)      /* nothing moved for so long: it has come to rest */
#define PAUSE_US      (200 * 1000)       /* so long, and what comes then is something else */
#define SCROLL_BAR    24                 /* pixels at the right, in which one glows and goes out */
#define LOOK_US       (10 * 1000)
#define PING_US       (5 * 1000)
#define WHEEL_TURNS   6                  /* so many pings for one click of the wheel: 30 ms */
#define CALM_US       (2 * 1000)
#define LEAST_SIZE    100

static Display *display;
static Window root;
static Atom protocols, ping_atom, delete_atom;
static int unseen;             /* pixels at the right of the window that are not looked at */

static gboolean
is_window (Window window)
{
  XWindowAttributes seen;

  return XGetWindowAttributes (display, window, &seen) && seen.map_state == IsViewable
         && !seen.override_redirect && seen.class == InputOutput && seen.width >= LEAST_SIZE
         && seen.height >= LEAST_SIZE;
}

/* A window may go between two questions. */
static int
ignore_error (Display     *where,
              XErrorEvent *event)
{
  return 0;
}

static void
open_display (void)
{
  display = XOpenDisplay (NULL);
  if (display == NULL)
    g_error ("no display");
  XSetErrorHandler (ignore_error);
  root = DefaultRootWindow (display);
  protocols = XInternAtom (display, "WM_PROTOCOLS", False);
  ping_atom = XInternAtom (display, "_NET_WM_PING", False);
  delete_atom = XInternAtom (display, "WM_DELETE_WINDOW", False);
}

static void
send_message (Window window,
              Atom   what,
              long   detail)
{
  XEvent event = { .xclient = {
    .type = ClientMessage, .window = window, .message_type = protocols, .format = 32,
    .data.l = { (long) what, detail, (long) window, detail },
  } };

  XSendEvent (display, window, False, NoEventMask, &event);
  XFlush (display);
}

/* Start */

/* Some rows of the window as one number; 0 where there is nothing but the root's black. */
static guint64
look (Window window)
{
  XWindowAttributes seen;
  guint64 sum = 0;

  if (!XGetWindowAttributes (display, window, &seen))
    return 0;
  for (int i = 0; i < N_ROWS; i++)
    {
      XImage *image = XGetImage (display, window, 0, (2 * i + 1) * seen.height / (2 * N_ROWS),
                                 (unsigned) seen.width, 1, AllPlanes, ZPixmap);

      if (image == NULL)
        return 0;
      for (int x = 0; x < seen.width - unseen; x++)
        {
          guint64 pixel = XGetPixel (image, x, 0) & 0xffffff;

          if (pixel != 0)
            sum = sum * 1099511628211 + pixel + (guint64) x;
        }
      XDestroyImage (image);
    }
  return sum;
}

static Window
await_window (gint64 end)
{
  while (g_get_monotonic_time () < end)
    {
      struct pollfd wait = { .fd = ConnectionNumber (display), .events = POLLIN };
      XEvent event;

      if (XPending (display) == 0)
        {
          poll (&wait, 1, 100);
          continue;
        }
      XNextEvent (display, &event);
      if (event.type == MapNotify && is_window (event.xmap.window))
        return event.xmap.window;
    }
  g_error ("no window came");
}

static pid_t
spawn (char **argv)
{
  pid_t child = fork ();

  if (child == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      execv (argv[0], argv);
      _exit (127);
    }
  return child;
}

/* Processor time of all its threads, in ms: unlike the clock it does not tell what else ran. */
static double
cost (pid_t child)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", (int) child);
  g_autoptr (GDir) tasks = g_dir_open (folder, 0, NULL);
  const char *task;
  double total = 0;

  while (tasks != NULL && (task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, task, "schedstat", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL))
        total += (double) g_ascii_strtoull (text, NULL, 10) / 1e6;
    }
  return total;
}

static void
await_frame (Window window,
             gint64 end)
{
  while (look (window) == 0)
    if (g_get_monotonic_time () > end)
      g_error ("the window stays empty");
}

/* When it last changed, and what had been spent by then. */
static gint64
await_rest (Window  window,
            pid_t   child,
            gint64  calm_us,
            gint64  end,
            double *spent)
{
  guint64 before = look (window);
  gint64 now = g_get_monotonic_time (), rest = now;

  *spent = cost (child);
  while (now < rest + calm_us && now < end)
    {
      guint64 after;

      poll (NULL, 0, LOOK_US / 1000);
      after = look (window);
      now = g_get_monotonic_time ();
      if (after != before)
        {
          rest = now;
          *spent = cost (child);
        }
      before = after;
    }
  return rest;
}

static int
start (char **argv)
{
  gint64 begun, mapped, painted, rest;
  double frame_cost, rest_cost;
  Window window;
  pid_t child;

  XSelectInput (display, root, SubstructureNotifyMask);
  XSync (display, False);
  begun = g_get_monotonic_time ();
  child = spawn (argv);
  window = await_window (begun + PATIENCE_US);
  mapped = g_get_monotonic_time ();
  await_frame (window, begun + PATIENCE_US);
  painted = g_get_monotonic_time ();
  frame_cost = cost (child);
  rest = await_rest (window, child, REST_US, begun + PATIENCE_US, &rest_cost);
  printf ("{\"mapped_ms\":%.3f,\"painted_ms\":%.3f,\"rest_ms\":%.3f,"
          "\"painted_cpu_ms\":%.3f,\"rest_cpu_ms\":%.3f}\n", (mapped - begun) / 1000.0,
          (painted - begun) / 1000.0, (rest - begun) / 1000.0, frame_cost, rest_cost);
  kill (child, SIGTERM);
  waitpid (child, NULL, 0);
  return 0;
}

/* Keys and the wheel */

static void
press (guint key,
       Bool  down)
{
  XTestFakeKeyEvent (display, XKeysymToKeycode (display, key), down, CurrentTime);
}

static int
press_key (Window      window,
           const char *name)
{
  gint64 begun, end, first, rest;
  double spent;
  guint64 before;

  unseen = SCROLL_BAR;
  XSetInputFocus (display, window, RevertToParent, CurrentTime);
  before = look (window);
  begun = g_get_monotonic_time ();
  end = begun + PATIENCE_US;
  press (XK_Control_L, True);
  press (XStringToKeysym (name), True);
  press (XStringToKeysym (name), False);
  press (XK_Control_L, False);
  XFlush (display);
  while (look (window) == before)
    if (g_get_monotonic_time () > end)
      g_error ("nothing changes");
  first = g_get_monotonic_time ();
  rest = await_rest (window, 0, PAUSE_US, end, &spent);
  printf ("{\"first_ms\":%.3f,\"rest_ms\":%.3f}\n", (first - begun) / 1000.0,
          (rest - begun) / 1000.0);
  return 0;
}

static void
point_at (Window window)
{
  XWindowAttributes seen;

  if (XGetWindowAttributes (display, window, &seen))
    XWarpPointer (display, None, window, 0, 0, 0, 0, seen.width / 2, seen.height / 2);
}

static void
turn_wheel (void)
{
  XTestFakeButtonEvent (display, Button4, True, CurrentTime);
  XTestFakeButtonEvent (display, Button4, False, CurrentTime);
}

/* Windows */

static int
list (void)
{
  Window *children = NULL, parent, top;
  unsigned n = 0;

  XQueryTree (display, root, &top, &parent, &children, &n);
  for (unsigned i = 0; i < n; i++)
    if (is_window (children[i]))
      printf ("%lu\n", children[i]);
  if (children != NULL)
    XFree (children);
  return 0;
}

static int
close_window (Window window)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  send_message (window, delete_atom, CurrentTime);
  while (is_window (window))
    {
      if (g_get_monotonic_time () > end)
        g_error ("the window does not close");
      poll (NULL, 0, 5);
    }
  return 0;
}

/* Ping */

typedef struct {
  Window  window;
  GArray *sent;      /* gint64: when */
  GArray *waits;     /* gint64: how long the answer took; 0: there was none */
} Pinged;

/* The process beside it: a window that does nothing but answer. */
static void
echo (int ready)
{
  Window window;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  open_display ();
  window = XCreateSimpleWindow (display, root, 0, 0, 10, 10, 0, 0, 0);
  XSync (display, False);
  if (write (ready, &window, sizeof window) != sizeof window)
    _exit (1);
  while (TRUE)
    {
      XEvent event;

      XNextEvent (display, &event);
      if (event.type != ClientMessage)
        continue;
      event.xclient.window = root;
      XSendEvent (display, root, False, SubstructureRedirectMask | SubstructureNotifyMask, &event);
    }
}

static pid_t
start_echo (Window *window)
{
  int ends[2];
  pid_t child;

  if (pipe (ends) != 0 || (child = fork ()) < 0)
    g_error ("no second process");
  if (child == 0)
    echo (ends[1]);
  if (read (ends[0], window, sizeof *window) != sizeof *window)
    g_error ("the second process does not answer");
  return child;
}

static void
take_answers (Pinged *both)
{
  while (XPending (display) > 0)
    {
      gint64 wait;
      XEvent event;
      Pinged *one;
      guint number;

      XNextEvent (display, &event);
      if (event.type != ClientMessage || (Atom) event.xclient.data.l[0] != ping_atom)
        continue;
      one = (Window) event.xclient.data.l[2] == both[0].window ? &both[0] : &both[1];
      number = (guint) event.xclient.data.l[1] - 1;
      wait = g_get_monotonic_time () - g_array_index (one->sent, gint64, number);
      g_array_index (one->waits, gint64, number) = MAX (wait, 1);
    }
}

static int
compare_waits (gconstpointer a,
               gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

/* Leaves out those during which the process beside it had to wait as well. */
static GArray *
choose (const Pinged *one,
        const GArray *beside)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < one->waits->len; i++)
    {
      gint64 wait = g_array_index (one->waits, gint64, i);
      gboolean calm = TRUE;

      for (guint j = i > 0 ? i - 1 : 0; beside != NULL && j <= i && j < beside->len; j++)
        calm = calm && g_array_index (beside, gint64, j) <= CALM_US;
      if (wait > 0 && calm)
        g_array_append_val (chosen, wait);
    }
  g_array_sort (chosen, compare_waits);
  return chosen;
}

static void
print_waits (const char   *name,
             const Pinged *one,
             const GArray *beside)
{
  g_autoptr (GArray) waits = choose (one, beside);
  guint n = waits->len;

  if (n == 0)
    g_error ("%s: no answer", name);
  printf ("\"%s\":{\"sent\":%u,\"answered\":%u,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}",
          name, one->sent->len, n, g_array_index (waits, gint64, n / 2) / 1000.0,
          g_array_index (waits, gint64, (guint) (n * 0.99)) / 1000.0,
          g_array_index (waits, gint64, n - 1) / 1000.0);
}

static int
ping (Window   window,
      int      seconds,
      gboolean wheel)
{
  Pinged both[2] = { { .window = window }, { 0 } };
  pid_t child = start_echo (&both[1].window);
  gint64 end, next;
  guint turn = 0;

  for (int i = 0; i < 2; i++)
    {
      both[i].sent = g_array_new (FALSE, FALSE, sizeof (gint64));
      both[i].waits = g_array_new (FALSE, TRUE, sizeof (gint64));
    }
  XSelectInput (display, root, SubstructureNotifyMask);
  XSync (display, False);
  if (wheel)
    point_at (window);
  next = g_get_monotonic_time ();
  end = next + seconds * G_USEC_PER_SEC;
  /* Those sent last are waited for too. */
  while (g_get_monotonic_time () < end + 2 * G_USEC_PER_SEC)
    {
      struct pollfd wait = { .fd = ConnectionNumber (display), .events = POLLIN };
      gint64 now = g_get_monotonic_time ();
      gint64 left = MAX (next - now, 0);
      struct timespec timeout = { .tv_nsec = left * 1000 };
      Pinged *one = &both[turn % 2];

      if (left == 0 && next < end)
        {
          g_array_append_val (one->sent, now);
          g_array_set_size (one->waits, one->sent->len);
          if (wheel && turn % WHEEL_TURNS == 0)
            turn_wheel ();
          send_message (one->window, ping_atom, one->sent->len);
          next += PING_US;
          turn++;
        }
      else
        {
          if (next >= end)
            timeout.tv_nsec = 100 * 1000 * 1000;
          ppoll (&wait, 1, &timeout, NULL);
        }
      take_answers (both);
    }
  fputs ("{", stdout);
  print_waits ("program", &both[0], NULL);
  fputs (",", stdout);
  print_waits ("calm", &both[0], both[1].waits);
  fputs (",", stdout);
  print_waits ("echo", &both[1], NULL);
  puts ("}");
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";

  open_display ();
  if (strcmp (what, "start") == 0 && argc > 2)
    return start (argv + 2);
  if (strcmp (what, "windows") == 0 && argc == 2)
    return list ();
  if (strcmp (what, "close") == 0 && argc == 3)
    return close_window ((Window) g_ascii_strtoull (argv[2], NULL, 10));
  if (strcmp (what, "press") == 0 && argc == 4)
    return press_key ((Window) g_ascii_strtoull (argv[2], NULL, 10), argv[3]);
  if ((strcmp (what, "ping") == 0 || strcmp (what, "wheel") == 0) && argc == 4)
    return ping ((Window) g_ascii_strtoull (argv[2], NULL, 10), atoi (argv[3]),
                 strcmp (what, "wheel") == 0);
  g_printerr ("wrong usage\n");
  return 2;
}
