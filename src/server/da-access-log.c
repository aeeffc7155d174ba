/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-access-log"

#include "da-access-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gio/gio.h>

#include "da-clock.h"
#include "da-log.h"
#include "da-worker.h"

#define FLUSH_MS     250
#define ROTATE_BYTES (4 * 1024 * 1024)
/* While the disk stalls, lines are dropped rather than kept without end. */
#define MAX_GATHERED (1024 * 1024)

struct _DaAccessLog {
  char    *path;
  GString *lines;
  char    *second;        /* (nullable) the time stamp of this second */
  gint64   second_ms;
  guint    flush_source;
};

typedef struct {
  char   *path;
  GBytes *lines;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_bytes_unref (job->lines);
  g_free (job);
}

static void
append_lines (const char *path,
              const char *data,
              gsize       length)
{
  struct stat status;
  int fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  gssize n;

  if (fd < 0)
    {
      g_debug ("Cannot open %s: %s", path, g_strerror (errno));
      return;
    }

  n = write (fd, data, length);
  if (n < (gssize) length)
    g_debug ("Cannot write %s: %s", path, g_strerror (errno));

  if (fstat (fd, &status) == 0 && status.st_size > ROTATE_BYTES)
    {
      g_autofree char *old = g_strconcat (path, ".1", NULL);

      if (rename (path, old) != 0)
        g_debug ("Cannot rotate %s: %s", path, g_strerror (errno));
    }
  close (fd);
}

static void
run_job (GTask        *task,
         gpointer      source,
         gpointer      task_data,
         GCancellable *cancellable)
{
  Job *job = task_data;
  gsize length;
  const char *data = g_bytes_get_data (job->lines, &length);

  append_lines (job->path, data, length);
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_flush_due (gpointer user_data)
{
  DaAccessLog *self = user_data;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  Job *job = g_new0 (Job, 1);

  g_task_set_source_tag (task, on_flush_due);
  self->flush_source = 0;
  job->path = g_strdup (self->path);
  job->lines = g_bytes_new (self->lines->str, self->lines->len);
  g_string_truncate (self->lines, 0);
  g_task_set_task_data (task, job, job_free);
  da_worker_push (da_worker_get_slow (), task, run_job);
  return G_SOURCE_REMOVE;
}

DaAccessLog *
da_access_log_new (const char *state_dir)
{
  DaAccessLog *self = g_new0 (DaAccessLog, 1);

  self->path = g_build_filename (state_dir, "access.log", NULL);
  self->lines = g_string_new (NULL);
  return self;
}

void
da_access_log_free (DaAccessLog *self)
{
  if (self == NULL)
    return;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  if (self->lines->len > 0)
    append_lines (self->path, self->lines->str, self->lines->len);
  g_string_free (self->lines, TRUE);
  g_free (self->second);
  g_free (self->path);
  g_free (self);
}

/* Names come from devices. */
static void
append_word (GString    *lines,
             const char *word)
{
  for (const char *p = word; *p != '\0'; p++)
    g_string_append_c (lines, (guchar) *p <= ' ' || *p == 0x7f ? '_' : *p);
}

void
da_access_log_add (DaAccessLog *self,
                   const char  *address,
                   const char  *who,
                   const char  *method,
                   const char  *route,
                   guint        status,
                   gint64       duration_us)
{
  gint64 now = da_clock_now_ms ();
  char numbers[48];

  if (da_log_get_level () == DA_LOG_LEVEL_ERROR || self->lines->len > MAX_GATHERED)
    return;

  /* Formatting the time costs more than all the rest, so it is done once a second. */
  if (self->second == NULL || now / 1000 != self->second_ms)
    {
      g_free (self->second);
      self->second = da_clock_format_iso (now / 1000 * 1000);
      self->second_ms = now / 1000;
    }

  g_string_append (self->lines, self->second);
  g_string_append_c (self->lines, ' ');
  g_string_append (self->lines, address);
  g_string_append_c (self->lines, ' ');
  append_word (self->lines, who);
  g_string_append_c (self->lines, ' ');
  append_word (self->lines, method);
  g_string_append_c (self->lines, ' ');
  g_string_append (self->lines, route);
  g_snprintf (numbers, sizeof numbers, " %u %" G_GINT64_FORMAT "ms\n", status, duration_us / 1000);
  g_string_append (self->lines, numbers);

  if (self->flush_source == 0)
    self->flush_source = g_timeout_add (FLUSH_MS, on_flush_due, self);
}
