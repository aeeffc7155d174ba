/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  DA_MARKDOWN_PARAGRAPH,
  DA_MARKDOWN_HEADING,
  DA_MARKDOWN_CODE,
  DA_MARKDOWN_TABLE,
  DA_MARKDOWN_RULE,
  DA_MARKDOWN_PICTURE,
} DaMarkdownKind;

/* One block of a text, flat: lists and quotes are told by depth. All owned. */
typedef struct {
  DaMarkdownKind kind;
  guint          level;      /* heading: 1 to 6 */
  guint          indent;     /* how many list items it is in */
  guint          quote;      /* how many quotes it is in */
  char          *marker;     /* (nullable) "•" or "1." where a list item begins */
  char          *text;       /* paragraph, heading: Pango markup; else plain words */
  char          *detail;     /* (nullable) code: language; image: address */
  gboolean       has_link;
} DaMarkdownBlock;

typedef enum {
  DA_MARKDOWN_FLAGS_NONE  = 0,
  DA_MARKDOWN_KEEP_BREAKS = 1 << 0,   /* a line end is a line end: what a person typed */
} DaMarkdownFlags;

void       da_markdown_block_free   (DaMarkdownBlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaMarkdownBlock, da_markdown_block_free)
gboolean   da_markdown_block_equal  (const DaMarkdownBlock *a, const DaMarkdownBlock *b);

/* (transfer full) (element-type DaMarkdownBlock): never fails; HTML is text. @length < 0: all. */
GPtrArray *da_markdown_parse        (const char *text, gssize length, DaMarkdownFlags flags);
/* How many bytes from the beginning can no longer change their meaning, whatever comes behind them:
 * a place between two blocks outside of lists, quotes and fences; 0 when there is none. */
gsize      da_markdown_stable       (const char *text, gsize length);
/* The link policy: http, https and mailto, and nothing that hides what it is. */
gboolean   da_markdown_link_allowed (const char *uri);

G_END_DECLS
