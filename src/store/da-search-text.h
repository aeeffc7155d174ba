/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Texts for and from the search index. Pure.
 *
 * FTS5's tokenizer takes a run of letters as one word. Chinese, Japanese, Thai and others write
 * without spaces, so a word inside a sentence would never be found; their letters go, one token
 * each, into a second column ("grams"), and a word of such letters is looked for there as a phrase,
 * which is an exact substring match of any length. */

/* (transfer full) (nullable): NULL when @text has no letters of such scripts. */
char *da_search_text_grams    (const char *text);

typedef struct {
  char  *expression;   /* (nullable) for MATCH; NULL when nothing can be found */
  char **marks;        /* what to mark in a snippet: folded words, the last one a beginning */
} DaSearchQuery;

/* Quotes a person's words: every one must occur, the last one may be a beginning. @column and
 * @grams_column name the columns of the table. */
void  da_search_query_parse   (const char    *text,
                               const char    *column,
                               const char    *grams_column,
                               DaSearchQuery *out);
void  da_search_query_clear   (DaSearchQuery *query);
/* (transfer full): a piece of @text around the first match, matches between U+0002 and U+0003.
 * (FTS5's own snippet() runs the whole query again for each row.) */
char *da_search_text_snippet  (const char        *text,
                               const char *const *marks);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DaSearchQuery, da_search_query_clear)

G_END_DECLS
