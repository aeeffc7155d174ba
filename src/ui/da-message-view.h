/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"
#include "da-message.h"

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_VIEW (da_message_view_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageView, da_message_view, DA, MESSAGE_VIEW, GtkWidget)

/* The inside of a DaMessageRow, which says what the functions do. */
GtkWidget  *da_message_view_new           (DaEngine      *engine);
void        da_message_view_append        (DaMessageView *self,
                                           const char    *text,
                                           gsize          length);
/* The whole message at once. */
void        da_message_view_set_message   (DaMessageView *self,
                                           DaMessage     *message);
/* Piece by piece: each da_message_view_add_some() adds one, and is TRUE while there is more. */
void        da_message_view_begin_message (DaMessageView *self,
                                           DaMessage     *message);
gboolean    da_message_view_add_some      (DaMessageView *self);
void        da_message_view_add_actions   (DaMessageView *self);
gboolean    da_message_view_has_actions   (DaMessageView *self);
void        da_message_view_set_status    (DaMessageView *self,
                                           const char    *status);
void        da_message_view_set_failed    (DaMessageView *self,
                                           const char    *reason);
/* (transfer none): its words as they were written. */
const char *da_message_view_get_text      (DaMessageView *self);

G_END_DECLS
