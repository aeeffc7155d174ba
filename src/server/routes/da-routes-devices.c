/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Paired devices and pairing codes (decisions.md, "A key per device"). Ours, not the contract's:
 * the terminal uses them over the UNIX socket, and a phone with the scope may, too. Nobody gives
 * away a scope that he has not got.
 */

#define G_LOG_DOMAIN "da-server-devices"

#include "da-routes.h"

#include <string.h>

#include "da-access-devices.h"
#include "da-json.h"
#include "da-network.h"
#include "da-pairing-address.h"
#include "da-random.h"
#include "da-reply.h"
#include "da-request-private.h"

#define CODES_MAX 16          /* open at once; a code that is not closed lives for ten minutes */
#define WAIT_MAX_SECONDS 60

/* The codes that were asked for here, until nobody needs to ask for their fate. */
static GPtrArray *
get_codes (DaAccess *access)
{
  GPtrArray *codes = g_object_get_data (G_OBJECT (access), "da-server-codes");

  if (codes == NULL)
    {
      codes = g_ptr_array_new_with_free_func (g_object_unref);
      g_object_set_data_full (G_OBJECT (access), "da-server-codes", codes,
                              (GDestroyNotify) g_ptr_array_unref);
    }
  return codes;
}

/* (nullable) (transfer none) */
static DaDevice *
find_code (DaAccess   *access,
           const char *id)
{
  GPtrArray *codes = get_codes (access);

  for (guint i = 0; i < codes->len; i++)
    if (strcmp (da_device_get_id (codes->pdata[i]), id) == 0)
      return codes->pdata[i];
  return NULL;
}

static DaAccess *
get_access (DaRequest *request)
{
  return da_engine_get_access (da_request_get_engine (request));
}

/* Shapes */

static void
write_scopes (DaJsonWriter *writer,
              unsigned      scopes)
{
  g_autofree char *text = da_scopes_to_string (scopes);
  g_auto(GStrv) words = g_strsplit (text, ",", -1);

  da_json_writer_strv (writer, "scopes", (const char *const *) words);
}

static void
write_device (DaJsonWriter *writer,
              const char   *name,
              DaDevice     *device)
{
  guint requests = 0;

  g_object_get (device, "requests", &requests, NULL);
  da_json_writer_begin_object (writer, name);
  da_json_writer_string (writer, "id", da_device_get_id (device));
  da_json_writer_string (writer, "name", da_device_get_name (device));
  write_scopes (writer, da_device_get_scopes (device));
  da_json_writer_int (writer, "firstSeen", da_device_get_first_seen (device));
  da_json_writer_int (writer, "lastSeen", da_device_get_last_seen (device));
  da_json_writer_string (writer, "address", da_device_get_address (device));
  da_json_writer_string (writer, "state",
                         da_device_state_to_string (da_device_get_state (device)));
  da_json_writer_opt_string (writer, "userAgent", da_device_get_user_agent (device));
  da_json_writer_int (writer, "openRequests", requests);
  da_json_writer_end_object (writer);
}

static void
list_devices (DaRequest *request)
{
  GListModel *devices = da_access_get_devices (get_access (request));
  guint n = g_list_model_get_n_items (devices);
  DaJsonWriter *writer = da_json_writer_new (64 + n * 256);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "count", n);
  da_json_writer_begin_array (writer, "devices");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, i);

      write_device (writer, NULL, device);
    }
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

/* Scopes of a client: "chat,manage" or ["chat","manage"]. */
static gboolean
parse_scopes (JsonNode  *node,
              unsigned  *out,
              GError   **error)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonNode *item = json_array_get_element (array, i);
          const char *word = JSON_NODE_HOLDS_VALUE (item) ? json_node_get_string (item) : NULL;

          g_string_append_printf (text, "%s,", word != NULL ? word : "?");
        }
    }
  else
    {
      const char *words = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      g_string_append (text, words != NULL ? words : "?");
    }
  return da_scopes_parse (text->str, out, error);
}

/* FALSE: it has answered. @scopes stays as it is when the member is absent. */
static gboolean
take_scopes (DaRequest  *request,
             JsonObject *body,
             unsigned   *scopes,
             gboolean   *given)
{
  g_autoptr(GError) error = NULL;
  unsigned wanted = 0;

  *given = body != NULL && json_object_has_member (body, "scopes");
  if (!*given)
    return TRUE;
  if (!parse_scopes (json_object_get_member (body, "scopes"), &wanted, &error))
    {
      da_reply_gerror (request, error);
      return FALSE;
    }
  if ((wanted & ~(request->identity->scopes | *scopes)) != 0)
    {
      _da_request_refuse (request, DA_REFUSAL_SCOPE, NULL);
      da_reply_error (request, 403, "This key cannot give more than it has");
      return FALSE;
    }
  *scopes = wanted;
  return TRUE;
}

/* Pairing */

static void
write_code (DaJsonWriter           *writer,
            DaDevice               *device,
            const DaPairingAddress *where)
{
  g_autofree char *link = da_device_dup_link (device, where->base_url);
  g_autofree char *preview = da_secret_preview (da_device_peek_key (device));

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "link", link);
  da_json_writer_string (writer, "baseUrl", where->base_url);
  da_json_writer_string (writer, "address", where->address);
  da_json_writer_string (writer, "reason", where->reason);
  da_json_writer_string (writer, "deviceId", da_device_get_id (device));
  da_json_writer_int (writer, "expiresAt", da_device_get_expires_at (device));
  write_scopes (writer, da_device_get_scopes (device));
  da_json_writer_string (writer, "keyPreview", preview);
  da_json_writer_end_object (writer);
}

static void
forget_old_codes (DaAccess *access)
{
  GPtrArray *codes = get_codes (access);

  for (guint i = codes->len; i > 0; i--)
    if (da_device_get_state (codes->pdata[i - 1]) != DA_DEVICE_WAITING)
      g_ptr_array_remove_index (codes, i - 1);
  while (codes->len >= CODES_MAX)
    {
      da_access_end_pairing (access, codes->pdata[0]);
      g_ptr_array_remove_index (codes, 0);
    }
}

static void
begin_pairing (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  JsonNode *node = da_request_get_json (request);
  JsonObject *body = NULL;
  DaAccess *access = get_access (request);
  g_autoptr(DaPairingAddress) where = NULL;
  g_autoptr(DaDevice) device = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *details = NULL;
  DaJsonWriter *writer;
  unsigned scopes = request->identity->scopes;
  gboolean given;

  if (node != NULL && (body = da_request_need_object (request)) == NULL)
    return;
  if (!take_scopes (request, body, &scopes, &given))
    return;
  where = da_pairing_address_choose (da_engine_get_remote_access (engine),
                                     da_engine_get_settings (engine),
                                     da_json_get_string (body, "address"), &error);
  if (where == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  forget_old_codes (access);
  device = da_access_begin_pairing (access, scopes);
  g_ptr_array_add (get_codes (access), g_object_ref (device));
  details = g_strdup_printf ("{\"deviceId\":\"%s\"}", da_device_get_id (device));
  da_request_audit (request, "device-pairing-begin", details, NULL);
  writer = da_json_writer_new (512);
  write_code (writer, device, where);
  da_reply_json (request, 200, writer);
}

static void
end_pairing (DaRequest *request)
{
  DaAccess *access = get_access (request);
  GPtrArray *codes = get_codes (access);

  for (guint i = 0; i < codes->len; i++)
    da_access_end_pairing (access, codes->pdata[i]);
  g_ptr_array_set_size (codes, 0);
  da_request_audit (request, "device-pairing-end", NULL, NULL);
  da_reply_action (request, "device-pairing-end", TRUE, "No pairing code is open", NULL);
}

static void
end_one_pairing (DaRequest *request)
{
  DaAccess *access = get_access (request);
  DaDevice *device = find_code (access, da_request_get_param (request, "id"));

  if (device == NULL)
    {
      da_reply_error (request, 404, "There is no such pairing code");
      return;
    }
  da_access_end_pairing (access, device);
  da_request_audit (request, "device-pairing-end", NULL, NULL);
  da_reply_action (request, "device-pairing-end", TRUE, "The pairing code is closed", NULL);
}

/* What became of a code; the answer waits until something did. */
typedef struct {
  DaRequest *request;
  DaDevice  *device;
  gulong     changed, gone;
  guint      timeout;
} PairingWait;

static void
wait_free (PairingWait *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_signal_handler (&self->changed, self->device);
  g_clear_signal_handler (&self->gone, da_request_get_cancellable (self->request));
  g_object_unref (self->device);
  da_request_unref (self->request);
  g_free (self);
}

static gboolean on_wait_over (gpointer user_data);

static void
reply_pairing (DaRequest *request,
               DaDevice  *device)
{
  DaJsonWriter *writer = da_json_writer_new (256);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "deviceId", da_device_get_id (device));
  da_json_writer_string (writer, "state",
                         da_device_state_to_string (da_device_get_state (device)));
  da_json_writer_string (writer, "name", da_device_get_name (device));
  da_json_writer_opt_string (writer, "address", da_device_get_address (device));
  da_json_writer_int (writer, "expiresAt", da_device_get_expires_at (device));
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

/* Answering may close the connection, which is another way to end: one of them is enough. */
static void
wait_answer (PairingWait *self)
{
  g_autoptr(DaRequest) request = da_request_ref (self->request);
  g_autoptr(DaDevice) device = g_object_ref (self->device);

  wait_free (self);
  reply_pairing (request, device);
}

/* In the middle of the phone's first request; what else is known of it comes right after. */
static void
on_state_changed (PairingWait *self)
{
  if (self->timeout != 0)
    g_source_remove (self->timeout);
  self->timeout = g_idle_add (on_wait_over, self);
}

static gboolean
on_wait_over (gpointer user_data)
{
  PairingWait *self = user_data;

  self->timeout = 0;
  wait_answer (self);
  return G_SOURCE_REMOVE;
}

static void
show_pairing (DaRequest *request)
{
  DaDevice *device = find_code (get_access (request), da_request_get_param (request, "id"));
  guint seconds = da_request_get_query (request, "wait") == NULL
                    ? 0 : da_request_get_count (request, "wait", 1, WAIT_MAX_SECONDS);
  PairingWait *self;

  if (device == NULL)
    {
      da_reply_error (request, 404, "There is no such pairing code");
      return;
    }
  if (seconds == 0 || da_device_get_state (device) != DA_DEVICE_WAITING)
    {
      reply_pairing (request, device);
      return;
    }
  self = g_new0 (PairingWait, 1);
  self->request = da_request_ref (request);
  self->device = g_object_ref (device);
  self->changed = g_signal_connect_swapped (device, "notify::state", G_CALLBACK (on_state_changed),
                                            self);
  self->gone = g_signal_connect_swapped (da_request_get_cancellable (request), "cancelled",
                                         G_CALLBACK (wait_free), self);
  self->timeout = g_timeout_add_seconds (seconds, on_wait_over, self);
}

/* Changing */

typedef struct {
  DaRequest *request;
  char      *id;
  unsigned   scopes;
  gboolean   has_scopes;
} Change;

static void
change_free (Change *change)
{
  da_request_unref (change->request);
  g_free (change->id);
  g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static Change *
change_new (DaRequest *request)
{
  Change *change = g_new0 (Change, 1);

  change->request = da_request_ref (request);
  change->id = g_strdup (da_request_get_param (request, "id"));
  return change;
}

static void
audit_change (Change     *change,
              const char *action)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (128);
  g_autofree char *details = NULL;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "deviceId", change->id);
  if (change->has_scopes)
    write_scopes (writer, change->scopes);
  da_json_writer_end_object (writer);
  details = da_json_writer_free_to_string (g_steal_pointer (&writer));
  da_request_audit (change->request, action, details, NULL);
}

static void
reply_device (Change *change)
{
  DaDevice *device = da_access_find_device (get_access (change->request), change->id);
  DaJsonWriter *writer;

  if (device == NULL)
    {
      da_reply_error (change->request, 404, "There is no such device");
      return;
    }
  writer = da_json_writer_new (256);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  write_device (writer, "device", device);
  da_json_writer_end_object (writer);
  da_reply_json (change->request, 200, writer);
}

static void
scoped_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;

  if (da_access_device_finish (DA_ACCESS (source), result, &error))
    reply_device (change);
  else
    da_reply_gerror (change->request, error);
}

static void
set_scopes (Change *change)
{
  da_access_set_scopes_async (get_access (change->request), change->id, change->scopes, NULL,
                              scoped_cb, change);
}

static void
renamed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error))
    da_reply_gerror (change->request, error);
  else if (change->has_scopes)
    set_scopes (g_steal_pointer (&change));
  else
    reply_device (change);
}

static void
change_device (DaRequest *request)
{
  JsonObject *body = da_request_need_object (request);
  DaDevice *device = da_access_find_device (get_access (request),
                                            da_request_get_param (request, "id"));
  g_autoptr(Change) change = change_new (request);
  g_autoptr(GError) error = NULL;
  const char *name = NULL;

  if (body == NULL)
    return;
  if (device == NULL)
    {
      da_reply_error (request, 404, "There is no such device");
      return;
    }
  change->scopes = da_device_get_scopes (device);
  if (!take_scopes (request, body, &change->scopes, &change->has_scopes))
    return;
  if (!da_json_take_string (body, "name", &name, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  audit_change (change, "device-update");
  if (name != NULL)
    {
      const char *id = change->id;

      da_access_rename_device_async (get_access (request), id, name, NULL, renamed_cb,
                                     g_steal_pointer (&change));
    }
  else if (change->has_scopes)
    set_scopes (g_steal_pointer (&change));
  else
    da_reply_error (request, 400, "There is nothing to change: name or scopes");
}

static void
revoked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *details = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error))
    {
      da_reply_gerror (change->request, error);
      return;
    }
  details = g_strdup_printf ("{\"deviceId\":\"%s\"}", change->id);
  da_reply_action (change->request, "device-revoke", TRUE, "The device is cut off", details);
}

static void
revoke_device (DaRequest *request)
{
  DaAccess *access = get_access (request);
  Change *change = change_new (request);

  if (da_access_find_device (access, change->id) != NULL)
    audit_change (change, "device-revoke");
  /* A device that leaves by itself hears that it has left. */
  request->outlives_key = g_strcmp0 (request->identity->device_id, change->id) == 0;
  da_access_revoke_device_async (access, change->id, NULL, revoked_cb, change);
}

static void
restore_device (DaRequest *request)
{
  Change *change = change_new (request);

  da_request_audit (request, "device-restore", NULL, NULL);
  da_access_restore_device_async (get_access (request), change->id, NULL, scoped_cb, change);
}

#define ROW(method, pattern, flags, handler) \
  { method, "/v1/operator/devices" pattern, DA_SCOPE_OPERATOR, 64 * 1024, \
    DA_ROUTE_DEVICES | (flags), handler }

const DaRoute da_routes_devices[] = {
  ROW ("GET", "", DA_ROUTE_NO_BODY, list_devices),
  ROW ("POST", "/pairing", DA_ROUTE_AUDIT, begin_pairing),
  ROW ("DELETE", "/pairing", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, end_pairing),
  ROW ("GET", "/pairing/:id", DA_ROUTE_NO_BODY, show_pairing),
  ROW ("DELETE", "/pairing/:id", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, end_one_pairing),
  ROW ("PATCH", "/:id", DA_ROUTE_AUDIT, change_device),
  ROW ("DELETE", "/:id", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, revoke_device),
  ROW ("POST", "/:id/restore", DA_ROUTE_NO_BODY | DA_ROUTE_AUDIT, restore_device),
  { NULL },
};
