/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-conversation-reconcile.h"

#include "store-fixture.h"

typedef struct {
  const char *path;
  const char *stored;
  const char *incoming;
  gboolean    has_runs;
  const char *appended;
} Row;

static const Row rows[] = {
  { "the-same-list-appends-nothing", "u:hi|a:hello", "u:hi|a:hello", TRUE, "" },
  { "an-empty-list-appends-nothing", "u:hi|a:hello", "", TRUE, "" },
  { "an-empty-conversation-takes-all", "", "a:welcome|u:hi|a:hello", FALSE,
    "a:welcome|u:hi|a:hello" },
  { "tool-messages-merged-away-are-kept", "u:list|a:looking|t:[ls] x|a:done",
    "u:list|a:looking done", TRUE, "" },
  { "progress-bubbles-are-not-taken", "u:hi|a:hello", "u:hi|a:Thinking|a:Calling ls|a:hello", TRUE,
    "" },
  { "a-shortened-answer-is-not-taken", "u:hi|a:hello, how are you", "u:hi|a:hel", TRUE, "" },
  { "a-missing-answer-is-not-taken-away", "u:hi|a:hello", "u:hi", TRUE, "" },
  { "an-error-bubble-of-our-run-is-not-taken", "u:hi", "u:hi|a:Error: 500", TRUE, "" },
  { "a-new-question-is-appended-with-its-answer", "u:hi|a:hello", "u:hi|a:hello|u:more|a:sure",
    TRUE, "u:more|a:sure" },
  { "a-new-question-alone-is-appended", "u:hi|a:hello", "u:hi|a:hello|u:more", TRUE, "u:more" },
  { "an-empty-bubble-behind-a-new-question-is-left-out", "u:hi|a:hello", "u:hi|a:hello|u:more|a: ",
    TRUE, "u:more" },
  { "two-new-questions-keep-their-order", "u:1|a:x", "u:1|a:x|u:2|a:y|u:3|a:z", TRUE,
    "u:2|a:y|u:3|a:z" },
  { "the-same-question-again-is-a-new-one", "u:go on|a:x", "u:go on|a:x|u:go on|a:y", TRUE,
    "u:go on|a:y" },
  { "white-space-makes-no-new-question", "u:hi  there|a:x", "u: hi there\n|a:x", TRUE, "" },
  { "an-older-copy-appends-nothing", "u:1|a:x|u:2|a:y", "u:1|a:x", TRUE, "" },
  { "a-question-in-between-is-appended-once", "u:1|a:x|u:3|a:z|u:2|a:y",
    "u:1|a:x|u:2|a:y|u:3|a:z", TRUE, "" },
  { "other-questions-are-appended-never-replaced", "u:1|a:x", "u:9|a:w", TRUE, "u:9|a:w" },
  { "a-picture-sent-without-its-bytes-is-the-same-question", "u:what is [Image: cat]?|a:a cat",
    "u:what is ![cat](data:image/png;base64,AAAA)?|a:a cat", TRUE, "" },
  { "a-stored-picture-is-the-same-question", "u:![cat](assets://conversation-image/c/1.png) what",
    "u:[Image: cat] what", TRUE, "" },
  { "the-answer-of-a-conversation-without-runs-is-taken", "u:hi", "u:hi|a:hello", FALSE,
    "a:hello" },
  { "only-the-last-question-may-get-its-answer", "u:1|u:2", "u:1|a:x|u:2|a:y", FALSE, "a:y" },
  { "an-answered-conversation-without-runs-takes-no-other", "u:hi|a:hello", "u:hi|a:hello there",
    FALSE, "" },
};

static GPtrArray *
parse (const char *text)
{
  GPtrArray *messages = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);

  for (guint i = 0; parts[i] != NULL && parts[i][0] != '\0'; i++)
    {
      g_autoptr (GPtrArray) one = fixture_messages (parts[i], NULL);

      g_ptr_array_add (messages, g_object_ref (one->pdata[0]));
    }
  return messages;
}

static void
test_row (gconstpointer user_data)
{
  const Row *row = user_data;
  g_autoptr (GPtrArray) stored = parse (row->stored);
  g_autoptr (GPtrArray) incoming = parse (row->incoming);
  g_autoptr (DaReconciliation) once = NULL;
  g_autoptr (DaReconciliation) twice = NULL;
  g_autofree char *got = NULL;

  once = da_conversation_reconcile (stored, incoming, row->has_runs);
  got = fixture_describe (once->append);
  g_assert_cmpstr (got, ==, row->appended);

  /* The client's next PUT has new ids; it must not add anything again. */
  for (guint i = 0; i < once->append->len; i++)
    {
      DaMessage *message = once->append->pdata[i];

      g_ptr_array_add (stored, da_message_new (message->role, message->content));
    }
  twice = da_conversation_reconcile (stored, incoming, row->has_runs);
  g_assert_cmpuint (twice->append->len, ==, 0);
}

static void
test_ids (void)
{
  g_autoptr (GPtrArray) stored = parse ("u:hi|a:hello");
  g_autoptr (GPtrArray) incoming = parse ("u:hi, edited|a:other");
  g_autoptr (DaReconciliation) result = NULL;

  for (guint i = 0; i < 2; i++)
    {
      DaMessage *message = incoming->pdata[i];

      g_free (message->id);
      message->id = g_strdup (((DaMessage *) stored->pdata[i])->id);
    }
  result = da_conversation_reconcile (stored, incoming, TRUE);
  g_assert_cmpuint (result->append->len, ==, 0);
}

static void
test_picture (void)
{
  g_autoptr (GPtrArray) stored = parse ("u:see [Image: cat]|a:yes");
  g_autoptr (GPtrArray) incoming = parse ("u:see ![cat](data:image/png;base64,AAAA)|a:yes");
  g_autoptr (DaReconciliation) result = da_conversation_reconcile (stored, incoming, TRUE);
  DaReconciledPicture *picture;

  g_assert_cmpuint (result->pictures->len, ==, 1);
  picture = result->pictures->pdata[0];
  g_assert_cmpstr (picture->message_id, ==, ((DaMessage *) stored->pdata[0])->id);
  g_assert_cmpstr (picture->display_content, ==, "see ![cat](data:image/png;base64,AAAA)");
}

static void
test_hostile (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *print = NULL;
  gint64 start;

  for (guint i = 0; i < 400000; i++)
    g_string_append (text, "![x](http");
  start = g_get_monotonic_time ();
  print = da_conversation_fingerprint (text->str);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/store/reconcile/", rows[i].path, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/store/reconcile/a-known-id-is-a-known-message", test_ids);
  g_test_add_func ("/store/reconcile/a-picture-that-comes-later-is-shown", test_picture);
  g_test_add_func ("/store/reconcile/a-hostile-text-costs-its-length", test_hostile);
  return g_test_run ();
}
