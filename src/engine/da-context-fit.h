/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-llm-provider.h"

G_BEGIN_DECLS

/**
 * da_context_fit_async:
 * @request: its messages are replaced by ones that fit
 * @target: tokens
 *
 * Makes a request fit (contract 10 9.6): shortens, and asks the same model for a summary of what is
 * folded; when that fails the folded messages are named as left out. Never fails but by
 * cancellation. Completes with TRUE when something was changed.
 */
void     da_context_fit_async  (DaLlmProvider       *provider,
                                DaLlmRequest        *request,
                                gint64               target,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data);
gboolean da_context_fit_finish (GAsyncResult        *result,
                                GError             **error);

G_END_DECLS
