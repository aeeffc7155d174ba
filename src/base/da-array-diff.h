/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* (transfer none): what tells one thing from another; a thing that moved or changed keeps it. */
typedef const char *(*DaArrayKeyFunc) (gpointer item);
/* Items @position .. @position + @added are new, @removed that were there are gone: what
 * g_list_model_items_changed() takes. The array is in the state that this call describes. */
typedef void (*DaArrayChangedFunc) (guint    position,
                                    guint    removed,
                                    guint    added,
                                    gpointer data);

/**
 * da_array_diff:
 * @items: (element-type GObject): what is there; becomes what is wanted
 * @wanted: (element-type GObject): in the wanted order; what is the same object in the end is
 *   put into it too. Both arrays own a reference to each item.
 *
 * For models whose source only tells "something changed". Where an old and a wanted item have one
 * key and are @same, the old object stays; @changed is called for the others, in few and small
 * steps, so that a view keeps its rows. A changed item is one that goes and one that comes at one
 * place.
 */
void da_array_diff (GPtrArray          *items,
                    GPtrArray          *wanted,
                    DaArrayKeyFunc      key,
                    GEqualFunc          same,
                    DaArrayChangedFunc  changed,
                    gpointer            data);

G_END_DECLS
