/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-message.h"

G_BEGIN_DECLS

/**
 * DaReconciliation: what a phone's list of messages (contract 10 4.4, PUT) changes. Nothing stored
 * is ever taken away or rewritten, so there are only additions.
 */
typedef struct {
  GPtrArray *append;    /* (element-type DaMessage): to be appended, in order */
  GPtrArray *pictures;  /* (element-type DaReconciledPicture): stored questions to show anew */
} DaReconciliation;

/* The phone takes pictures out of what it sends to the chat, and brings them with its next PUT
 * (contract 10 2.1, 10.2 item 23): the stored text stays, the picture is shown with it. */
typedef struct {
  char *message_id;
  char *display_content;
} DaReconciledPicture;

/**
 * da_conversation_reconcile:
 * @stored: (element-type DaMessage): in order
 * @incoming: (element-type DaMessage): the client's own rendering
 * @has_runs: TRUE when answers of this conversation come from runs of ours
 *
 * Pure. A question that is stored, by id or by its text as often as it occurs there, is known, and
 * whatever the client shows below it (merged tool messages, progress bubbles, a shortened answer)
 * is not taken. A question beyond those is appended with what follows it. When no run of ours ever
 * answered, the client's answer to a last question without one is appended as well. Doing it
 * twice changes nothing.
 */
DaReconciliation *da_conversation_reconcile  (GPtrArray        *stored,
                                              GPtrArray        *incoming,
                                              gboolean          has_runs);
void              da_reconciliation_free     (DaReconciliation *reconciliation);
/* (transfer full): the text by which two renderings of a question are the same: white space
 * collapsed, every picture (Markdown, or the phone's "[Image: ...]") one mark. */
char             *da_conversation_fingerprint (const char      *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaReconciliation, da_reconciliation_free)

G_END_DECLS
