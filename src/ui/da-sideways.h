/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* (transfer floating): scrolls @child (transfer floating) sideways, with the touchpad, the bar or
 * Shift and the wheel; from left to right in every language, as code is written. The wheel alone
 * goes on to what is around it, which a GtkScrolledWindow would keep for itself. */
GtkWidget *da_sideways_new (GtkWidget *child);

G_END_DECLS
