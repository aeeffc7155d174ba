/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <json-glib/json-glib.h>

#include "da-model-presets.h"

G_BEGIN_DECLS

/* Changes to the stored list of model presets (contract 30 D.2). Pure: from one value to the
 * next. */

#define DA_PRESET_DEFAULT_ID "builtin-openai"
#define DA_PRESET_ACTIVATION_MAX 4

typedef struct {
  const char *setting;
  const char *value;
} DaPresetValue;

/* What choosing @preset sets besides its key; the texts are borrowed from it. Returns how many. */
guint     da_preset_activation  (DaModelPreset *preset,
                                 DaPresetValue  out[DA_PRESET_ACTIVATION_MAX]);

/* (transfer full): a changeable copy of the setting modelPresets. */
JsonArray *da_preset_list_copy  (DaSettings    *settings);
/* (transfer none): the entry of @id, appended when there is none: an override of a built-in. */
JsonObject *da_preset_list_need (JsonArray     *list,
                                 const char    *id);
void        da_preset_list_drop (JsonArray     *list,
                                 const char    *id);
/* Takes over what @body says: trimmed, cut, "" removes. @is_built_in: name and address stay. FALSE
 * with an error naming the field. */
gboolean    da_preset_take      (JsonObject    *entry,
                                 JsonObject    *body,
                                 gboolean       is_built_in,
                                 GError       **error);

G_END_DECLS
