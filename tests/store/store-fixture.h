/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-attachment-store.h"
#include "da-conversation-store.h"
#include "da-run-store.h"
#include "da-store.h"
#include "da-test-util.h"

G_BEGIN_DECLS

/* A store in a fresh folder, and its verbs as calls that wait. */
typedef struct {
  char    *dir;
  DaStore *store;
} Fixture;

#define fixture_add(path, func) \
  g_test_add ((path), Fixture, NULL, fixture_set_up, (func), fixture_tear_down)

void            fixture_set_up          (Fixture           *fixture,
                                         gconstpointer      user_data);
/* Asserts that the store is finalized. */
void            fixture_tear_down       (Fixture           *fixture,
                                         gconstpointer      user_data);
/* NULL with @error when it cannot be opened. */
DaStore        *fixture_open_dir        (const char        *dir,
                                         GError           **error);
void            fixture_close           (DaStore           *store);
void            fixture_reopen          (Fixture           *fixture);

DaMessage      *fixture_message         (DaRole             role,
                                         const char        *content);
/* (transfer full): "u:text", "a:text" or "t:text" each, until NULL. */
GPtrArray      *fixture_messages        (const char        *first,
                                         ...) G_GNUC_NULL_TERMINATED;
/* (transfer full): "u:text|a:text": to compare. */
char           *fixture_describe        (GPtrArray         *messages);

DaConversation *fixture_create          (Fixture           *fixture,
                                         const char        *id,
                                         GPtrArray         *messages);
DaConversation *fixture_create_full     (DaStore           *store,
                                         DaConversation    *conversation,
                                         GError           **error);
DaConversation *fixture_load            (Fixture           *fixture,
                                         const char        *id,
                                         GError           **error);
DaConversation *fixture_put             (Fixture           *fixture,
                                         const char        *id,
                                         DaConversationPut *put,
                                         GError           **error);
GPtrArray      *fixture_list            (Fixture           *fixture,
                                         guint              limit,
                                         gint64             before,
                                         const char        *device_id);
DaConversation *fixture_branch          (Fixture           *fixture,
                                         const char        *id,
                                         guint              index,
                                         const char        *message_id,
                                         GError           **error);
gboolean        fixture_delete          (Fixture           *fixture,
                                         const char        *id,
                                         GError           **error);
gboolean        fixture_restore         (Fixture           *fixture,
                                         const char        *id,
                                         GError           **error);
gboolean        fixture_purge           (Fixture           *fixture,
                                         gint64             before);
GPtrArray      *fixture_search          (Fixture           *fixture,
                                         const char        *query);
DaRunRecord    *fixture_run             (const char        *id,
                                         const char        *conversation_id,
                                         DaRunState         state);
DaConversation *fixture_begin           (DaStore           *store,
                                         const char        *run_id,
                                         const char        *conversation_id,
                                         gboolean           create,
                                         GPtrArray         *messages,
                                         GError           **error);
gboolean        fixture_finish          (DaStore           *store,
                                         const char        *run_id,
                                         DaRunState         state,
                                         GPtrArray         *messages,
                                         GError           **error);
/* A DELTA event whose text ends at @text_end. */
gboolean        fixture_append          (DaStore           *store,
                                         const char        *run_id,
                                         guint64            number,
                                         gsize              text_end,
                                         const char        *text,
                                         GError           **error);
DaRunJournal   *fixture_load_run        (DaStore           *store,
                                         const char        *run_id,
                                         guint64            after,
                                         GError           **error);

G_END_DECLS
