/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-presets.h"

G_BEGIN_DECLS

/* A local provider that answered on its usual loopback port, with its first model. */
typedef struct {
  const DaLlmPreset *preset;
  char              *base_url;
  GPtrArray         *models;    /* (element-type DaLlmModel) at least one */
} DaLlmLocal;

void       da_llm_local_free          (DaLlmLocal *local);
/* Asks all local presets at once for GET {base}/models, 700 ms each at most. Completes with the
 * list in the table's order (element-type DaLlmLocal), empty when there is none.
 * DOTAGENTS_LOCAL_PROVIDERS (tests, unusual ports): "ollama=http://127.0.0.1:PORT/v1,..." replaces
 * the table's addresses; empty switches discovery off. Never a non-loopback address. */
void       da_llm_discover_async      (GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
GPtrArray *da_llm_discover_finish     (GAsyncResult *result, GError **error);

G_END_DECLS
