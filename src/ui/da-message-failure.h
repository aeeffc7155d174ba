/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define DA_TYPE_MESSAGE_FAILURE (da_message_failure_get_type ())
G_DECLARE_FINAL_TYPE (DaMessageFailure, da_message_failure, DA, MESSAGE_FAILURE, GtkBox)

/* Why an answer ended, and a button that calls chat.retry of the page. */
GtkWidget *da_message_failure_new        (void);
void       da_message_failure_set_reason (DaMessageFailure *self,
                                          const char       *reason);

G_END_DECLS
