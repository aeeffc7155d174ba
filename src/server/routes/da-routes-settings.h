/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-request.h"

G_BEGIN_DECLS

/* PATCH /v1/settings, in da-routes-settings-patch.c. */
void     da_settings_route_patch      (DaRequest  *request);

/* The form an address is stored in: trimmed, lower case, without brackets. (transfer full) */
char    *da_settings_normalise_bind   (const char *address);
/* TRUE for 127.0.0.1, 0.0.0.0 and every address of this machine (contract 30 C.2). */
gboolean da_settings_bind_is_allowed  (const char *address);

G_END_DECLS
