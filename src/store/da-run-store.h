/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-store.h"

G_BEGIN_DECLS

/* Runs and their events: verbs on DaStore. */

/**
 * da_store_begin_run_async:
 * @run: the new run (state running)
 * @create: (nullable): when the conversation does not exist yet, its id, title, title source,
 *   profile, device, and the messages it brings; created in the same transaction and no longer the
 *   caller's to change. When the conversation exists, ignored.
 * @messages: (element-type DaMessage): appended in order; one whose id exists already is skipped
 *
 * One transaction: conversation, user message(s), run. It completes when they are written, which
 * a crash of the program survives, and is made durable against a crash of the machine right after,
 * before any later write of the run. A message that equals the last
 * stored one in role and trimmed text, where that one has no answer yet, is not stored twice
 * (contract 10 2.2); inline data images are moved to attachments. Completes with the conversation
 * as it is now, with all messages, so the caller has the history without a second trip.
 */
void            da_store_begin_run_async    (DaStore *self, const DaRunRecord *run,
                                             DaConversation *create, GPtrArray *messages,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
DaConversation *da_store_begin_run_finish   (DaStore *self, GAsyncResult *result, GError **error);

/* Appends events (copied) and the answer text between @text_from and the events' last text_end, so
 * that an interrupted run keeps what was said. Not durable on its own. */
void            da_store_append_events_async  (DaStore *self, const char *run_id, GPtrArray *events,
                                               const char *text, gsize text_length,
                                               GAsyncReadyCallback callback, gpointer user_data);
gboolean        da_store_append_events_finish (DaStore *self, GAsyncResult *result, GError **error);

/* One durable transaction: the answer (and tool) messages, the last events, the run's end. */
void            da_store_finish_run_async   (DaStore *self, const DaRunRecord *run,
                                             GPtrArray *messages, GPtrArray *events,
                                             const char *text, gsize text_length,
                                             GAsyncReadyCallback callback, gpointer user_data);
gboolean        da_store_finish_run_finish  (DaStore *self, GAsyncResult *result, GError **error);

/* The run with its text and its events that have numbers > @after. */
void            da_store_load_run_async     (DaStore *self, const char *run_id, guint64 after,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
DaRunJournal   *da_store_load_run_finish    (DaStore *self, GAsyncResult *result, GError **error);
/* (element-type DaRunRecord): newest first; @conversation_id NULL: of all. */
void            da_store_list_runs_async    (DaStore *self, const char *conversation_id,
                                             guint limit,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
GPtrArray      *da_store_list_runs_finish   (DaStore *self, GAsyncResult *result, GError **error);

G_END_DECLS
