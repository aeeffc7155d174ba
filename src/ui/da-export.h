/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-conversation.h"

G_BEGIN_DECLS

/* A conversation with its messages as a file. (transfer full) */
char *da_export_markdown  (DaConversation *conversation);
/* The form of GET /v1/conversations/:id (contract 10 4.2). */
char *da_export_json      (DaConversation *conversation);
/* A file name from the title, without what file systems refuse: "Title.md". */
char *da_export_file_name (DaConversation *conversation,
                           const char     *suffix);

G_END_DECLS
