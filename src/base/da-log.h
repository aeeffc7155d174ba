/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * One log writer for the program: redacted lines to stderr (journal form when stderr is the
 * journal), and a ring of the last entries for diagnostics. Levels are those of
 * remoteServerLogLevel: error, info, debug. Warnings are shown at "info" and above.
 * Thread-safe.
 */
typedef enum {
  DA_LOG_LEVEL_ERROR,
  DA_LOG_LEVEL_INFO,
  DA_LOG_LEVEL_DEBUG,
} DaLogLevel;

typedef struct {
  gint64      time_ms;    /* wall clock, Unix milliseconds */
  const char *level;      /* "error", "warning", "info" or "debug"; static */
  char       *component;  /* the log domain without "da-" */
  char       *message;    /* redacted */
} DaLogEntry;

/* Entries kept for diagnostics (contract 30 E.5). */
#define DA_LOG_RING_SIZE 512

/* Installs the GLib log writer; call once at start. */
void        da_log_init            (void);
void        da_log_set_level       (DaLogLevel   level);
DaLogLevel  da_log_get_level       (void);
gboolean    da_log_level_parse     (const char  *text,
                                    DaLogLevel  *out);
/* (transfer full) (element-type DaLogEntry): a copy, oldest first. */
GPtrArray  *da_log_dup_entries     (guint        max);
void        da_log_clear           (void);
/* Entries of level "error" younger than @window_ms. */
guint       da_log_count_errors    (gint64       window_ms);
void        da_log_entry_free      (DaLogEntry  *entry);
/* Calls @func on the main loop for each new entry, until removed. */
typedef void (*DaLogFunc) (const DaLogEntry *entry, gpointer user_data);
guint       da_log_watch           (DaLogFunc    func,
                                    gpointer     user_data);
void        da_log_unwatch         (guint        id);

G_END_DECLS
