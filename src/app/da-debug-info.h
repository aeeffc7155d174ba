/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/* (transfer full): "GTK 4.8.3 (built with 4.8.3)" and so on, one a line. */
char *da_debug_info_versions (void);
/* (transfer full): what a person may send with a report: versions, the desktop, every setting that
 * is not as it comes (of those with free text only that they are set), the last warnings. Nothing
 * secret, and redacted once more; valid UTF-8. @engine (nullable). */
char *da_debug_info_dup      (DaEngine *engine);

G_END_DECLS
