/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-data-lock"

#include "config.h"

#include "da-data-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "da-error.h"

static char *
read_holder (int fd)
{
  char text[128] = { 0 };
  gssize n = pread (fd, text, sizeof text - 1, 0);

  if (n <= 0)
    return g_strdup (_("another process"));
  return g_strdup (g_strstrip (text));
}

int
da_data_lock_take (const char  *data_dir,
                   GError     **error)
{
  g_autofree char *path = g_build_filename (data_dir, "lock", NULL);
  g_autofree char *holder = NULL;
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), _("Cannot open %s: %s"),
                   path, g_strerror (code));
      return -1;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      holder = read_holder (fd);
      close (fd);
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                   _("%s is in use by %s"), data_dir, holder);
      return -1;
    }
  holder = g_strdup_printf ("%s, process %d\n", g_get_prgname () != NULL ? g_get_prgname ()
                                                                         : "dotagents",
                            (int) getpid ());
  if (ftruncate (fd, 0) != 0 || pwrite (fd, holder, strlen (holder), 0) < 0)
    g_info ("the name of the lock's holder could not be written: %s", g_strerror (errno));
  return fd;
}
