/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-error.h"
#include "store-fixture.h"

static void
make (Fixture    *fixture,
      const char *id,
      const char *title,
      const char *question,
      const char *answer)
{
  g_autoptr (DaConversation) conversation = da_conversation_new (id);
  g_autoptr (DaConversation) stored = NULL;
  g_autoptr (GError) error = NULL;

  g_free (conversation->title);
  conversation->title = g_strdup (title);
  conversation->messages = fixture_messages (question, answer, NULL);
  stored = fixture_create_full (fixture->store, conversation, &error);
  g_assert_no_error (error);
}

static guint
count (Fixture    *fixture,
       const char *query)
{
  g_autoptr (GPtrArray) hits = fixture_search (fixture, query);

  return hits->len;
}

static void
test_words (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autoptr (GPtrArray) hits = NULL;
  DaSearchHit *hit;

  make (fixture, "conv_1", "Weather", "u:Will it rain tomorrow?", "a:Über Bergen regnet es immer.");
  make (fixture, "conv_2", "Cooking", "u:How long do eggs boil?", "a:Seven minutes.");

  hits = fixture_search (fixture, "rain");
  g_assert_cmpuint (hits->len, ==, 1);
  hit = hits->pdata[0];
  g_assert_cmpstr (hit->conversation_id, ==, "conv_1");
  g_assert_cmpstr (hit->title, ==, "Weather");
  g_assert_nonnull (hit->message_id);
  g_assert_cmpint (hit->role, ==, DA_ROLE_USER);
  g_assert_cmpstr (hit->snippet, ==, "Will it \2rain\3 tomorrow?");
  g_assert_cmpint (hit->timestamp, >, 0);

  g_assert_cmpuint (count (fixture, "eggs boil"), ==, 1);
  g_assert_cmpuint (count (fixture, "eggs rain"), ==, 0);
  g_assert_cmpuint (count (fixture, "tom"), ==, 1);
  g_assert_cmpuint (count (fixture, "tom rain"), ==, 0);
  g_assert_cmpuint (count (fixture, "uber"), ==, 1);
  g_assert_cmpuint (count (fixture, "ÜBER"), ==, 1);
  g_assert_cmpuint (count (fixture, ""), ==, 0);
  g_assert_cmpuint (count (fixture, "nothing"), ==, 0);
}

static void
test_titles (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GPtrArray) hits = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  DaSearchHit *hit;

  make (fixture, "conv_1", "About eggs", "u:hi", "a:eggs?");
  hits = fixture_search (fixture, "eggs");
  g_assert_cmpuint (hits->len, ==, 2);
  hit = hits->pdata[0];
  g_assert_null (hit->message_id);
  g_assert_cmpstr (hit->snippet, ==, "About \2eggs\3");

  da_store_set_title_async (fixture->store, "conv_1", "About ham", "manual", FALSE, NULL,
                            da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_true (da_store_set_title_finish (fixture->store, result, &error));
  g_assert_cmpuint (count (fixture, "eggs"), ==, 1);
  g_assert_cmpuint (count (fixture, "ham"), ==, 1);
}

static void
test_scripts (Fixture       *fixture,
              gconstpointer  user_data)
{
  make (fixture, "conv_1", "天气预报", "u:今天北京的天气很好", "a:はい、とても良い天気です");
  make (fixture, "conv_2", "ไทย", "u:สวัสดีครับ", "a:한국어를 공부해요");
  make (fixture, "conv_3", "Погода", "u:Завтра будет дождь", "a:مرحبا بالعالم");

  g_assert_cmpuint (count (fixture, "天气"), ==, 2);
  g_assert_cmpuint (count (fixture, "北京"), ==, 1);
  g_assert_cmpuint (count (fixture, "北"), ==, 1);
  g_assert_cmpuint (count (fixture, "京北"), ==, 0);
  g_assert_cmpuint (count (fixture, "天気"), ==, 1);
  g_assert_cmpuint (count (fixture, "とても"), ==, 1);
  g_assert_cmpuint (count (fixture, "공부"), ==, 1);
  g_assert_cmpuint (count (fixture, "ครับ"), ==, 1);
  g_assert_cmpuint (count (fixture, "дождь"), ==, 1);
  g_assert_cmpuint (count (fixture, "пого"), ==, 1);
  g_assert_cmpuint (count (fixture, "مرحبا"), ==, 1);
}

static void
test_hostile (Fixture       *fixture,
              gconstpointer  user_data)
{
  static const char *const queries[] = {
    "\"", "'", "\"\"", "*", "content:", "content : rain", "a AND", "NEAR(", "^rain", "-rain",
    "rain OR eggs", "{content} : x", "rain\" OR \"eggs", "a*b", "(", ")", "+", "\\", "%", "_",
    "rain; DROP TABLE messages", "\xff\xfe rain", "\2rain\3", "rain\n\teggs",
  };
  g_autofree char *long_word = g_strnfill (100000, 'x');
  g_autofree char *many = g_strnfill (100000, ' ');

  make (fixture, "conv_1", "Weather", "u:Will it rain tomorrow?", "a:eggs");
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr (GPtrArray) hits = fixture_search (fixture, queries[i]);
    }
  for (gsize i = 0; i < 100000; i += 2)
    many[i] = 'x';
  g_assert_cmpuint (count (fixture, long_word), ==, 0);
  g_assert_cmpuint (count (fixture, many), ==, 0);
  /* An operator is a word like any other. */
  g_assert_cmpuint (count (fixture, "rain OR eggs"), ==, 0);
  g_assert_cmpuint (count (fixture, "rain tomorrow"), ==, 1);
}

static void
test_tools (Fixture       *fixture,
            gconstpointer  user_data)
{
  make (fixture, "conv_1", "T", "u:hi", "t:[ls] needle");
  g_assert_cmpuint (count (fixture, "needle"), ==, 0);
}

static void
test_deleted (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  make (fixture, "conv_0", "T", "u:needle", "a:x");
  for (guint i = 1; i <= 410; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", i);

      make (fixture, id, "T", "u:needle", "a:x");
    }
  for (guint i = 1; i <= 410; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", i);

      g_assert_true (fixture_delete (fixture, id, &error));
    }
  /* The newest matches are all deleted; the one behind them is found all the same. */
  g_assert_cmpuint (count (fixture, "needle"), ==, 1);
}

static void
test_restart (Fixture       *fixture,
              gconstpointer  user_data)
{
  make (fixture, "conv_1", "T", "u:needle", "a:x");
  fixture_reopen (fixture);
  g_assert_cmpuint (count (fixture, "needle"), ==, 1);
  make (fixture, "conv_2", "T", "u:needle", "a:x");
  g_assert_cmpuint (count (fixture, "needle"), ==, 2);
  g_assert_cmpuint (count (fixture, "needle"), ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/search/words-beginnings-and-accents", test_words);
  fixture_add ("/store/search/titles-come-first-and-follow-changes", test_titles);
  fixture_add ("/store/search/scripts-without-spaces-are-found-inside", test_scripts);
  fixture_add ("/store/search/what-a-person-types-is-never-interpreted", test_hostile);
  fixture_add ("/store/search/tool-output-is-not-searched", test_tools);
  fixture_add ("/store/search/deleted-ones-hide-no-others", test_deleted);
  fixture_add ("/store/search/the-index-survives-a-restart", test_restart);
  return g_test_run ();
}
