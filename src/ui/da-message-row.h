/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-message.h"

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_ROW (da_message_row_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageRow, da_message_row, DA, MESSAGE_ROW, GtkListBoxRow)

/* @message (nullable): NULL is an answer in the making, that grows by da_message_row_append(). */
GtkWidget  *da_message_row_new         (DaEngine     *engine,
                                        DaMessage    *message);
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
