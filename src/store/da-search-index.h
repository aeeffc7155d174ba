/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-store-private.h"

G_BEGIN_DECLS

/* Brings the search index up to date with the stored messages. Database thread, no transaction
 * open. What fails is tried again with the next call, so no caller needs to know. */
gboolean da_search_index_catch_up  (DaStore  *self,
                                    GError  **error);
/* The same for one slice: what a start may spend on it. */
gboolean da_search_index_slice     (DaStore  *self,
                                    gboolean *more,
                                    GError  **error);

G_END_DECLS
