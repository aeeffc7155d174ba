/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* Puts the pictures of conversations into @text, as data: URLs in the place of their addresses,
 * which mean nothing outside the program. A picture that is gone keeps its address. */
void  da_export_pictures_async  (DaEngine             *engine,
                                 const char           *text,
                                 GAsyncReadyCallback   callback,
                                 gpointer              user_data);
/* (transfer full) (nullable): fails when the program stops. */
char *da_export_pictures_finish (GAsyncResult         *result,
                                 GError              **error);

G_END_DECLS
