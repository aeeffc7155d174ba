/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"
#include "da-json-writer.h"
#include "da-log.h"

G_BEGIN_DECLS

/* The parts of GET /v1/operator/status (contract 30 E.2 to E.4). Cheap: they read what is in memory
 * and three short files of /proc, and never wait. @name NULL: a whole document. */

void da_operator_write_remote_server (DaJsonWriter *writer,
                                      const char   *name,
                                      DaEngine     *engine);
void da_operator_write_health        (DaJsonWriter *writer,
                                      const char   *name,
                                      DaEngine     *engine);
void da_operator_write_system        (DaJsonWriter *writer,
                                      const char   *name,
                                      DaEngine     *engine);
void da_operator_write_sessions      (DaJsonWriter *writer,
                                      const char   *name,
                                      DaEngine     *engine);
/* GET /v1/operator/diagnostics/report; its texts are redacted. */
void da_operator_write_report        (DaJsonWriter *writer,
                                      DaEngine     *engine);
/* An item of errors and logs (contract 30 E.5). */
void da_operator_write_log_entry     (DaJsonWriter     *writer,
                                      const DaLogEntry *entry);

G_END_DECLS
