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

void           da_model_preset_free     (DaModelPreset *preset);
/* (transfer full) (element-type DaModelPreset) */
GPtrArray     *da_model_presets_list    (DaSettings    *settings);
/* (transfer full) (nullable) */
DaModelPreset *da_model_presets_find    (DaSettings    *settings,
                                         const char    *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaModelPreset, da_model_preset_free)

G_END_DECLS
