/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-fake-llm"

#include <glib-unix.h>
#include <glib.h>

#include "da-fake-llm.h"

/* A model provider as a program, for tests that speak to dotagentsd from outside and for the
 * benchmarks. Prints its base URL and, with --ready-file, writes the port there once it listens. */

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

int
main (int    argc,
      char **argv)
{
  int port = 0, delay_us = 0;
  g_autofree char *ready_file = NULL;
  g_autofree char *script = NULL;
  g_autofree char *number = NULL;
  const GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &port, "Port on 127.0.0.1; 0 picks a free one", "N" },
    { "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &ready_file, "Write the port there", "FILE" },
    { "script", 0, 0, G_OPTION_ARG_STRING, &script, "Play this whatever model is named", "NAME" },
    { "token-delay-us", 0, 0, G_OPTION_ARG_INT, &delay_us, "Pause between tokens", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- a scripted model provider");
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (DaFakeLlm) fake = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  fake = da_fake_llm_new ((guint16) port, &error);
  if (!fake)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  da_fake_llm_set_script (fake, script);
  da_fake_llm_set_token_delay (fake, (guint) MAX (delay_us, 0));
  number = g_strdup_printf ("%u\n", da_fake_llm_get_port (fake));
  g_print ("Listening on %s\n", da_fake_llm_get_base_url (fake));
  if (ready_file && !g_file_set_contents (ready_file, number, -1, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  g_main_loop_run (loop);
  return 0;
}
