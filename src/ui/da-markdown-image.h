/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"

G_BEGIN_DECLS

/* A picture of a message: data in the text or an asset of the conversation. One on the web is never
 * fetched, because that tells its server who reads what; it becomes a link. */
#define DA_TYPE_MARKDOWN_IMAGE (da_markdown_image_get_type ())
G_DECLARE_FINAL_TYPE (DaMarkdownImage, da_markdown_image, DA, MARKDOWN_IMAGE, GtkWidget)

/* @engine (nullable) */
GtkWidget *da_markdown_image_new  (DaEngine   *engine,
                                   const char *uri,
                                   const char *alternative);
/* Decodes on a thread of its own, at most to the size a window can show. Completes with a texture
 * (transfer full). */
void       da_picture_load_async  (GBytes              *bytes,
                                   const char          *path,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);
GdkTexture *da_picture_load_finish (GAsyncResult  *result,
                                    GError       **error);
/* (transfer full) (nullable): the bytes of a data: URL of a picture type that is shown. */
GBytes    *da_picture_data_decode (const char *uri);

G_END_DECLS
