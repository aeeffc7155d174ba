/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-router.h"

G_BEGIN_DECLS

/* One table per group, each ending with an empty row. Registered in da-server.c. */
extern const DaRoute da_routes_chat[];
extern const DaRoute da_routes_models[];
extern const DaRoute da_routes_conversations[];
extern const DaRoute da_routes_sessions[];
extern const DaRoute da_routes_runs[];
extern const DaRoute da_routes_settings[];
extern const DaRoute da_routes_emergency[];
extern const DaRoute da_routes_operator_status[];
extern const DaRoute da_routes_operator_sessions[];
extern const DaRoute da_routes_operator_models[];
extern const DaRoute da_routes_devices[];
extern const DaRoute da_routes_operator_access[];
extern const DaRoute da_routes_operator_logs[];
/* The description of all of them, data/openapi.yaml. */
extern const DaRoute da_routes_openapi[];
/* Read routes of features that are not there yet, answered honestly; emptied as they arrive. */
extern const DaRoute da_routes_absent[];

G_END_DECLS
