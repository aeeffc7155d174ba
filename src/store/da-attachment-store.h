/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-store.h"

G_BEGIN_DECLS

/* Attachments by content hash: <data>/attachments/<sha256>.<ext>, 0600; which conversation uses
 * which is in the database. Names on the wire: contract 10 4.5. */

typedef struct {
  char       *path;          /* absolute, proven beneath the folder, no symbolic link */
  char       *content_type;  /* by extension, contract 10 4.5 */
  guint64     size;
} DaAttachment;

void          da_attachment_free            (DaAttachment *attachment);
/* TRUE for a well-formed file name of the kind; @video chooses the extension list. */
gboolean      da_attachment_check_name      (const char *file_name, gboolean video);
/* DA_ERROR_NOT_FOUND unless @conversation_id refers to that file. */
void          da_store_find_attachment_async  (DaStore *self, const char *conversation_id,
                                               const char *file_name,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
DaAttachment *da_store_find_attachment_finish (DaStore *self, GAsyncResult *result, GError **error);
/* Stores bytes for a conversation; completes with the file name. DA_ERROR_INVALID for a type that
 * is no image or video of the contract, or bytes that are not what @content_type says. */
void          da_store_add_attachment_async   (DaStore *self, const char *conversation_id,
                                               const char *content_type, GBytes *bytes,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
char         *da_store_add_attachment_finish  (DaStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
