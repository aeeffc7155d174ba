/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-fuzz-settings"

#include "da-settings.h"

#include <string.h>
#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

static char *folder;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_tree (child);
      g_remove (child);
    }
}

/* Whatever a settings file holds, it loads: a value that fits is taken, one that does not is the
 * default, and the file of a person is never emptied. */
int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  static const char *const names[] = { "dotagents-settings.json", "mcp.json", "models.json" };
  g_autofree char *path = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *printed = NULL;
  g_autoptr (DaSettings) settings = NULL;
  gsize length = 0;

  if (folder == NULL)
    folder = g_dir_make_tmp ("da-fuzz-XXXXXX", NULL);
  if (size == 0)
    return 0;

  remove_tree (folder);
  path = g_build_filename (folder, names[data[0] % G_N_ELEMENTS (names)], NULL);
  g_assert_true (g_file_set_contents (path, (const char *) data + 1, (gssize) (size - 1), NULL));

  settings = da_settings_new (folder, NULL, NULL);
  da_settings_load (settings);
  printed = da_settings_print (settings);
  g_assert_true (g_utf8_validate (printed, -1, NULL));
  g_assert_cmpint (da_settings_get_int (settings, "remoteServerPort"), >=, 1);
  g_assert_cmpint (da_settings_get_int (settings, "remoteServerPort"), <=, 65535);
  g_assert_nonnull (da_settings_get_string (settings, "remoteServerLogLevel"));

  /* Nobody asked for a write, and there is no backup to restore. */
  if (g_file_get_contents (path, &kept, &length, NULL))
    g_assert_cmpmem (kept, length, data + 1, size - 1);
  return 0;
}
