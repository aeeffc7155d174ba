/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* For tests: how long a dialog may stay unanswered. */
void _da_secrets_set_question_timeout (guint milliseconds);

G_END_DECLS
