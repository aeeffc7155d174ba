/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-attachment"

#include "da-attachment-files.h"

#include <errno.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-atomic-file.h"
#include "da-attachment-externalise.h"
#include "da-attachment-store.h"

/* A name is the hash of its bytes, so a file of that name and size is the file. */
static gboolean
is_there (const char *path,
          gsize       length)
{
  struct stat info;

  if (lstat (path, &info) != 0)
    return FALSE;
  if (S_ISREG (info.st_mode) && (gsize) info.st_size == length)
    return TRUE;
  /* A link would be followed when it is written; whatever this is, it is none of ours. */
  if (!S_ISREG (info.st_mode))
    g_unlink (path);
  return FALSE;
}

char *
da_attachment_files_write (DaStore                 *self,
                           const DaAttachmentType  *type,
                           const void              *bytes,
                           gsize                    length,
                           GError                 **error)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, length);
  g_autofree char *name = g_strconcat (digest, ".", type->extension, NULL);
  g_autofree char *path = g_build_filename (self->attachments_dir, name, NULL);

  if (!is_there (path, length) && !da_atomic_file_write (path, bytes, length, 0600, error))
    return NULL;
  return g_steal_pointer (&name);
}

gboolean
da_attachment_files_refer (DaStore     *self,
                           gint64       conversation,
                           const char  *name,
                           GError     **error)
{
  return da_database_run (self->database, error,
    "INSERT INTO conversation_attachments (conversation, name) VALUES (?, ?) "
    "ON CONFLICT DO NOTHING",
    "it", conversation, name);
}

typedef struct {
  DaStore *store;
  gint64   conversation;
} Keep;

static char *
keep_picture (const DaAttachmentType  *type,
              const guint8            *bytes,
              gsize                    length,
              gpointer                 user_data,
              GError                 **error)
{
  Keep *keep = user_data;
  g_autofree char *name = da_attachment_files_write (keep->store, type, bytes, length, error);

  if (name == NULL || !da_attachment_files_refer (keep->store, keep->conversation, name, error))
    return NULL;
  return g_steal_pointer (&name);
}

gboolean
da_attachment_files_move_pictures (DaStore     *self,
                                   gint64       conversation,
                                   const char  *conversation_id,
                                   const char  *text,
                                   char       **out,
                                   GError     **error)
{
  Keep keep = { self, conversation };

  *out = NULL;
  if (text == NULL)
    return TRUE;
  return da_attachment_externalise (text, conversation_id, keep_picture, &keep, out, error);
}

static gboolean
is_used (DaStore     *self,
         const char  *name,
         gboolean    *used,
         GError     **error)
{
  g_autoptr (GError) local = NULL;
  gint64 conversation;

  *used = da_database_query_int (self->database, &conversation, &local,
    "SELECT conversation FROM conversation_attachments WHERE name = ? LIMIT 1", "t", name);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
da_attachment_files_sweep (DaStore  *self,
                           GError  **error)
{
  g_autoptr (GDir) folder = g_dir_open (self->attachments_dir, 0, error);
  const char *name;

  if (folder == NULL)
    return FALSE;
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = NULL;
      gboolean used = FALSE;

      /* What has no name of ours was put there by somebody else. */
      if (!da_attachment_check_name (name, FALSE) && !da_attachment_check_name (name, TRUE))
        continue;
      if (!is_used (self, name, &used, error))
        return FALSE;
      path = g_build_filename (self->attachments_dir, name, NULL);
      if (!used && g_unlink (path) != 0)
        g_info ("%s cannot be removed: %s", path, g_strerror (errno));
    }
  return TRUE;
}
