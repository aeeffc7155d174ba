/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "da-llm-error.h"

G_BEGIN_DECLS

/* Turns what went wrong into a DA_LLM_ERROR whose message a person can act on: who, what happened,
 * what to do, then the provider's own words (trimmed, redacted). Pure. All (transfer full). */

/* An HTTP answer that is not a success. @had_key: a key was sent. */
GError *da_llm_fault_from_response (const char   *provider_name,
                                    guint         status,
                                    gboolean      had_key,
                                    gint64        retry_after_ms,
                                    const char   *body,
                                    gsize         length);
/* The "error" member of a chunk or of a 200 answer: an object or a string. */
GError *da_llm_fault_from_node     (const char   *provider_name,
                                    JsonNode     *node);
/* No answer, or not the whole of it. */
GError *da_llm_fault_network       (const char   *provider_name,
                                    const GError *cause);
GError *da_llm_fault_cut           (const char   *provider_name);
/* @what: "it is not JSON", ... */
GError *da_llm_fault_bad_answer    (const char   *provider_name,
                                    const char   *what);

G_END_DECLS
