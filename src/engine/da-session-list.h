/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-session.h"

G_BEGIN_DECLS

/* Finished sessions that are kept in sight (contract 10 5.1). */
#define DA_SESSION_LIST_FINISHED 20

/**
 * DaSessionList: a GListModel of DaSession: active ones first, then the finished, newest first.
 */
#define DA_TYPE_SESSION_LIST (da_session_list_get_type ())
G_DECLARE_FINAL_TYPE (DaSessionList, da_session_list, DA, SESSION_LIST, GObject)

DaSessionList *da_session_list_new          (void);
/* Adds it, or moves it to where it belongs now. */
void           da_session_list_put          (DaSessionList *self,
                                             DaSession     *session);
/* (transfer none) (nullable) */
DaSession     *da_session_list_find         (DaSessionList *self,
                                             const char    *session_id);
DaSession     *da_session_list_find_for     (DaSessionList *self,
                                             const char    *conversation_id);
/* Removes finished ones without waiting messages; @session_id (nullable): only that one. */
guint          da_session_list_clear        (DaSessionList *self,
                                             const char    *session_id);
/* Whether the waiting questions of a conversation stay where they are; it needs no session. */
void           da_session_list_set_paused   (DaSessionList *self,
                                             const char    *conversation_id,
                                             gboolean       paused);
gboolean       da_session_list_is_paused    (DaSessionList *self,
                                             const char    *conversation_id);

G_END_DECLS
