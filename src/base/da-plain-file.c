/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-plain-file"

#include "da-plain-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-error.h"

static GBytes *
read_all (int fd, gsize size)
{
  g_autofree char *data = g_malloc (size + 1);
  gsize have = 0;

  while (have < size)
    {
      ssize_t got = read (fd, data + have, size - have);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      have += (gsize) got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), have);
}

GBytes *
da_plain_file_read (const char  *path,
                    gsize        limit,
                    GError     **error)
{
  /* Not blocking: opening a pipe would wait for somebody to write. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  GBytes *bytes = NULL;
  struct stat info;

  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && (gsize) info.st_size <= limit)
    bytes = read_all (fd, (gsize) info.st_size);
  else
    g_set_error (error, DA_ERROR, DA_ERROR_NOT_FOUND, "%s", g_strerror (ENOENT));
  if (fd >= 0)
    close (fd);
  return bytes;
}
