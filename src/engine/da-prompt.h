/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-chat-request.h"
#include "da-conversation.h"
#include "da-llm-request.h"
#include "da-settings.h"
#include "da-store.h"

G_BEGIN_DECLS

/**
 * da_prompt_is_relay:
 *
 * TRUE when a script names a model of the provider, keeps its own history and so wants that model
 * and nothing of ours around it: no system prompt is added and nothing is shortened unless it
 * does not fit.
 */
gboolean   da_prompt_is_relay            (DaChatRequest  *request,
                                          const char     *used_model);
/**
 * da_prompt_build:
 * @conversation: (nullable): the stored history, ending with the question; NULL: @request's
 * messages
 *
 * Returns: (transfer full) (element-type DaLlmMessage): what the model is shown (contract 10 9.3,
 * as far as the things it speaks of exist): system prompt, the time, then the history.
 */
GPtrArray *da_prompt_build               (DaSettings     *settings,
                                          DaChatRequest  *request,
                                          DaConversation *conversation,
                                          gboolean        relay);

/* Turns Markdown images of user messages (data:, assets:) into image parts; at most the newest
 * eight. A missing file is left as its alternative text. */
void       da_prompt_attach_images_async  (GPtrArray           *messages,
                                           DaStore             *store,
                                           const char          *conversation_id,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);
gboolean   da_prompt_attach_images_finish (GAsyncResult        *result,
                                           GError             **error);

G_END_DECLS
