/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

#include "da-route.h"

G_BEGIN_DECLS

/**
 * DaRouter: all rows of all groups, matched on the decoded path. No I/O; pure, table-tested.
 */
typedef struct _DaRouter DaRouter;

typedef enum {
  DA_ROUTE_FOUND,
  DA_ROUTE_UNKNOWN_PATH,      /* 404 */
  DA_ROUTE_WRONG_METHOD,      /* 405 with Allow */
  DA_ROUTE_BAD_PATH,          /* 400: bad escape, %00, invalid UTF-8 */
} DaRouteOutcome;

typedef struct {
  const DaRoute *route;
  char         **parameters;  /* (nullable) decoded values, in the order of the pattern */
  char          *allow;       /* (nullable) for 405 */
} DaRouteMatch;

DaRouter       *da_router_new         (void);
void            da_router_free        (DaRouter       *self);
/* @routes: an array that ends with a NULL method; must outlive the router. A duplicate row asserts.
   */
void            da_router_add         (DaRouter       *self,
                                       const DaRoute  *routes);
/* @path: raw (still percent-encoded) path of the request line, without query. */
DaRouteOutcome  da_router_match       (DaRouter       *self,
                                       const char     *method,
                                       const char     *path,
                                       DaRouteMatch   *out);
void            da_route_match_clear  (DaRouteMatch   *match);
/* (element-type DaRoute) (transfer container): for tests and the OpenAPI check. */
GPtrArray      *da_router_list        (DaRouter       *self);

G_END_DECLS
