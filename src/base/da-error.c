/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-error"

#include "da-error.h"

G_DEFINE_QUARK (da-error-quark, da_error)
