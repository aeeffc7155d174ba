/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-atomic-file"

#include "da-atomic-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-error.h"
#include "da-worker.h"

/* As many as the kernel follows. */
#define MAX_LINKS 40

static gint fault_countdown;
static gint fault_errno;

void
da_atomic_file_fail_nth (guint nth,
                         int   errsv)
{
  g_atomic_int_set (&fault_errno, errsv);
  g_atomic_int_set (&fault_countdown, (gint) nth);
}

/* TRUE with errno set when a test wants this step to fail. */
static gboolean
step_fails (void)
{
  if (g_atomic_int_get (&fault_countdown) <= 0)
    return FALSE;
  if (!g_atomic_int_dec_and_test (&fault_countdown))
    return FALSE;

  errno = g_atomic_int_get (&fault_errno);
  return TRUE;
}

static gboolean
set_error_from_errno (GError     **error,
                      const char  *path,
                      int          errsv)
{
  if (errsv == ENOSPC || errsv == EDQUOT)
    g_set_error (error, DA_ERROR, DA_ERROR_NO_SPACE,
                 "“%s” was not written: the disk is full", path);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
                 "“%s” was not written: %s", path, g_strerror (errsv));
  return FALSE;
}

/* The file behind any links at @path; it need not exist. NULL with errno set. */
static char *
follow_links (const char *path)
{
  g_autofree char *at = g_strdup (path);

  for (int i = 0; i < MAX_LINKS; i++)
    {
      struct stat info;
      g_autofree char *folder = NULL;
      g_autofree char *target = NULL;
      char *next;

      if (lstat (at, &info) != 0)
        return errno == ENOENT ? g_steal_pointer (&at) : NULL;
      if (!S_ISLNK (info.st_mode))
        return g_steal_pointer (&at);

      target = g_file_read_link (at, NULL);
      if (target == NULL)
        {
          errno = EIO;
          return NULL;
        }
      folder = g_path_get_dirname (at);
      next = g_path_is_absolute (target) ? g_strdup (target)
                                         : g_build_filename (folder, target, NULL);
      g_free (at);
      at = next;
    }

  errno = ELOOP;
  return NULL;
}

static gboolean
write_all (int         fd,
           const char *data,
           gsize       length)
{
  if (step_fails ())
    return FALSE;

  while (length > 0)
    {
      ssize_t written = write (fd, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      data += written;
      length -= (gsize) written;
    }

  return TRUE;
}

/* The mode (and, as root, the owner) of the file that is replaced; @mode for a new one. */
static gboolean
apply_mode (int                fd,
            const struct stat *old,
            int                mode)
{
  if (old == NULL)
    return fchmod (fd, (mode_t) mode) == 0;

  if (old->st_uid != geteuid () || old->st_gid != getegid ())
    {
      /* Not allowed to most; a file with our own owner is then the best there is. */
      if (fchown (fd, old->st_uid, old->st_gid) != 0)
        g_debug ("The owner of a file was not kept: %s", g_strerror (errno));
    }

  return fchmod (fd, old->st_mode & 07777) == 0;
}

static gboolean
sync_file (int fd)
{
  return !step_fails () && fsync (fd) == 0;
}

static gboolean
sync_folder (const char *folder)
{
  int fd;
  int errsv;
  gboolean done;

  if (step_fails ())
    return FALSE;

  fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;

  /* Some network file systems cannot sync a folder and say so with EINVAL; their rename is as
   * durable as it gets. */
  done = fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP;
  errsv = errno;
  close (fd);
  errno = errsv;
  return done;
}

/* Swaps instead of overwriting where the file system can, so that the old file still exists (under
 * the temporary name) until the folder is synced, and a failure can put it back. */
static gboolean
put_in_place (const char *temporary,
              const char *target,
              gboolean    target_exists,
              gboolean   *swapped)
{
  *swapped = FALSE;
  if (step_fails ())
    return FALSE;

  if (target_exists
      && renameat2 (AT_FDCWD, temporary, AT_FDCWD, target, RENAME_EXCHANGE) == 0)
    {
      *swapped = TRUE;
      return TRUE;
    }

  return rename (temporary, target) == 0;
}

static gboolean
replace_target (const char *temporary,
                const char *target,
                const char *folder,
                gboolean    target_exists)
{
  gboolean swapped;
  int errsv;

  if (!put_in_place (temporary, target, target_exists, &swapped))
    return FALSE;

  if (sync_folder (folder))
    {
      if (swapped)
        unlink (temporary);
      return TRUE;
    }

  errsv = errno;
  if (swapped)
    {
      if (renameat2 (AT_FDCWD, temporary, AT_FDCWD, target, RENAME_EXCHANGE) != 0)
        g_warning ("“%s” could not be put back: %s", target, g_strerror (errno));
    }
  else if (!target_exists)
    unlink (target);
  errno = errsv;
  return FALSE;
}

static int
open_temporary (const char  *target,
                const char  *folder,
                char       **out_path)
{
  g_autofree char *base = g_path_get_basename (target);
  g_autofree char *name = g_strdup_printf (".%.200s.XXXXXX", base);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = mkostemp (path, O_CLOEXEC);

  if (fd >= 0)
    *out_path = g_steal_pointer (&path);
  return fd;
}

gboolean
da_atomic_file_write (const char  *path,
                      const void  *data,
                      gsize        length,
                      int          mode,
                      GError     **error)
{
  g_autofree char *target = follow_links (path);
  g_autofree char *folder = NULL;
  g_autofree char *temporary = NULL;
  struct stat old;
  gboolean exists;
  gboolean done;
  int fd;
  int errsv;

  if (target == NULL)
    return set_error_from_errno (error, path, errno);

  exists = stat (target, &old) == 0;
  if (exists && !S_ISREG (old.st_mode))
    return set_error_from_errno (error, path, S_ISDIR (old.st_mode) ? EISDIR : EINVAL);

  folder = g_path_get_dirname (target);
  fd = open_temporary (target, folder, &temporary);
  if (fd < 0)
    return set_error_from_errno (error, path, errno);

  done = write_all (fd, data, length)
         && apply_mode (fd, exists ? &old : NULL, mode)
         && sync_file (fd);
  errsv = errno;
  if (close (fd) != 0 && done)
    {
      errsv = errno;
      done = FALSE;
    }

  if (done)
    {
      done = replace_target (temporary, target, folder, exists);
      errsv = errno;
    }

  if (!done)
    {
      unlink (temporary);
      return set_error_from_errno (error, path, errsv);
    }

  return TRUE;
}

typedef struct {
  char   *path;
  GBytes *bytes;
  int     mode;
} WriteJob;

static void
write_job_free (WriteJob *job)
{
  g_free (job->path);
  g_bytes_unref (job->bytes);
  g_free (job);
}

static void
run_write_job (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  WriteJob *job = task_data;
  GError *error = NULL;
  gsize length;
  gconstpointer data = g_bytes_get_data (job->bytes, &length);

  if (da_atomic_file_write (job->path, data, length, job->mode, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
da_atomic_file_write_async (const char          *path,
                            GBytes              *bytes,
                            int                  mode,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  WriteJob *job = g_new0 (WriteJob, 1);

  g_task_set_source_tag (task, da_atomic_file_write_async);
  job->path = g_strdup (path);
  job->bytes = g_bytes_ref (bytes);
  job->mode = mode;
  g_task_set_task_data (task, job, (GDestroyNotify) write_job_free);
  da_worker_push (da_worker_get_slow (), task, run_write_job);
}

gboolean
da_atomic_file_write_finish (GAsyncResult  *result,
                             GError       **error)
{
  g_assert (g_task_is_valid (result, NULL));

  return g_task_propagate_boolean (G_TASK (result), error);
}
