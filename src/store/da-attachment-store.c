/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-attachment"

#include "da-attachment-store.h"

#include <string.h>
#include <sys/stat.h>

#include "da-attachment-files.h"
#include "da-conversation-rows.h"
#include "da-error.h"
#include "da-path.h"

#define MIN_DIGITS 16
#define MAX_DIGITS 64

typedef struct {
  char   *conversation_id;
  char   *file_name;
  char   *content_type;
  GBytes *bytes;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->conversation_id);
  g_free (request->file_name);
  g_free (request->content_type);
  g_clear_pointer (&request->bytes, g_bytes_unref);
  g_free (request);
}

void
da_attachment_free (DaAttachment *attachment)
{
  if (attachment == NULL)
    return;
  g_free (attachment->path);
  g_free (attachment->content_type);
  g_free (attachment);
}

static void
attachment_destroy (gpointer data)
{
  da_attachment_free (data);
}

gboolean
da_attachment_check_name (const char *file_name,
                          gboolean    video)
{
  const DaAttachmentType *type;
  gsize digits;

  if (file_name == NULL)
    return FALSE;
  digits = strspn (file_name, "0123456789abcdef");
  if (digits < MIN_DIGITS || digits > MAX_DIGITS || file_name[digits] != '.')
    return FALSE;
  if (strchr (file_name + digits + 1, '.') != NULL)
    return FALSE;
  type = da_attachment_type_of_name (file_name);
  return type != NULL && type->video == !!video;
}

static DaAttachment *
stat_attachment (DaStore     *self,
                 const char  *file_name,
                 GError     **error)
{
  g_autofree char *path = da_path_resolve_beneath (self->attachments_dir, file_name, error);
  g_autofree char *plain = NULL;
  DaAttachment *attachment;
  struct stat info;

  if (path == NULL)
    return NULL;
  /* The resolved path of a link is another file; look at what is called so. */
  plain = g_build_filename (self->attachments_dir, file_name, NULL);
  if (lstat (plain, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size == 0)
    {
      da_store_set_not_found (error, "attachment", file_name);
      return NULL;
    }
  attachment = g_new0 (DaAttachment, 1);
  attachment->path = g_steal_pointer (&path);
  attachment->content_type = g_strdup (da_attachment_type_of_name (file_name)->content_type);
  attachment->size = info.st_size;
  return attachment;
}

static gpointer
find_job (DaStore   *self,
          gpointer   data,
          GError   **error)
{
  Request *request = data;
  g_autoptr (GError) local = NULL;
  gint64 conversation;

  if (!da_attachment_check_name (request->file_name, FALSE) &&
      !da_attachment_check_name (request->file_name, TRUE))
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID, "The file name is not valid");
      return NULL;
    }
  if (da_database_query_int (self->database, &conversation, &local,
        "SELECT conversation FROM conversation_attachments JOIN conversations "
        "ON serial = conversation WHERE id = ? AND deleted_at = 0 AND name = ?", "tt",
        request->conversation_id, request->file_name))
    return stat_attachment (self, request->file_name, error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    da_store_set_not_found (error, "attachment", request->file_name);
  return NULL;
}

void
da_store_find_attachment_async (DaStore             *self,
                                const char          *conversation_id,
                                const char          *file_name,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (conversation_id != NULL && file_name != NULL);

  request = g_new0 (Request, 1);
  request->conversation_id = g_strdup (conversation_id);
  request->file_name = g_strdup (file_name);
  da_store_submit (self, da_store_find_attachment_async, DA_STORE_READ, find_job, request,
                   request_free, attachment_destroy, cancellable, callback, user_data);
}

DaAttachment *
da_store_find_attachment_finish (DaStore       *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_find_attachment_async, error);
}

static gpointer
add_job (DaStore   *self,
         gpointer   data,
         GError   **error)
{
  Request *request = data;
  const DaAttachmentType *type = da_attachment_type_find (request->content_type);
  g_autofree char *name = NULL;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (request->bytes, &length);
  gint64 conversation;

  if (type == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID,
                   "A file of type \"%s\" cannot be kept with a conversation",
                   request->content_type);
      return NULL;
    }
  if (!da_attachment_type_matches (type, bytes, length))
    {
      g_set_error (error, DA_ERROR, DA_ERROR_INVALID, "The bytes are no %s", type->content_type);
      return NULL;
    }
  conversation = da_rows_need (self, request->conversation_id, error);
  if (conversation == 0)
    return NULL;
  name = da_attachment_files_write (self, type, bytes, length, error);
  if (name == NULL || !da_attachment_files_refer (self, conversation, name, error))
    return NULL;
  return g_steal_pointer (&name);
}

void
da_store_add_attachment_async (DaStore             *self,
                               const char          *conversation_id,
                               const char          *content_type,
                               GBytes              *bytes,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  Request *request;

  g_assert (DA_IS_STORE (self));
  g_assert (conversation_id != NULL && content_type != NULL && bytes != NULL);

  request = g_new0 (Request, 1);
  request->conversation_id = g_strdup (conversation_id);
  request->content_type = g_strdup (content_type);
  request->bytes = g_bytes_ref (bytes);
  da_store_submit (self, da_store_add_attachment_async, DA_STORE_WRITE, add_job, request,
                   request_free, g_free, cancellable, callback, user_data);
}

char *
da_store_add_attachment_finish (DaStore       *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  return da_store_submit_pointer (self, result, da_store_add_attachment_async, error);
}
