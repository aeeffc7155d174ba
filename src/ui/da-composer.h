/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where a message is written. Signals: "send" (string: text with pictures as Markdown), "stop",
 * "problem" (string: a sentence). Property "running" (boolean): an answer is being made, so there
 * is something to stop. */
#define DA_TYPE_COMPOSER (da_composer_get_type ())
G_DECLARE_FINAL_TYPE (DaComposer, da_composer, DA, COMPOSER, GtkWidget)

GtkWidget *da_composer_new          (void);
void       da_composer_set_running  (DaComposer *self,
                                     gboolean    running);
/* (transfer full): the words so far, and the pictures behind them as "send" has them. */
char      *da_composer_dup_draft    (DaComposer *self);
void       da_composer_set_draft    (DaComposer *self,
                                     const char *text);
/* Adds a picture; what is none, or too large, is told by "problem". */
void       da_composer_attach_file  (DaComposer *self,
                                     GFile      *file);
/* As the send button does. */
void       da_composer_send         (DaComposer *self);

G_END_DECLS
