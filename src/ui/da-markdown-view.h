/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-markdown-blocks.h"

G_BEGIN_DECLS

/* One text as widgets. Grows by da_markdown_view_append() at a cost that does not depend on how
 * much is there: only the block that is still open is read and laid out again, once a frame at
 * most. */
#define DA_TYPE_MARKDOWN_VIEW (da_markdown_view_get_type ())
G_DECLARE_FINAL_TYPE (DaMarkdownView, da_markdown_view, DA, MARKDOWN_VIEW, GtkWidget)

/* @engine (nullable): where pictures of conversations come from. */
GtkWidget  *da_markdown_view_new      (DaEngine        *engine,
                                       DaMarkdownFlags  flags);
void        da_markdown_view_set_text (DaMarkdownView  *self,
                                       const char      *text);
/* The same, and nothing of it is shown yet: each da_markdown_view_add_some() adds a piece a frame
 * has time for, and is TRUE while there is more. */
void        da_markdown_view_begin_text (DaMarkdownView *self,
                                         const char     *text);
gboolean    da_markdown_view_add_some (DaMarkdownView  *self);
void        da_markdown_view_append   (DaMarkdownView  *self,
                                       const char      *text,
                                       gsize            length);
/* Shows now what was appended, or is still to be added. */
void        da_markdown_view_flush    (DaMarkdownView  *self);
const char *da_markdown_view_get_text (DaMarkdownView  *self);

G_END_DECLS
