/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

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
/* The queue of runs that wait (element-type DaRun), with the closure each was queued with. */
void       _da_session_queue_push   (DaSession *self, DaRun *run, gpointer data, GDestroyNotify destroy);
/* (transfer full): pops the first; NULL when empty. @data gets the closure (transfer full). */
DaRun     *_da_session_queue_pop    (DaSession *self, gpointer *data);
gboolean   _da_session_queue_remove (DaSession *self, DaRun *run);
/* (transfer none) (nullable): a waiting run with the same prompt. */
DaRun     *_da_session_queue_find   (DaSession *self, const char *prompt);

G_END_DECLS
