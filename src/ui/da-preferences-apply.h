/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

#include "da-settings.h"

G_BEGIN_DECLS

/* Only called while @widget lives. */
typedef void (*DaPreferencesDone) (GtkWidget *widget, gboolean ok);

/* Sets one setting in the background. Success says @toast (nullable), a failure says why. Takes
 * @value. */
void da_preferences_apply     (GtkWidget         *widget,
                               DaSettings        *settings,
                               const char        *name,
                               JsonNode          *value,
                               const char        *toast,
                               DaPreferencesDone  done);
/* All of @values or none; takes them (see da_model_presets_new_values()). */
void da_preferences_apply_all (GtkWidget         *widget,
                               DaSettings        *settings,
                               GHashTable        *values,
                               const char        *toast,
                               DaPreferencesDone  done);
/* (transfer full): nodes for the two functions above */
JsonNode *da_preferences_boolean (gboolean    value);
JsonNode *da_preferences_string  (const char *value);
JsonNode *da_preferences_int     (gint64      value);

/* Shows a toast in the window @widget is in. */
void da_preferences_toast     (GtkWidget         *widget,
                               const char        *text);
/* Copies and says so. A secret is marked as one, so that clipboard managers do not keep it. */
void da_preferences_copy      (GtkWidget         *widget,
                               const char        *text,
                               gboolean           is_secret);

/* For the buttons below @root whose label has a mnemonic: GTK 4.8 reads "_Done Done" to a screen
 * reader. Again after a label was set. */
void da_preferences_name_buttons (GtkWidget      *root);

G_END_DECLS
