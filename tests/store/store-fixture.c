/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "store-fixture.h"

#include "da-macros.h"

DaStore *
fixture_open_dir (const char  *dir,
                  GError     **error)
{
  g_autoptr (DaStore) store = da_store_new (dir);
  g_autoptr (GAsyncResult) result = NULL;

  da_store_open_async (store, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  if (!da_store_open_finish (store, result, error))
    {
      da_store_close (store);
      da_test_drain ();
      return NULL;
    }
  return g_steal_pointer (&store);
}

void
fixture_close (DaStore *store)
{
  da_store_close (store);
  da_test_await_finalize (store);
}

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  da_main_thread_mark ();
  fixture->dir = da_test_make_dir ();
  fixture->store = fixture_open_dir (fixture->dir, &error);
  g_assert_no_error (error);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  user_data)
{
  if (fixture->store != NULL)
    fixture_close (g_steal_pointer (&fixture->store));
  da_test_remove_tree (fixture->dir);
  g_free (fixture->dir);
}

void
fixture_reopen (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  if (fixture->store != NULL)
    fixture_close (g_steal_pointer (&fixture->store));
  fixture->store = fixture_open_dir (fixture->dir, &error);
  g_assert_no_error (error);
}

DaMessage *
fixture_message (DaRole      role,
                 const char *content)
{
  return da_message_new (role, content);
}

GPtrArray *
fixture_messages (const char *first,
                  ...)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func (g_object_unref);
  va_list args;

  va_start (args, first);
  for (const char *item = first; item != NULL; item = va_arg (args, const char *))
    {
      DaRole role = item[0] == 'u' ? DA_ROLE_USER
                                   : item[0] == 't' ? DA_ROLE_TOOL : DA_ROLE_ASSISTANT;

      g_assert_cmpint (item[1], ==, ':');
      g_ptr_array_add (messages, da_message_new (role, item + 2));
    }
  va_end (args);
  return messages;
}

char *
fixture_describe (GPtrArray *messages)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      DaMessage *message = messages->pdata[i];

      g_string_append_printf (out, "%s%c:%s", i > 0 ? "|" : "",
                              da_role_to_string (message->role)[0], message->content);
    }
  return g_string_free (out, FALSE);
}

DaConversation *
fixture_create_full (DaStore         *store,
                     DaConversation  *conversation,
                     GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_create_conversation_async (store, conversation, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_create_conversation_finish (store, result, error);
}

DaConversation *
fixture_create (Fixture    *fixture,
                const char *id,
                GPtrArray  *messages)
{
  g_autoptr (DaConversation) conversation = da_conversation_new (id);
  g_autoptr (GError) error = NULL;
  DaConversation *stored;

  conversation->messages = g_ptr_array_ref (messages);
  stored = fixture_create_full (fixture->store, conversation, &error);
  g_assert_no_error (error);
  return stored;
}

DaConversation *
fixture_load (Fixture     *fixture,
              const char  *id,
              GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_load_conversation_async (fixture->store, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_load_conversation_finish (fixture->store, result, error);
}

DaConversation *
fixture_put (Fixture            *fixture,
             const char         *id,
             DaConversationPut  *put,
             GError            **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_put_conversation_async (fixture->store, id, put, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_put_conversation_finish (fixture->store, result, error);
}

GPtrArray *
fixture_list (Fixture    *fixture,
              guint       limit,
              gint64      before,
              const char *device_id)
{
  DaConversationQuery query = { limit, before, device_id };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *list;

  da_store_list_conversations_async (fixture->store, &query, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  list = da_store_list_conversations_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  return list;
}

DaConversation *
fixture_branch (Fixture     *fixture,
                const char  *id,
                guint        index,
                const char  *message_id,
                GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_branch_conversation_async (fixture->store, id, index, message_id, NULL,
                                      da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_branch_conversation_finish (fixture->store, result, error);
}

gboolean
fixture_delete (Fixture     *fixture,
                const char  *id,
                GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_delete_conversation_async (fixture->store, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_delete_conversation_finish (fixture->store, result, error);
}

gboolean
fixture_restore (Fixture     *fixture,
                 const char  *id,
                 GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_restore_conversation_async (fixture->store, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_restore_conversation_finish (fixture->store, result, error);
}

gboolean
fixture_purge (Fixture *fixture,
               gint64   before)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  da_store_purge_async (fixture->store, before, da_test_async_cb, &result);
  da_test_run_async (&result);
  done = da_store_purge_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  return done;
}

GPtrArray *
fixture_search (Fixture    *fixture,
                const char *query)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *hits;

  da_store_search_async (fixture->store, query, 0, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  hits = da_store_search_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  return hits;
}

DaRunRecord *
fixture_run (const char *id,
             const char *conversation_id,
             DaRunState  state)
{
  DaRunRecord *run = da_run_record_new ();

  run->id = g_strdup (id);
  run->conversation_id = g_strdup (conversation_id);
  run->session_id = g_strdup ("session_1");
  run->number = 1;
  run->state = state;
  run->started_at = 1000;
  return run;
}

DaConversation *
fixture_begin (DaStore     *store,
               const char  *run_id,
               const char  *conversation_id,
               gboolean     create,
               GPtrArray   *messages,
               GError     **error)
{
  g_autoptr (DaRunRecord) run = fixture_run (run_id, conversation_id, DA_RUN_STATE_RUNNING);
  g_autoptr (DaConversation) head = create ? da_conversation_new (conversation_id) : NULL;
  g_autoptr (GAsyncResult) result = NULL;

  da_store_begin_run_async (store, run, head, messages, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_begin_run_finish (store, result, error);
}

gboolean
fixture_finish (DaStore     *store,
                const char  *run_id,
                DaRunState   state,
                GPtrArray   *messages,
                GError     **error)
{
  g_autoptr (DaRunRecord) run = fixture_run (run_id, NULL, state);
  g_autoptr (GAsyncResult) result = NULL;

  run->ended_at = 2000;
  run->input_tokens = 7;
  run->output_tokens = 11;
  da_store_finish_run_async (store, run, messages, NULL, NULL, 0, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_finish_run_finish (store, result, error);
}

static void
event_free (gpointer event)
{
  da_run_event_free (event);
}

gboolean
fixture_append (DaStore     *store,
                const char  *run_id,
                guint64      number,
                gsize        text_end,
                const char  *text,
                GError     **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (event_free);
  g_autoptr (GAsyncResult) result = NULL;
  DaRunEvent *event = g_new0 (DaRunEvent, 1);

  event->number = number;
  event->type = DA_RUN_EVENT_DELTA;
  event->time_ms = 1000 + (gint64) number;
  event->text_end = text_end;
  g_ptr_array_add (events, event);
  da_store_append_events_async (store, run_id, events, text, strlen (text), da_test_async_cb,
                                &result);
  da_test_run_async (&result);
  return da_store_append_events_finish (store, result, error);
}

DaRunJournal *
fixture_load_run (DaStore     *store,
                  const char  *run_id,
                  guint64      after,
                  GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_load_run_async (store, run_id, after, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_load_run_finish (store, result, error);
}
