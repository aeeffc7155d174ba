/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-audit-log.h"

G_BEGIN_DECLS

/* Refusals of one address that get a row of their own within a minute, and those of all addresses.
 * The rest is counted, and the count gets a row: nobody can wash the history away by knocking. */
#define DA_AUDIT_REFUSALS_ADDRESS 10
#define DA_AUDIT_REFUSALS_ALL     100
#define DA_AUDIT_WINDOW_SECONDS   60
/* The same key from the same address is told once in this time. */
#define DA_AUDIT_SUCCESS_SECONDS  600

/**
 * DaAuditRules: which authentications and refusals are worth a row of the audit log. Main thread.
 */
typedef struct _DaAuditRules DaAuditRules;

DaAuditRules *da_audit_rules_new         (DaAuditLog    *log);
/* Writes what was only counted. */
void          da_audit_rules_free        (DaAuditRules  *self);
/* Takes @entry: writes it, or counts it. */
void          da_audit_rules_add_refusal (DaAuditRules  *self,
                                          DaAuditEntry  *entry,
                                          gint64         now_us);
/* TRUE when @who was not seen at @address lately. */
gboolean      da_audit_rules_is_news     (DaAuditRules  *self,
                                          const char    *who,
                                          const char    *address,
                                          gint64         now_us);
/* Writes the counts of windows that are over; called by itself once a window. */
void          da_audit_rules_flush       (DaAuditRules  *self,
                                          gint64         now_us);

G_END_DECLS
