/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The subcommands of dotagentsd: each talks to the running program over its UNIX socket
 * (da-control-socket.h), says what it has to say on standard output, and ends. */

/* TRUE when @word is one of them. */
gboolean da_cli_is_command (const char *word);
/* @argv: from the program's name on. Returns the exit code. */
int      da_cli_run        (int         argc,
                            char      **argv);

G_END_DECLS
