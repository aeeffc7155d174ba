/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Tool calls and their results, folded: one line says which tools, opening it shows what they were
 * given and what they gave back. @calls, @results (nullable): JSON arrays as DaMessage has them. */
GtkWidget *da_tool_view_new (const char *calls,
                             const char *results);

G_END_DECLS
