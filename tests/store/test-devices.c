/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-database.h"
#include "da-device-store.h"
#include "da-error.h"
#include "store-fixture.h"

static DaDeviceRecord *
make_device (const char *id,
             gint64      last_seen)
{
  DaDeviceRecord *device = da_device_record_new ();

  device->id = g_strdup (id);
  device->digest = g_strconcat ("digest of ", id, NULL);
  device->name = g_strdup ("Jürgens “Telefon”; DROP TABLE devices; --");
  device->scopes = 3;
  device->first_seen = 1000;
  device->last_seen = last_seen;
  device->address = g_strdup ("192.0.2.7");
  device->user_agent = g_strdup ("okhttp/4.9.2");
  device->client_id = g_strdup ("own-id");
  return device;
}

static gboolean
put (Fixture         *fixture,
     DaDeviceRecord  *device,
     gboolean         durable,
     GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  da_store_put_device_async (fixture->store, device, durable, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_store_put_device_finish (fixture->store, result, error);
}

static void
put_new (Fixture    *fixture,
         const char *id,
         gint64      last_seen)
{
  g_autoptr (DaDeviceRecord) device = make_device (id, last_seen);
  g_autoptr (GError) error = NULL;

  put (fixture, device, TRUE, &error);
  g_assert_no_error (error);
}

static GPtrArray *
list (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *devices;

  da_store_list_devices_async (fixture->store, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  devices = da_store_list_devices_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  return devices;
}

/* "a b c": the ids in their order. */
static char *
list_ids (Fixture *fixture)
{
  g_autoptr (GPtrArray) devices = list (fixture);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < devices->len; i++)
    {
      DaDeviceRecord *device = devices->pdata[i];

      g_string_append_printf (out, "%s%s", i > 0 ? " " : "", device->id);
    }
  return g_string_free (out, FALSE);
}

static void
assert_same (const DaDeviceRecord *a,
             const DaDeviceRecord *b)
{
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->digest, ==, b->digest);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpuint (a->scopes, ==, b->scopes);
  g_assert_cmpint (a->revoked_at, ==, b->revoked_at);
  g_assert_cmpint (a->first_seen, ==, b->first_seen);
  g_assert_cmpint (a->last_seen, ==, b->last_seen);
  g_assert_cmpstr (a->address, ==, b->address);
  g_assert_cmpstr (a->user_agent, ==, b->user_agent);
  g_assert_cmpstr (a->client_id, ==, b->client_id);
}

static void
test_kept (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_autoptr (DaDeviceRecord) device = make_device ("device_a", 2000);
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;

  put_new (fixture, "device_a", 2000);
  before = list (fixture);
  g_assert_cmpuint (before->len, ==, 1);
  assert_same (before->pdata[0], device);
  fixture_reopen (fixture);
  after = list (fixture);
  g_assert_cmpuint (after->len, ==, 1);
  assert_same (after->pdata[0], device);
}

static void
test_nothing_known (Fixture       *fixture,
                    gconstpointer  user_data)
{
  g_autoptr (DaDeviceRecord) device = make_device ("device_a", 2000);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&device->address, g_free);
  g_clear_pointer (&device->user_agent, g_free);
  g_clear_pointer (&device->client_id, g_free);
  g_assert_true (put (fixture, device, TRUE, &error));
  g_assert_no_error (error);
  devices = list (fixture);
  g_assert_cmpuint (devices->len, ==, 1);
  assert_same (devices->pdata[0], device);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  user_data)
{
  g_autofree char *ids = NULL;

  put_new (fixture, "device_b", 2000);
  put_new (fixture, "device_c", 3000);
  put_new (fixture, "device_a", 2000);
  ids = list_ids (fixture);
  g_assert_cmpstr (ids, ==, "device_c device_a device_b");
}

/* What changes, changes; when it was first seen does not. */
static void
test_changed (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (DaDeviceRecord) device = make_device ("device_a", 9000);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;

  put_new (fixture, "device_a", 2000);
  put_new (fixture, "device_b", 3000);
  g_free (device->name);
  device->name = g_strdup ("Kitchen");
  g_free (device->digest);
  device->digest = g_strdup ("another");
  device->scopes = 1;
  device->first_seen = 8000;
  g_clear_pointer (&device->address, g_free);
  g_assert_true (put (fixture, device, FALSE, &error));
  g_assert_no_error (error);
  devices = list (fixture);
  g_assert_cmpuint (devices->len, ==, 2);
  device->first_seen = 1000;
  assert_same (devices->pdata[0], device);
}

/* Also after a restart: a key that was taken away does not come back. */
static void
test_revoked (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (DaDeviceRecord) device = make_device ("device_a", 2000);
  g_autoptr (GError) error = NULL;
  g_autofree char *ids = NULL;
  g_autofree char *after = NULL;

  put_new (fixture, "device_a", 2000);
  put_new (fixture, "device_b", 1000);
  device->revoked_at = 5000;
  g_assert_true (put (fixture, device, TRUE, &error));
  g_assert_no_error (error);
  ids = list_ids (fixture);
  g_assert_cmpstr (ids, ==, "device_b");
  fixture_reopen (fixture);
  after = list_ids (fixture);
  g_assert_cmpstr (after, ==, "device_b");
}

/* Two devices with one key would be one of them at random. */
static void
test_one_key_each (Fixture       *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (DaDeviceRecord) device = make_device ("device_b", 2000);
  g_autoptr (GError) error = NULL;
  g_autofree char *ids = NULL;

  put_new (fixture, "device_a", 2000);
  g_free (device->digest);
  device->digest = g_strdup ("digest of device_a");
  g_assert_false (put (fixture, device, TRUE, &error));
  g_assert_nonnull (error);
  ids = list_ids (fixture);
  g_assert_cmpstr (ids, ==, "device_a");
}

static void
test_each_step_fails (Fixture       *fixture,
                      gconstpointer  user_data)
{
  guint nth;

  put_new (fixture, "device_a", 2000);
  for (nth = 1; nth < 50; nth++)
    {
      g_autoptr (DaDeviceRecord) device = make_device ("device_b", 3000);
      g_autoptr (GError) error = NULL;
      g_autofree char *ids = NULL;
      gboolean done;

      da_database_fail_nth (nth, DA_ERROR_NO_SPACE);
      done = put (fixture, device, TRUE, &error);
      da_database_fail_nth (0, 0);
      ids = list_ids (fixture);
      g_assert_cmpstr (ids, ==, done ? "device_b device_a" : "device_a");
      if (done)
        break;
      g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
    }
  g_assert_cmpuint (nth, >, 1);
  g_assert_cmpuint (nth, <, 50);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  fixture_add ("/store/devices/a-device-is-kept-as-it-is", test_kept);
  fixture_add ("/store/devices/what-is-not-known-stays-unknown", test_nothing_known);
  fixture_add ("/store/devices/the-last-one-seen-is-first", test_order);
  fixture_add ("/store/devices/what-changes-is-stored", test_changed);
  fixture_add ("/store/devices/a-revoked-one-is-gone-for-good", test_revoked);
  fixture_add ("/store/devices/no-two-have-the-same-key", test_one_key_each);
  fixture_add ("/store/devices/a-write-that-fails-changes-nothing", test_each_step_fails);
  return g_test_run ();
}
