/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

#include "da-settings.h"

G_BEGIN_DECLS

/**
 * The model presets of contract 30 D.2: the six built-ins overlaid with the stored list, then the
 * person's own. The key of a preset lives in DaSecrets under "preset:<id>".
 */
typedef struct {
  char    *id;               /* "builtin-openai", ..., "custom-..." */
  char    *name;
  char    *base_url;
  char    *agent_model;      /* (nullable) */
  char    *transcript_model; /* (nullable) */
  gboolean is_built_in;
  gint64   created_at, updated_at;   /* 0 when unknown */
} DaModelPreset;

/* The preset that is used when currentModelPresetId names none that exists. */
#define DA_MODEL_PRESET_DEFAULT "builtin-openai"

void           da_model_preset_free     (DaModelPreset *preset);
/* (transfer full): "custom-" and a UUID of version 4, as the other programs of the folder make it
 * (contract 30). */
char          *da_model_preset_new_id   (void);
/* (transfer full) (element-type DaModelPreset) */
GPtrArray     *da_model_presets_list    (DaSettings    *settings);
/* (transfer full) (nullable) */
DaModelPreset *da_model_presets_find    (DaSettings    *settings,
                                         const char    *id);

/**
 * da_model_presets_resolve:
 *
 * The active preset with the base URL and the models that are in effect: those of the preset, but
 * openaiBaseUrl, agentOpenaiModel and transcriptPostProcessingOpenaiModel win where they come from
 * a higher layer than currentModelPresetId (so the environment and --set always win), where the
 * preset has no value, and, when the preset is builtin-openai, also from the same layer: a person
 * who writes an openaiBaseUrl into models.json and nothing else means it.
 *
 * Returns: (transfer full): never %NULL; agent_model may be %NULL
 */
DaModelPreset *da_model_presets_resolve (DaSettings    *settings);

/* (transfer full) (nullable): the plain-text key another program left in the stored preset.
 * Free with da_secret_free(). */
char          *da_model_presets_dup_foreign_key (DaSettings *settings,
                                                 const char *id);

/* (transfer full): a table as da_settings_apply_async() takes it: names are copied, nodes owned,
 * NULL allowed. */
GHashTable    *da_model_presets_new_values (void);

/* Adds what activating @preset sets (contract 30 D.2) to @values, a table of the function above:
 * currentModelPresetId, openaiBaseUrl, agentOpenaiModel and transcriptPostProcessingOpenaiModel (""
 * where the preset has none). The key is not copied: DaSecrets has one for each preset. */
void           da_model_presets_add_activation (const DaModelPreset *preset,
                                                GHashTable          *values);

/**
 * da_model_presets_write_through:
 * @values: (element-type utf8 JsonNode): what is about to be applied
 *
 * A direct change of openaiBaseUrl, agentOpenaiModel (or its older name) or
 * transcriptPostProcessingOpenaiModel belongs into the active preset too (the one @values
 * activates, if it does), or the next synchronisation of another program undoes it (contract 30
 * J.1). Members of the preset that we do not know stay as they are.
 *
 * Returns: (transfer full) (nullable): the new value of modelPresets, to be added to @values; NULL
 *   when @values has none of these
 */
JsonNode      *da_model_presets_write_through  (DaSettings          *settings,
                                                GHashTable          *values);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaModelPreset, da_model_preset_free)

G_END_DECLS
