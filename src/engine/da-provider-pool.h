/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-provider.h"
#include "da-secrets.h"
#include "da-settings.h"

G_BEGIN_DECLS

/**
 * DaProviderPool:
 *
 * Decides who answers: the provider of the settings when it has what it needs; else a local one
 * found on its usual loopback port; else the offline responder. Keeps the provider keys in memory
 * so that no chat waits for a keyring. Engine only; main thread.
 */
#define DA_TYPE_PROVIDER_POOL (da_provider_pool_get_type ())
G_DECLARE_FINAL_TYPE (DaProviderPool, da_provider_pool, DA, PROVIDER_POOL, GObject)

typedef struct {
  DaLlmProvider *provider;
  char          *model;
  gint64         context_tokens;
} DaProviderChoice;

void              da_provider_choice_free        (DaProviderChoice    *choice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaProviderChoice, da_provider_choice_free)

/* @offline: (transfer none): the responder of last resort. */
DaProviderPool   *da_provider_pool_new           (DaSettings          *settings,
                                                  DaLlmProvider       *offline);
/* Reads the provider keys; once after the secrets are open, and again when they were unlocked.
 * Never fails: a key that cannot be read is absent, and logged. */
void              da_provider_pool_load_keys     (DaProviderPool      *self,
                                                  DaSecrets           *secrets);
/**
 * da_provider_pool_choose_async:
 * @wanted: (nullable): what the client asked for. "main" and "agent:..." mean the configured
 * model; a
 *   model id of the provider in use means that model; anything else falls back to the configured
 *   one.
 */
void              da_provider_pool_choose_async  (DaProviderPool      *self,
                                                  const char          *wanted,
                                                  GCancellable        *cancellable,
                                                  GAsyncReadyCallback  callback,
                                                  gpointer             user_data);
DaProviderChoice *da_provider_pool_choose_finish (DaProviderPool      *self,
                                                  GAsyncResult        *result,
                                                  GError             **error);
/* (nullable) (transfer none): the provider that da_provider_pool_choose_async() would choose, when
 * it would not have to look for one first. */
DaLlmProvider    *da_provider_pool_peek_ready    (DaProviderPool      *self);
/* Best knowledge without waiting. Borrowed. */
DaLlmProvider    *da_provider_pool_peek          (DaProviderPool      *self);
const char       *da_provider_pool_peek_model    (DaProviderPool      *self);
/* (transfer full) (nullable): the provider of one id, configured or not; NULL for chatgpt-web. */
DaLlmProvider    *da_provider_pool_open          (DaProviderPool      *self,
                                                  const char          *provider_id);
/* (nullable) (transfer none): a key in memory by secret id. */
const char       *da_provider_pool_peek_key      (DaProviderPool      *self,
                                                  const char          *secret_id);
/* After a key was stored or cleared. */
void              da_provider_pool_set_key       (DaProviderPool      *self,
                                                  const char          *secret_id,
                                                  const char          *key);
/* A local provider did not answer: look again next time. */
void              da_provider_pool_forget_local  (DaProviderPool      *self);

G_END_DECLS
