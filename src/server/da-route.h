/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <libsoup/soup.h>

#include "da-access.h"

G_BEGIN_DECLS

typedef struct _DaRequest DaRequest;
typedef struct _DaServerContext DaServerContext;

typedef enum {
  DA_ROUTE_NO_BODY   = 1 << 0,   /* a body is read and ignored up to 64 KiB */
  DA_ROUTE_AUDIT     = 1 << 1,   /* a row in the audit log with the outcome */
  DA_ROUTE_DEVICES   = 1 << 2,   /* the trusted-device list of contract 10 1.3 guards it */
  DA_ROUTE_BODY_ANY  = 1 << 3,   /* not JSON: the handler gets raw bytes */
} DaRouteFlags;

/**
 * DaRouteHandler:
 *
 * Called on the main loop once the gate has passed and the body is read and parsed. Answers exactly
 * once through da-reply.h, now or later (the request pauses itself when the handler returns without
 * an answer); keep a reference (da_request_ref()) until then.
 */
typedef void (*DaRouteHandler) (DaRequest *request);

/**
 * DaRoute: one row. Patterns are literal segments and ":name" parameters, "/v1/conversations/:id".
 * Decided on decoded segments; a static segment beats a parameter. HEAD uses the GET row.
 */
typedef struct {
  const char     *method;        /* "GET", "POST", "PUT", "PATCH", "DELETE" */
  const char     *pattern;
  DaScope         scope;
  gsize           body_limit;    /* 0: DA_LIMIT_BODY_BYTES */
  unsigned        flags;
  DaRouteHandler  handler;
} DaRoute;

G_END_DECLS
