/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-request-log.h"
#include "da-settings.h"

G_BEGIN_DECLS

/**
 * DaPreferencesRequestRow: one request in the list: what, how it ended, who, when. Reused by the
 * list for other requests.
 */
#define DA_TYPE_PREFERENCES_REQUEST_ROW (da_preferences_request_row_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesRequestRow, da_preferences_request_row, DA,
                      PREFERENCES_REQUEST_ROW, GtkBox)

/* (transfer floating) */
GtkWidget *da_preferences_request_row_new       (DaSettings              *settings);
/* @entry: (nullable) */
void       da_preferences_request_row_set_entry (DaPreferencesRequestRow *self,
                                                 DaRequestLogEntry       *entry);

G_END_DECLS
