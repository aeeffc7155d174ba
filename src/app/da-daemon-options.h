/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Exit codes of dotagentsd; dotagentsd(1) and da-daemon-options.c say the same. */
typedef enum {
  DA_EXIT_OK        = 0,
  DA_EXIT_FAILURE   = 1,
  DA_EXIT_USAGE     = 2,
  DA_EXIT_IN_USE    = 3,   /* another process owns the data folder */
  DA_EXIT_LISTEN    = 4,   /* cannot listen */
  DA_EXIT_DATA      = 5,   /* data folder or database unusable */
  DA_EXIT_NOT_RUNNING = 6, /* a command found no running program to talk to */
  DA_EXIT_INTERRUPTED = 130,  /* a command was ended by Ctrl+C */
} DaExit;

/**
 * DaDaemonOptions: the command line of dotagentsd with the defaults of the environment filled in.
 * All owned.
 */
typedef struct {
  char     *bind;            /* (nullable) */
  int       port;            /* -1: as set */
  char     *data_dir;
  char     *state_dir;
  char     *agents_dir;
  char     *workspace_dir;   /* (nullable) */
  char     *ready_file;      /* (nullable) */
  char     *log_level;       /* (nullable) */
  char    **overrides;       /* (nullable) --set */
  gboolean  print_settings;
  gboolean  no_keyring;
  gboolean  qr;              /* show a pairing code once it is listening */
  char     *address;         /* (nullable) for the code */
} DaDaemonOptions;

/* Returns FALSE when the program should end now with *exit_code (after --help, --version or a
 * mistake, which is told on stderr). */
gboolean da_daemon_options_parse (DaDaemonOptions *self,
                                  int             *argc,
                                  char          ***argv,
                                  DaExit          *exit_code);
void     da_daemon_options_clear (DaDaemonOptions *self);

G_END_DECLS
