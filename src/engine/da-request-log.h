/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Why a request was turned away. */
typedef enum {
  DA_REFUSAL_NONE,
  DA_REFUSAL_HOST,      /* a host name that is not on the list */
  DA_REFUSAL_ORIGIN,    /* a web page that is not on the list */
  DA_REFUSAL_KEY,       /* no key, or a wrong one */
  DA_REFUSAL_SCOPE,     /* the device may not do this */
  DA_REFUSAL_LIMIT,     /* too many, or too large */
} DaRefusal;

/* What the server tells of one request that has ended. All borrowed. */
typedef struct {
  const char *who;          /* (nullable): a device's name, "API key", "this computer" */
  const char *method;
  const char *route;        /* the pattern: no ids, no queries; the path of what is no route */
  const char *address;      /* (nullable) */
  const char *refused;      /* (nullable): the host or origin that was refused, as lists have it */
  gint64      duration_us;
  guint       status;
  DaRefusal   refusal;
} DaRequestLogItem;

/**
 * DaRequestLogEntry: one of them, immutable..
 */
#define DA_TYPE_REQUEST_LOG_ENTRY (da_request_log_entry_get_type ())
G_DECLARE_FINAL_TYPE (DaRequestLogEntry, da_request_log_entry, DA, REQUEST_LOG_ENTRY, GObject)

/* Unix ms */
gint64      da_request_log_entry_get_time     (DaRequestLogEntry *self);
/* (nullable) */
const char *da_request_log_entry_get_who      (DaRequestLogEntry *self);
const char *da_request_log_entry_get_method   (DaRequestLogEntry *self);
const char *da_request_log_entry_get_route    (DaRequestLogEntry *self);
/* (nullable) */
const char *da_request_log_entry_get_address  (DaRequestLogEntry *self);
guint       da_request_log_entry_get_status   (DaRequestLogEntry *self);
gint64      da_request_log_entry_get_duration (DaRequestLogEntry *self);   /* ms */
DaRefusal   da_request_log_entry_get_refusal  (DaRequestLogEntry *self);
/* (nullable): the host or origin that was refused */
const char *da_request_log_entry_get_refused  (DaRequestLogEntry *self);
/* (transfer full): one line, for copying */
char       *da_request_log_entry_dup_text     (DaRequestLogEntry *self);

#define DA_REQUEST_LOG_ENTRIES 200

/**
 * DaRequestLog: the last requests, newest first, a GListModel of DaRequestLogEntry. In memory only.
 * The server adds, the window reads. Many requests a second become one change of the list every
 * DA_REQUEST_LOG_MS, so that a busy server does not redraw a window without end. Main thread.
 */
#define DA_REQUEST_LOG_MS 100
#define DA_TYPE_REQUEST_LOG (da_request_log_get_type ())
G_DECLARE_FINAL_TYPE (DaRequestLog, da_request_log, DA, REQUEST_LOG, GObject)

/* (transfer full) */
DaRequestLog *da_request_log_new   (void);
/* Remembers one request. */
void          da_request_log_add   (DaRequestLog           *self,
                                    const DaRequestLogItem *item);
/* Forgets all. */
void          da_request_log_clear (DaRequestLog           *self);

G_END_DECLS
