/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

/* Every number of the server in one place. Source in brackets. */
#define DA_LIMIT_BODY_BYTES          (50 * 1024 * 1024)   /* contract 10 1.5 */
#define DA_LIMIT_BODIES_BYTES        (256 * 1024 * 1024)  /* all bodies that are held at once */
#define DA_LIMIT_IGNORED_BODY_BYTES  (64 * 1024)
#define DA_LIMIT_HEADER_BYTES        (64 * 1024)          /* request line and headers together */
#define DA_LIMIT_HEADER_COUNT        100
#define DA_LIMIT_PARAM_BYTES         1024                 /* one decoded path parameter */
#define DA_LIMIT_CONNECTIONS         1000                 /* the 1,001st is told 503 */
#define DA_LIMIT_CONNECTIONS_PEER    600                  /* of one non-loopback address */
#define DA_LIMIT_STREAMS             700
#define DA_LIMIT_HEADER_SECONDS      10                   /* first byte to end of headers */
#define DA_LIMIT_BODY_IDLE_SECONDS   30                   /* between two pieces of a body */
#define DA_LIMIT_KEEP_ALIVE_SECONDS  72                   /* contract 10 1.1 */
#define DA_LIMIT_WRITE_STALL_SECONDS 120                  /* a client that stops reading */
#define DA_LIMIT_STREAM_BUFFER_BYTES (32 * 1024)          /* bytes in flight per stream */
#define DA_LIMIT_HEARTBEAT_SECONDS   8                    /* contract 10 2.12: at most 10 */
#define DA_LIMIT_DONE_PAUSE_MS       150                  /* contract 40, "Stream": at least 100 */
#define DA_LIMIT_AUTH_FAILURES       20                   /* per address and minute, then 429 */
#define DA_LIMIT_AUTH_WINDOW_SECONDS 60
