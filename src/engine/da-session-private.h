/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-message-queue.h"
#include "da-session.h"

G_BEGIN_DECLS

/* For the engine only. */

DaSession *_da_session_new          (const char *conversation_id, const char *title,
                                     const char *device_name);
/* A finished session of an earlier program run, from the store's run records. */
DaSession *_da_session_new_finished (const char *id, const char *conversation_id, const char *title,
                                     DaSessionStatus status, gint64 start, gint64 end);
guint      _da_session_next_number  (DaSession *self);
void       _da_session_set_run      (DaSession *self, DaRun *run);
void       _da_session_set_status   (DaSession *self, DaSessionStatus status);
void       _da_session_set_title    (DaSession *self, const char *title);
/* One question that had to wait; what da-message-queue.h shows of it. All owned. */
typedef struct {
  char          *id;
  DaRun         *run;          /* another one after a retry */
  DaChatRequest *request;
  char          *error;        /* (nullable) */
  gint64         created_at;
  DaQueuedState  state;
} DaQueueItem;

/* (element-type DaQueueItem), oldest first. */
const GQueue *_da_session_peek_queue     (DaSession *self);
void         _da_session_queue_push      (DaSession *self, DaRun *run, DaChatRequest *request);
/* (nullable): the first that is pending. One that failed does not hold up the others. */
DaQueueItem *_da_session_queue_next      (DaSession *self);
DaQueueItem *_da_session_queue_find_id   (DaSession *self, const char *id);
DaQueueItem *_da_session_queue_find_run  (DaSession *self, DaRun *run);
/* (transfer none) (nullable): a pending run with the same prompt. */
DaRun       *_da_session_queue_find      (DaSession *self, const char *prompt);
void         _da_session_queue_set_state (DaSession *self, DaQueueItem *item, DaQueuedState state,
                                          const char *error);
void         _da_session_queue_drop      (DaSession *self, DaQueueItem *item);
/* Something else about it changed: a text, or whether it is paused. */
void         _da_session_queue_touch     (DaSession *self);

G_END_DECLS
