/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-log"

#include "da-log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "da-clock.h"
#include "da-redact.h"

/* A longer message is cut in the ring, so that diagnostics stay small. */
#define MAX_RING_MESSAGE 4096

typedef struct {
  guint      id;
  DaLogFunc  func;
  gpointer   user_data;
} Watch;

/* Everything here is guarded by log_mutex, except the level. */
static GMutex log_mutex;
static DaLogEntry ring[DA_LOG_RING_SIZE];
static guint ring_next;
static guint ring_used;
static GArray *watches;        /* of Watch */
static GPtrArray *undelivered; /* entries the watchers have not seen */
static guint last_watch_id;
static GThread *delivering;    /* the thread that runs watchers now */

static gint current_level = DA_LOG_LEVEL_INFO;

void
da_log_set_level (DaLogLevel level)
{
  g_atomic_int_set (&current_level, (gint) level);
}

DaLogLevel
da_log_get_level (void)
{
  return (DaLogLevel) g_atomic_int_get (&current_level);
}

gboolean
da_log_level_parse (const char *text,
                    DaLogLevel *out)
{
  static const char *const names[] = { "error", "info", "debug" };

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (names); i++)
    {
      if (g_str_equal (text, names[i]))
        {
          *out = (DaLogLevel) i;
          return TRUE;
        }
    }
  return FALSE;
}

static void
clear_entry (DaLogEntry *entry)
{
  g_clear_pointer (&entry->component, g_free);
  g_clear_pointer (&entry->message, g_free);
}

void
da_log_entry_free (DaLogEntry *entry)
{
  if (entry == NULL)
    return;

  clear_entry (entry);
  g_free (entry);
}

static DaLogEntry *
copy_entry (const DaLogEntry *entry)
{
  DaLogEntry *copy = g_new0 (DaLogEntry, 1);

  copy->time_ms = entry->time_ms;
  copy->level = entry->level;
  copy->component = g_strdup (entry->component);
  copy->message = g_strdup (entry->message);
  return copy;
}

/* Runs watchers without the mutex: they may log, or remove themselves. */
static gboolean
deliver_cb (gpointer user_data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GArray) callees = NULL;

  g_mutex_lock (&log_mutex);
  entries = g_steal_pointer (&undelivered);
  callees = g_array_copy (watches);
  delivering = g_thread_self ();
  g_mutex_unlock (&log_mutex);

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      for (guint j = 0; j < callees->len; j++)
        {
          const Watch *watch = &g_array_index (callees, Watch, j);
          gboolean alive = FALSE;

          g_mutex_lock (&log_mutex);
          for (guint k = 0; k < watches->len; k++)
            alive = alive || g_array_index (watches, Watch, k).id == watch->id;
          g_mutex_unlock (&log_mutex);

          if (alive)
            watch->func (g_ptr_array_index (entries, i), watch->user_data);
        }
    }

  g_mutex_lock (&log_mutex);
  delivering = NULL;
  g_mutex_unlock (&log_mutex);
  return G_SOURCE_REMOVE;
}

/* Call with the mutex held. What a watcher itself logs is kept but not delivered, or one line would
 * cause the next for ever. */
static void
queue_delivery (const DaLogEntry *entry)
{
  if (watches == NULL || watches->len == 0 || delivering == g_thread_self ())
    return;

  if (undelivered == NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      undelivered = g_ptr_array_new_with_free_func ((GDestroyNotify) da_log_entry_free);
      g_source_set_static_name (source, "da-log deliver");
      g_source_set_callback (source, deliver_cb, NULL, NULL);
      g_source_attach (source, NULL);
    }

  /* A main loop that stands still must not collect lines without end. */
  if (undelivered->len < DA_LOG_RING_SIZE)
    g_ptr_array_add (undelivered, copy_entry (entry));
}

static void
remember (const char *level,
          const char *component,
          const char *message)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);
  DaLogEntry *entry = &ring[ring_next];
  gsize length = strlen (message);

  if (length > MAX_RING_MESSAGE)
    {
      const char *cut = g_utf8_find_prev_char (message, message + MAX_RING_MESSAGE + 1);

      length = cut != NULL ? (gsize) (cut - message) : MAX_RING_MESSAGE;
    }

  clear_entry (entry);
  entry->time_ms = da_clock_now_ms ();
  entry->level = level;
  entry->component = g_strdup (component);
  entry->message = g_strndup (message, length);
  ring_next = (ring_next + 1) % DA_LOG_RING_SIZE;
  ring_used = MIN (ring_used + 1, DA_LOG_RING_SIZE);
  queue_delivery (entry);
}

GPtrArray *
da_log_dup_entries (guint max)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) da_log_entry_free);
  guint count = MIN (max, ring_used);

  for (guint i = 0; i < count; i++)
    {
      guint index = (ring_next + DA_LOG_RING_SIZE - count + i) % DA_LOG_RING_SIZE;

      g_ptr_array_add (entries, copy_entry (&ring[index]));
    }
  return entries;
}

void
da_log_clear (void)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);

  for (guint i = 0; i < DA_LOG_RING_SIZE; i++)
    clear_entry (&ring[i]);
  ring_next = 0;
  ring_used = 0;
}

guint
da_log_count_errors (gint64 window_ms)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);
  gint64 since = da_clock_now_ms () - window_ms;
  guint count = 0;

  for (guint i = 0; i < ring_used; i++)
    {
      guint index = (ring_next + DA_LOG_RING_SIZE - ring_used + i) % DA_LOG_RING_SIZE;

      if (ring[index].time_ms > since && g_str_equal (ring[index].level, "error"))
        count++;
    }
  return count;
}

guint
da_log_watch (DaLogFunc func,
              gpointer  user_data)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);
  Watch watch = { .id = ++last_watch_id, .func = func, .user_data = user_data };

  if (watches == NULL)
    watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  g_array_append_val (watches, watch);
  return watch.id;
}

void
da_log_unwatch (guint id)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&log_mutex);

  for (guint i = 0; watches != NULL && i < watches->len; i++)
    {
      if (g_array_index (watches, Watch, i).id == id)
        {
          g_array_remove_index (watches, i);
          return;
        }
    }
}

static const char *
level_name (GLogLevelFlags flags)
{
  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "error";
  if (flags & G_LOG_LEVEL_WARNING)
    return "warning";
  if (flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
    return "info";
  return "debug";
}

/* "debug" is for our own domains: libraries are as chatty as G_MESSAGES_DEBUG asks them to be. */
static gboolean
is_wanted (GLogLevelFlags  flags,
           const char     *domain)
{
  gboolean ours = domain != NULL && strncmp (domain, "da-", 3) == 0;

  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return TRUE;
  if (flags & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE))
    return da_log_get_level () >= DA_LOG_LEVEL_INFO;
  if (!ours)
    return !g_log_writer_default_would_drop (flags, domain);
  if (flags & G_LOG_LEVEL_INFO)
    return da_log_get_level () >= DA_LOG_LEVEL_INFO;
  return da_log_get_level () >= DA_LOG_LEVEL_DEBUG;
}

/* One line per entry, and nothing that a terminal would obey. */
static void
append_printable (GString    *line,
                  const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    {
      guchar c = (guchar) *at;

      if (c == '\n')
        g_string_append (line, "\\n");
      else if (c == '\t')
        g_string_append_c (line, ' ');
      else if (c < 0x20 || c == 0x7F)
        g_string_append_printf (line, "\\x%02x", c);
      else if (c == 0xC2 && (guchar) at[1] >= 0x80 && (guchar) at[1] <= 0x9F)
        g_string_append_printf (line, "\\x%02x", (guchar) *++at);
      else
        g_string_append_c (line, *at);
    }
}

/* Never waits: what a full pipe or a stopped terminal does not take at once is dropped. A pipe that
 * polls as writable takes PIPE_BUF bytes. */
static void
write_to_stderr (const char *data,
                 gsize       length)
{
  while (length > 0)
    {
      struct pollfd target = { .fd = STDERR_FILENO, .events = POLLOUT };
      ssize_t written;

      if (poll (&target, 1, 0) != 1 || (target.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return;

      written = write (STDERR_FILENO, data, MIN (length, PIPE_BUF));
      if (written <= 0)
        return;
      data += written;
      length -= (gsize) written;
    }
}

static void
print_line (const char *level,
            const char *component,
            const char *message)
{
  g_autoptr (GString) line = g_string_sized_new (128);
  gint64 now = da_clock_now_ms () / 1000;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  if (local != NULL)
    g_string_append_printf (line, "%02d:%02d:%02d ", g_date_time_get_hour (local),
                            g_date_time_get_minute (local), g_date_time_get_second (local));
  g_string_append_printf (line, "%s ", level);
  append_printable (line, component);
  g_string_append (line, ": ");
  append_printable (line, message);
  g_string_append_c (line, '\n');
  write_to_stderr (line->str, line->len);
}

/* Only what is known to hold no secret goes along with the message. */
static void
send_to_journal (GLogLevelFlags   flags,
                 const GLogField *fields,
                 gsize            n_fields,
                 const char      *message)
{
  static const char *const passed[] = {
    "PRIORITY", "GLIB_DOMAIN", "CODE_FILE", "CODE_LINE", "CODE_FUNC", "SYSLOG_IDENTIFIER", NULL,
  };
  g_autofree GLogField *copies = g_new0 (GLogField, n_fields + 1);
  gsize n_copies = 0;

  copies[n_copies++] = (GLogField) { "MESSAGE", message, -1 };
  for (gsize i = 0; i < n_fields; i++)
    {
      if (g_strv_contains (passed, fields[i].key))
        copies[n_copies++] = fields[i];
    }
  g_log_writer_journald (flags, copies, n_copies, NULL);
}

static char *
field_text (const GLogField *field)
{
  return field->length < 0 ? g_strdup (field->value)
                           : g_strndup (field->value, (gsize) field->length);
}

static GLogWriterOutput
write_log (GLogLevelFlags   flags,
           const GLogField *fields,
           gsize            n_fields,
           gpointer         user_data)
{
  g_autofree char *domain = NULL;
  g_autofree char *raw = NULL;
  g_autofree char *valid = NULL;
  g_autofree char *message = NULL;
  const char *component;

  for (gsize i = 0; i < n_fields; i++)
    {
      if (domain == NULL && g_str_equal (fields[i].key, "GLIB_DOMAIN"))
        domain = field_text (&fields[i]);
    }

  if (!is_wanted (flags, domain))
    return G_LOG_WRITER_HANDLED;

  for (gsize i = 0; i < n_fields && raw == NULL; i++)
    {
      if (g_str_equal (fields[i].key, "MESSAGE"))
        raw = field_text (&fields[i]);
    }

  valid = g_utf8_make_valid (raw != NULL ? raw : "", -1);
  message = da_redact (valid);
  component = domain != NULL ? domain : "app";
  if (strncmp (component, "da-", 3) == 0)
    component += 3;

  remember (level_name (flags), component, message);
  if (g_log_writer_is_journald (STDERR_FILENO))
    send_to_journal (flags, fields, n_fields, message);
  else
    print_line (level_name (flags), component, message);

  return G_LOG_WRITER_HANDLED;
}

void
da_log_init (void)
{
  /* A reader of our stderr (or of any socket) that goes away is an error code, not a signal. */
  signal (SIGPIPE, SIG_IGN);
  g_log_set_writer_func (write_log, NULL, NULL);
}
