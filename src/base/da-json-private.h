/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The scanner behind da_json_parse(): one strict document, no size check, no byte order mark.
 * (transfer full): an unsealed node, or NULL with DA_JSON_ERROR set. */
JsonNode *_da_json_scan       (const char  *text,
                               gsize        length,
                               GError     **error);

/* Appends @node; @indent is the current depth, or -1 for the compact form. */
void      _da_json_append_node (GString    *buffer,
                                JsonNode   *node,
                                int         indent);

G_END_DECLS
