/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-bench-llm-codec"

#include <string.h>
#include <time.h>

#include <glib.h>

#include "da-fake-llm.h"
#include "da-llm-openai.h"
#include "da-llm-stream.h"

/* CPU time of reading one streamed token: bytes to event (of budget P8's 50 microseconds for the
 * whole program), and with the HTTP client around it. */

#define CHUNKS 200000

static double
cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static void
on_event (const DaLlmEvent *event,
          gpointer          user_data)
{
  *(guint *) user_data += event->type == DA_LLM_EVENT_TEXT;
}

/* A chunk as the largest provider sends it, with everything that nobody reads. */
static const char chunk[] =
  "data: {\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWx\",\"object\":\"chat.completion.chunk\","
  "\"created\":1732263204,\"model\":\"gpt-4.1-mini-2025-04-14\",\"service_tier\":\"default\","
  "\"system_fingerprint\":\"fp_1234567890\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
  "\" Hello\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";

static void
bench_stream (void)
{
  guint n = 0;
  g_autoptr (DaLlmStream) stream = da_llm_stream_new ("Maker", on_event, &n);
  double start = cpu_us ();

  for (guint i = 0; i < CHUNKS; i++)
    da_llm_stream_feed (stream, chunk, sizeof chunk - 1);
  g_assert_cmpuint (n, ==, CHUNKS);
  g_print ("{\"name\":\"codec\",\"us_per_chunk\":%.2f}\n", (cpu_us () - start) / CHUNKS);
}

static void
complete_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (DaLlmResult) answer = da_llm_provider_complete_finish (DA_LLM_PROVIDER (source),
                                                                    result, NULL);

  g_assert_nonnull (answer);
  g_main_loop_quit (user_data);
}

/* The fake runs as its own process, at @base_url, so that its time is not counted. */
static void
bench_http (const char *base_url,
            const char *model,
            guint       n_tokens)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  DaLlmOpenaiConfig config = { .id = "bench", .base_url = base_url };
  g_autoptr (DaLlmProvider) provider = da_llm_openai_new (&config);
  g_autoptr (DaLlmRequest) request = da_llm_request_new (model);
  guint n = 0;
  double start = cpu_us ();

  g_ptr_array_add (request->messages, da_llm_message_new (DA_ROLE_USER, "go"));
  da_llm_provider_complete_async (provider, request, on_event, &n, NULL, complete_cb, loop);
  g_main_loop_run (loop);
  g_assert_cmpuint (n, ==, n_tokens);
  g_print ("{\"name\":\"%s\",\"us_per_token\":%.2f}\n", model, (cpu_us () - start) / n_tokens);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) fake = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;
  const char *base_url;

  bench_stream ();
  if (argc < 2)
    return 0;
  fake = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, argv[1], "--token-delay-us",
                           argc > 2 ? argv[2] : "0", NULL);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fake));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  base_url = strstr (line, "http://");
  bench_http (base_url, "script:tokens-10000", 10000);
  g_subprocess_force_exit (fake);
  return 0;
}
