/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Keeps the last answer of the tailscale program, attached to the engine. Called by the status
 * routes on the main thread; the program runs beside, with a time limit, and is never waited for.
 */

#define G_LOG_DOMAIN "da-server-tailscale"

#include "da-tailscale.h"

#include <string.h>

#include "da-clock.h"
#include "da-json.h"

#define TIME_LIMIT_MS 1200
#define CACHE_US (5 * G_TIME_SPAN_SECOND)
#define ANSWER_MAX (4 * 1024 * 1024)
#define DATA_KEY "da-tailscale"

typedef struct {
  DaTailnet    tailnet;
  gint64       asked_at_us;
  gboolean     is_asking;
  GSubprocess *process;       /* (nullable) while it runs */
  guint        limit_id;
} Cache;

void
da_tailnet_clear (DaTailnet *tailnet)
{
  g_free (tailnet->host_name);
  g_free (tailnet->dns_name);
  g_free (tailnet->ipv4);
  g_free (tailnet->error);
  memset (tailnet, 0, sizeof *tailnet);
}

static void
cache_free (gpointer data)
{
  Cache *cache = data;

  g_clear_handle_id (&cache->limit_id, g_source_remove);
  if (cache->process != NULL)
    g_subprocess_force_exit (cache->process);
  g_clear_object (&cache->process);
  da_tailnet_clear (&cache->tailnet);
  g_free (cache);
}

static char *
first_ipv4 (JsonObject *object)
{
  JsonArray *addresses = object != NULL ? da_json_get_array (object, "TailscaleIPs") : NULL;

  for (guint i = 0; addresses != NULL && i < json_array_get_length (addresses); i++)
    {
      JsonNode *node = json_array_get_element (addresses, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (text != NULL && g_str_has_prefix (text, "100.") && g_hostname_is_ip_address (text))
        return g_strdup (text);
    }
  return NULL;
}

void
da_tailnet_parse (DaTailnet  *out,
                  const char *text,
                  gsize       length)
{
  g_autoptr(JsonNode) root = da_json_parse (text, length, ANSWER_MAX, NULL);
  JsonObject *status, *self, *network;
  const char *state, *dns_name;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      out->error = g_strdup ("The tailscale program gave no usable answer");
      return;
    }
  status = json_node_get_object (root);
  self = da_json_get_object (status, "Self");
  network = da_json_get_object (status, "CurrentTailnet");
  state = da_json_get_string (status, "BackendState");
  out->available = TRUE;
  out->running = g_strcmp0 (state, "Running") == 0;
  if (!out->running)
    {
      out->error = g_strdup_printf ("Tailscale is not running (%s)",
                                    state != NULL ? state : "unknown state");
      return;
    }
  if (self != NULL)
    out->host_name = g_strdup (da_json_get_string (self, "HostName"));
  dns_name = self != NULL ? da_json_get_string (self, "DNSName") : NULL;
  if (dns_name != NULL && *dns_name != '\0' && network != NULL
      && da_json_get_boolean (network, "MagicDNSEnabled", FALSE))
    out->dns_name = g_strndup (dns_name, strlen (dns_name) - g_str_has_suffix (dns_name, "."));
  out->ipv4 = first_ipv4 (self);
  if (out->ipv4 == NULL)
    out->ipv4 = first_ipv4 (status);
  if (out->ipv4 == NULL)
    out->error = g_strdup ("Tailscale has no IPv4 address for this computer");
}

static void
take_answer (Cache      *cache,
             const char *text,
             gsize       length,
             const char *error)
{
  da_tailnet_clear (&cache->tailnet);
  if (error != NULL)
    cache->tailnet.error = g_strdup (error);
  else
    da_tailnet_parse (&cache->tailnet, text, length);
  cache->is_asking = FALSE;
  g_clear_object (&cache->process);
  g_clear_handle_id (&cache->limit_id, g_source_remove);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(DaEngine) engine = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) output = NULL;
  Cache *cache = g_object_get_data (G_OBJECT (engine), DATA_KEY);
  gboolean ok;

  ok = g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &output, NULL, &error);
  if (ok && output != NULL && g_bytes_get_size (output) > 0)
    take_answer (cache, g_bytes_get_data (output, NULL), g_bytes_get_size (output), NULL);
  else
    take_answer (cache, NULL, 0, error != NULL ? error->message : "Tailscale did not answer");
}

static gboolean
on_too_long (gpointer user_data)
{
  Cache *cache = user_data;

  cache->limit_id = 0;
  g_subprocess_force_exit (cache->process);
  return G_SOURCE_REMOVE;
}

static void
ask (DaEngine *engine,
     Cache    *cache)
{
  g_autofree char *program = g_find_program_in_path ("tailscale");
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GError) error = NULL;
  const char *const argv[] = { program, "status", "--json", NULL };
  g_auto(GStrv) environment = NULL;

  cache->asked_at_us = da_clock_monotonic_us ();
  if (program == NULL)
    {
      take_answer (cache, NULL, 0, "Tailscale is not installed");
      return;
    }
  environment = g_environ_setenv (NULL, "PATH", g_getenv ("PATH"), TRUE);
  environment = g_environ_setenv (environment, "LC_ALL", "C.UTF-8", TRUE);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                        | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_set_environ (launcher, environment);
  cache->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (cache->process == NULL)
    {
      take_answer (cache, NULL, 0, error->message);
      return;
    }
  cache->is_asking = TRUE;
  cache->limit_id = g_timeout_add (TIME_LIMIT_MS, on_too_long, cache);
  g_subprocess_communicate_async (cache->process, NULL, NULL, on_answer, g_object_ref (engine));
}

const DaTailnet *
da_tailscale_peek (DaEngine *engine)
{
  Cache *cache = g_object_get_data (G_OBJECT (engine), DATA_KEY);

  if (cache == NULL)
    {
      cache = g_new0 (Cache, 1);
      g_object_set_data_full (G_OBJECT (engine), DATA_KEY, cache, cache_free);
    }
  if (!cache->is_asking
      && (cache->asked_at_us == 0 || da_clock_monotonic_us () - cache->asked_at_us >= CACHE_US))
    ask (engine, cache);
  return &cache->tailnet;
}
