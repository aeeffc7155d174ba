/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-server"

#include <string.h>

#include "da-fake-llm.h"
#include "da-macros.h"
#include "da-server.h"
#include "da-test-util.h"

/* The real server on a real engine, asked over its socket from within. */

typedef struct {
  char *dir;
  DaFakeLlm *fake;
  DaEngine *engine;
  DaServer *server;
  GListModel *log;
} Fixture;

static DaEngine *
make_engine (const char *dir,
             DaFakeLlm  *fake)
{
  g_autofree char *base = g_strdup_printf ("openaiBaseUrl=\"%s\"",
                                           da_fake_llm_get_base_url (fake));
  const char *overrides[] = { "remoteServerCorsOrigins=[\"https://good.example\"]", base,
                              "agentOpenaiModel=\"gpt\"", "apiRetryCount=0", NULL };
  g_autofree char *data = g_build_filename (dir, "data", NULL);
  g_autofree char *state = g_build_filename (dir, "state", NULL);
  g_autofree char *agents = g_build_filename (dir, "agents", NULL);
  const DaEngineOptions options = {
    .data_dir = data,
    .state_dir = state,
    .agents_dir = agents,
    .overrides = overrides,
  };

  da_main_thread_mark ();
  return da_engine_new (&options);
}

static void
set_up (Fixture     *self,
        gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  self->dir = da_test_make_dir ();
  self->fake = da_fake_llm_new (0, &error);
  g_assert_no_error (error);
  self->engine = make_engine (self->dir, self->fake);
  da_engine_start_async (self->engine, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_start_finish (self->engine, result, &error);
  g_assert_no_error (error);
  self->server = da_server_new (self->engine);
  da_server_override (self->server, "127.0.0.1", 0);
  da_server_start (self->server, &error);
  g_assert_no_error (error);
  self->log = G_LIST_MODEL (da_engine_get_request_log (self->engine));
}

static void
tear_down (Fixture     *self,
           gconstpointer data)
{
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  da_server_stop_async (self->server, 0, da_test_async_cb, &stopped);
  da_test_run_async (&stopped);
  g_clear_object (&stopped);
  g_clear_object (&self->server);
  da_engine_stop_async (self->engine, da_test_async_cb, &result);
  da_test_run_async (&result);
  g_clear_object (&result);
  da_test_await_finalize (self->engine);
  da_fake_llm_free (self->fake);
  da_test_remove_tree (self->dir);
  g_free (self->dir);
}

/* (transfer full): open, with @text written. */
static GSocketConnection *
call (Fixture    *self,
      const char *text)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1",
                                                (guint16) da_server_get_port (self->server), NULL,
                                                &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static gboolean
has_one (gpointer log)
{
  return g_list_model_get_n_items (log) == 1;
}

typedef struct {
  const char *request;   /* "METHOD path", lines of the head */
  DaRefusal refusal;
  const char *refused;
  const char *route;
  guint status;
} Row;

/* (transfer full): what became of it. */
static DaRequestLogEntry *
ask (Fixture    *self,
     const char *request)
{
  g_autofree char *key = da_access_dup_api_key (da_engine_get_access (self->engine));
  g_auto (GStrv) words = g_strsplit (request, "$KEY", -1);
  g_autofree char *text = g_strjoinv (key, words);
  g_autoptr (GSocketConnection) connection = call (self, text);

  da_test_await (has_one, self->log);
  return g_list_model_get_item (self->log, 0);
}

static void
check (Fixture   *self,
       const Row *row)
{
  g_autoptr (DaRequestLogEntry) entry = ask (self, row->request);

  g_test_message ("%s", row->request);
  g_assert_cmpuint (da_request_log_entry_get_status (entry), ==, row->status);
  g_assert_cmpint (da_request_log_entry_get_refusal (entry), ==, row->refusal);
  g_assert_cmpstr (da_request_log_entry_get_refused (entry), ==, row->refused);
  g_assert_cmpstr (da_request_log_entry_get_route (entry), ==, row->route);
  da_request_log_clear (DA_REQUEST_LOG (self->log));
}

/* What it refuses is in the list of requests with the cause the gate had, the words that allow it,
 * and the route. */

#define HERE " HTTP/1.1\r\nHost: localhost\r\n"

static void
test_causes (Fixture     *self,
             gconstpointer data)
{
  static const Row rows[] = {
    /* A browser's POST has an Origin whatever its host is. */
    { "POST /v1/chat/completions HTTP/1.1\r\nHost: Desk.LAN.:3210\r\n"
      "Origin: https://good.example\r\nContent-Length: 0\r\n\r\n",
      DA_REFUSAL_HOST, "desk.lan", "/v1/chat/completions", 403 },
    { "GET /v1/models HTTP/1.1\r\nHost: 198.51.100.7:3210\r\n\r\n",
      DA_REFUSAL_HOST, "198.51.100.7", "/v1/models", 403 },
    { "GET /v1/models HTTP/1.1\r\nHost: [2001:DB8:0::7]:3210\r\n\r\n",
      DA_REFUSAL_HOST, "[2001:db8::7]", "/v1/models", 403 },
    /* Nothing can allow this one. */
    { "GET /v1/models HTTP/1.1\r\nHost: 0.0.0.0:3210\r\n\r\n",
      DA_REFUSAL_HOST, NULL, "/v1/models", 403 },
    { "GET /v1/models" HERE "Origin: https://BAD.example/\r\n\r\n",
      DA_REFUSAL_ORIGIN, "https://bad.example", "/v1/models", 403 },
    { "GET /v1/models" HERE "Origin: a b\r\n\r\n", DA_REFUSAL_ORIGIN, NULL, "/v1/models", 403 },
    { "GET /v1/models" HERE "Sec-Fetch-Site: cross-site\r\n\r\n",
      DA_REFUSAL_ORIGIN, NULL, "/v1/models", 403 },
    { "GET /v1/conversations/c-1?q=secret" HERE "\r\n",
      DA_REFUSAL_KEY, NULL, "/v1/conversations/:id", 401 },
    { "GET /v1/models" HERE "Authorization: Bearer wrong\r\n\r\n",
      DA_REFUSAL_KEY, NULL, "/v1/models", 401 },
    { "PATCH /v1/settings" HERE "Authorization: Bearer $KEY\r\nContent-Type: application/json\r\n"
      "Content-Length: 999999999\r\n\r\n",
      DA_REFUSAL_LIMIT, NULL, "/v1/settings", 413 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    check (self, &rows[i]);
}

static void
test_others (Fixture     *self,
             gconstpointer data)
{
  static const Row rows[] = {
    { "GET /v1/models" HERE "Authorization: Bearer $KEY\r\n\r\n",
      DA_REFUSAL_NONE, NULL, "/v1/models", 200 },
    { "GET /wp-admin?x=1" HERE "Authorization: Bearer $KEY\r\n\r\n",
      DA_REFUSAL_NONE, NULL, "/wp-admin", 404 },
    { "OPTIONS /v1/conversations/c-1" HERE "Origin: https://good.example\r\n\r\n",
      DA_REFUSAL_NONE, NULL, "/v1/conversations/:id", 204 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    check (self, &rows[i]);
}

#define QUESTION "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
#define CHAT "POST /v1/chat/completions" HERE "Authorization: Bearer $KEY\r\n" \
             "Content-Type: application/json\r\nContent-Length: 48\r\n\r\n" QUESTION

static void
test_provider (Fixture     *self,
               gconstpointer data)
{
  static const Row row = { CHAT, DA_REFUSAL_NONE, NULL, "/v1/chat/completions", 429 };

  da_fake_llm_set_script (self->fake, "quota");
  check (self, &row);
}

static gboolean
is_asked (gpointer fake)
{
  return da_fake_llm_get_n_requests (fake) > 0;
}

static void
test_left (Fixture     *self,
           gconstpointer data)
{
  g_autofree char *key = da_access_dup_api_key (da_engine_get_access (self->engine));
  g_auto (GStrv) words = g_strsplit (CHAT, "$KEY", -1);
  g_autofree char *text = g_strjoinv (key, words);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (DaRequestLogEntry) entry = NULL;

  da_fake_llm_set_script (self->fake, "silent");
  connection = call (self, text);
  da_test_await (is_asked, self->fake);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  da_test_await (has_one, self->log);
  entry = g_list_model_get_item (self->log, 0);
  g_assert_cmpuint (da_request_log_entry_get_status (entry), ==, 0);
  g_assert_cmpint (da_request_log_entry_get_refusal (entry), ==, DA_REFUSAL_NONE);
  g_assert_cmpstr (da_request_log_entry_get_who (entry), ==, "API key");
}

/* Off and on */

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  da_server_stop_finish (DA_SERVER (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  *(gssize *) user_data = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
}

#define GRACE_MS 50

static void
test_on_again (Fixture     *self,
               gconstpointer data)
{
  g_autoptr (GSocketConnection) before = call (self, "GET /v1/models" HERE);
  g_autoptr (GSocketConnection) after = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gboolean stopped = FALSE;
  gssize n_read = -2;
  char byte;

  da_test_drain ();
  da_server_stop_async (self->server, GRACE_MS, stopped_cb, &stopped);
  da_server_start (self->server, &error);
  g_assert_no_error (error);
  after = call (self, "GET /v1/models" HERE);
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (after)), &byte, 1,
                             G_PRIORITY_DEFAULT, cancellable, read_cb, &n_read);
  da_test_await_boolean (&stopped);
  da_test_iterate_for (4 * GRACE_MS);
  g_assert_cmpint (n_read, ==, -2);
  g_assert_true (da_server_is_running (self->server));
  g_cancellable_cancel (cancellable);
  while (n_read == -2)
    g_main_context_iteration (NULL, TRUE);
}

#define ADD(name, func) \
  g_test_add ("/server/server/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  ADD ("a-refusal-has-its-cause-what-allows-it-and-its-route", test_causes);
  ADD ("what-is-no-refusal-is-not-called-one", test_others);
  ADD ("a-provider-that-refuses-is-not-us", test_provider);
  ADD ("who-leaves-before-the-answer-has-no-status", test_left);
  ADD ("who-comes-after-a-quick-off-and-on-is-not-cut", test_on_again);
  return g_test_run ();
}
