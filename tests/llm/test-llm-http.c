/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-http"

#include "da-llm-http.h"

#include <string.h>
#include <unistd.h>

#include "da-error.h"
#include "da-fake-llm.h"
#include "da-test-util.h"

static DaLlmHttpReply *
ask (DaLlmHttp   *http,
     const char  *url,
     gsize        max_body,
     GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  DaLlmHttpCall call = {
    .url = url, .api_key = "sk-the-key-123", .first_byte_ms = 10000, .idle_ms = 10000,
    .max_body = max_body,
  };

  da_llm_http_send_async (http, &call, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_llm_http_send_finish (result, error);
}

static void
test_collects (void)
{
  g_autoptr (DaFakeLlm) fake = da_fake_llm_new (0, NULL);
  g_autoptr (DaLlmHttp) http = da_llm_http_new (NULL, "Tester/1");
  g_autofree char *url = g_strconcat (da_fake_llm_get_base_url (fake), "/models", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = NULL;

  da_fake_llm_set_models (fake, "0123456789");
  reply = ask (http, url, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_cmpstr (reply->body->str, ==, "0123456789");
  g_assert_null (reply->cut);
  g_assert_cmpint (reply->retry_after_ms, ==, -1);
  g_clear_pointer (&reply, da_llm_http_reply_free);

  reply = ask (http, url, 9, &error);
  g_assert_error (error, DA_ERROR, DA_ERROR_TOO_LARGE);
  g_assert_null (reply);
  da_test_drain ();
}

/* The body of a failure is kept in part: enough for a sentence. */
static void
test_failure_body (void)
{
  g_autoptr (DaFakeLlm) fake = da_fake_llm_new (0, NULL);
  g_autoptr (DaLlmHttp) http = da_llm_http_new (NULL, NULL);
  g_autofree char *url = g_strconcat (da_fake_llm_get_base_url (fake), "/nothing", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = ask (http, url, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 404);
  g_assert_nonnull (strstr (reply->body->str, "Nothing here"));
  da_test_drain ();
}

/* Everything goes through the proxy, except what stays on this machine. */
static void
test_proxy (void)
{
  g_autoptr (DaFakeLlm) fake = da_fake_llm_new (0, NULL);
  g_autofree char *proxy = g_strdup_printf ("http://127.0.0.1:%u", da_fake_llm_get_port (fake));
  g_autofree char *local = g_strconcat (da_fake_llm_get_base_url (fake), "/models", NULL);
  g_autoptr (DaLlmHttp) through = da_llm_http_new (proxy, NULL);
  g_autoptr (DaLlmHttp) broken = da_llm_http_new ("http://127.0.0.1:1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaLlmHttpReply) reply = NULL;

  reply = ask (through, "http://provider.invalid/v1/models", 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_cmpstr (da_fake_llm_get_request (fake, 0)->path, ==,
                   "http://provider.invalid/v1/models");
  g_clear_pointer (&reply, da_llm_http_reply_free);

  reply = ask (broken, local, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reply->status, ==, 200);
  g_clear_pointer (&reply, da_llm_http_reply_free);

  reply = ask (broken, "http://provider.invalid/v1/models", 1 << 20, &error);
  g_assert_null (reply);
  g_assert_nonnull (error);
  da_test_drain ();
}

static void
test_keys (void)
{
  g_assert_true (da_llm_http_is_key ("sk-AZaz09_-.~+/="));
  g_assert_false (da_llm_http_is_key (""));
  g_assert_false (da_llm_http_is_key ("a b"));
  g_assert_false (da_llm_http_is_key ("a\nb"));
  g_assert_false (da_llm_http_is_key ("a\r"));
  g_assert_false (da_llm_http_is_key ("schlüssel"));
  g_assert_false (da_llm_http_is_key ("a\x7f"));
}

/* What a TLS server is greeted with. */

typedef struct {
  GByteArray *hello;
  gboolean    is_done;
} Greeting;

static void
on_hello (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Greeting *greeting = user_data;
  GInputStream *input = G_INPUT_STREAM (source);
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (input, result, NULL);

  g_assert_nonnull (bytes);
  g_byte_array_append (greeting->hello, g_bytes_get_data (bytes, NULL),
                       (guint) g_bytes_get_size (bytes));
  greeting->is_done = TRUE;
}

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *connection,
             GObject           *source,
             gpointer           user_data)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));

  g_object_set_data_full (G_OBJECT (input), "connection", g_object_ref (connection), NULL);
  g_input_stream_read_bytes_async (input, 4096, G_PRIORITY_DEFAULT, NULL, on_hello, user_data);
  return TRUE;
}

static void
greet_with_tls (void)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/v1/models", port);
  g_autoptr (DaLlmHttp) http = da_llm_http_new (NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  /* Loading GnuTLS takes its time in a sanitizer build. */
  DaLlmHttpCall call = { .url = url, .api_key = "sk-1", .first_byte_ms = 60000, .idle_ms = 60000 };
  Greeting greeting = { .hello = g_byte_array_new () };

  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), &greeting);
  da_llm_http_send_async (http, &call, cancellable, da_test_async_cb, &result);
  da_test_await_boolean (&greeting.is_done);
  g_cancellable_cancel (cancellable);
  da_test_run_async (&result);
  g_assert_null (da_llm_http_send_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_cmpuint (greeting.hello->len, >, 0);
  g_assert_nonnull (memmem (greeting.hello->data, greeting.hello->len, "\x08http/1.1", 9));
  g_assert_null (memmem (greeting.hello->data, greeting.hello->len, "\x02h2", 3));
  g_assert_null (memmem (greeting.hello->data, greeting.hello->len, "sk-1", 4));
  g_byte_array_unref (greeting.hello);
  da_test_drain ();
}

/* HTTP/2 would keep the connection open when an answer is cancelled. In a process of its own, left
 * without a leak check: the checker of gcc 12 crashes once GnuTLS is loaded. */
static void
test_tls_offers_http1 (void)
{
  if (g_test_subprocess ())
    {
      greet_with_tls ();
      _exit (0);
    }
  g_test_trap_subprocess (NULL, 90 * G_TIME_SPAN_SECOND, 0);
  g_test_trap_assert_passed ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/http/an-answer-is-collected-up-to-a-limit", test_collects);
  g_test_add_func ("/llm/http/a-failure-keeps-its-text", test_failure_body);
  g_test_add_func ("/llm/http/a-proxy-is-used-except-on-this-machine", test_proxy);
  g_test_add_func ("/llm/http/a-key-is-visible-ascii", test_keys);
  g_test_add_func ("/llm/http/tls-offers-http-1-only", test_tls_offers_http1);
  return g_test_run ();
}
