/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-attachment-type.h"

G_BEGIN_DECLS

/* Largest picture taken out of a text; a larger one stays where it is. */
#define DA_EXTERNALISE_MAX_BYTES (40 * 1024 * 1024)

/* Keeps the bytes of one picture; returns its (transfer full) file name, or NULL with @error. */
typedef char *(*DaExternaliseFunc) (const DaAttachmentType  *type,
                                    const guint8            *bytes,
                                    gsize                    length,
                                    gpointer                 user_data,
                                    GError                 **error);

/**
 * da_attachment_externalise:
 * @text: Markdown
 * @conversation_id: for the new addresses
 * @out: (out) (transfer full): the text with every ![alt](data:image/...;base64,...) that is what
 *   it says pointing at assets://conversation-image/<id>/<name>; the rest untouched
 *
 * SVG, unknown types, bad base64 and bytes of another kind stay inline (contract 10 4.2).
 * Returns FALSE only when @func failed.
 */
gboolean  da_attachment_externalise   (const char         *text,
                                       const char         *conversation_id,
                                       DaExternaliseFunc   func,
                                       gpointer            user_data,
                                       char              **out,
                                       GError            **error);

/* (transfer full) (nullable): strict base64 (RFC 4648, padding may be missing), NULL when it is
 * not, or longer than @max bytes. */
guint8   *da_base64_decode_bounded    (const char         *text,
                                       gsize               length,
                                       gsize               max,
                                       gsize              *out_length);

/* (transfer full): addresses of @from's assets made those of @to's: for a copied conversation. */
char     *da_attachment_readdress     (const char         *text,
                                       const char         *from,
                                       const char         *to);

G_END_DECLS
