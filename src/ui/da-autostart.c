/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-autostart"

#include "config.h"

#include "da-autostart.h"

#include <errno.h>
#include <unistd.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

/* --gapplication-service: the server runs, the window waits until it is asked for. */
#define ENTRY \
  "[Desktop Entry]\n" \
  "Type=Application\n" \
  "Name=DotAgents\n" \
  "Exec=dotagents --gapplication-service\n" \
  "Icon=" DA_APP_ID "\n" \
  "NoDisplay=true\n" \
  "X-GNOME-Autostart-enabled=true\n"

static char *
make_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "autostart", DA_APP_ID ".desktop", NULL);
}

static gboolean
fail (GError **error, const char *path)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
  return FALSE;
}

gboolean
da_autostart_set (gboolean   enabled,
                  GError   **error)
{
  g_autofree char *path = make_path ();
  g_autofree char *folder = g_path_get_dirname (path);

  if (!enabled)
    return unlink (path) == 0 || errno == ENOENT || fail (error, path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (error, folder);
  return g_file_set_contents_full (path, ENTRY, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error);
}

gboolean
da_autostart_is_set (void)
{
  g_autofree char *path = make_path ();

  return g_file_test (path, G_FILE_TEST_EXISTS);
}
