/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* A model server that runs on this computer, whoever answers now. */
typedef struct {
  char  *id;          /* "ollama", "lm-studio", "llama.cpp" */
  char  *name;        /* for people */
  char  *base_url;
  char **models;      /* at least one */
} DaLocalProvider;

void        da_local_provider_free          (DaLocalProvider      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLocalProvider, da_local_provider_free)

/* Asks the usual addresses, a second at most. Completes with (element-type DaLocalProvider), none
 * where the setting localProviderDiscovery is off. */
void        da_local_providers_find_async   (DaEngine             *engine,
                                             GCancellable         *cancellable,
                                             GAsyncReadyCallback   callback,
                                             gpointer              user_data);
GPtrArray  *da_local_providers_find_finish  (DaEngine             *engine,
                                             GAsyncResult         *result,
                                             GError              **error);

/* (transfer full): what has to be applied (da_settings_apply_async()) so that @self answers with
 * @model from now on. It gets a preset of its own, or the one that has its address already: the
 * address of a built-in preset stays what it is, and other programs of the folder know the new
 * one. */
GHashTable *da_local_provider_new_values    (const DaLocalProvider *self,
                                             const char            *model,
                                             DaSettings            *settings);
/* Whether the settings choose @self. */
gboolean    da_local_provider_is_chosen     (const DaLocalProvider *self,
                                             DaSettings            *settings);

G_END_DECLS
