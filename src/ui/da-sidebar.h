/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-conversation-list.h"

G_BEGIN_DECLS

/* The list of conversations, with its search. Signal "open" (string id): a person chose one. */
#define DA_TYPE_SIDEBAR (da_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (DaSidebar, da_sidebar, DA, SIDEBAR, GtkWidget)

/* Before it shows anything: whose conversations. Once. */
void                da_sidebar_set_engine    (DaSidebar  *self,
                                              DaEngine   *engine);
/* (nullable) before da_sidebar_set_engine() */
DaConversationList *da_sidebar_get_list      (DaSidebar  *self);
/* Marks what is open beside it; NULL: nothing is. */
void                da_sidebar_set_current   (DaSidebar  *self,
                                              const char *id);
void                da_sidebar_begin_search  (DaSidebar  *self);
void                da_sidebar_show_archived (DaSidebar  *self,
                                              gboolean    archived);
/* Alone in the window, its header bar carries the window's buttons. */
void                da_sidebar_set_alone     (DaSidebar  *self,
                                              gboolean    alone);
/* The conversation before (-1) or behind (+1) the current one; emits "open". */
void                da_sidebar_step          (DaSidebar  *self,
                                              int         direction);

G_END_DECLS
