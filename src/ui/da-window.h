/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/* The main window. It opens before the engine has started, so that the first frame waits for no
 * disk. */
#define DA_TYPE_WINDOW (da_window_get_type ())
G_DECLARE_FINAL_TYPE (DaWindow, da_window, DA, WINDOW, AdwApplicationWindow)

/* @state (nullable): where its size and what was open are kept (schema app.dotagents.Desktop). */
DaWindow   *da_window_new                 (GtkApplication *application,
                                           GSettings      *state);
/* The engine has started. */
void        da_window_set_engine          (DaWindow       *self,
                                           DaEngine       *engine);
/* It has not: a page that says why. @can_retry shows a button for app.retry. */
void        da_window_set_failed          (DaWindow       *self,
                                           const char     *title,
                                           const char     *text,
                                           gboolean        can_retry);
/* @id NULL: a new conversation. */
void        da_window_open_conversation   (DaWindow       *self,
                                           const char     *id);
void        da_window_toast               (DaWindow       *self,
                                           const char     *sentence);

G_END_DECLS
