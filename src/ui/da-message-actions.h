/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-message.h"

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_ACTIONS (da_message_actions_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageActions, da_message_actions, DA, MESSAGE_ACTIONS, GtkBox)

/* The buttons below a message and its time, which the style shows while the pointer or the focus is
 * in the row. They call message.copy of the row and chat.branch of the page. */
GtkWidget *da_message_actions_new (DaMessage *message);

G_END_DECLS
