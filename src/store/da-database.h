/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaDatabase:
 *
 * One SQLite connection: WAL, synchronous=FULL, foreign keys, a cache of prepared statements.
 * Belongs to one thread, the database worker's; only da_database_interrupt() may come from
 * another one. The rest of the layer talks to SQLite through this header alone.
 *
 * Errors: DA_ERROR_NO_SPACE, _BUSY, _CORRUPT, _TOO_LARGE, _INTERNAL (a statement of ours is wrong)
 * and G_IO_ERROR for the rest (read-only folder, I/O error, interrupted).
 */
typedef struct _DaDatabase  DaDatabase;
typedef struct _DaStatement DaStatement;

typedef enum {
  DA_STEP_ROW,
  DA_STEP_DONE,
  DA_STEP_FAILED,
} DaStep;

/* How long a statement waits for a lock of another process. */
#define DA_DATABASE_BUSY_MS 5000

/* Creates the file (0600) when it is missing. */
DaDatabase  *da_database_open          (const char   *path,
                                        GError      **error);
/* A second connection that only reads, for the background check. */
DaDatabase  *da_database_open_readonly (const char   *path,
                                        GError      **error);
/* Checkpoints, when it is the last connection, and frees. Every statement must be released. */
void         da_database_free          (DaDatabase   *self);
/* Any thread: what runs now fails with G_IO_ERROR_CANCELLED; nothing waits for locks any more. */
void         da_database_interrupt     (DaDatabase   *self);

/* Runs a script of several statements. */
gboolean     da_database_exec          (DaDatabase   *self,
                                        const char   *sql,
                                        GError      **error);
/* @types has one letter per parameter: t (const char *, NULL allowed), i (gint64),
 * b (const void *, gsize). Runs to the end and drops rows. @sql is prepared once and kept. */
gboolean     da_database_run           (DaDatabase   *self,
                                        GError      **error,
                                        const char   *sql,
                                        const char   *types,
                                        ...);
/* The same for statements with rows. Texts are borrowed until the statement is released. */
DaStatement *da_database_query         (DaDatabase   *self,
                                        GError      **error,
                                        const char   *sql,
                                        const char   *types,
                                        ...);
/* First column of the first row; FALSE without @error when there is no row. */
gboolean     da_database_query_int     (DaDatabase   *self,
                                        gint64       *out,
                                        GError      **error,
                                        const char   *sql,
                                        const char   *types,
                                        ...);
/* Rows that the last da_database_run() changed. */
gint64       da_database_changes       (DaDatabase   *self);
gint64       da_database_last_serial   (DaDatabase   *self);

DaStep       da_statement_step         (DaStatement  *self,
                                        GError      **error);
gint64       da_statement_int          (DaStatement  *self,
                                        int           column);
double       da_statement_double       (DaStatement  *self,
                                        int           column);
/* (nullable): borrowed until the next step. */
const char  *da_statement_text         (DaStatement  *self,
                                        int           column);
/* (nullable) (transfer full) */
char        *da_statement_dup_text     (DaStatement  *self,
                                        int           column);
const void  *da_statement_bytes        (DaStatement  *self,
                                        int           column,
                                        gsize        *length);
void         da_statement_release      (DaStatement  *self);

/* One write at a time. A transaction that is not @durable is in the file after a crash of the
 * program, but may be lost with a crash of the machine; it never tears an earlier one. */
gboolean     da_database_begin         (DaDatabase   *self,
                                        gboolean      durable,
                                        GError      **error);
/* On failure everything is rolled back already. */
gboolean     da_database_commit        (DaDatabase   *self,
                                        GError      **error);
void         da_database_rollback      (DaDatabase   *self);

/* Makes durable what transactions that are not left in the log. */
gboolean     da_database_sync          (DaDatabase   *self,
                                        GError      **error);

/* Pages in the log since the last checkpoint. Nobody else checkpoints while the file is open. */
int          da_database_log_pages     (DaDatabase   *self);
/* Writes the log back into the file; takes some ten milliseconds. */
void         da_database_checkpoint    (DaDatabase   *self);

/* For fault tests: the Nth statement step from now (1-based, of any connection, commits included)
 * fails with the DA_ERROR @code; 0 switches it off. */
void         da_database_fail_nth      (guint         nth,
                                        int           code);
/* TRUE when a failure asked for is still to come. */
gboolean     da_database_fail_pending  (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaDatabase, da_database_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaStatement, da_statement_release)

G_END_DECLS
