/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes the templates, styles and icons known. Called once, before the first widget; a second call
 * does nothing. */
void da_ui_init (void);

G_END_DECLS
