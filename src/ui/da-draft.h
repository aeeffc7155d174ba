/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A message that is not sent yet, as one text: the words, then the pictures, each a Markdown image
 * with a data: URL, with an empty line between them. */

/* (transfer none): where the pictures begin; the end of @draft when there are none. */
const char *da_draft_find_pictures (const char  *draft);
/* (transfer full) (nullable): the picture at *@at and its name; NULL when it is none. Goes on to
 * the next one, or to the end. */
GBytes     *da_draft_next_picture  (const char **at,
                                    char       **out_name);

G_END_DECLS
