/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "da-daemon-options.h"
#include "da-sse-parser.h"

G_BEGIN_DECLS

/**
 * DaCli: one subcommand while it runs. On the stack of da_cli_run(). Main thread; a call turns the
 * main loop until its answer is there, or the person presses Ctrl+C.
 */
typedef struct {
  char         *command;       /* "devices" */
  char         *data_dir;
  gboolean      json;
  char         *socket_path;
  SoupSession  *session;       /* (nullable) until the first call */
  GCancellable *interrupted;   /* Ctrl+C */
  guint         signals[2];
} DaCli;

/* Each gets the words after its name, argv[0] being the name; returns the exit code. */
typedef int (*DaCliFunc) (DaCli *cli, int argc, char **argv);

int       da_cli_cmd_qr            (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_key           (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_devices       (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_conversations (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_status        (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_logs          (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_settings      (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_chat          (DaCli *cli, int argc, char **argv);
int       da_cli_cmd_audit         (DaCli *cli, int argc, char **argv);

/* da-cli.c */

/**
 * da_cli_parse:
 * @entries: (nullable): options besides --json and --data-dir
 * @usage: the words after the command in --help
 *
 * Takes the options out of the words. FALSE: *exit_code says how to end; the mistake was told.
 */
gboolean  da_cli_parse             (DaCli              *cli,
                                    int                *argc,
                                    char             ***argv,
                                    const GOptionEntry *entries,
                                    const char         *usage,
                                    int                *exit_code);
/* Tells that the words were wrong; DA_EXIT_USAGE. */
int       da_cli_misused           (DaCli              *cli,
                                    const char         *usage);
/* Tells @error; the exit code for it. */
int       da_cli_failed            (const GError       *error);

/* da-cli-client.c */

/* Errors: DA_ERROR_UNAVAILABLE (nobody answers at the socket), DA_ERROR_CONFLICT (the program
 * refused; its words), G_IO_ERROR_CANCELLED (Ctrl+C).
 * @body: (nullable) (transfer full). Returns (transfer full) (nullable): the answer. */
JsonNode *da_cli_call              (DaCli              *cli,
                                    const char         *method,
                                    const char         *path,
                                    JsonNode           *body,
                                    GError            **error);
/* As da_cli_call(), but even when the person has pressed Ctrl+C. */
JsonNode *da_cli_call_anyway       (DaCli              *cli,
                                    const char         *method,
                                    const char         *path,
                                    GError            **error);
/* Hands the events of a stream on until it ends. */
gboolean  da_cli_stream            (DaCli              *cli,
                                    const char         *method,
                                    const char         *path,
                                    JsonNode           *body,
                                    DaSseFunc           func,
                                    gpointer            user_data,
                                    GError            **error);
void      da_cli_disconnect        (DaCli              *cli);

/* da-cli-print.c */

/* (transfer full): @text without what would steer the terminal: names and answers come from others.
 * Newlines and tabs stay with @lines. */
char     *da_cli_clean             (const char         *text,
                                    gboolean            lines);
/* (transfer full): "2026-11-22 08:13", "" for 0. */
char     *da_cli_format_time       (gint64              ms);
/* Indented. */
void      da_cli_print_json        (JsonNode           *node);
/* (transfer full): a path with one escaped segment: "/v1/x/" and an id. */
char     *da_cli_path              (const char         *prefix,
                                    const char         *segment,
                                    const char         *suffix);
/* Rows of cells as columns; @rows: (element-type GStrv), the first is the head. */
void      da_cli_print_table       (GPtrArray          *rows);
/* (transfer full): {"name": "value"} of pairs of strings up to NULL; a NULL value is left out. */
JsonNode *da_cli_object            (const char         *name,
                                    ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
