/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 E.12: rotating the key, starting things again, one question without a stream.
 */

#define G_LOG_DOMAIN "da-server-operator-access"

#include "config.h"

#include "da-routes.h"

#include <string.h>

#include "da-access-devices.h"
#include "da-chat-private.h"
#include "da-json.h"
#include "da-path.h"
#include "da-random.h"
#include "da-reply.h"
#include "da-request-private.h"
#include "da-server.h"

#define ROTATE_DELAY_MS 25
#define RESTART_SERVER_DELAY_MS 50
#define RESTART_PROGRAM_DELAY_MS 100

/* Rotation */

typedef struct {
  DaRequest *request;
  char      *key;            /* the new one */
  guint      pending;        /* devices that are being cut off */
  guint      cut_off;
  gboolean   keep_devices;
  GError    *error;
} Rotation;

static void
rotation_free (Rotation *self)
{
  da_request_unref (self->request);
  g_clear_pointer (&self->key, da_secret_free);
  g_clear_error (&self->error);
  g_free (self);
}

/* The answer's key is the one the caller goes on with. A phone takes it for its own: told the new
 * master key, it would leave its own scopes behind, so it is told the key it has. */
static const char *
get_key_for_caller (Rotation *self)
{
  const char *value = da_request_get_header (self->request, "Authorization");

  if (self->request->identity->kind == DA_IDENTITY_DEVICE && value != NULL
      && g_str_has_prefix (value, "Bearer "))
    return value + strlen ("Bearer ");
  return self->key;
}

static void
reply_rotation (Rotation *self)
{
  g_autofree char *details = NULL;
  DaJsonWriter *writer;

  if (self->error != NULL)
    {
      da_request_audit (self->request, "rotate-api-key", NULL, "rotate-api-key-route-error");
      da_reply_gerror (self->request, self->error);
      rotation_free (self);
      return;
    }
  details = g_strdup_printf ("{\"restartScheduled\":true,\"devicesCutOff\":%u}", self->cut_off);
  da_request_audit (self->request, "rotate-api-key", details, NULL);
  writer = da_json_writer_new (256);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  da_json_writer_string (writer, "action", "rotate-api-key");
  da_json_writer_string (writer, "message", "The API key was replaced");
  da_json_writer_boolean (writer, "scheduled", TRUE);
  da_json_writer_boolean (writer, "restartScheduled", TRUE);
  da_json_writer_string (writer, "apiKey", get_key_for_caller (self));
  da_json_writer_int (writer, "devicesCutOff", self->cut_off);
  da_json_writer_end_object (writer);
  da_reply_json (self->request, 200, writer);
  rotation_free (self);
}

static void
cut_off_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Rotation *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!da_access_device_finish (DA_ACCESS (source), result, &error) && self->error == NULL)
    self->error = g_steal_pointer (&error);
  if (--self->pending == 0)
    reply_rotation (self);
}

/* Every device but the one that asks for it. */
static void
cut_off_devices (Rotation *self,
                 DaAccess *access)
{
  GListModel *devices = da_access_get_devices (access);
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr(DaDevice) device = g_list_model_get_item (devices, i);
      const char *id = da_device_get_id (device);

      if (g_strcmp0 (id, self->request->identity->device_id) != 0)
        g_ptr_array_add (ids, g_strdup (id));
    }
  self->pending = self->cut_off = ids->len;
  for (guint i = 0; i < ids->len; i++)
    da_access_revoke_device_async (access, ids->pdata[i], NULL, cut_off_cb, self);
}

static void
rotated_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Rotation *self = user_data;

  self->key = da_access_rotate_finish (DA_ACCESS (source), result, &self->error);
  if (self->key != NULL && !self->keep_devices)
    cut_off_devices (self, DA_ACCESS (source));
  if (self->pending == 0)
    reply_rotation (self);
}

static void
rotate (DaRequest *request)
{
  JsonNode *node = da_request_get_json (request);
  JsonObject *body = NULL;
  g_autoptr(GError) error = NULL;
  gboolean keep = FALSE;
  Rotation *self;

  if (node != NULL && (body = da_request_need_object (request)) == NULL)
    return;
  if (body != NULL && !da_json_take_boolean (body, "keepDevices", &keep, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  /* The caller's own key may be what is replaced. */
  request->outlives_key = TRUE;
  self = g_new0 (Rotation, 1);
  self->request = da_request_ref (request);
  self->keep_devices = keep;
  da_access_rotate_async (da_engine_get_access (da_request_get_engine (request)), NULL, rotated_cb,
                          self);
}

/* For the person's own terminal, and for who has the key anyhow; a device never learns it. */
static void
show_key (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  DaAccess *access = da_engine_get_access (engine);
  DaJsonWriter *writer;
  char *key;

  if (request->identity->kind == DA_IDENTITY_DEVICE)
    {
      da_request_audit (request, "show-api-key", NULL, "not-for-devices");
      _da_request_refuse (request, DA_REFUSAL_SCOPE, NULL);
      da_reply_error (request, 403, "A device has a key of its own");
      return;
    }
  if (da_settings_get_boolean (da_engine_get_settings (engine), "streamerModeEnabled"))
    {
      da_request_audit (request, "show-api-key", NULL, "streamer-mode");
      da_reply_error (request, 409, "Streamer mode is on, so the key is not shown");
      return;
    }
  da_request_audit (request, "show-api-key", NULL, NULL);
  key = da_access_dup_api_key (access);
  writer = da_json_writer_new (128);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "apiKey", key);
  da_json_writer_boolean (writer, "fromEnvironment", da_access_is_fixed (access));
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
  da_secret_free (key);
}

/* Starting again */

static void
reply_scheduled (DaRequest  *request,
                 const char *action,
                 const char *message,
                 const char *details)
{
  DaJsonWriter *writer = da_json_writer_new (256);

  da_request_audit (request, action, details, NULL);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  da_json_writer_string (writer, "action", action);
  da_json_writer_string (writer, "message", message);
  da_json_writer_boolean (writer, "scheduled", TRUE);
  da_json_writer_raw (writer, "details", details);
  da_json_writer_end_object (writer);
  da_reply_json (request, 200, writer);
}

static void
restart_server_now (DaEngine *engine,
                    gpointer  data)
{
  g_autoptr(GError) error = NULL;

  if (!da_server_restart (data, &error))
    g_warning ("The remote server did not start again: %s", error->message);
}

static void
restart_remote_server (DaRequest *request)
{
  DaServer *server = da_request_get_server (request);

  da_request_after_reply (request, RESTART_SERVER_DELAY_MS, restart_server_now,
                          g_object_ref (server), g_object_unref);
  reply_scheduled (request, "restart-remote-server", "The remote server starts again",
                   da_server_is_running (server) ? "{\"wasRunning\":true}"
                                                 : "{\"wasRunning\":false}");
}

static void
restart_program_now (DaEngine *engine,
                     gpointer  data)
{
  if (!da_server_restart_program (data))
    g_warning ("The program did not start again");
}

static void
restart_app (DaRequest *request)
{
  DaServer *server = da_request_get_server (request);

  if (!da_server_can_restart_program (server))
    {
      da_request_audit (request, "restart-app", NULL, "not-possible");
      da_reply_action (request, "restart-app", FALSE, "This program cannot start itself again",
                       "{\"currentVersion\":\"" DA_VERSION "\"}");
      return;
    }
  da_request_after_reply (request, RESTART_PROGRAM_DELAY_MS, restart_program_now,
                          g_object_ref (server), g_object_unref);
  reply_scheduled (request, "restart-app", "DotAgents starts again",
                   "{\"currentVersion\":\"" DA_VERSION "\"}");
}

/* One question */

typedef struct {
  DaRequest *request;
  DaRun     *run;              /* (nullable) until there is one */
  char      *details;
  gulong     gone;
  guint      subscription;
} AgentRun;

static void
agent_run_free (AgentRun *self)
{
  g_clear_signal_handler (&self->gone, da_request_get_cancellable (self->request));
  if (self->subscription != 0)
    da_run_unsubscribe (self->run, self->subscription);
  if (self->run != NULL)
    da_run_detach (self->run);
  g_clear_object (&self->run);
  g_free (self->details);
  da_request_unref (self->request);
  g_free (self);
}

static void
reply_agent_run (AgentRun *self)
{
  DaConversation *conversation = da_run_get_conversation (self->run);
  guint n = conversation != NULL ? conversation->messages->len : 0;
  DaJsonWriter *writer = da_json_writer_new (1024);

  da_request_audit (self->request, "run-agent", self->details, NULL);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  da_json_writer_string (writer, "action", "run-agent");
  da_json_writer_string (writer, "conversationId", da_run_get_conversation_id (self->run));
  da_json_writer_string (writer, "sessionId", da_run_get_session_id (self->run));
  da_json_writer_string (writer, "content", da_run_peek_text (self->run, NULL));
  da_json_writer_int (writer, "messageCount", n + (da_run_get_answer (self->run) != NULL ? 1 : 0));
  da_json_writer_end_object (writer);
  da_reply_json (self->request, 200, writer);
}

static void
look (AgentRun *self)
{
  guint64 number = da_run_get_last_event (self->run);
  const DaRunEvent *last = number > 0 ? da_run_peek_event (self->run, number) : NULL;
  const GError *error = da_run_get_error (self->run);

  if (last == NULL || (last->type != DA_RUN_EVENT_FAILED && last->type != DA_RUN_EVENT_DONE
                       && last->type != DA_RUN_EVENT_CANCELLED))
    return;
  /* Answering may close the connection, which is another way to end: one of them is enough. */
  g_clear_signal_handler (&self->gone, da_request_get_cancellable (self->request));
  if (last->type == DA_RUN_EVENT_FAILED)
    {
      g_autofree char *kind = _da_chat_dup_error_kind (last);
      DaReplyStatus how = da_reply_status_for_run (error, kind,
                                                   da_run_get_retry_after_ms (self->run));

      da_request_audit (self->request, "run-agent", self->details, "run-agent-error");
      if (error != NULL)
        _da_reply_gerror_as (self->request, error, &how);
      else
        da_reply_error (self->request, 500, "The run failed");
    }
  else
    {
      reply_agent_run (self);
    }
  agent_run_free (self);
}

static void
on_run_changed (DaRun    *run,
                gpointer  user_data)
{
  look (user_data);
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  AgentRun *self = user_data;
  g_autoptr(GError) error = NULL;

  self->run = da_engine_chat_finish (DA_ENGINE (source), result, &error);
  if (self->run == NULL)
    {
      da_request_audit (self->request, "run-agent", self->details, "run-agent-error");
      da_reply_gerror (self->request, error);
      agent_run_free (self);
      return;
    }
  da_run_attach (self->run);
  if (_da_request_is_gone (self->request))
    {
      agent_run_free (self);
      return;
    }
  self->gone = g_signal_connect_swapped (da_request_get_cancellable (self->request), "cancelled",
                                         G_CALLBACK (agent_run_free), self);
  self->subscription = da_run_subscribe (self->run, on_run_changed, self);
  look (self);
}

/* Never the prompt itself. */
static char *
describe_prompt (const char *prompt,
                 const char *conversation_id)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (128);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "promptLength", g_utf8_strlen (prompt, -1));
  da_json_writer_opt_string (writer, "conversationId", conversation_id);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

static void
run_agent (DaRequest *request)
{
  JsonObject *body = da_request_need_object (request);
  const char *prompt = NULL, *conversation = NULL, *profile = NULL;
  g_autoptr(DaChatRequest) chat = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *trimmed = NULL;
  AgentRun *self;

  if (body == NULL)
    return;
  if (!da_json_take_string (body, "prompt", &prompt, &error)
      || !da_json_take_string (body, "conversationId", &conversation, &error)
      || !da_json_take_string (body, "profileId", &profile, &error)
      || (conversation != NULL && *conversation != '\0'
          && !da_path_check_id (conversation, &error)))
    {
      da_reply_gerror (request, error);
      return;
    }
  trimmed = g_strstrip (g_strdup (prompt != NULL ? prompt : ""));
  if (*trimmed == '\0')
    {
      da_reply_error (request, 400, "The prompt is missing");
      return;
    }
  if (conversation != NULL && *conversation == '\0')
    conversation = NULL;

  chat = da_chat_request_new (conversation, trimmed);
  chat->client = DA_CLIENT_APP;
  chat->identity = da_identity_ref (da_request_get_identity (request));
  chat->profile_id = profile != NULL && *profile != '\0' ? g_strdup (profile) : NULL;
  self = g_new0 (AgentRun, 1);
  self->request = da_request_ref (request);
  self->details = describe_prompt (trimmed, conversation);
  da_engine_chat_async (da_request_get_engine (request), chat, NULL, asked_cb, self);
}

#define ACTION(pattern, flags, handler) \
  { "POST", "/v1/operator/" pattern, DA_SCOPE_OPERATOR, 8 * 1024 * 1024, \
    DA_ROUTE_DEVICES | DA_ROUTE_AUDIT | (flags), handler }

const DaRoute da_routes_operator_access[] = {
  { "GET", "/v1/operator/access/api-key", DA_SCOPE_OPERATOR, 0,
    DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES | DA_ROUTE_AUDIT, show_key },
  ACTION ("access/rotate-api-key", 0, rotate),
  ACTION ("actions/restart-remote-server", DA_ROUTE_NO_BODY, restart_remote_server),
  ACTION ("actions/restart-app", DA_ROUTE_NO_BODY, restart_app),
  ACTION ("actions/run-agent", 0, run_agent),
  { NULL },
};
