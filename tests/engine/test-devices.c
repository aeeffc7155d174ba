/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-devices"

#include "da-access-devices.h"
#include "da-clock.h"
#include "da-engine.h"
#include "da-error.h"
#include "da-macros.h"
#include "da-random.h"
#include "da-test-util.h"

#include <string.h>

typedef struct {
  char *dir;
  DaEngine *engine;
  DaAccess *access;
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
  da_test_drain ();
  g_assert_finalize_object (self->engine);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->dir = da_test_make_dir ();
  start (self);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  da_clock_set_offset (0, 0);
  stop (self);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

static char *
pair (Fixture *self, char **id)
{
  g_autoptr(DaDevice) device = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  char *key = g_strdup (da_device_peek_key (device));
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, key, "10.0.0.7",
                                                           "okhttp/4.12.0");

  g_assert_nonnull (identity);
  g_assert_cmpint (identity->kind, ==, DA_IDENTITY_DEVICE);
  *id = g_strdup (da_device_get_id (device));
  return key;
}

static gboolean
knows (Fixture *self, const char *key)
{
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, key, "10.0.0.7", NULL);

  return identity != NULL;
}

static void
change (Fixture *self,
        void (*func) (DaAccess *, const char *, GCancellable *, GAsyncReadyCallback, gpointer),
        const char *id)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  func (self->access, id, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_access_device_finish (self->access, result, &error);
  g_assert_no_error (error);
}

static void
test_the_first_use_claims_the_code (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaDevice) device = da_access_begin_pairing (self->access, DA_SCOPE_CHAT);
  g_autofree char *key = g_strdup (da_device_peek_key (device));
  g_autofree char *link = da_device_dup_link (device, "http://10.0.0.1:3210/v1");
  g_autoptr(DaIdentity) identity = NULL;

  g_assert_cmpuint (strlen (key), ==, 64);
  g_assert_true (g_str_has_prefix (link, "dotagents://config?baseUrl=http%3A%2F%2F10.0.0.1%3A3210"
                                         "%2Fv1&apiKey="));
  g_assert_cmpint (da_device_get_state (device), ==, DA_DEVICE_WAITING);
  identity = da_access_authenticate (self->access, key, "10.0.0.7", "okhttp/4.12.0");
  g_assert_cmpint (da_device_get_state (device), ==, DA_DEVICE_PAIRED);
  g_assert_cmpstr (da_device_get_name (device), ==, "Android phone");
  g_assert_cmpstr (da_device_get_address (device), ==, "10.0.0.7");
  g_assert_cmpuint (identity->scopes, ==, DA_SCOPE_CHAT);
  g_assert_null (da_device_peek_key (device));
  g_assert_null (da_device_dup_link (device, "x"));
  g_assert_cmpuint (g_list_model_get_n_items (da_access_get_devices (self->access)), ==, 1);
}

static void
test_an_unused_code_dies_after_ten_minutes (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaDevice) device = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  g_autofree char *key = g_strdup (da_device_peek_key (device));

  da_clock_set_offset (DA_PAIRING_SECONDS * 1000 + 1, DA_PAIRING_SECONDS * 1000 + 1);
  g_assert_false (knows (self, key));
}

static void
test_a_closed_code_dies_and_a_claimed_one_stays (Fixture *self, gconstpointer unused)
{
  g_autoptr(DaDevice) closed = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  g_autoptr(DaDevice) claimed = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  g_autofree char *closed_key = g_strdup (da_device_peek_key (closed));
  g_autofree char *claimed_key = g_strdup (da_device_peek_key (claimed));

  g_assert_true (knows (self, claimed_key));
  da_access_end_pairing (self->access, closed);
  da_access_end_pairing (self->access, claimed);
  g_assert_false (knows (self, closed_key));
  g_assert_true (knows (self, claimed_key));
}

static void
test_a_device_is_there_after_a_restart_and_a_code_is_not (Fixture *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autofree char *key = pair (self, &id);
  g_autoptr(DaDevice) waiting = da_access_begin_pairing (self->access, DA_SCOPE_ALL);
  g_autofree char *waiting_key = g_strdup (da_device_peek_key (waiting));

  stop (self);
  start (self);
  g_assert_true (knows (self, key));
  g_assert_false (knows (self, waiting_key));
}

static void
test_revoking_ends_what_is_open_and_can_be_undone (Fixture *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autofree char *key = pair (self, &id);
  g_autoptr(DaIdentity) identity = da_access_authenticate (self->access, key, NULL, NULL);

  change (self, da_access_revoke_device_async, id);
  g_assert_true (g_cancellable_is_cancelled (identity->revoked));
  g_assert_false (knows (self, key));
  change (self, da_access_restore_device_async, id);
  g_assert_true (knows (self, key));
  change (self, da_access_revoke_device_async, id);
  stop (self);
  start (self);
  g_assert_false (knows (self, key));
}

static void
test_all_devices_can_be_cut_off_at_once (Fixture *self, gconstpointer unused)
{
  g_autofree char *id_a = NULL;
  g_autofree char *id_b = NULL;
  g_autofree char *a = pair (self, &id_a);
  g_autofree char *b = pair (self, &id_b);

  change (self, da_access_revoke_device_async, NULL);
  g_assert_false (knows (self, a));
  g_assert_false (knows (self, b));
  change (self, da_access_revoke_device_async, NULL);
}

static void
test_scopes_and_name_change_and_stay (Fixture *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autofree char *key = pair (self, &id);
  g_autoptr(GAsyncResult) named = NULL;
  g_autoptr(GAsyncResult) scoped = NULL;
  g_autoptr(DaIdentity) identity = NULL;

  da_access_rename_device_async (self->access, id, "  Ada's phone ", NULL, da_test_async_cb,
                                 &named);
  da_test_run_async (&named);
  g_assert_true (da_access_device_finish (self->access, named, NULL));
  da_access_set_scopes_async (self->access, id, DA_SCOPE_CHAT, NULL, da_test_async_cb, &scoped);
  da_test_run_async (&scoped);
  g_assert_true (da_access_device_finish (self->access, scoped, NULL));
  stop (self);
  start (self);
  identity = da_access_authenticate (self->access, key, NULL, NULL);
  g_assert_cmpstr (identity->name, ==, "Ada's phone");
  g_assert_cmpuint (identity->scopes, ==, DA_SCOPE_CHAT);
}

static void
test_no_key_is_in_the_database (Fixture *self, gconstpointer unused)
{
  g_autofree char *id = NULL;
  g_autofree char *key = pair (self, &id);
  g_autofree char *path = g_build_filename (self->dir, "data", "dotagents.db", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  stop (self);
  bytes = da_test_read_file (path, &length);
  g_assert_null (memmem (bytes, length, key, strlen (key)));
  start (self);
}

static void
test_unknown_devices_and_scopes_are_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) scope_error = NULL;
  g_autofree char *text = da_scopes_to_string (DA_SCOPE_CHAT | DA_SCOPE_OPERATOR);
  unsigned scopes = 0;

  da_access_revoke_device_async (self->access, "device_none", NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_assert_false (da_access_device_finish (self->access, result, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_NOT_FOUND);
  g_assert_cmpstr (text, ==, "chat,operator");
  g_assert_true (da_scopes_parse (" chat , operator", &scopes, NULL));
  g_assert_cmpuint (scopes, ==, DA_SCOPE_CHAT | DA_SCOPE_OPERATOR);
  g_assert_false (da_scopes_parse ("root", &scopes, &scope_error));
  g_assert_error (scope_error, DA_ERROR, DA_ERROR_INVALID);
}

#define ADD(name, func) \
  g_test_add ("/engine/devices/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_main_thread_mark ();
  ADD ("the-first-use-claims-the-code", test_the_first_use_claims_the_code);
  ADD ("an-unused-code-dies-after-ten-minutes", test_an_unused_code_dies_after_ten_minutes);
  ADD ("a-closed-code-dies-and-a-claimed-one-stays",
       test_a_closed_code_dies_and_a_claimed_one_stays);
  ADD ("a-device-is-there-after-a-restart-and-a-code-is-not",
       test_a_device_is_there_after_a_restart_and_a_code_is_not);
  ADD ("revoking-ends-what-is-open-and-can-be-undone",
       test_revoking_ends_what_is_open_and_can_be_undone);
  ADD ("all-devices-can-be-cut-off-at-once", test_all_devices_can_be_cut_off_at_once);
  ADD ("scopes-and-name-change-and-stay", test_scopes_and_name_change_and_stay);
  ADD ("no-key-is-in-the-database", test_no_key_is_in_the_database);
  ADD ("unknown-devices-and-scopes-are-refused", test_unknown_devices_and_scopes_are_refused);
  return g_test_run ();
}
