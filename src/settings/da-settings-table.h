/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-setting-spec.h"

G_BEGIN_DECLS

/* The rows themselves; read them through da-setting-spec.h. */
extern const DaSettingSpec da_settings_table[];
extern const guint         da_settings_table_length;

G_END_DECLS
