/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRemoteRequests:
 *
 * The sub-page with the last requests, live: filter, copy, clear. A request that was refused says
 * why, and offers to allow the host name or the web page where that was the cause.
 */
#define DA_TYPE_PREFERENCES_REMOTE_REQUESTS (da_preferences_remote_requests_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRemoteRequests, da_preferences_remote_requests, DA,
                      PREFERENCES_REMOTE_REQUESTS, GtkBox)

/* (transfer floating) */
GtkWidget *da_preferences_remote_requests_new (DaEngine *engine);

G_END_DECLS
