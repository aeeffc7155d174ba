/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-engine.h"

G_BEGIN_DECLS

/* What a person sees who has no conversation open; at the first start, the three ways to begin. */
#define DA_TYPE_EMPTY_PAGE (da_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (DaEmptyPage, da_empty_page, DA, EMPTY_PAGE, GtkWidget)

GtkWidget *da_empty_page_new         (void);
/* @welcome: nothing was ever said here. */
void       da_empty_page_set_welcome (DaEmptyPage *self,
                                      gboolean     welcome);
/* Says what would answer now. */
void       da_empty_page_update      (DaEmptyPage *self,
                                      DaEngine    *engine);

G_END_DECLS
