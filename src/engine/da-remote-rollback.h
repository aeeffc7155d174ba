/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"

G_BEGIN_DECLS

/**
 * da_remote_rollback_watch: a running server that cannot go to another port or address goes on
 * where it is and says so through "last-error". From now on the settings follow it back: else they
 * would name a place where the next start of the program fails. Watches until @engine is gone.
 */
void da_remote_rollback_watch (DaEngine *engine);

G_END_DECLS
