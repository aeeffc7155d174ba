/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * DaPreferencesLocalGroup:
 *
 * The model servers that run on this computer, each with a button that makes it the one that
 * answers. Not shown where none was found.
 */
#define DA_TYPE_PREFERENCES_LOCAL_GROUP (da_preferences_local_group_get_type ())
G_DECLARE_FINAL_TYPE (DaPreferencesLocalGroup, da_preferences_local_group, DA,
                      PREFERENCES_LOCAL_GROUP, AdwPreferencesGroup)

/* @engine NULL: lets go of it, because libadwaita 1.2 never frees the groups of a page. */
void     da_preferences_local_group_set_engine (DaPreferencesLocalGroup *self,
                                                DaEngine                *engine);
/* Looks again for what runs here. */
void     da_preferences_local_group_look       (DaPreferencesLocalGroup *self);
/* Shows again which of them answers. */
void     da_preferences_local_group_show       (DaPreferencesLocalGroup *self);
/* Makes the one with this @id answer with @model from now on. FALSE: there is none. */
gboolean da_preferences_local_group_use        (DaPreferencesLocalGroup *self,
                                                const char              *id,
                                                const char              *model);

G_END_DECLS
