/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-message.h"

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_ROW (da_message_row_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageRow, da_message_row, DA, MESSAGE_ROW, GtkWidget)

/**
 * DaMessageRow:
 *
 * One message in the list of a conversation: what it says to a screen reader, and, once it is
 * open, what is seen of it. It is opened piece by piece before it comes into view, or at once. Made
 * and fed by the list and the chat page; in it, chat.show-focus scrolls to what has the focus.
 */
/* With a message it is closed; NULL is an answer in the making, that grows by
 * da_message_row_append(). */
GtkWidget  *da_message_row_new         (DaEngine     *engine,
                                        DaMessage    *message);
void        da_message_row_open        (DaMessageRow *self);
/* All of it is there. */
gboolean    da_message_row_is_open     (DaMessageRow *self);
/* Opens as much of it as a frame has time for; FALSE when it was open. */
gboolean    da_message_row_open_some   (DaMessageRow *self);
/* Something in it is as a person left it: words are selected, a tool call is unfolded. */
gboolean    da_message_row_is_in_use   (DaMessageRow *self);
/* The buttons below an open row that has a message. Apart from opening it: without the pointer and
 * the focus they are not seen, so they need not be there while the list is scrolled. Whether they
 * were not there; the height of the row stays. */
gboolean    da_message_row_add_actions (DaMessageRow *self);
gboolean    da_message_row_has_actions (DaMessageRow *self);
void        da_message_row_append      (DaMessageRow *self,
                                        const char   *text,
                                        gsize         length);
/* The answer is stored: nothing is laid out again when its text is what was appended. */
void        da_message_row_set_message (DaMessageRow *self,
                                        DaMessage    *message);
/* (nullable) */
DaMessage  *da_message_row_get_message (DaMessageRow *self);
/* What it does at the moment ("Trying again in 4 seconds"); NULL: nothing but growing. */
void        da_message_row_set_status  (DaMessageRow *self,
                                        const char   *status);
/* It ended without an answer, or before its end; NULL: no longer. Its button is chat.retry. */
void        da_message_row_set_failed  (DaMessageRow *self,
                                        const char   *reason);

G_END_DECLS
