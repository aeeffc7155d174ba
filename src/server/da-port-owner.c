/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-listener"

#include "da-listener.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* TCP_LISTEN in /proc/net/tcp */
#define STATE_LISTEN 0x0a

/* Columns: number, local address:port, remote, state, queues, timer, retransmits, uid, timeout,
 * inode. */
static gboolean
parse_row (const char         *row,
           guint               port,
           unsigned long long *inode)
{
  unsigned int local_port, state;

  return sscanf (row, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*u %llu",
                 &local_port, &state, inode) == 3
         && local_port == port && state == STATE_LISTEN && *inode != 0;
}

static gboolean
find_inode (const char         *path,
            guint               port,
            unsigned long long *inode)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) rows = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;

  rows = g_strsplit (text, "\n", -1);
  for (gsize i = 1; rows[0] != NULL && rows[i] != NULL; i++)
    if (parse_row (rows[i], port, inode))
      return TRUE;

  return FALSE;
}

static gboolean
has_socket (const char *pid,
            const char *wanted)
{
  g_autofree char *folder = g_build_filename ("/proc", pid, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  /* Of other users' programs the kernel does not tell. */
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (target != NULL && strcmp (target, wanted) == 0)
        return TRUE;
    }

  return FALSE;
}

char *
da_port_owner (guint port)
{
  unsigned long long inode = 0;
  g_autofree char *wanted = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *pid;

  if (!find_inode ("/proc/net/tcp", port, &inode) && !find_inode ("/proc/net/tcp6", port, &inode))
    return NULL;

  wanted = g_strdup_printf ("socket:[%llu]", inode);
  dir = g_dir_open ("/proc", 0, NULL);
  while (dir != NULL && (pid = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = NULL;
      g_autofree char *name = NULL;

      if (!g_ascii_isdigit (pid[0]) || !has_socket (pid, wanted))
        continue;
      path = g_build_filename ("/proc", pid, "comm", NULL);
      if (!g_file_get_contents (path, &name, NULL, NULL))
        return g_strdup_printf ("pid %s", pid);
      return g_strdup_printf ("%s (pid %s)", g_strstrip (name), pid);
    }

  return NULL;
}
