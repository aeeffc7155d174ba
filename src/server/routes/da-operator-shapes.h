/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"
#include "da-json-writer.h"

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

G_END_DECLS
