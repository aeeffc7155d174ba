/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-clock.h"
#include "da-error.h"
#include "store-fixture.h"

static void
test_create (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:What is up?", "t:[ls] x", "a:Nothing",
                                                     NULL);
  g_autoptr (DaConversation) stored = fixture_create (fixture, "conv_1", messages);
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  g_assert_cmpstr (stored->title, ==, "What is up?");
  g_assert_cmpstr (stored->title_source, ==, "default");
  fixture_reopen (fixture);
  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_no_error (error);
  got = fixture_describe (loaded->messages);
  g_assert_cmpstr (got, ==, "u:What is up?|t:[ls] x|a:Nothing");
  g_assert_cmpuint (loaded->message_count, ==, 3);
  g_assert_cmpstr (loaded->last_message, ==, "Nothing");
  g_assert_cmpstr (loaded->preview, ==, "user: What is up? | tool: [ls] x | assistant: Nothing");
  for (guint i = 0; i < 3; i++)
    {
      DaMessage *before = messages->pdata[i];
      DaMessage *after = loaded->messages->pdata[i];

      g_assert_cmpstr (after->id, ==, before->id);
      g_assert_cmpint (after->timestamp, ==, before->timestamp);
      g_assert_cmpint (after->sequence, ==, i);
      g_assert_cmpint (before->sequence, ==, -1);
    }
}

static void
test_all_fields (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (DaConversation) conversation = da_conversation_new ("wa_1@s.whatsapp.net");
  g_autoptr (DaConversation) stored = NULL;
  g_autoptr (GError) error = NULL;
  DaMessage *message = da_message_new (DA_ROLE_ASSISTANT, "x");
  DaMessage *got;

  g_free (conversation->title);
  conversation->title = g_strdup ("Given");
  conversation->title_source = g_strdup ("manual");
  conversation->client_session_id = g_strdup ("session_9");
  conversation->profile_id = g_strdup ("profile");
  conversation->device_id = g_strdup ("device");
  conversation->metadata = g_strdup ("{\"model\":\"m\"}");
  conversation->created_at = 10;
  conversation->updated_at = 20;
  message->timestamp = 15;
  message->tool_calls = g_strdup ("[{\"name\":\"ls\",\"arguments\":{}}]");
  message->tool_results = g_strdup ("[{\"success\":true,\"content\":\"\"}]");
  message->display_content = g_strdup ("shown");
  message->run_id = g_strdup ("run_1");
  message->finish_reason = g_strdup ("stop");
  message->is_summary = TRUE;
  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (conversation->messages, message);

  stored = fixture_create_full (fixture->store, conversation, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (stored->title, ==, "Given");
  g_assert_cmpstr (stored->title_source, ==, "manual");
  g_assert_cmpstr (stored->client_session_id, ==, "session_9");
  g_assert_cmpstr (stored->profile_id, ==, "profile");
  g_assert_cmpstr (stored->device_id, ==, "device");
  g_assert_cmpstr (stored->metadata, ==, "{\"model\":\"m\"}");
  g_assert_cmpint (stored->created_at, ==, 10);
  g_assert_cmpint (stored->updated_at, ==, 20);
  g_assert_cmpint (stored->last_message_at, ==, 15);
  got = stored->messages->pdata[0];
  g_assert_cmpstr (got->tool_calls, ==, message->tool_calls);
  g_assert_cmpstr (got->tool_results, ==, message->tool_results);
  g_assert_cmpstr (got->display_content, ==, "shown");
  g_assert_cmpstr (got->run_id, ==, "run_1");
  g_assert_cmpstr (got->finish_reason, ==, "stop");
  g_assert_true (got->is_summary);
}

static void
test_refusals (Fixture       *fixture,
               gconstpointer  user_data)
{
  static const char *const bad[] = { "", "..", "a/b", "index", "con", "a b", "x." };
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (DaConversation) first = fixture_create (fixture, "conv_1", messages);
  g_autoptr (DaConversation) again = da_conversation_new ("conv_1");
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture_create_full (fixture->store, again, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DaConversation) conversation = da_conversation_new (bad[i]);

      g_clear_error (&error);
      g_assert_null (fixture_create_full (fixture->store, conversation, &error));
      g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
    }
  g_clear_error (&error);
  g_assert_null (fixture_load (fixture, "conv_2", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
test_system (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (DaConversation) stored = NULL;
  g_autofree char *got = NULL;

  g_ptr_array_insert (messages, 0, da_message_new (DA_ROLE_SYSTEM, "be good"));
  stored = fixture_create (fixture, "conv_1", messages);
  got = fixture_describe (stored->messages);
  g_assert_cmpstr (got, ==, "u:hi");
}

static DaConversation *
create_at (Fixture    *fixture,
           const char *id,
           gint64      time,
           const char *device)
{
  g_autoptr (DaConversation) conversation = da_conversation_new (id);
  g_autoptr (GError) error = NULL;
  DaConversation *stored;
  DaMessage *message = da_message_new (DA_ROLE_USER, id);

  conversation->created_at = conversation->updated_at = time;
  conversation->device_id = g_strdup (device);
  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  message->timestamp = time;
  g_ptr_array_add (conversation->messages, message);
  stored = fixture_create_full (fixture->store, conversation, &error);
  g_assert_no_error (error);
  return stored;
}

static void
assert_list (Fixture    *fixture,
             guint       limit,
             gint64      before,
             const char *device,
             const char *expected)
{
  g_autoptr (GPtrArray) list = fixture_list (fixture, limit, before, device);
  g_autoptr (GString) got = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      DaConversation *conversation = list->pdata[i];

      g_assert_null (conversation->messages);
      g_string_append_printf (got, "%s%s", i > 0 ? " " : "", conversation->id);
    }
  g_assert_cmpstr (got->str, ==, expected);
}

static void
test_list (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_autoptr (DaConversation) b = create_at (fixture, "b", 200, "one");
  g_autoptr (DaConversation) a = create_at (fixture, "a", 100, NULL);
  g_autoptr (DaConversation) d = create_at (fixture, "d", 400, "one");
  g_autoptr (DaConversation) c = create_at (fixture, "c", 300, "two");
  g_autoptr (GError) error = NULL;

  assert_list (fixture, 0, 0, NULL, "d c b a");
  assert_list (fixture, 2, 0, NULL, "d c");
  assert_list (fixture, 2, 300, NULL, "b a");
  assert_list (fixture, 0, 0, "one", "d b");
  assert_list (fixture, 0, 0, "none", "");
  g_assert_true (fixture_delete (fixture, "c", &error));
  assert_list (fixture, 0, 0, NULL, "d b a");
}

static void
test_activity (Fixture       *fixture,
               gconstpointer  user_data)
{
  g_autoptr (DaConversation) conversation = da_conversation_new ("conv_1");
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) stored = NULL;
  g_autoptr (DaConversation) loaded = NULL;
  DaMessage *message = da_message_new (DA_ROLE_USER, "hi");

  conversation->updated_at = 100;
  message->timestamp = 500;
  conversation->messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (conversation->messages, message);
  stored = fixture_create_full (fixture->store, conversation, &error);
  loaded = fixture_load (fixture, "conv_1", &error);
  /* The reply says what the client said; what is shown is the later of both. */
  g_assert_cmpint (stored->updated_at, ==, 100);
  g_assert_cmpint (loaded->updated_at, ==, 500);
}

static void
test_delete (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (DaConversation) one = fixture_create (fixture, "one", messages);
  g_autoptr (DaConversation) two = fixture_create (fixture, "two", messages);
  g_autoptr (DaConversation) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (fixture_delete (fixture, "one", &error));
  g_assert_true (fixture_delete (fixture, "one", &error));
  g_assert_true (fixture_delete (fixture, "never", &error));
  g_assert_null (fixture_load (fixture, "one", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (fixture_restore (fixture, "one", &error));
  back = fixture_load (fixture, "one", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->messages->len, ==, 1);

  g_assert_true (fixture_delete (fixture, NULL, &error));
  assert_list (fixture, 0, 0, NULL, "");
  g_assert_false (fixture_restore (fixture, "never", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
test_purge (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:findme", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", i);
      g_autoptr (DaConversation) made = fixture_create (fixture, id, messages);
    }
  before = fixture_search (fixture, "findme");
  g_assert_cmpuint (before->len, >=, 30);
  g_assert_true (fixture_delete (fixture, NULL, &error));

  /* Deleted a moment ago: an older bound leaves it. */
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () - 3600000));
  g_assert_true (fixture_restore (fixture, "conv_7", &error));
  g_assert_true (fixture_purge (fixture, da_clock_now_ms () + 1));
  g_assert_false (fixture_restore (fixture, "conv_8", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  assert_list (fixture, 0, 0, NULL, "conv_7");
  after = fixture_search (fixture, "findme");
  g_assert_cmpuint (after->len, ==, 2);
}

static void
test_id_again (Fixture       *fixture,
               gconstpointer  user_data)
{
  g_autoptr (GPtrArray) old = fixture_messages ("u:old", NULL);
  g_autoptr (GPtrArray) new = fixture_messages ("u:new", NULL);
  g_autoptr (DaConversation) first = fixture_create (fixture, "conv_1", old);
  g_autoptr (DaConversation) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *got = NULL;

  g_assert_true (fixture_delete (fixture, "conv_1", &error));
  second = fixture_create (fixture, "conv_1", new);
  got = fixture_describe (second->messages);
  g_assert_cmpstr (got, ==, "u:new");
}

static void
test_branch (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:1", "a:2", "u:3", "a:4", NULL);
  g_autoptr (DaConversation) source = fixture_create (fixture, "conv_1", messages);
  g_autoptr (DaConversation) by_index = NULL;
  g_autoptr (DaConversation) by_id = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  by_index = fixture_branch (fixture, "conv_1", 1, NULL, &error);
  g_assert_no_error (error);
  first = fixture_describe (by_index->messages);
  g_assert_cmpstr (first, ==, "u:1|a:2");
  g_assert_cmpstr (by_index->title, ==, "Branch: 1");
  g_assert_cmpstr (by_index->title_source, ==, "system");
  g_assert_nonnull (strstr (by_index->branch_source, "\"sourceConversationId\":\"conv_1\""));
  g_assert_nonnull (strstr (by_index->branch_source, "\"sourceMessageIndex\":1"));
  g_assert_cmpstr (DA_MESSAGE (by_index->messages->pdata[0])->id, !=,
                   DA_MESSAGE (messages->pdata[0])->id);
  g_assert_cmpint (DA_MESSAGE (by_index->messages->pdata[0])->timestamp, ==,
                   DA_MESSAGE (messages->pdata[0])->timestamp);

  by_id = fixture_branch (fixture, "conv_1", 0, DA_MESSAGE (messages->pdata[2])->id, &error);
  g_assert_no_error (error);
  second = fixture_describe (by_id->messages);
  g_assert_cmpstr (second, ==, "u:1|a:2|u:3");

  g_assert_null (fixture_branch (fixture, "conv_1", 4, NULL, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (fixture_branch (fixture, "conv_1", 0, "msg_none", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (fixture_branch (fixture, "conv_2", 0, NULL, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static gboolean
set_title (Fixture     *fixture,
           const char  *id,
           const char  *title,
           const char  *source,
           gboolean     only_if_local,
           GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_set_title_async (fixture->store, id, title, source, only_if_local, NULL,
                            da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_set_title_finish (fixture->store, result, error);
}

static void
assert_title (Fixture    *fixture,
              const char *title,
              const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) loaded = fixture_load (fixture, "conv_1", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (loaded->title, ==, title);
  g_assert_cmpstr (loaded->title_source, ==, source);
}

static void
test_title (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (DaConversation) made = fixture_create (fixture, "conv_1", messages);
  g_autoptr (GError) error = NULL;

  g_assert_true (set_title (fixture, "conv_1", "Better", "server_generated", TRUE, &error));
  assert_title (fixture, "Better", "server_generated");
  g_assert_true (set_title (fixture, "conv_1", "Again", "server_generated", TRUE, &error));
  assert_title (fixture, "Better", "server_generated");
  g_assert_true (set_title (fixture, "conv_1", "Mine", "manual", FALSE, &error));
  assert_title (fixture, "Mine", "manual");
  g_assert_false (set_title (fixture, "conv_2", "x", "manual", FALSE, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
test_generation (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  guint64 start = da_store_get_generation (fixture->store);
  g_autoptr (DaConversation) made = fixture_create (fixture, "conv_1", messages);
  guint64 created = da_store_get_generation (fixture->store);
  g_autoptr (GPtrArray) list = fixture_list (fixture, 0, 0, NULL);
  g_autoptr (DaConversation) again = da_conversation_new ("conv_1");
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (created, >, start);
  g_assert_null (fixture_create_full (fixture->store, again, &error));
  g_assert_cmpuint (da_store_get_generation (fixture->store), ==, created);
  fixture_reopen (fixture);
  g_assert_cmpuint (da_store_get_generation (fixture->store), >, created);
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  da_store_close (fixture->store);
  da_store_close (fixture->store);
  g_assert_null (fixture_load (fixture, "conv_1", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  da_store_load_conversation_async (fixture->store, "conv_1", cancellable, da_test_async_cb,
                                    &result);
  da_test_run_async (&result);
  g_assert_null (da_store_load_conversation_finish (fixture->store, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/conversations/created-ones-are-there-after-a-restart", test_create);
  fixture_add ("/store/conversations/every-field-is-kept", test_all_fields);
  fixture_add ("/store/conversations/taken-bad-and-unknown-ids-are-refused", test_refusals);
  fixture_add ("/store/conversations/system-messages-are-not-stored", test_system);
  fixture_add ("/store/conversations/the-list-is-by-activity", test_list);
  fixture_add ("/store/conversations/activity-is-the-later-time", test_activity);
  fixture_add ("/store/conversations/deleting-is-idempotent-and-can-be-undone", test_delete);
  fixture_add ("/store/conversations/purged-ones-are-gone-from-the-search-too", test_purge);
  fixture_add ("/store/conversations/a-deleted-id-can-be-used-again", test_id_again);
  fixture_add ("/store/conversations/branches-copy-up-to-a-message", test_branch);
  fixture_add ("/store/conversations/a-better-title-is-not-replaced", test_title);
  fixture_add ("/store/conversations/the-generation-grows-with-changes-only", test_generation);
  fixture_add ("/store/conversations/a-closed-store-says-so", test_closed);
  fixture_add ("/store/conversations/a-cancelled-call-says-so", test_cancelled);
  return g_test_run ();
}
