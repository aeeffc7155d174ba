/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-access.h"
#include "da-chat-request.h"

G_BEGIN_DECLS

/* What is known of the asking program. */
typedef struct {
  DaIdentityKind identity;
  const char    *user_agent;       /* (nullable) */
  /* any X-Stainless-* header: an SDK made by Stainless (OpenAI's) */
  gboolean       has_stainless;
  gboolean       has_origin;       /* a browser page */
  gboolean       has_requested_with;
} DaClientSigns;

/* Pure. What the program says of itself beats the kind of its key. */
DaClientKind da_client_kind_decide        (const DaClientSigns *signs);
/* Whether hanging up cancels the run; @header (nullable): X-DotAgents-On-Disconnect. */
gboolean     da_client_kind_cancels       (DaClientKind         kind,
                                           const char          *header);

G_END_DECLS
