/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <libsoup/soup.h>

#include "da-access-log.h"
#include "da-audit-rules.h"
#include "da-engine.h"
#include "da-flush-queue.h"
#include "da-gate.h"
#include "da-route.h"
#include "da-router.h"
#include "da-server.h"
#include "da-throttler.h"

G_BEGIN_DECLS

/**
 * DaServerContext: what every request needs, in one place. Refcounted, because an answer of the
 * engine may come after the server object is gone; then @server is NULL. Main thread.
 */
struct _DaServerContext {
  int             ref_count;
  DaServer       *server;        /* (nullable) borrowed */
  SoupServer     *soup;          /* owned; (nullable) once the server is gone */
  DaEngine       *engine;        /* owned */
  DaAccess       *access;        /* borrowed from the engine, like the next two */
  DaSettings     *settings;
  DaRemoteAccess *remote;
  DaRouter       *router;        /* owned */
  DaGate         *gate;          /* owned */
  DaThrottler    *throttler;     /* owned */
  DaFlushQueue   *flush_queue;   /* owned */
  DaAccessLog    *access_log;    /* owned */
  DaAuditRules   *audit_rules;   /* owned */
  GPtrArray      *connections;   /* (element-type DaConnection) owned references */
  GHashTable     *peers;         /* address -> count, of other machines */
  GString        *scratch;       /* frames are built here; empty between calls */
  guint           sweep_source;  /* once a second while there are connections */
  guint           n_streams;
  guint           n_requests;    /* in flight */
  gsize           body_bytes;    /* of bodies that are held */
  gboolean        is_stopping;
};

DaServerContext *_da_server_context_ref   (DaServerContext *self);
void             _da_server_context_unref (DaServerContext *self);
/* Called when a connection or request ended, for a stop that waits for it. */
void             _da_server_settled       (DaServerContext *self);

G_END_DECLS
