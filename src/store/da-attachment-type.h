/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The kinds of files a conversation may show (contract 10 4.5). Pure. */
typedef struct {
  const char *extension;
  const char *content_type;
  gboolean    video;
} DaAttachmentType;

/* (nullable): by content type, case-insensitive, parameters ignored. */
const DaAttachmentType *da_attachment_type_find        (const char *content_type);
/* (nullable) */
const DaAttachmentType *da_attachment_type_of_name     (const char *file_name);
/* TRUE when the first bytes are those of the type. */
gboolean                da_attachment_type_matches     (const DaAttachmentType *type,
                                                        const guint8           *bytes,
                                                        gsize                   length);

G_END_DECLS
