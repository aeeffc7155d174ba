/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Folders are watched, not files: a file that is replaced by a rename takes its own watch away with
 * it. Which folders there are to watch is worked out anew at every signal (rearm), because folders
 * come and go: ~/.agents may be made by another program an hour after this one has started.
 */

#define G_LOG_DOMAIN "da-settings-watch"

#include "da-settings-watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  DaSettingsWatch *watch;    /* borrowed: it owns us */
  GFileMonitor    *monitor;
  char            *folder;
  dev_t            device;   /* with inode: a folder made again is another one */
  ino_t            inode;
} Spot;

struct _DaSettingsWatch {
  GPtrArray          *files;      /* char *: what to look for */
  GPtrArray          *real_files; /* char *: where links among them lead to */
  GHashTable         *spots;      /* folder -> Spot */
  DaSettingsWatchFunc func;
  gpointer            user_data;
  guint               timer;
  gboolean            has_warned;
};

static void
spot_free (Spot *spot)
{
  if (spot->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (spot->monitor, spot);
      g_file_monitor_cancel (spot->monitor);
      g_object_unref (spot->monitor);
    }
  g_free (spot->folder);
  g_free (spot);
}

/* @path is one of @files, or a folder on the way to one. */
static gboolean
leads_to (GPtrArray  *files,
          const char *path)
{
  gsize length = strlen (path);

  for (guint i = 0; i < files->len; i++)
    {
      const char *file = files->pdata[i];

      if (strncmp (file, path, length) == 0 && (file[length] == '\0' || file[length] == '/'))
        return TRUE;
    }
  return FALSE;
}

static void rearm (DaSettingsWatch *self);

static gboolean
debounced_cb (gpointer user_data)
{
  DaSettingsWatch *self = user_data;

  self->timer = 0;
  rearm (self);
  self->func (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_monitor_changed (GFileMonitor      *monitor,
                    GFile             *file,
                    GFile             *other,
                    GFileMonitorEvent  event,
                    gpointer           user_data)
{
  Spot *spot = user_data;
  DaSettingsWatch *self = spot->watch;
  const char *path = g_file_peek_path (file);

  /* The watch has gone with its folder; a new folder may well get the same inode number. */
  if (event == G_FILE_MONITOR_EVENT_DELETED && g_strcmp0 (path, spot->folder) == 0)
    spot->inode = 0;
  if (path == NULL || (!leads_to (self->files, path) && !leads_to (self->real_files, path)))
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (DA_SETTINGS_DEBOUNCE_MS, debounced_cb, self);
}

/* (transfer full): @folder, or the nearest one above it that exists. */
static char *
find_existing (const char *folder)
{
  g_autofree char *at = g_strdup (folder);

  while (!g_file_test (at, G_FILE_TEST_IS_DIR) && strcmp (at, "/") != 0)
    {
      char *above = g_path_get_dirname (at);

      g_free (at);
      at = above;
    }
  return g_steal_pointer (&at);
}

static void
watch_folder (DaSettingsWatch *self,
              const char      *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;
  Spot *spot;
  struct stat info;

  if (stat (folder, &info) != 0)
    return;
  spot = g_hash_table_lookup (self->spots, folder);
  if (spot != NULL && spot->device == info.st_dev && spot->inode == info.st_ino)
    return;

  spot = g_new0 (Spot, 1);
  spot->watch = self;
  spot->folder = g_strdup (folder);
  spot->device = info.st_dev;
  spot->inode = info.st_ino;
  spot->monitor = g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, &error);
  if (spot->monitor != NULL)
    g_signal_connect (spot->monitor, "changed", G_CALLBACK (on_monitor_changed), spot);
  else if (!self->has_warned)
    {
      self->has_warned = TRUE;
      g_warning ("%s cannot be watched, so changes by other programs are seen at the next start "
                 "only: %s", folder, error->message);
    }
  g_hash_table_replace (self->spots, spot->folder, spot);
}

/* Where the links among the files lead to. */
static void
resolve_links (DaSettingsWatch *self)
{
  g_ptr_array_set_size (self->real_files, 0);
  for (guint i = 0; i < self->files->len; i++)
    {
      char *real;

      if (!g_file_test (self->files->pdata[i], G_FILE_TEST_IS_SYMLINK))
        continue;
      real = realpath (self->files->pdata[i], NULL);
      if (real == NULL)
        continue;
      g_ptr_array_add (self->real_files, g_strdup (real));
      free (real);
    }
}

static void
collect_folders (GPtrArray  *files,
                 GHashTable *folders)
{
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *folder = g_path_get_dirname (files->pdata[i]);

      g_hash_table_add (folders, find_existing (folder));
    }
}

static void
rearm (DaSettingsWatch *self)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer folder;

  resolve_links (self);
  collect_folders (self->files, folders);
  collect_folders (self->real_files, folders);

  g_hash_table_iter_init (&iter, self->spots);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    if (!g_hash_table_contains (folders, folder))
      g_hash_table_iter_remove (&iter);
  g_hash_table_iter_init (&iter, folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    watch_folder (self, folder);
}

DaSettingsWatch *
da_settings_watch_new (GPtrArray           *files,
                       DaSettingsWatchFunc  func,
                       gpointer             user_data)
{
  DaSettingsWatch *self = g_new0 (DaSettingsWatch, 1);

  self->files = files;
  self->real_files = g_ptr_array_new_with_free_func (g_free);
  self->spots = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) spot_free);
  self->func = func;
  self->user_data = user_data;
  rearm (self);
  return self;
}

void
da_settings_watch_free (DaSettingsWatch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_hash_table_unref (self->spots);
  g_ptr_array_unref (self->real_files);
  g_ptr_array_unref (self->files);
  g_free (self);
}
