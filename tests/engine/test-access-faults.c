/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-access-faults"

#include <string.h>

#include "da-access-devices.h"
#include "da-database.h"
#include "da-engine.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-test-util.h"

/* Changes of a device that the store refuses. */

typedef struct {
  char *dir;
  DaEngine *engine;
  DaAccess *access;
  char *key;
  char *id;
} Fixture;

static void
start (Fixture *self)
{
  g_autofree char *data = g_build_filename (self->dir, "data", NULL);
  g_autofree char *state = g_build_filename (self->dir, "state", NULL);
  g_autofree char *agents = g_build_filename (self->dir, "agents", NULL);
  DaEngineOptions options = { .data_dir = data, .state_dir = state, .agents_dir = agents };
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  self->engine = da_engine_new (&options);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
  self->access = da_engine_get_access (self->engine);
}

static void
stop (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;

  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_await_finalize (self->engine);
}

/* From now on the store takes no device, or takes them again. */
static void
refuse (Fixture *self, gboolean refuses)
{
  g_autofree char *path = g_build_filename (self->dir, "data", "dotagents.db", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(DaDatabase) database = da_database_open (path, &error);

  g_assert_no_error (error);
  da_database_exec (database,
                    refuses ? "CREATE TRIGGER refuse BEFORE INSERT ON devices "
                              "BEGIN SELECT RAISE (ABORT, 'Refused by a test'); END"
                            : "DROP TRIGGER IF EXISTS refuse", &error);
  g_assert_no_error (error);
}

static gboolean
finish (Fixture *self, GAsyncResult **result, GError **error)
{
  gboolean ok;

  da_test_run_async (result);
  ok = da_access_device_finish (self->access, *result, error);
  g_clear_object (result);
  return ok;
}

static gboolean
rename_to (Fixture *self, const char *name)
{
  GAsyncResult *result = NULL;

  da_access_rename_device_async (self->access, self->id, name, NULL, da_test_async_cb, &result);
  return finish (self, &result, NULL);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaDevice) device = NULL;
  g_autoptr(DaIdentity) identity = NULL;

  self->dir = da_test_make_dir ();
  start (self);
  device = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  self->key = g_strdup (da_device_peek_key (device));
  self->id = g_strdup (da_device_get_id (device));
  identity = da_access_authenticate (self->access, self->key, "10.0.0.7", NULL);
  g_assert_nonnull (identity);
  /* What pairing stores is stored when this is. */
  g_assert_true (rename_to (self, "Phone"));
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  refuse (self, FALSE);
  stop (self);
  da_test_remove_tree (self->dir);
  g_free (self->key);
  g_free (self->id);
  g_free (self->dir);
}

static gboolean
knows (Fixture *self)
{
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, self->key, "10.0.0.7",
                                                           NULL);

  return identity != NULL;
}

static gboolean
cut_off (Fixture *self, GError **error)
{
  GAsyncResult *result = NULL;

  da_access_revoke_device_async (self->access, self->id, NULL, da_test_async_cb, &result);
  return finish (self, &result, error);
}

static void
fail_cut_off (Fixture *self, gboolean is_first)
{
  g_autoptr(GError) error = NULL;

  if (is_first)
    g_test_expect_message ("da-engine-access-devices", G_LOG_LEVEL_MESSAGE, "cut off Phone");
  g_test_expect_message ("da-engine-access-devices", G_LOG_LEVEL_WARNING, "*could not be stored*");
  g_assert_false (cut_off (self, &error));
  g_test_assert_expected_messages ();
  g_assert_nonnull (strstr (error->message, "Refused by a test"));
  g_assert_nonnull (strstr (error->message, "after a restart its key may work again"));
}

static void
test_name (Fixture *self, gconstpointer unused)
{
  DaDevice *device = da_access_find_device (self->access, self->id);

  refuse (self, TRUE);
  g_assert_false (rename_to (self, "Other"));
  g_assert_cmpstr (da_device_get_name (device), ==, "Phone");
  refuse (self, FALSE);
  g_assert_true (rename_to (self, "Other"));
  g_assert_cmpstr (da_device_get_name (device), ==, "Other");
}

static void
test_scopes (Fixture *self, gconstpointer unused)
{
  DaDevice *device = da_access_find_device (self->access, self->id);
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, self->key, NULL, NULL);
  GAsyncResult *result = NULL;

  refuse (self, TRUE);
  da_access_set_scopes_async (self->access, self->id, DA_SCOPE_CHAT, NULL, da_test_async_cb,
                              &result);
  /* Taken away until it is known that it cannot be. */
  g_assert_cmpuint (identity->scopes, ==, DA_SCOPE_CHAT);
  g_assert_false (finish (self, &result, NULL));
  g_assert_cmpuint (da_device_get_scopes (device), ==, DA_SCOPE_ALL);
  g_assert_cmpuint (identity->scopes, ==, DA_SCOPE_ALL);
}

static void
test_several (Fixture *self, gconstpointer unused)
{
  DaDevice *device = da_access_find_device (self->access, self->id);
  GAsyncResult *named = NULL;
  GAsyncResult *first = NULL;
  GAsyncResult *second = NULL;

  refuse (self, TRUE);
  da_access_rename_device_async (self->access, self->id, "Other", NULL, da_test_async_cb, &named);
  da_access_set_scopes_async (self->access, self->id, DA_SCOPE_CHAT | DA_SCOPE_OPERATOR, NULL,
                              da_test_async_cb, &first);
  da_access_set_scopes_async (self->access, self->id, DA_SCOPE_CHAT, NULL, da_test_async_cb,
                              &second);
  g_assert_false (finish (self, &named, NULL));
  g_assert_false (finish (self, &first, NULL));
  g_assert_false (finish (self, &second, NULL));
  /* Not what an earlier change wished, but what is stored. */
  g_assert_cmpstr (da_device_get_name (device), ==, "Phone");
  g_assert_cmpuint (da_device_get_scopes (device), ==, DA_SCOPE_ALL);
}

static void
test_revoke (Fixture *self, gconstpointer unused)
{
  refuse (self, TRUE);
  fail_cut_off (self, TRUE);
  g_assert_false (knows (self));
  g_assert_null (da_access_find_device (self->access, self->id));
  /* The end of the program tries once more. */
  refuse (self, FALSE);
  stop (self);
  start (self);
  g_assert_false (knows (self));
}

static void
test_revoke_again (Fixture *self, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;

  refuse (self, TRUE);
  fail_cut_off (self, TRUE);
  fail_cut_off (self, FALSE);
  refuse (self, FALSE);
  g_assert_true (cut_off (self, NULL));
  g_assert_false (knows (self));
  /* Now it is stored, and there is nothing left to try. */
  g_assert_false (cut_off (self, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
}

static void
test_restore (Fixture *self, gconstpointer unused)
{
  GAsyncResult *result = NULL;

  g_assert_true (cut_off (self, NULL));
  refuse (self, TRUE);
  da_access_restore_device_async (self->access, self->id, NULL, da_test_async_cb, &result);
  g_assert_false (finish (self, &result, NULL));
  g_assert_false (knows (self));
  refuse (self, FALSE);
  da_access_restore_device_async (self->access, self->id, NULL, da_test_async_cb, &result);
  g_assert_true (finish (self, &result, NULL));
  g_assert_true (knows (self));
}

/* A code that was renamed is a code nevertheless. */
static void
test_waiting (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaDevice) device = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  GAsyncResult *result = NULL;

  g_free (self->key);
  self->key = g_strdup (da_device_peek_key (device));
  da_access_rename_device_async (self->access, da_device_get_id (device), "Later", NULL,
                                 da_test_async_cb, &result);
  g_assert_true (finish (self, &result, NULL));
  g_assert_cmpstr (da_device_get_name (device), ==, "Later");
  stop (self);
  start (self);
  g_assert_false (knows (self));
}

#define ADD(name, func) \
  g_test_add ("/engine/access-faults/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("a-name-that-cannot-be-stored-is-put-back", test_name);
  ADD ("scopes-that-cannot-be-stored-are-put-back", test_scopes);
  ADD ("several-changes-that-cannot-be-stored-are-put-back", test_several);
  ADD ("a-removal-that-cannot-be-stored-holds-and-is-tried-at-the-end", test_revoke);
  ADD ("a-removal-that-cannot-be-stored-can-be-tried-again", test_revoke_again);
  ADD ("a-return-that-cannot-be-stored-is-taken-back", test_restore);
  ADD ("a-code-that-was-renamed-ends-with-the-program", test_waiting);
  return g_test_run ();
}
