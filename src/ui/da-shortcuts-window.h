/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* (transfer none): the keys of the program, in groups and searchable; modal above @parent, which it
 * dies with. Closing hides it: libadwaita 1.2 does not free what is in such a window. */
GtkWindow *da_shortcuts_window_new (GtkWindow *parent);

G_END_DECLS
