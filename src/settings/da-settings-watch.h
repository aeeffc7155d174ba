/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Contract 20 A.14: restarted by each event. */
#define DA_SETTINGS_DEBOUNCE_MS 250

/**
 * DaSettingsWatch: calls back when one of the files may have changed, 250 ms after the last sign of
 * it. Folders that do not exist yet are waited for in the nearest folder above that does; files
 * that are symbolic links are watched where they really are.
 */
typedef struct _DaSettingsWatch DaSettingsWatch;

typedef void (*DaSettingsWatchFunc) (gpointer user_data);

/* @files: (element-type utf8) (transfer full): absolute paths */
DaSettingsWatch *da_settings_watch_new  (GPtrArray           *files,
                                         DaSettingsWatchFunc  func,
                                         gpointer             user_data);
void             da_settings_watch_free (DaSettingsWatch     *self);

G_END_DECLS
