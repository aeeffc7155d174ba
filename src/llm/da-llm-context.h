/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Context size of a model by name (built-in table with fuzzy match), else the provider's fallback
 * (contract 10 9.6): openai 16000, gemini 128000, local 8192, others 64000. */
gint64 da_llm_context_size      (const char *provider_id, const char *model);
/* Estimated tokens of a text: the larger of characters / 4 and words; a character of a script that
 * writes without spaces counts as one. */
gint64 da_llm_estimate_tokens   (const char *text);

G_END_DECLS
