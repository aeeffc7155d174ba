/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Something of @bytes was just let go of, or is about to be: when it was large, the memory is given
 * back to the system a moment later. Main thread. */
void da_heap_note_released (guint64 bytes);

G_END_DECLS
