/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-store-private.h"

G_BEGIN_DECLS

/* Rows of runs, events and their text. Database thread; what writes needs an open transaction. */

/* For "FROM runs JOIN conversations ON conversations.serial = runs.conversation". */
#define DA_ROWS_RUN \
  "runs.serial, runs.id, conversations.id, session_id, number, state, model, provider, error, " \
  "started_at, ended_at, input_tokens, output_tokens "

/* (transfer full) */
DaRunRecord *da_run_rows_read          (DaStatement        *row);
gboolean     da_run_rows_insert        (DaStore            *self,
                                        gint64              conversation,
                                        const DaRunRecord  *run,
                                        GError            **error);
/* 0 with DA_ERROR_NOT_FOUND. */
gint64       da_run_rows_need          (DaStore            *self,
                                        const char         *run_id,
                                        GError            **error);
gboolean     da_run_rows_append        (DaStore            *self,
                                        gint64              run,
                                        GPtrArray          *events,
                                        const char         *text,
                                        gsize               text_length,
                                        GError            **error);
/* (transfer full) (element-type DaRunEvent) */
GPtrArray   *da_run_rows_load_events   (DaStore            *self,
                                        gint64              run,
                                        guint64             after,
                                        GError            **error);
/* (transfer full): may end inside a character. */
GString     *da_run_rows_load_text     (DaStore            *self,
                                        gint64              run,
                                        GError            **error);

G_END_DECLS
