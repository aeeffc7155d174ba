/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine-conversations.h"

G_BEGIN_DECLS

/* Once, before the tests run: GTK, and what it reads of the system, which no test may read. */
void            ui_sample_init         (void);
/* (transfer full): an engine with folders beneath @root, no keyring, started. */
DaEngine       *ui_sample_engine       (const char *root);
/* Stops it and waits until it is gone. */
void            ui_sample_engine_stop  (DaEngine   *engine);
/* Stores a conversation of @n_messages that began @age_ms ago. (transfer full) */
DaConversation *ui_sample_conversation (DaEngine   *engine,
                                        const char *title,
                                        guint       n_messages,
                                        gint64      age_ms);
/* (nullable): the first widget in @widget, from the outside in, that is @match with @data. */
GtkWidget      *ui_sample_find         (GtkWidget  *widget,
                                        gboolean  (*match) (GtkWidget     *widget,
                                                            gconstpointer  data),
                                        gconstpointer data);
/* (nullable): the first of that type. */
GtkWidget      *ui_sample_find_type    (GtkWidget  *widget,
                                        GType       type);
/* Everything the window can show of Markdown. */
extern const char ui_sample_markdown[];

G_END_DECLS
