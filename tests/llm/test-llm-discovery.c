/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-llm-discovery"

#include "da-llm-discovery.h"

#include "da-fake-llm.h"
#include "da-llm-request.h"
#include "da-test-util.h"

static GPtrArray *
discover (const char *places)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *list;

  g_setenv ("DOTAGENTS_LOCAL_PROVIDERS", places, TRUE);
  da_llm_discover_async (NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  list = da_llm_discover_finish (result, &error);
  g_assert_no_error (error);
  da_test_drain ();
  return list;
}

static void
test_off (void)
{
  g_autoptr (GPtrArray) list = discover ("");

  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_order (void)
{
  g_autoptr (DaFakeLlm) one = da_fake_llm_new (0, NULL);
  g_autoptr (DaFakeLlm) two = da_fake_llm_new (0, NULL);
  g_autofree char *places = g_strdup_printf ("llama.cpp=%s, ollama=%s,nobody=%s",
                                             da_fake_llm_get_base_url (one),
                                             da_fake_llm_get_base_url (two),
                                             da_fake_llm_get_base_url (two));
  g_autoptr (GPtrArray) list = NULL;
  const DaLlmLocal *local;

  da_fake_llm_set_models (two, "{\"data\":[{\"id\":\"bge-embed\"},{\"id\":\"llama3.2:3b\"}]}");
  list = discover (places);
  g_assert_cmpuint (list->len, ==, 2);
  local = g_ptr_array_index (list, 0);
  g_assert_cmpstr (local->preset->id, ==, "ollama");
  g_assert_cmpstr (local->base_url, ==, da_fake_llm_get_base_url (two));
  g_assert_cmpstr (((DaLlmModel *) g_ptr_array_index (local->models, 0))->id, ==, "llama3.2:3b");
  local = g_ptr_array_index (list, 1);
  g_assert_cmpstr (local->preset->id, ==, "llama.cpp");
  /* No key is ever sent to what merely listens there. */
  g_assert_null (da_fake_llm_get_request (two, 0)->authorization);
  g_assert_cmpuint (da_fake_llm_get_n_requests (two), ==, 1);
}

static void
test_other_servers (void)
{
  g_autoptr (DaFakeLlm) fake = da_fake_llm_new (0, NULL);
  g_autofree char *places = g_strdup_printf ("llama.cpp=%s,lm-studio=http://127.0.0.1:1/v1",
                                             da_fake_llm_get_base_url (fake));
  static const char *const answers[] = { "<html>It works!</html>", "{}", "{\"data\":[]}", "[]",
      "" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GPtrArray) list = NULL;

      da_fake_llm_set_models (fake, answers[i]);
      list = discover (places);
      g_assert_cmpuint (list->len, ==, 0);
    }
  g_assert_cmpuint (da_fake_llm_get_n_requests (fake), ==, G_N_ELEMENTS (answers));
}

/* A port that accepts and says nothing must not hold up the start. */
static void
test_silent_server (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_autofree char *places = g_strdup_printf ("ollama=http://127.0.0.1:%u/v1", port);
  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray) list = NULL;

  g_assert_no_error (error);
  list = discover (places);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - start_us, >=, 600000);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5 * G_TIME_SPAN_SECOND);
}

static void
test_only_loopback (void)
{
  static const char *const places[] = {
    "ollama=http://192.0.2.1:11434/v1", "ollama=http://example.org/v1", "ollama=http://10.0.0.1/v1",
    "ollama=not a url", "ollama=", "ollama=http://127.0.0.1.example.org/v1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GPtrArray) list = NULL;

      g_test_expect_message ("da-llm-discovery", G_LOG_LEVEL_WARNING, "*not this machine*");
      list = discover (places[i]);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (list->len, ==, 0);
    }
}

static void
test_cancel (void)
{
  g_autoptr (DaFakeLlm) fake = da_fake_llm_new (0, NULL);
  g_autofree char *places = g_strdup_printf ("ollama=%s", da_fake_llm_get_base_url (fake));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("DOTAGENTS_LOCAL_PROVIDERS", places, TRUE);
  da_llm_discover_async (cancellable, da_test_async_cb, &result);
  g_cancellable_cancel (cancellable);
  da_test_run_async (&result);
  g_assert_null (da_llm_discover_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/llm/discovery/can-be-switched-off", test_off);
  g_test_add_func ("/llm/discovery/keeps-the-tables-order", test_order);
  g_test_add_func ("/llm/discovery/ignores-other-servers", test_other_servers);
  g_test_add_func ("/llm/discovery/does-not-wait-for-silence", test_silent_server);
  g_test_add_func ("/llm/discovery/asks-this-machine-only", test_only_loopback);
  g_test_add_func ("/llm/discovery/can-be-cancelled", test_cancel);
  return g_test_run ();
}
