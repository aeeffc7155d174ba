/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Hides secrets in any text that leaves for a log, a report or an error. Known values are
 * registered (only their bytes are kept, in memory that is wiped); besides these, anything that has
 * the shape of a key is hidden: "Bearer ...", "sk-...", "apiKey=...", 64 hex digits,
 * query parameters named key/token/secret/password. Thread-safe.
 */
void  da_redact_register   (const char *secret);
void  da_redact_unregister (const char *secret);
/* (transfer full) */
char *da_redact            (const char *text);

G_END_DECLS
