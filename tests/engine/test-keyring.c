/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-engine-keyring"

#include <glib/gstdio.h>

#include "da-engine-models.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-test-util.h"
#include "keyring-daemon.h"

/* The engine with the real gnome-keyring, locked; run through with-private-bus.sh. */

typedef struct {
  char *dir;
  KeyringDaemon *daemon;
  DaEngine *engine;
  guint told;                  /* how often "secrets-locked" changed */
} Fixture;

static void
on_locked (Fixture *self)
{
  self->told++;
}

static void
start_engine (Fixture *self)
{
  g_autofree char *data = g_build_filename (self->dir, "data", NULL);
  g_autofree char *state = g_build_filename (self->dir, "state", NULL);
  g_autofree char *agents = g_build_filename (self->dir, "agents", NULL);
  const DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
    .allow_keyring = TRUE,
  };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  self->engine = da_engine_new (&options);
  self->told = 0;
  g_signal_connect_swapped (self->engine, "notify::secrets-locked", G_CALLBACK (on_locked), self);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
}

static void
stop_engine (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  /* Until all keys were read: a question of this engine would be one too many for the next. */
  da_test_iterate_for (1000);
  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_stop_finish (self->engine, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  da_test_drain ();
  da_test_await_finalize (g_steal_pointer (&self->engine));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *home = NULL;

  self->dir = da_test_make_dir ();
  home = g_build_filename (self->dir, "keyring", NULL);
  g_assert_cmpint (g_mkdir (home, 0700), ==, 0);
  prompter_reset (FALSE);
  self->daemon = keyring_start (home, prompter_get_name (), TRUE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->daemon, keyring_free);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

static gboolean
is_locked (gpointer engine)
{
  return da_engine_get_secrets_locked (engine);
}

static gboolean
has_provider_key (gpointer engine)
{
  return da_engine_has_secret (engine, "openaiApiKey");
}

static gboolean
unlock (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_unlock_secrets_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_engine_unlock_secrets_finish (self->engine, result, error);
}

/* Makes the keys, then comes back to a locked keyring, whose dialog is refused. */
static char *
start_locked (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char *key;

  start_engine (self);
  g_assert_false (da_engine_get_secrets_locked (self->engine));
  key = da_access_dup_api_key (da_engine_get_access (self->engine));
  g_assert_nonnull (key);
  da_engine_set_secret_async (self->engine, "openaiApiKey", "sk-of-a-provider", NULL,
                              da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_set_secret_finish (self->engine, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  stop_engine (self);

  keyring_lock (self->daemon);
  start_engine (self);
  da_test_await (is_locked, self->engine);
  return key;
}

static void
test_a_click_brings_the_keys (Fixture *self, gconstpointer data)
{
  g_autofree char *key = start_locked (self);
  DaAccess *access = da_engine_get_access (self->engine);
  g_auto(GStrv) notices = da_engine_dup_notices (self->engine);
  g_autofree char *found = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_false (da_access_has_key (access));
  g_assert_false (da_engine_has_secret (self->engine, "openaiApiKey"));
  g_assert_cmpuint (self->told, ==, 1);
  g_assert_cmpuint (g_strv_length (notices), ==, 0);
  g_assert_cmpuint (prompter_get_count (), ==, 1);

  keyring_log_in (self->daemon);
  unlock (self, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (prompter_get_count (), ==, 1);
  g_assert_false (da_engine_get_secrets_locked (self->engine));
  g_assert_cmpuint (self->told, ==, 2);
  found = da_access_dup_api_key (access);
  g_assert_cmpstr (found, ==, key);
  da_test_await (has_provider_key, self->engine);
  stop_engine (self);
}

static void
test_a_refusal_changes_nothing (Fixture *self, gconstpointer data)
{
  g_autofree char *key = start_locked (self);
  g_autoptr(GError) error = NULL;

  /* The person is asked again, and refuses again. */
  g_assert_false (unlock (self, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_LOCKED);
  g_assert_cmpuint (prompter_get_count (), ==, 2);
  g_assert_true (da_engine_get_secrets_locked (self->engine));
  g_assert_false (da_access_has_key (da_engine_get_access (self->engine)));
  g_assert_cmpuint (self->told, ==, 1);
  stop_engine (self);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  g_test_add ("/engine/keyring/a-click-brings-the-keys", Fixture, NULL, set_up,
              test_a_click_brings_the_keys, tear_down);
  g_test_add ("/engine/keyring/a-refusal-changes-nothing", Fixture, NULL, set_up,
              test_a_refusal_changes_nothing, tear_down);
  return g_test_run ();
}
