/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "da-access.h"
#include "da-message.h"

G_BEGIN_DECLS

/* How the asking client wants to be treated. */
typedef enum {
  DA_CLIENT_SCRIPT,    /* OpenAI SDKs, curl: no pause before the end, hanging up cancels */
  DA_CLIENT_APP,       /* the phone app: progress frames, pause before done, hanging up detaches */
  DA_CLIENT_DESKTOP,   /* our own window */
} DaClientKind;

/**
 * DaChatRequest: one question to the engine, checked. Refcounted box, immutable after it was handed
 * to da_engine_chat_async().
 */
typedef struct {
  DaClientKind  client;
  DaIdentity   *identity;           /* (nullable) NULL: the desktop itself */
  char         *conversation_id;    /* (nullable) valid by da_path_check_id() */
  char         *profile_id;         /* (nullable) */
  char         *model;              /* (nullable) as asked for */
  char         *prompt;             /* the last user text, trimmed, with images as Markdown */
  GPtrArray    *messages;           /* (element-type DaLlmMessage): all that was sent, in order */
  JsonObject   *extra;              /* (nullable) sampling fields and client tools, passed on */
  gboolean      stream;
  gboolean      include_usage;      /* stream_options.include_usage */
  gboolean      store;              /* FALSE: nothing is kept */
  gboolean      send_push;
  gboolean      cancel_on_disconnect;
  /* the question is the last one of the stored conversation and had no (whole) answer: it is asked
   * again and not stored a second time; what is left of its answer is not shown to the model */
  gboolean      again;
} DaChatRequest;

/**
 * da_chat_request_parse:
 * @body: (nullable): the JSON body of POST /v1/chat/completions (contract 10 2.1)
 *
 * Returns: (transfer full): or %NULL with DA_ERROR_INVALID naming the field
 */
DaChatRequest *da_chat_request_parse (JsonNode      *body,
                                      GError       **error);
/* For the window and run-agent: one plain question. */
DaChatRequest *da_chat_request_new   (const char    *conversation_id,
                                      const char    *prompt);
DaChatRequest *da_chat_request_ref   (DaChatRequest *self);
void           da_chat_request_unref (DaChatRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaChatRequest, da_chat_request_unref)

G_END_DECLS
