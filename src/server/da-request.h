/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "da-engine.h"
#include "da-route.h"

G_BEGIN_DECLS

/**
 * DaRequest: one request that passed the gate. Refcounted; main thread. Handlers only read it.
 */
DaRequest    *da_request_ref             (DaRequest   *self);
void          da_request_unref           (DaRequest   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaRequest, da_request_unref)

DaEngine     *da_request_get_engine      (DaRequest   *self);
const DaRoute *da_request_get_route      (DaRequest   *self);
/* Whose key it was. */
DaIdentity   *da_request_get_identity    (DaRequest   *self);
/* Fires when the client is gone, the key is revoked, or the server is cut off. */
GCancellable *da_request_get_cancellable (DaRequest   *self);
/* Decoded parameter of the pattern, ":id" by "id". Asserts when the pattern has no such name. */
const char   *da_request_get_param       (DaRequest   *self,
                                          const char  *name);
/* (nullable): decoded query value. */
const char   *da_request_get_query       (DaRequest   *self,
                                          const char  *name);
/* *clamp(fallback, maximum)* of contract 30 0.4. */
guint         da_request_get_count       (DaRequest   *self,
                                          const char  *name,
                                          guint        fallback,
                                          guint        maximum);
const char   *da_request_get_header      (DaRequest   *self,
                                          const char  *name);
/* (nullable): the parsed body; NULL: there was none. */
JsonNode     *da_request_get_json        (DaRequest   *self);
/* The body as an object; when it is not one, answers 400 itself and returns NULL. */
JsonObject   *da_request_need_object     (DaRequest   *self);
/* (nullable) (transfer none): for DA_ROUTE_BODY_ANY */
GBytes       *da_request_get_body        (DaRequest   *self);
/* Script, app or desktop, from key kind and headers (da-client-kind.c). */
DaClientKind  da_request_get_client_kind (DaRequest   *self);
/* x-device-id / x-dotagents-device-id, cleaned (contract 10 1.3); (nullable). Never trusted for
 * more than the trusted-device list. */
const char   *da_request_get_device_header (DaRequest *self);
const char   *da_request_get_remote_address (DaRequest *self);
SoupServerMessage *da_request_get_message (DaRequest  *self);
/* Remote-server object of the engine and our own server, for status routes. */
struct _DaServer *da_request_get_server  (DaRequest   *self);

/* Extra words for the audit row of a DA_ROUTE_AUDIT route. */
void          da_request_audit           (DaRequest   *self,
                                          const char  *action,
                                          const char  *details_json,
                                          const char  *failure_reason);
/* Runs @func about @delay_ms after the answer has been sent or the client is gone (contract 10
 * 1.8). */
void          da_request_after_reply     (DaRequest   *self,
                                          guint        delay_ms,
                                          void       (*func) (DaEngine *engine, gpointer data),
                                          gpointer     data,
                                          GDestroyNotify destroy);

G_END_DECLS
