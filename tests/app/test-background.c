/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-background"

#include "da-application-background.h"

#include "da-test-util.h"

/* The Background portal, played by this test on a bus of its own. */

static const char portal_xml[] =
  "<node><interface name='org.freedesktop.portal.Background'>"
  "<method name='RequestBackground'><arg type='s' direction='in'/>"
  "<arg type='a{sv}' direction='in'/><arg type='o' direction='out'/></method>"
  "</interface></node>";

typedef struct {
  GTestDBus *bus;
  GDBusConnection *ours;
  GDBusConnection *portal;
  guint name_id;
  guint object_id;
  guint32 response;
  gboolean allows;
  gboolean old;                /* chooses the path of the request itself */
  GVariant *options;           /* (nullable) what was asked last */
} Fixture;

static char *
request_path (Fixture *self)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (self->ours) + 1);
  const char *token = "t";

  g_strdelimit (sender, ".", '_');
  if (self->old)
    return g_strdup ("/org/freedesktop/portal/desktop/request/of_its_own");
  g_assert_true (g_variant_lookup (self->options, "handle_token", "&s", &token));
  return g_strconcat ("/org/freedesktop/portal/desktop/request/", sender, "/", token, NULL);
}

static gboolean
respond_cb (gpointer data)
{
  Fixture *self = data;
  g_autofree char *path = request_path (self);
  GVariantBuilder results;

  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&results, "{sv}", "background", g_variant_new_boolean (self->allows));
  g_dbus_connection_emit_signal (self->portal, NULL, path, "org.freedesktop.portal.Request",
                                 "Response", g_variant_new ("(ua{sv})", self->response, &results),
                                 NULL);
  return G_SOURCE_REMOVE;
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *call, gpointer data)
{
  Fixture *self = data;
  g_autofree char *handle = NULL;

  g_clear_pointer (&self->options, g_variant_unref);
  self->options = g_variant_get_child_value (parameters, 1);
  handle = request_path (self);
  /* Today's portals may answer before the call returns. */
  if (!self->old)
    respond_cb (self);
  g_dbus_method_invocation_return_value (call, g_variant_new ("(o)", handle));
  if (self->old)
    g_timeout_add (100, respond_cb, self);
}

static GDBusConnection *
connect_to (const char *address)
{
  g_autoptr(GError) error = NULL;
  GDBusConnection *connection =
    g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                            | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                            NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
set_up_bus (Fixture *self, gconstpointer data)
{
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->ours = connect_to (g_test_dbus_get_bus_address (self->bus));
  self->portal = connect_to (g_test_dbus_get_bus_address (self->bus));
}

static void
on_name (GDBusConnection *connection, const char *name, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const GDBusInterfaceVTable table = { on_call, NULL, NULL, { 0 } };
  g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (portal_xml, NULL);
  g_autoptr(GError) error = NULL;
  gboolean owned = FALSE;

  set_up_bus (self, data);
  self->object_id =
    g_dbus_connection_register_object (self->portal, "/org/freedesktop/portal/desktop",
                                       node->interfaces[0], &table, self, NULL, &error);
  g_assert_no_error (error);
  self->name_id = g_bus_own_name_on_connection (self->portal, "org.freedesktop.portal.Desktop",
                                                G_BUS_NAME_OWNER_FLAGS_NONE, on_name, NULL, &owned,
                                                NULL);
  da_test_await (is_true, &owned);
  self->allows = TRUE;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->name_id != 0)
    g_bus_unown_name (self->name_id);
  if (self->object_id != 0)
    g_dbus_connection_unregister_object (self->portal, self->object_id);
  g_clear_pointer (&self->options, g_variant_unref);
  g_object_unref (self->portal);
  g_object_unref (self->ours);
  da_test_drain ();
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
}

static gboolean
ask (Fixture *self, gboolean autostart)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  gboolean allowed;

  da_background_request_async (self->ours, "because", autostart, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  allowed = da_background_request_finish (result, &error);
  g_assert_no_error (error);
  return allowed;
}

static void
test_is_asked_with_a_reason (Fixture *self, gconstpointer data)
{
  g_autofree const char **command = NULL;
  const char *reason = NULL;
  gboolean autostart = FALSE;

  g_assert_true (ask (self, TRUE));
  g_assert_true (g_variant_lookup (self->options, "reason", "&s", &reason));
  g_assert_cmpstr (reason, ==, "because");
  g_assert_true (g_variant_lookup (self->options, "autostart", "b", &autostart));
  g_assert_true (autostart);
  g_assert_true (g_variant_lookup (self->options, "commandline", "^a&s", &command));
  g_assert_cmpstr (command[0], ==, "dotagents");
  g_assert_true (ask (self, FALSE));
  g_assert_true (g_variant_lookup (self->options, "autostart", "b", &autostart));
  g_assert_false (autostart);
}

static void
test_a_no_is_heard (Fixture *self, gconstpointer data)
{
  self->allows = FALSE;
  g_assert_false (ask (self, FALSE));
  self->allows = TRUE;
  self->response = 1;
  g_assert_false (ask (self, FALSE));
}

static void
test_an_old_portal_names_its_own_request (Fixture *self, gconstpointer data)
{
  self->old = TRUE;
  g_assert_true (ask (self, FALSE));
  self->allows = FALSE;
  g_assert_false (ask (self, FALSE));
}

static void
test_without_a_portal_all_is_allowed (Fixture *self, gconstpointer data)
{
  g_assert_true (ask (self, FALSE));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add ("/app/background/is-asked-with-a-reason", Fixture, NULL, set_up,
              test_is_asked_with_a_reason, tear_down);
  g_test_add ("/app/background/a-no-is-heard", Fixture, NULL, set_up, test_a_no_is_heard,
              tear_down);
  g_test_add ("/app/background/an-old-portal-names-its-own-request", Fixture, NULL, set_up,
              test_an_old_portal_names_its_own_request, tear_down);
  g_test_add ("/app/background/without-a-portal-all-is-allowed", Fixture, NULL, set_up_bus,
              test_without_a_portal_all_is_allowed, tear_down);
  return g_test_run ();
}
