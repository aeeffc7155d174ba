/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-attachment-type.h"
#include "da-store-private.h"

G_BEGIN_DECLS

/* The attachments folder. Database thread; a reference needs an open transaction. A file that
 * was written for a transaction that failed is an orphan, and goes with the next purge. */

/* (transfer full): the file name; written unless it is there. */
char     *da_attachment_files_write         (DaStore                 *self,
                                             const DaAttachmentType  *type,
                                             const void              *bytes,
                                             gsize                    length,
                                             GError                 **error);
gboolean  da_attachment_files_refer         (DaStore                 *self,
                                             gint64                   conversation,
                                             const char              *name,
                                             GError                 **error);
/* @text may be NULL; @out is then NULL too. */
gboolean  da_attachment_files_move_pictures (DaStore                 *self,
                                             gint64                   conversation,
                                             const char              *conversation_id,
                                             const char              *text,
                                             char                   **out,
                                             GError                 **error);
/* Deletes the files no conversation refers to. */
gboolean  da_attachment_files_sweep         (DaStore                 *self,
                                             GError                 **error);

G_END_DECLS
