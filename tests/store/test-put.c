/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-error.h"
#include "store-fixture.h"

static char *
put_messages (Fixture   *fixture,
              GPtrArray *messages)
{
  DaConversationPut put = { .messages = messages, .updated_at = 9000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) stored = fixture_put (fixture, "conv_1", &put, &error);

  g_assert_no_error (error);
  g_assert_cmpint (stored->updated_at, ==, 9000);
  return fixture_describe (stored->messages);
}

static void
test_new (Fixture       *fixture,
          gconstpointer  user_data)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", "a:hello", NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  DaConversationPut put = { .messages = messages, .title = "T", .updated_at = 5,
                            .has_client_session_id = TRUE, .client_session_id = "session_1" };
  DaConversationPut bad = { .messages = none };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) stored = fixture_put (fixture, "conv_1", &put, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (stored->title, ==, "T");
  g_assert_cmpstr (stored->title_source, ==, "local_generated");
  g_assert_cmpstr (stored->client_session_id, ==, "session_1");
  g_assert_cmpint (stored->updated_at, ==, 5);
  g_assert_cmpuint (stored->messages->len, ==, 2);

  g_assert_null (fixture_put (fixture, "conv_2", &bad, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
  g_clear_error (&error);
  bad.messages = NULL;
  g_assert_null (fixture_put (fixture, "conv_2", &bad, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
  g_clear_error (&error);
  put.messages = messages;
  g_assert_null (fixture_put (fixture, "../x", &put, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_INVALID);
}

/* One chat turn with a tool, as a run stores it. */
static void
make_turn (Fixture *fixture)
{
  g_autoptr (GPtrArray) question = fixture_messages ("u:list files", NULL);
  g_autoptr (GPtrArray) answer = fixture_messages ("a:looking", "t:[ls] a b c", "a:three files",
                                                   NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) begun = NULL;

  begun = fixture_begin (fixture->store, "run_1", "conv_1", TRUE, question, &error);
  g_assert_no_error (error);
  g_assert_true (fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, answer, &error));
  g_assert_no_error (error);
}

#define TURN "u:list files|a:looking|t:[ls] a b c|a:three files"

static void
test_projection (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) merged = fixture_messages ("u:list files", "a:looking three files", NULL);
  g_autoptr (GPtrArray) cut = fixture_messages ("u:list files", "a:thr", NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  make_turn (fixture);
  first = put_messages (fixture, merged);
  g_assert_cmpstr (first, ==, TURN);
  second = put_messages (fixture, cut);
  g_assert_cmpstr (second, ==, TURN);
  third = put_messages (fixture, none);
  g_assert_cmpstr (third, ==, TURN);
}

static void
test_additional (Fixture       *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) more = fixture_messages ("u:list files", "a:three files", "u:and now?",
                                                 "a:nothing", NULL);
  g_autoptr (GPtrArray) same = fixture_messages ("u:list files", "a:three files", "u:and now?",
                                                 "a:nothing", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  make_turn (fixture);
  first = put_messages (fixture, more);
  g_assert_cmpstr (first, ==, TURN "|u:and now?|a:nothing");
  second = put_messages (fixture, same);
  g_assert_cmpstr (second, ==, TURN "|u:and now?|a:nothing");
}

static void
assert_title_after (Fixture    *fixture,
                    const char *title,
                    const char *source,
                    const char *expected_title,
                    const char *expected_source)
{
  DaConversationPut put = { .title = title, .title_source = source };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) stored = fixture_put (fixture, "conv_1", &put, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (stored->title, ==, expected_title);
  g_assert_cmpstr (stored->title_source, ==, expected_source);
}

static void
test_title (Fixture       *fixture,
            gconstpointer  user_data)
{
  make_turn (fixture);
  assert_title_after (fixture, "Local", "local_generated", "Local", "local_generated");
  assert_title_after (fixture, "Made", "server_generated", "Made", "server_generated");
  /* The phone has not heard of the better title yet. */
  assert_title_after (fixture, "Local", "local_generated", "Made", "server_generated");
  assert_title_after (fixture, "Mine", NULL, "Mine", "manual");
  assert_title_after (fixture, "Odd", "nonsense", "Odd", "manual");
  assert_title_after (fixture, NULL, "system", "Odd", "system");
  assert_title_after (fixture, NULL, "nonsense", "Odd", NULL);
  assert_title_after (fixture, NULL, NULL, "Odd", NULL);
}

static void
test_client_session (Fixture       *fixture,
                     gconstpointer  user_data)
{
  DaConversationPut set = { .has_client_session_id = TRUE, .client_session_id = "session_1" };
  DaConversationPut keep = { .updated_at = 7 };
  DaConversationPut clear = { .has_client_session_id = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) first = NULL;
  g_autoptr (DaConversation) second = NULL;
  g_autoptr (DaConversation) third = NULL;

  make_turn (fixture);
  first = fixture_put (fixture, "conv_1", &set, &error);
  g_assert_cmpstr (first->client_session_id, ==, "session_1");
  second = fixture_put (fixture, "conv_1", &keep, &error);
  g_assert_cmpstr (second->client_session_id, ==, "session_1");
  third = fixture_put (fixture, "conv_1", &clear, &error);
  g_assert_null (third->client_session_id);
}

/* 1 x 1 pixel. */
#define PNG \
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg" \
  "gg=="

static void
test_picture (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (GPtrArray) question = fixture_messages ("u:what is [Image: cat]?", NULL);
  g_autoptr (GPtrArray) incoming = fixture_messages ("u:what is ![cat](data:image/png;base64," PNG
                                                     ")?", "a:a cat", NULL);
  DaConversationPut put = { .messages = incoming };
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) begun = NULL;
  g_autoptr (DaConversation) stored = NULL;
  DaMessage *message;

  begun = fixture_begin (fixture->store, "run_1", "conv_1", TRUE, question, &error);
  g_assert_no_error (error);
  stored = fixture_put (fixture, "conv_1", &put, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stored->messages->len, ==, 1);
  message = stored->messages->pdata[0];
  g_assert_cmpstr (message->content, ==, "what is [Image: cat]?");
  g_assert_true (g_str_has_prefix (message->display_content,
                                   "what is ![cat](assets://conversation-image/conv_1/"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/put/an-unknown-id-needs-messages", test_new);
  fixture_add ("/store/put/a-projection-keeps-what-is-stored", test_projection);
  fixture_add ("/store/put/additional-questions-are-appended-once", test_additional);
  fixture_add ("/store/put/titles-follow-the-rule", test_title);
  fixture_add ("/store/put/the-client-session-id-is-set-kept-and-cleared", test_client_session);
  fixture_add ("/store/put/a-picture-that-comes-later-is-shown", test_picture);
  return g_test_run ();
}
