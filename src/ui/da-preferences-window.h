/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesWindow:
 *
 * Settings: General, Models, Remote Server. Everything in it changes settings and reads the engine;
 * nothing knows the server.
 */
#define DA_TYPE_PREFERENCES_WINDOW (da_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesWindow, da_preferences_window, DA, PREFERENCES_WINDOW,
                      AdwPreferencesWindow)

DaPreferencesWindow *da_preferences_window_new       (DaEngine            *engine);
/* "general", "models" or "remote-server"; another name changes nothing. */
void                 da_preferences_window_show_page (DaPreferencesWindow *self,
                                                      const char          *page);
/* Shows the page of the server and, on it, the dialog with the code. The window is presented. */
void                 da_preferences_window_pair      (DaPreferencesWindow *self);

G_END_DECLS
