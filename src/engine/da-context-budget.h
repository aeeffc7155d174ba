/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What to do with one message so that all of them fit (contract 10 9.6). Pure. */
typedef enum {
  DA_BUDGET_KEEP,
  DA_BUDGET_SHORTEN,     /* keep head and tail, at most max_tokens */
  DA_BUDGET_FOLD,        /* goes into the summary of what was before */
} DaBudgetVerdict;

typedef struct {
  gint64          tokens;
  gboolean        pinned;       /* system messages: never folded */
  DaBudgetVerdict verdict;      /* out */
  gint64          max_tokens;   /* out, for SHORTEN */
} DaBudgetItem;

/* Tokens set aside for the summary that stands for the folded messages. */
#define DA_BUDGET_SUMMARY_TOKENS 300

/**
 * da_context_budget_plan:
 * @items: oldest first; the last one is the question and is never folded
 * @target: tokens that all of them may have together
 *
 * Returns: %FALSE when everything fits as it is. Else the verdicts make the sum fit, whatever the
 * sizes: first long messages are shortened, then the oldest are folded, last the newest are
 * shortened to their share.
 */
gboolean da_context_budget_plan   (DaBudgetItem *items,
                                   guint         n_items,
                                   gint64        target);
/* (transfer full): head and tail of @text in about @max_tokens, with a note of what is missing
 * between. */
char    *da_context_budget_shorten (const char  *text,
                                    gint64       max_tokens);

G_END_DECLS
