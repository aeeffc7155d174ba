/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Backups of the files of .agents, in the names and the number that other programs use for the same
 * folder (contract 20 A.6), so that either finds the other's copies (A.7).
 */

#define G_LOG_DOMAIN "da-settings-backup"

#include "da-settings-layer.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "da-clock.h"
#include "da-json.h"
#include "da-path.h"

/* Contract 20 A.6 "maxBackups". */
#define MAX_BACKUPS 10
#define PATH_HASH_DIGITS 12

/* "<base>.<12 digits of the SHA-1 of the path>." */
static char *
dup_prefix (const char *path)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, path, -1);

  for (char *c = base; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("._-", *c) == NULL)
      *c = '_';
  return g_strdup_printf ("%s.%.*s.", base, PATH_HASH_DIGITS, digest);
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  return strcmp (*(const char *const *) b, *(const char *const *) a);
}

/* (transfer full) (element-type utf8): the names, newest first. */
static GPtrArray *
list_backups (const char *path,
              const char *backup_dir)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *prefix = dup_prefix (path);
  g_autoptr (GDir) dir = g_dir_open (backup_dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".bak"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_newest_first);
  return names;
}

static void
drop_oldest (const char *path,
             const char *backup_dir)
{
  g_autoptr (GPtrArray) names = list_backups (path, backup_dir);

  for (guint i = MAX_BACKUPS; i < names->len; i++)
    {
      g_autofree char *old = g_build_filename (backup_dir, names->pdata[i], NULL);

      g_unlink (old);
    }
}

void
da_settings_backup_make (const char *path,
                         const char *backup_dir)
{
  g_autofree char *text = NULL;
  g_autofree char *prefix = dup_prefix (path);
  g_autofree char *stamp = da_clock_format_iso (da_clock_now_ms ());
  g_autofree char *name = NULL;
  g_autofree char *copy = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, &error))
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_info ("No backup of %s: %s", path, error->message);
      return;
    }
  for (char *c = stamp; *c != '\0'; c++)
    if (*c == ':' || *c == '.')
      *c = '-';
  name = g_strconcat (prefix, stamp, ".bak", NULL);
  copy = g_build_filename (backup_dir, name, NULL);

  /* 0600 whatever the original has: another program may have left keys in it. No fsync: a copy
   * torn by a power cut does not parse and is passed over. */
  if ((!g_file_test (backup_dir, G_FILE_TEST_IS_DIR)
       && !da_path_ensure_private (backup_dir, &error))
      || !g_file_set_contents_full (copy, text, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600,
                                    &error))
    {
      g_info ("No backup of %s: %s", path, error->message);
      return;
    }
  drop_oldest (path, backup_dir);
}

GBytes *
da_settings_backup_find (const char  *path,
                         const char  *backup_dir,
                         char       **name_out)
{
  g_autoptr (GPtrArray) names = list_backups (path, backup_dir);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (backup_dir, names->pdata[i], NULL);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) root = NULL;
      gsize length = 0;

      if (!g_file_get_contents (file, &text, &length, NULL))
        continue;
      root = da_json_parse (text, length, DA_SETTINGS_MAX_BYTES, NULL);
      if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
        continue;
      if (name_out != NULL)
        *name_out = g_strdup (names->pdata[i]);
      return g_bytes_new_take (g_steal_pointer (&text), length);
    }
  return NULL;
}
