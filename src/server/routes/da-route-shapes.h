/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-engine.h"
#include "da-json-writer.h"
#include "da-model-presets.h"

G_BEGIN_DECLS

/* JSON shapes that more than one group of routes writes. Pure: no I/O, no state. */

/* What a secret that is set looks like to a client; writing it back means "unchanged". */
#define DA_SHAPE_MASK "\342\200\242\342\200\242\342\200\242\342\200\242" \
                      "\342\200\242\342\200\242\342\200\242\342\200\242"

typedef enum {
  DA_SHAPE_PLAIN    = 0,
  DA_SHAPE_METADATA = 1 << 0,
} DaShapeFlags;

/* Members of a list item (contract 10 4.3) into the object that is open. Never searchText. */
void  da_shape_conversation_item (DaJsonWriter   *writer,
                                  DaConversation *conversation);
/* A whole document: one conversation with its messages (contract 10 4.4). */
void  da_shape_conversation      (DaJsonWriter   *writer,
                                  DaConversation *conversation,
                                  DaShapeFlags    flags);

/* (transfer full) (element-type DaSession): active by start, finished by end, newest first. */
void  da_shape_split_sessions    (DaEngine       *engine,
                                  GPtrArray     **active,
                                  GPtrArray     **finished);
/* An item of /v1/agent-sessions/candidates. */
void  da_shape_candidate         (DaJsonWriter   *writer,
                                  DaSession      *session);
/* An item of sessions.*Details in /v1/operator/status. */
void  da_shape_session           (DaJsonWriter   *writer,
                                  DaSession      *session);

/* The merged presets as an array member (contract 30 D.2). */
void  da_shape_presets           (DaJsonWriter   *writer,
                                  const char     *name,
                                  DaEngine       *engine);
/* One preset as an object member; @name NULL inside an array. */
void  da_shape_preset            (DaJsonWriter   *writer,
                                  const char     *name,
                                  DaEngine       *engine,
                                  DaModelPreset  *preset);

/* A number of a client, from 0 on; a fraction is cut. FALSE: no number, or out of range. */
gboolean da_shape_take_number    (JsonNode       *node,
                                  gint64         *out);

G_END_DECLS
