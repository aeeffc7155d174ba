/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-error.h"
#include "store-fixture.h"

static char *
begin (Fixture    *fixture,
       const char *run_id,
       gboolean    create,
       GPtrArray  *messages)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) now = NULL;

  now = fixture_begin (fixture->store, run_id, "conv_1", create, messages, &error);
  g_assert_no_error (error);
  return fixture_describe (now->messages);
}

static void
test_begin (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr (GPtrArray) one = fixture_messages ("u:one", NULL);
  g_autoptr (GPtrArray) two = fixture_messages ("u:two", NULL);
  g_autofree char *first = begin (fixture, "run_1", TRUE, one);
  g_autofree char *second = begin (fixture, "run_2", TRUE, two);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) loaded = fixture_load (fixture, "conv_1", &error);

  g_assert_cmpstr (first, ==, "u:one");
  g_assert_cmpstr (second, ==, "u:one|u:two");
  g_assert_cmpstr (loaded->title, ==, "one");
  g_assert_cmpstr (loaded->title_source, ==, "local_generated");
}

static void
test_earlier (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (DaRunRecord) run = fixture_run ("run_1", "conv_1", DA_RUN_STATE_RUNNING);
  g_autoptr (DaConversation) create = da_conversation_new ("conv_1");
  g_autoptr (GPtrArray) messages = fixture_messages ("u:three", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) now = NULL;
  g_autofree char *got = NULL;

  create->messages = fixture_messages ("u:one", "a:two", NULL);
  da_store_begin_run_async (fixture->store, run, create, messages, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  now = da_store_begin_run_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  got = fixture_describe (now->messages);
  g_assert_cmpstr (got, ==, "u:one|a:two|u:three");
  /* The caller's object is the caller's. */
  g_assert_cmpstr (create->title, ==, "");
}

static void
test_repeat (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) one = fixture_messages ("u:one", NULL);
  g_autoptr (GPtrArray) same = fixture_messages ("u: one \n", NULL);
  g_autoptr (GPtrArray) answer = fixture_messages ("a:yes", NULL);
  g_autoptr (GPtrArray) later = fixture_messages ("u:one", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = begin (fixture, "run_1", TRUE, one);
  g_autofree char *by_id = begin (fixture, "run_2", FALSE, one);
  g_autofree char *by_text = begin (fixture, "run_3", FALSE, same);
  g_autofree char *after = NULL;

  g_assert_cmpstr (by_id, ==, "u:one");
  g_assert_cmpstr (by_text, ==, "u:one");
  g_assert_true (fixture_finish (fixture->store, "run_3", DA_RUN_STATE_COMPLETED, answer, &error));
  g_assert_no_error (error);
  /* Answered: the same words are a new question. */
  after = begin (fixture, "run_4", FALSE, later);
  g_assert_cmpstr (after, ==, "u:one|a:yes|u:one");
}

static void
test_refusals (Fixture       *fixture,
               gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GPtrArray) others = fixture_messages ("u:other", NULL);
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;

  g_assert_null (fixture_begin (fixture->store, "run_1", "conv_1", FALSE, messages, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (fixture_finish (fixture->store, "run_9", DA_RUN_STATE_COMPLETED, messages,
                                  &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (fixture_append (fixture->store, "run_9", 1, 1, "x", &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (fixture_load_run (fixture->store, "run_9", 0, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_clear_error (&error);

  first = begin (fixture, "run_1", TRUE, messages);
  g_assert_null (fixture_begin (fixture->store, "run_1", "conv_1", FALSE, others, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_CONFLICT);
  g_clear_error (&error);
  /* Nothing of the refused one is stored. */
  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_cmpuint (loaded->messages->len, ==, 1);
}

static void
test_journal (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GPtrArray) answer = fixture_messages ("a:Hällo", NULL);
  g_autoptr (DaRunJournal) all = NULL;
  g_autoptr (DaRunJournal) rest = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = begin (fixture, "run_1", TRUE, messages);

  /* A slice may end inside a character; the whole text once more adds only what is new. */
  g_assert_true (fixture_append (fixture->store, "run_1", 1, 2, "H\xc3", &error));
  g_assert_true (fixture_append (fixture->store, "run_1", 2, 4, "\xa4l", &error));
  g_assert_true (fixture_append (fixture->store, "run_1", 2, 4, "\xa4l", &error));
  g_assert_true (fixture_append (fixture->store, "run_1", 3, 6, "Hällo", &error));
  g_assert_no_error (error);
  g_assert_true (fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, answer, &error));

  fixture_reopen (fixture);
  all = fixture_load_run (fixture->store, "run_1", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (all->text, ==, "Hällo");
  g_assert_cmpuint (all->events->len, ==, 3);
  g_assert_cmpint (all->run->state, ==, DA_RUN_STATE_COMPLETED);
  g_assert_cmpint (all->run->ended_at, ==, 2000);
  g_assert_cmpint (all->run->input_tokens, ==, 7);
  g_assert_cmpint (all->run->output_tokens, ==, 11);
  g_assert_cmpstr (all->run->conversation_id, ==, "conv_1");
  rest = fixture_load_run (fixture->store, "run_1", 2, &error);
  g_assert_cmpuint (rest->events->len, ==, 1);
  g_assert_cmpuint (((DaRunEvent *) rest->events->pdata[0])->number, ==, 3);
}

static void
test_twice (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GPtrArray) answer = fixture_messages ("a:hello", NULL);
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = begin (fixture, "run_1", TRUE, messages);

  g_assert_true (fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, answer, &error));
  g_assert_true (fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, answer, &error));
  loaded = fixture_load (fixture, "conv_1", &error);
  g_assert_cmpuint (loaded->messages->len, ==, 2);
}

static void
test_deleted (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GPtrArray) answer = fixture_messages ("a:hello", NULL);
  g_autoptr (DaConversation) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = begin (fixture, "run_1", TRUE, messages);
  g_autofree char *got = NULL;

  g_assert_true (fixture_delete (fixture, "conv_1", &error));
  g_assert_true (fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, answer, &error));
  g_assert_no_error (error);
  g_assert_true (fixture_restore (fixture, "conv_1", &error));
  loaded = fixture_load (fixture, "conv_1", &error);
  got = fixture_describe (loaded->messages);
  g_assert_cmpstr (got, ==, "u:hi|a:hello");
}

static GPtrArray *
list_runs (Fixture    *fixture,
           const char *conversation_id,
           guint       limit)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *runs;

  da_store_list_runs_async (fixture->store, conversation_id, limit, NULL, da_test_async_cb,
                            &result);
  da_test_run_async (&result);
  runs = da_store_list_runs_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  return runs;
}

static void
test_list (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) one = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autofree char *first = begin (fixture, "run_1", TRUE, messages);
  g_autofree char *second = begin (fixture, "run_2", FALSE, messages);

  all = list_runs (fixture, NULL, 0);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (((DaRunRecord *) all->pdata[0])->id, ==, "run_2");
  one = list_runs (fixture, "conv_1", 1);
  g_assert_cmpuint (one->len, ==, 1);
  none = list_runs (fixture, "conv_2", 0);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/runs/the-first-makes-the-conversation", test_begin);
  fixture_add ("/store/runs/earlier-turns-come-with-a-new-conversation", test_earlier);
  fixture_add ("/store/runs/a-repeated-question-is-stored-once", test_repeat);
  fixture_add ("/store/runs/unknown-and-taken-ids-are-refused", test_refusals);
  fixture_add ("/store/runs/events-and-text-are-there-after-a-restart", test_journal);
  fixture_add ("/store/runs/ending-twice-stores-once", test_twice);
  fixture_add ("/store/runs/a-deleted-conversation-still-gets-its-answer", test_deleted);
  fixture_add ("/store/runs/the-list-is-newest-first", test_list);
  return g_test_run ();
}
