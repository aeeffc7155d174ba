/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-provider-pool.h"

G_BEGIN_DECLS

/* What the settings say about one provider: pure, from settings and keys in memory. */
typedef struct {
  char    *id;            /* "openai", "groq", "gemini" */
  char    *name;          /* for people */
  char    *base_url;
  char    *key;           /* (nullable) */
  char    *model;         /* (nullable) */
  gboolean is_configured; /* has a key, or an address that is not a public service */
} DaProviderConfig;

void              da_provider_config_free     (DaProviderConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaProviderConfig, da_provider_config_free)

typedef const char *(*DaKeyFunc) (const char *secret_id, gpointer user_data);

/* (transfer full) (nullable): NULL for an id that has no OpenAI-compatible endpoint
 * (chatgpt-web). */
DaProviderConfig *da_provider_config_resolve  (DaSettings       *settings,
                                               const char       *provider_id,
                                               DaKeyFunc         get_key,
                                               gpointer          user_data);
/* (nullable): a model named by environment or command line, for whatever provider answers. */
const char       *da_provider_config_override (DaSettings       *settings);

G_END_DECLS
