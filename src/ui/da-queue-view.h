/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-run.h"
#include "da-session.h"

G_BEGIN_DECLS

/* The messages that wait for the answer before them. Hidden while there are none. */
#define DA_TYPE_QUEUE_VIEW (da_queue_view_get_type ())
G_DECLARE_FINAL_TYPE (DaQueueView, da_queue_view, DA, QUEUE_VIEW, GtkWidget)

GtkWidget *da_queue_view_new         (void);
/* @session (nullable): for how many wait that others have sent. */
void       da_queue_view_set_session (DaQueueView *self,
                                      DaSession   *session);
/* A run that waits; it leaves by itself when it begins or is taken back. */
void       da_queue_view_add         (DaQueueView *self,
                                      DaRun       *run);
guint      da_queue_view_get_length  (DaQueueView *self);

G_END_DECLS
