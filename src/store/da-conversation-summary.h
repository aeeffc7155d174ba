/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

#include "da-message.h"

G_BEGIN_DECLS

/* What the list shows of a conversation (contract 10 4.3). Pure. */

/* As much of a message as a summary can use: a longer content may be cut after this many
 * characters before it comes here. */
#define DA_SUMMARY_CONTENT_CHARACTERS 2000

/* FALSE for an assistant message that only calls respond_to_user or mark_work_complete without
 * text, and for the tool message that answers it. */
gboolean  da_summary_is_visible     (DaMessage *message);
/* (transfer full): white space collapsed, at most @characters, then @ellipsis when cut. */
char     *da_summary_shorten        (const char *text,
                                     guint       characters,
                                     const char *ellipsis);
/* (transfer full): of the messages, oldest first: their beginning is enough. */
char     *da_summary_preview        (GPtrArray  *messages);
/* (transfer full): of the messages, oldest first: their end is enough. */
char     *da_summary_last_message   (GPtrArray  *messages);

G_END_DECLS
