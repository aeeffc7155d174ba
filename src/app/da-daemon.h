/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-daemon-options.h"

G_BEGIN_DECLS

/**
 * da_daemon_run:
 *
 * The life of dotagentsd: engine up, server up, wait for a signal, server down, engine down.
 * Returns the exit code. Runs the default main context. @restart: a client asked that the program
 * starts again; everything is closed by then.
 */
DaExit da_daemon_run (const DaDaemonOptions *options,
                      gboolean              *restart);

/* Becomes the program anew, with the arguments it was started with; returns only when it cannot. */
DaExit da_daemon_exec (char **argv);

G_END_DECLS
