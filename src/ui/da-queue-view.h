/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"

G_BEGIN_DECLS

/* The messages that wait for the answer before them, whoever has sent them. Hidden while there are
 * none. It asks its window for win.toast. */
#define DA_TYPE_QUEUE_VIEW (da_queue_view_get_type ())
G_DECLARE_FINAL_TYPE (DaQueueView, da_queue_view, DA, QUEUE_VIEW, GtkWidget)

GtkWidget *da_queue_view_new         (void);
void       da_queue_view_set_engine  (DaQueueView *self,
                                      DaEngine    *engine);
/* @session (nullable): whose queue. */
void       da_queue_view_set_session (DaQueueView *self,
                                      DaSession   *session);
/* How many messages are shown. */
guint      da_queue_view_get_length  (DaQueueView *self);

G_END_DECLS
