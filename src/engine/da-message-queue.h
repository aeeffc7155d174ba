/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* The questions that wait for the run before them, one queue for each conversation (contract 30
 * E.7). In memory only. One that failed stays in sight until it is tried again or removed; it does
 * not hold up the others, because clients wait for these. A paused queue starts nothing; a question
 * to a conversation where nothing runs is no queue's business and is answered all the same. */

typedef enum {
  DA_QUEUED_PENDING,
  DA_QUEUED_PROCESSING,
  DA_QUEUED_FAILED,
} DaQueuedState;

/* As clients know it: "pending", "processing", "failed". */
const char *da_queued_state_to_string (DaQueuedState state);

/* A copy of one of them. All strings owned. */
typedef struct {
  char          *id;
  char          *session_id;
  char          *text;
  char          *error;          /* (nullable) why it failed */
  gint64         created_at;     /* Unix ms */
  DaQueuedState  state;
  gboolean       is_stored;      /* the question is in the conversation already */
} DaQueuedMessage;

typedef struct {
  char      *conversation_id;
  GPtrArray *messages;           /* (element-type DaQueuedMessage), next one first */
  gboolean   is_paused;
} DaMessageQueue;

void       da_message_queue_free  (DaMessageQueue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaMessageQueue, da_message_queue_free)

/* (transfer full) (element-type DaMessageQueue): those with at least one message. */
GPtrArray *da_engine_list_queues  (DaEngine       *self);
/* (transfer full) (nullable): NULL when nothing waits there. */
DaMessageQueue *da_engine_dup_queue (DaEngine     *self,
                                     const char   *conversation_id);
void       da_engine_pause_queue  (DaEngine       *self,
                                   const char     *conversation_id);
/* TRUE when a waiting question starts by it. */
gboolean   da_engine_resume_queue (DaEngine       *self,
                                   const char     *conversation_id);

/* Errors of the next four: DA_ERROR_NOT_FOUND (no such message), DA_ERROR_CONFLICT (it is being
 * answered, or is not in the state for it), DA_ERROR_INVALID (no text). */
gboolean   da_engine_clear_queue  (DaEngine       *self,
                                   const char     *conversation_id,
                                   GError        **error);
gboolean   da_engine_remove_queued (DaEngine      *self,
                                    const char    *conversation_id,
                                    const char    *message_id,
                                    GError       **error);
/* @started: TRUE when it runs at once. */
gboolean   da_engine_retry_queued (DaEngine       *self,
                                   const char     *conversation_id,
                                   const char     *message_id,
                                   gboolean       *started,
                                   GError        **error);
gboolean   da_engine_edit_queued  (DaEngine       *self,
                                   const char     *conversation_id,
                                   const char     *message_id,
                                   const char     *text,
                                   GError        **error);

G_END_DECLS
