/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Everything above the two workers lives on the thread that called da_main_thread_mark(). */
void     da_main_thread_mark    (void);
gboolean da_is_main_thread      (void);

#define DA_ASSERT_MAIN_THREAD() g_assert (da_is_main_thread ())

G_END_DECLS
