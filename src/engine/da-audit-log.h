/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One thing that was done, or refused, from outside (contract 30 0.7). All strings owned. */
typedef struct {
  gint64    timestamp;        /* Unix ms */
  char     *action;           /* "run-agent", "authentication", ... */
  char     *path;             /* without the query */
  gboolean  success;
  int       status;           /* HTTP status; 0 when there was none */
  char     *device_id;        /* (nullable) <= 80 characters */
  char     *device_name;      /* (nullable) */
  char     *ip;               /* (nullable) <= 80 */
  char     *origin;           /* (nullable) <= 160 */
  char     *user_agent;       /* (nullable) <= 160 */
  char     *details;          /* (nullable) JSON object as text; no secrets */
  char     *failure_reason;   /* (nullable) <= 120 */
} DaAuditEntry;

/* (transfer full): with the time of now. */
DaAuditEntry *da_audit_entry_new  (const char *action, const char *path, gboolean success);
void          da_audit_entry_free (DaAuditEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaAuditEntry, da_audit_entry_free)

/* Entries kept in memory for the operator's screen. */
#define DA_AUDIT_RECENT 200
/* A file that has grown beyond this is set aside as audit-1.jsonl, and so on up to 9. */
#define DA_AUDIT_FILE_BYTES (1024 * 1024)

/**
 * DaAuditLog:
 *
 * Append-only: <state>/audit.jsonl, one JSON object per line, 0600. Each line carries the SHA-256
 * of the line before it, across files, so that a changed, removed or inserted line shows. Written
 * on the slow worker in order; a write that fails is told in the log and tried again with the
 * next entry. Main thread.
 */
#define DA_TYPE_AUDIT_LOG (da_audit_log_get_type ())
G_DECLARE_FINAL_TYPE (DaAuditLog, da_audit_log, DA, AUDIT_LOG, GObject)

DaAuditLog *da_audit_log_new         (const char    *folder);
/* Takes @entry. Text is cut to its limits here; control characters become spaces. */
void        da_audit_log_append      (DaAuditLog    *self,
                                      DaAuditEntry  *entry);
/* (transfer container) (element-type DaAuditEntry): newest first; the entries stay the log's
 * until the main loop turns. Empty until the file was read, which begins with the first call. */
GPtrArray  *da_audit_log_get_recent  (DaAuditLog    *self,
                                      guint          max);
/* Reads what the file ends with; called once at start. */
void        da_audit_log_load_async  (DaAuditLog          *self,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
gboolean    da_audit_log_load_finish (DaAuditLog          *self,
                                      GAsyncResult        *result,
                                      GError             **error);

/* Checks the chain of all files of @folder. Blocking; for the command line.
 * Returns FALSE with an error that names file and line where it breaks. */
gboolean    da_audit_log_verify      (const char    *folder,
                                      guint64       *n_lines,
                                      GError       **error);

G_END_DECLS
