/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-secrets"

#include "secrets-test-util.h"

#include <glib/gstdio.h>

#include "da-random.h"

#define WAIT_SECONDS 60

void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->secret, da_secret_free);
  g_clear_object (&answer->secrets);
  g_clear_error (&answer->error);
  answer->done = answer->success = FALSE;
}

static gboolean
on_patience_ended (gpointer user_data)
{
  g_error ("the call was not answered within %d seconds", WAIT_SECONDS);
  return G_SOURCE_REMOVE;
}

void
answer_wait (Answer *answer)
{
  guint timeout = g_timeout_add_seconds (WAIT_SECONDS, on_patience_ended, NULL);

  while (!answer->done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

static void
lookup_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->done);
  answer->secret = da_secrets_lookup_finish (DA_SECRETS (source), result, &answer->error);
  answer->done = TRUE;
}

static void
store_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->done);
  answer->success = da_secrets_store_finish (DA_SECRETS (source), result, &answer->error);
  answer->done = TRUE;
}

static void
clear_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->done);
  answer->success = da_secrets_clear_finish (DA_SECRETS (source), result, &answer->error);
  answer->done = TRUE;
}

static void
unlock_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->done);
  answer->success = da_secrets_unlock_finish (DA_SECRETS (source), result, &answer->error);
  answer->done = TRUE;
}

static void
open_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->done);
  answer->secrets = da_secrets_open_finish (result, &answer->error);
  answer->done = TRUE;
}

void
begin_lookup (DaSecrets *secrets, const char *id, GCancellable *cancellable, Answer *answer)
{
  da_secrets_lookup_async (secrets, id, cancellable, lookup_cb, answer);
  g_assert_false (answer->done);
}

void
begin_store (DaSecrets *secrets, const char *id, const char *value, Answer *answer)
{
  g_autofree char *label = g_strconcat ("DotAgents test: ", id, NULL);

  da_secrets_store_async (secrets, id, label, value, NULL, store_cb, answer);
  g_assert_false (answer->done);
}

void
begin_clear (DaSecrets *secrets, const char *id, Answer *answer)
{
  da_secrets_clear_async (secrets, id, NULL, clear_cb, answer);
  g_assert_false (answer->done);
}

void
begin_unlock (DaSecrets *secrets, Answer *answer)
{
  da_secrets_unlock_async (secrets, NULL, unlock_cb, answer);
  g_assert_false (answer->done);
}

void
begin_open (const char *file, gboolean allow_keyring, GCancellable *cancellable, Answer *answer)
{
  da_secrets_open_async (file, allow_keyring, cancellable, open_cb, answer);
  g_assert_false (answer->done);
}

void
assert_secret (DaSecrets *secrets, const char *id, const char *expected)
{
  Answer answer = { 0 };

  begin_lookup (secrets, id, NULL, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_cmpstr (answer.secret, ==, expected);
  answer_clear (&answer);
}

void
assert_store (DaSecrets *secrets, const char *id, const char *value)
{
  Answer answer = { 0 };

  begin_store (secrets, id, value, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_true (answer.success);
  answer_clear (&answer);
}

void
assert_clear (DaSecrets *secrets, const char *id)
{
  Answer answer = { 0 };

  begin_clear (secrets, id, &answer);
  answer_wait (&answer);
  g_assert_no_error (answer.error);
  g_assert_true (answer.success);
  answer_clear (&answer);
}

void
assert_lookup_error (DaSecrets *secrets, const char *id, GQuark domain, int code)
{
  Answer answer = { 0 };

  begin_lookup (secrets, id, NULL, &answer);
  answer_wait (&answer);
  g_assert_error (answer.error, domain, code);
  g_assert_null (answer.secret);
  answer_clear (&answer);
}

void
assert_store_error (DaSecrets *secrets, const char *id, const char *value, GQuark domain, int code)
{
  Answer answer = { 0 };

  begin_store (secrets, id, value, &answer);
  answer_wait (&answer);
  g_assert_error (answer.error, domain, code);
  g_assert_false (answer.success);
  answer_clear (&answer);
}

void
assert_finalized (DaSecrets *secrets)
{
  gpointer alive = secrets;
  guint timeout = g_timeout_add_seconds (WAIT_SECONDS, on_patience_ended, NULL);

  g_object_add_weak_pointer (G_OBJECT (secrets), &alive);
  g_object_unref (secrets);
  /* The worker hands a task back to the main loop after it was answered. */
  while (alive != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

char *
make_folder (void)
{
  char *folder;

  g_assert_cmpint (g_mkdir_with_parents (g_get_user_data_dir (), 0700), ==, 0);
  folder = g_build_filename (g_get_user_data_dir (), "secrets-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (folder));
  return folder;
}
