/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-store-private.h"

G_BEGIN_DECLS

/* Rows of conversations and messages, to and from objects. Database thread; what writes needs an
 * open transaction. */

/* Columns of a conversation in the order da_rows_read_conversation() wants them. */
#define DA_ROWS_CONVERSATION \
  "serial, id, title, title_source, client_session_id, profile_id, device_id, branch_source, " \
  "metadata, created_at, updated_at, last_message_at, message_count, last_message, preview "

/* (transfer full) */
DaConversation *da_rows_read_conversation  (DaStatement     *row);
/* The serial of one that is not deleted; 0 without @error when there is none. */
gint64          da_rows_find               (DaStore         *self,
                                            const char      *id,
                                            GError         **error);
/* Fails with DA_ERROR_NOT_FOUND. */
gint64          da_rows_need               (DaStore         *self,
                                            const char      *id,
                                            GError         **error);
/* (transfer full): with its messages. */
DaConversation *da_rows_load               (DaStore         *self,
                                            const char      *id,
                                            GError         **error);
/* (transfer full) (element-type DaMessage): those with first <= sequence <= last. */
GPtrArray      *da_rows_load_messages      (DaStore         *self,
                                            gint64           conversation,
                                            gint64           first,
                                            gint64           last,
                                            GError         **error);
/* Makes the row, without messages. A deleted conversation of that id goes for good first;
 * DA_ERROR_CONFLICT when one is there. Returns the serial, or 0. */
gint64          da_rows_insert             (DaStore         *self,
                                            DaConversation  *conversation,
                                            GError         **error);

/* Appends those of @messages that are not stored yet, pictures moved to attachments, and brings
 * the list fields up to date. With @skip_repeat the first one is left out when it says the same as
 * the last stored one. */
gboolean        da_rows_append             (DaStore         *self,
                                            gint64           conversation,
                                            const char      *conversation_id,
                                            GPtrArray       *messages,
                                            gboolean         skip_repeat,
                                            GError         **error);
/* Sets the activity time a client gave and works out the list fields again. */
gboolean        da_rows_touch              (DaStore         *self,
                                            gint64           conversation,
                                            gint64           stored_at,
                                            GError         **error);
gboolean        da_rows_set_title          (DaStore         *self,
                                            gint64           conversation,
                                            const char      *title,
                                            const char      *source,
                                            GError         **error);
/* Removes the row and all that hangs on it, at once. */
gboolean        da_rows_erase              (DaStore         *self,
                                            gint64           conversation,
                                            GError         **error);
/* (transfer full): with references to its messages (never NULL): a job may change it. */
DaConversation *da_rows_copy_conversation  (DaConversation  *conversation);
/* (transfer full): a new array of references, so that a job owns what it reads. */
GPtrArray      *da_rows_copy_messages      (GPtrArray       *messages);

G_END_DECLS
