/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-message-row.h"
#include "da-message.h"

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_LIST (da_message_list_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageList, da_message_list, DA, MESSAGE_LIST, GtkWidget)

/**
 * DaMessageList:
 *
 * The messages of a conversation, one below the other. Only those that are wanted have a row; of
 * the others the list knows how high they were, or probably will be. So what a change costs depends
 * on what is seen and not on how long the conversation is: a widget for each of 2,000 messages
 * costs 5 ms whenever one of them changes, four measurements each. Which rows are wanted is known
 * to the chat page. It has to be in something that scrolls: asked without a width, it is as high as
 * it was.
 *
 * Positions are pixels from the upper edge of the list, with the heights of the last layout.
 */

/* Once, before the first row. */
void          da_message_list_set_engine (DaMessageList *self,
                                          DaEngine      *engine);
guint         da_message_list_get_size   (DaMessageList *self);
/* At @index, which may be the size; it has no row. */
void          da_message_list_insert     (DaMessageList *self,
                                          guint          index,
                                          DaMessage     *message);
/* @row (transfer floating): one without a message, behind all others. */
void          da_message_list_append_row (DaMessageList *self,
                                          DaMessageRow  *row);
void          da_message_list_remove     (DaMessageList *self,
                                          guint          index);
void          da_message_list_remove_row (DaMessageList *self,
                                          DaMessageRow  *row);

/* (transfer none) (nullable): the row there, when it has one. */
DaMessageRow *da_message_list_peek_row   (DaMessageList *self,
                                          guint          index);
/* (transfer none) (nullable): the row there, made when it has none; NULL behind the end. */
DaMessageRow *da_message_list_need_row   (DaMessageList *self,
                                          guint          index);
/* Its place stays as high as it is. Only for a row with a message. */
void          da_message_list_drop_row   (DaMessageList *self,
                                          guint          index);
guint         da_message_list_count_rows (DaMessageList *self);
/* Of a row of this list; G_MAXUINT for another. */
guint         da_message_list_find       (DaMessageList *self,
                                          DaMessageRow  *row);
/* (transfer none) (nullable): the row that has the focus, or something in it. */
DaMessageRow *da_message_list_peek_focus (DaMessageList *self);

int           da_message_list_get_y      (DaMessageList *self,
                                          guint          index);
int           da_message_list_get_height (DaMessageList *self,
                                          guint          index);
/* The index of the message at @y, the nearest one when there is none; the list is not empty. */
guint         da_message_list_index_at   (DaMessageList *self,
                                          double         y);

/**
 * DaMessageList::move-cursor:
 * @step: lines, pages or ends
 * @count: how many, less than 0: up
 *
 * A key that moves the focus between messages was pressed; done by the chat page, which scrolls.
 */

G_END_DECLS
