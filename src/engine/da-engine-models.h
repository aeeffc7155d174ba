/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* One model of a provider. */
typedef struct {
  char   *id;
  char   *name;
  char   *description;      /* (nullable) */
  gint64  context_length;   /* 0 unknown */
  gint64  created;          /* Unix seconds; 0 unknown */
} DaModelInfo;

void         da_model_info_free              (DaModelInfo *info);

/* @provider_id NULL: the one in use. Known: openai groq gemini chatgpt-web (contract 10 section
 * 3); another: DA_ERROR_INVALID naming the known ones. Completes with (element-type
 * DaModelInfo); cached. */
void         da_engine_list_models_async     (DaEngine *self, const char *provider_id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
GPtrArray   *da_engine_list_models_finish    (DaEngine *self, GAsyncResult *result, GError **error);
/* Whether the provider @provider_id (openai, groq, gemini) takes the key it has now: asks it, and
 * nothing built in answers instead. Returns (finish): how many models it has; -1 with an error. */
void         da_engine_check_provider_async  (DaEngine *self, const char *provider_id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
int          da_engine_check_provider_finish (DaEngine *self, GAsyncResult *result,
                                              GError **error);
/* (nullable) (transfer full): the list of the provider in use when it is known without asking; the
 * same array each time, as long as it is the same list. Not to be changed. */
GPtrArray   *da_engine_peek_models           (DaEngine *self);

/* What would answer now: "openai", "groq", "ollama", "offline" ...; the name for people; the
 * model. Borrowed. */
const char  *da_engine_get_provider_id       (DaEngine *self);
const char  *da_engine_get_provider_name     (DaEngine *self);
const char  *da_engine_get_model             (DaEngine *self);
/* "openai", "groq", "gemini" or "chatgpt-web": what the settings say, for the phone. */
const char  *da_engine_get_configured_provider_id (DaEngine *self);

/* Reads of /v1/settings need to know which secrets are set. No I/O: kept in memory. */
gboolean     da_engine_has_secret            (DaEngine *self, const char *setting_name);
/* Writes a provider key (settings row of type SECRET). "" clears. */
void         da_engine_set_secret_async      (DaEngine *self, const char *setting_name,
                                              const char *value, GCancellable *cancellable,
                                              GAsyncReadyCallback callback, gpointer user_data);
gboolean     da_engine_set_secret_finish     (DaEngine *self, GAsyncResult *result, GError **error);

G_END_DECLS
