/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secrets"

#include "da-secrets.h"

#include <string.h>

#include "da-error.h"
#include "da-macros.h"
#include "da-redact.h"
#include "da-secrets-private.h"
#include "secrets-test-util.h"

/* A place with a lock whose person is played by the test; it counts the questions. */
#define TEST_TYPE_LOCKED (test_locked_get_type ())
G_DECLARE_FINAL_TYPE (TestLocked, test_locked, TEST, LOCKED, DaSecrets)

struct _TestLocked {
  DaSecrets parent_instance;

  gboolean      locked;
  guint         questions;
  guint         operations;
  GTask        *question;       /* owned while open */
  GCancellable *cancellable;    /* owned: that of the last question */
};

G_DEFINE_FINAL_TYPE (TestLocked, test_locked, DA_TYPE_SECRETS)

static DaSecretsKind
test_locked_get_kind (DaSecrets *secrets)
{
  return DA_SECRETS_KIND_KEYRING;
}

static void
test_locked_lookup_async (DaSecrets           *secrets,
                          const char          *id,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  TestLocked *self = TEST_LOCKED (secrets);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, test_locked_lookup_async);
  self->operations++;
  if (self->locked)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_LOCKED, "locked");
  else
    g_task_return_pointer (task, g_strdup ("opened"), g_free);
}

static char *
test_locked_lookup_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_locked_store_async (DaSecrets           *secrets,
                         const char          *id,
                         const char          *label,
                         const char          *secret,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  TestLocked *self = TEST_LOCKED (secrets);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, test_locked_store_async);
  self->operations++;
  if (self->locked)
    g_task_return_new_error (task, DA_ERROR, DA_ERROR_LOCKED, "locked");
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
test_locked_store_finish (DaSecrets *secrets, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_question_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_task_return_new_error (G_TASK (user_data), G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
}

static void
test_locked_unlock_async (DaSecrets           *secrets,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  TestLocked *self = TEST_LOCKED (secrets);

  g_assert_null (self->question);
  self->questions++;
  self->question = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->question, test_locked_unlock_async);
  g_assert_nonnull (cancellable);
  g_set_object (&self->cancellable, cancellable);
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_question_cancelled),
                           self->question, G_CONNECT_DEFAULT);
}

static void
test_locked_finalize (GObject *object)
{
  g_clear_object (&TEST_LOCKED (object)->cancellable);
  G_OBJECT_CLASS (test_locked_parent_class)->finalize (object);
}

static void
test_locked_class_init (TestLockedClass *class)
{
  DaSecretsClass *secrets_class = DA_SECRETS_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = test_locked_finalize;
  secrets_class->get_kind = test_locked_get_kind;
  secrets_class->lookup_async = test_locked_lookup_async;
  secrets_class->lookup_finish = test_locked_lookup_finish;
  secrets_class->store_async = test_locked_store_async;
  secrets_class->store_finish = test_locked_store_finish;
  secrets_class->unlock_async = test_locked_unlock_async;
  secrets_class->unlock_finish = test_locked_store_finish;
}

static void
test_locked_init (TestLocked *self)
{
  self->locked = TRUE;
}

static void
wait_for_question (TestLocked *self)
{
  while (self->question == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
answer_question (TestLocked *self, gboolean allow)
{
  g_autoptr(GTask) question = g_steal_pointer (&self->question);

  self->locked = !allow;
  if (allow)
    g_task_return_boolean (question, TRUE);
  else
    g_task_return_new_error (question, DA_ERROR, DA_ERROR_LOCKED, "refused");
}

static void
test_memory_keeps_and_clears (void)
{
  DaSecrets *secrets = da_secrets_new_memory ();

  g_assert_cmpint (da_secrets_get_kind (secrets), ==, DA_SECRETS_KIND_MEMORY);
  assert_secret (secrets, "preset:a", NULL);
  assert_store (secrets, "preset:a", "first-value");
  assert_store (secrets, "preset:b", "other-value");
  assert_secret (secrets, "preset:a", "first-value");
  assert_store (secrets, "preset:a", "second-value");
  assert_secret (secrets, "preset:a", "second-value");
  assert_clear (secrets, "preset:a");
  assert_secret (secrets, "preset:a", NULL);
  assert_secret (secrets, "preset:b", "other-value");
  assert_clear (secrets, "preset:never-there");
  g_assert_finalize_object (secrets);
}

static void
test_storing_nothing_clears (void)
{
  g_autoptr(DaSecrets) secrets = da_secrets_new_memory ();

  assert_store (secrets, "preset:a", "a-value");
  assert_store (secrets, "preset:a", "");
  assert_secret (secrets, "preset:a", NULL);
}

static void
test_what_cannot_be_a_secret_is_refused (void)
{
  g_autoptr(DaSecrets) secrets = da_secrets_new_memory ();
  g_autofree char *most = g_strnfill (64 * 1024, 'x');
  g_autofree char *more = g_strnfill (64 * 1024 + 1, 'x');

  assert_store (secrets, "preset:a", most);
  assert_store_error (secrets, "preset:a", more, DA_ERROR, DA_ERROR_TOO_LARGE);
  assert_store_error (secrets, "preset:a", "\xff\xfe", DA_ERROR, DA_ERROR_INVALID);
  assert_secret (secrets, "preset:a", most);
}

static void
test_seen_secrets_are_redacted (void)
{
  g_autoptr(DaSecrets) secrets = da_secrets_new_memory ();
  g_autofree char *text = NULL;

  assert_store (secrets, "preset:a", "unshaped value of the test");
  assert_secret (secrets, "preset:a", "unshaped value of the test");
  text = da_redact ("the log says unshaped value of the test and more");
  g_assert_null (strstr (text, "unshaped value"));
  g_assert_nonnull (strstr (text, "and more"));
}

static void
test_environment_wins_and_is_not_stored (void)
{
  static const struct { const char *variable, *id; } rows[] = {
    { "DOTAGENTS_API_KEY", DA_SECRET_API_KEY },
    { "OPENAI_API_KEY", DA_SECRET_OPENAI_KEY },
    { "GROQ_API_KEY", DA_SECRET_GROQ_KEY },
    { "GEMINI_API_KEY", DA_SECRET_GEMINI_KEY },
    { "DOTAGENTS_DISCORD_BOT_TOKEN", DA_SECRET_DISCORD_TOKEN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(DaSecrets) secrets = NULL;
      g_autofree char *value = g_strconcat ("environment value of ", rows[i].variable, NULL);
      g_autofree char *hidden = NULL;

      g_setenv (rows[i].variable, value, TRUE);
      secrets = da_secrets_new_memory ();
      g_unsetenv (rows[i].variable);

      g_assert_true (da_secrets_is_environment (secrets, rows[i].id));
      assert_secret (secrets, rows[i].id, value);
      assert_store_error (secrets, rows[i].id, "a-stored-value", DA_ERROR, DA_ERROR_CONFLICT);
      assert_clear (secrets, rows[i].id);
      assert_secret (secrets, rows[i].id, value);
      hidden = da_redact (value);
      g_assert_cmpstr (hidden, !=, value);
    }
}

static void
test_environment_is_read_once (void)
{
  g_autoptr(DaSecrets) before = da_secrets_new_memory ();
  g_autoptr(DaSecrets) empty = NULL;

  g_setenv ("GROQ_API_KEY", "too-late-value", TRUE);
  g_assert_false (da_secrets_is_environment (before, DA_SECRET_GROQ_KEY));
  assert_secret (before, DA_SECRET_GROQ_KEY, NULL);

  g_setenv ("GROQ_API_KEY", "", TRUE);
  empty = da_secrets_new_memory ();
  g_unsetenv ("GROQ_API_KEY");
  g_assert_false (da_secrets_is_environment (empty, DA_SECRET_GROQ_KEY));
  assert_store (empty, DA_SECRET_GROQ_KEY, "stored-value");
  assert_secret (empty, DA_SECRET_GROQ_KEY, "stored-value");
}

static void
test_environment_does_not_touch_the_keyring (void)
{
  g_autoptr(TestLocked) locked = NULL;

  g_setenv ("OPENAI_API_KEY", "given-value", TRUE);
  locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  g_unsetenv ("OPENAI_API_KEY");
  assert_secret (DA_SECRETS (locked), DA_SECRET_OPENAI_KEY, "given-value");
  g_assert_cmpuint (locked->operations, ==, 0);
  g_assert_cmpuint (locked->questions, ==, 0);
}

static void
test_one_question_serves_all (void)
{
  TestLocked *locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  DaSecrets *secrets = DA_SECRETS (locked);
  Answer answers[5] = { 0 };

  for (gsize i = 0; i < 3; i++)
    begin_lookup (secrets, DA_SECRET_API_KEY, NULL, &answers[i]);
  begin_store (secrets, DA_SECRET_GROQ_KEY, "a-value", &answers[3]);
  wait_for_question (locked);
  while (g_main_context_iteration (NULL, FALSE));
  begin_unlock (secrets, &answers[4]);
  g_assert_cmpuint (locked->questions, ==, 1);

  answer_question (locked, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      answer_wait (&answers[i]);
      g_assert_no_error (answers[i].error);
      if (i < 3)
        g_assert_cmpstr (answers[i].secret, ==, "opened");
      answer_clear (&answers[i]);
    }
  g_assert_cmpuint (locked->questions, ==, 1);
  g_assert_finalize_object (locked);
}

static void
test_refusal_is_final_until_a_click (void)
{
  TestLocked *locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  DaSecrets *secrets = DA_SECRETS (locked);
  Answer answer = { 0 };

  begin_lookup (secrets, DA_SECRET_API_KEY, NULL, &answer);
  wait_for_question (locked);
  answer_question (locked, FALSE);
  answer_wait (&answer);
  g_assert_error (answer.error, DA_ERROR, DA_ERROR_LOCKED);
  answer_clear (&answer);

  for (int i = 0; i < 10; i++)
    {
      assert_lookup_error (secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
      assert_store_error (secrets, DA_SECRET_API_KEY, "a-value", DA_ERROR, DA_ERROR_LOCKED);
    }
  g_assert_cmpuint (locked->questions, ==, 1);
  /* Two for the first look-up (once more after the answer), one for each after it. */
  g_assert_cmpuint (locked->operations, ==, 22);

  begin_unlock (secrets, &answer);
  wait_for_question (locked);
  g_assert_cmpuint (locked->questions, ==, 2);
  answer_question (locked, TRUE);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_true (answer.success);
  assert_secret (secrets, DA_SECRET_API_KEY, "opened");
  answer_clear (&answer);
  g_assert_finalize_object (locked);
}

static void
test_a_lie_about_unlocking_does_not_loop (void)
{
  g_autoptr(TestLocked) locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  Answer answer = { 0 };

  begin_lookup (DA_SECRETS (locked), DA_SECRET_API_KEY, NULL, &answer);
  wait_for_question (locked);
  answer_question (locked, TRUE);
  locked->locked = TRUE;
  answer_wait (&answer);
  g_assert_error (answer.error, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_cmpuint (locked->questions, ==, 1);
  g_assert_cmpuint (locked->operations, ==, 2);
  answer_clear (&answer);
}

static void
test_hanging_up_leaves_the_question_open (void)
{
  TestLocked *locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  DaSecrets *secrets = DA_SECRETS (locked);
  g_autoptr(GCancellable) phone = g_cancellable_new ();
  Answer hung_up = { 0 }, patient = { 0 };

  begin_lookup (secrets, DA_SECRET_API_KEY, phone, &hung_up);
  begin_lookup (secrets, DA_SECRET_API_KEY, NULL, &patient);
  wait_for_question (locked);
  while (g_main_context_iteration (NULL, FALSE));
  g_cancellable_cancel (phone);
  answer_wait (&hung_up);
  g_assert_error (hung_up.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (patient.done);

  answer_question (locked, TRUE);
  answer_wait (&patient);
  g_assert_cmpstr (patient.secret, ==, "opened");
  g_assert_cmpuint (locked->questions, ==, 1);
  answer_clear (&hung_up);
  answer_clear (&patient);
  g_assert_finalize_object (locked);
}

static void
test_no_answer_counts_as_refused (void)
{
  TestLocked *locked = g_object_new (TEST_TYPE_LOCKED, NULL);
  DaSecrets *secrets = DA_SECRETS (locked);

  _da_secrets_set_question_timeout (50);
  assert_lookup_error (secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_true (g_cancellable_is_cancelled (locked->cancellable));
  assert_lookup_error (secrets, DA_SECRET_API_KEY, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_cmpuint (locked->questions, ==, 1);
  _da_secrets_set_question_timeout (120 * 1000);
  g_clear_object (&locked->question);
  g_assert_finalize_object (locked);
}

static void
test_what_the_older_place_knows_is_found_and_moves (void)
{
  g_autoptr(DaSecrets) older = da_secrets_new_memory ();
  g_autoptr(DaSecrets) now = da_secrets_new_memory ();

  assert_store (older, DA_SECRET_GROQ_KEY, "old-groq-key");
  assert_store (older, DA_SECRET_GEMINI_KEY, "old-gemini-key");
  da_secrets_set_older (now, older);
  assert_secret (now, DA_SECRET_GROQ_KEY, "old-groq-key");
  assert_secret (now, DA_SECRET_LANGFUSE_KEY, NULL);

  assert_store (now, DA_SECRET_GROQ_KEY, "new-groq-key");
  assert_clear (now, DA_SECRET_GEMINI_KEY);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_secret (now, DA_SECRET_GROQ_KEY, "new-groq-key");
  assert_secret (older, DA_SECRET_GROQ_KEY, NULL);
  assert_secret (now, DA_SECRET_GEMINI_KEY, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();

  g_test_add_func ("/secrets/memory/keeps-and-clears", test_memory_keeps_and_clears);
  g_test_add_func ("/secrets/base/what-the-older-place-knows-is-found-and-moves",
                   test_what_the_older_place_knows_is_found_and_moves);
  g_test_add_func ("/secrets/base/storing-nothing-clears", test_storing_nothing_clears);
  g_test_add_func ("/secrets/base/what-cannot-be-a-secret-is-refused",
                   test_what_cannot_be_a_secret_is_refused);
  g_test_add_func ("/secrets/base/seen-secrets-are-redacted", test_seen_secrets_are_redacted);
  g_test_add_func ("/secrets/environment/wins-and-is-not-stored",
                   test_environment_wins_and_is_not_stored);
  g_test_add_func ("/secrets/environment/is-read-once", test_environment_is_read_once);
  g_test_add_func ("/secrets/environment/does-not-touch-the-keyring",
                   test_environment_does_not_touch_the_keyring);
  g_test_add_func ("/secrets/lock/one-question-serves-all", test_one_question_serves_all);
  g_test_add_func ("/secrets/lock/refusal-is-final-until-a-click",
                   test_refusal_is_final_until_a_click);
  g_test_add_func ("/secrets/lock/a-lie-about-unlocking-does-not-loop",
                   test_a_lie_about_unlocking_does_not_loop);
  g_test_add_func ("/secrets/lock/hanging-up-leaves-the-question-open",
                   test_hanging_up_leaves_the_question_open);
  g_test_add_func ("/secrets/lock/no-answer-counts-as-refused", test_no_answer_counts_as_refused);
  return g_test_run ();
}
