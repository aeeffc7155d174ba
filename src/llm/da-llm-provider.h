/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-error.h"
#include "da-llm-request.h"

G_BEGIN_DECLS

/**
 * DaLlmProvider:
 *
 * Something that completes a conversation. Abstract; subclasses: DaLlmOpenai (HTTP), the engine's
 * offline responder. Main thread; cancelling closes the upstream connection at once.
 * @func is called on the main loop, never after the completion callback.
 */
#define DA_TYPE_LLM_PROVIDER (da_llm_provider_get_type ())
G_DECLARE_DERIVABLE_TYPE (DaLlmProvider, da_llm_provider, DA, LLM_PROVIDER, GObject)

struct _DaLlmProviderClass {
  GObjectClass parent_class;

  const char  *(*get_id)             (DaLlmProvider *self);
  const char  *(*get_name)           (DaLlmProvider *self);
  void         (*complete_async)     (DaLlmProvider *self, DaLlmRequest *request,
                                      DaLlmEventFunc func, gpointer func_data,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
  DaLlmResult *(*complete_finish)    (DaLlmProvider *self, GAsyncResult *result, GError **error);
  void         (*list_models_async)  (DaLlmProvider *self, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray   *(*list_models_finish) (DaLlmProvider *self, GAsyncResult *result, GError **error);

  /* Optional. What the cached list depends on besides the id: base URL and key digest. (transfer
   * full) (nullable): NULL, or no function, means that the list is never cached. */
  char        *(*dup_models_key)     (DaLlmProvider *self);
  /* Optional. Answered instead of an error or an empty list (contract 10 section 3); never cached.
   * (transfer full) (nullable) */
  GPtrArray   *(*dup_fallback_models) (DaLlmProvider *self);
};

/* "openai", "groq", "gemini", "ollama", "lm-studio", "llama.cpp", "offline", ... */
const char  *da_llm_provider_get_id             (DaLlmProvider *self);
/* For people: "OpenRouter", "Ollama", "Offline". */
const char  *da_llm_provider_get_name           (DaLlmProvider *self);
void         da_llm_provider_complete_async     (DaLlmProvider *self, DaLlmRequest *request,
                                                 DaLlmEventFunc func, gpointer func_data,
                                                 GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
DaLlmResult *da_llm_provider_complete_finish    (DaLlmProvider *self, GAsyncResult *result,
                                                 GError **error);
/* (element-type DaLlmModel) (transfer full): cached five minutes per provider, base URL and digest
 * of the whole key (contract 10 section 3, contract 30 J.15); only non-empty lists are kept. */
void         da_llm_provider_list_models_async  (DaLlmProvider *self, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
GPtrArray   *da_llm_provider_list_models_finish (DaLlmProvider *self, GAsyncResult *result,
                                                 GError **error);
/* Asks the provider now: no kept list, and no built-in one that steps in. So it also tells whether
 * the key is good; errors as of a completion. Completes with the list. */
void         da_llm_provider_check_async        (DaLlmProvider *self, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
GPtrArray   *da_llm_provider_check_finish       (DaLlmProvider *self, GAsyncResult *result,
                                                 GError **error);
/* (transfer full) (nullable): the same when it is known without asking. Not a copy: it is shared
 * with whoever else asks, and not to be changed. */
GPtrArray   *da_llm_provider_peek_models        (DaLlmProvider *self);
/* Empties the cache of model lists: when a person asks for a fresh one, and in tests. */
void         da_llm_provider_forget_models      (void);

G_END_DECLS
