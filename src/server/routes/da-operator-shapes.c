/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-operator"

#include "config.h"

#include "da-operator-shapes.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "da-clock.h"
#include "da-engine-models.h"
#include "da-log.h"
#include "da-route-shapes.h"
#include "da-tailscale.h"

#define RECENT_SESSIONS_MAX 10
#define ERROR_WINDOW_MS (5 * 60 * 1000)
#define ERRORS_THAT_FAIL 5
#define MEBIBYTE (1024.0 * 1024.0)

static gboolean
is_wildcard (const char *bind)
{
  return g_str_equal (bind, "0.0.0.0") || g_str_equal (bind, "::");
}

/* Contract 10 1.9: the tailnet's address when it reaches us, else the one of the local network. */
static void
write_easy_pairing (DaJsonWriter    *writer,
                    const DaTailnet *tailnet,
                    const char      *tailnet_url,
                    const char      *bind,
                    const char      *connectable)
{
  gboolean by_tailnet = tailnet_url != NULL && bind != NULL
                        && (is_wildcard (bind) || g_strcmp0 (bind, tailnet->ipv4) == 0);

  if (by_tailnet)
    {
      da_json_writer_string (writer, "easyPairingUrl", tailnet_url);
      da_json_writer_string (writer, "easyPairingSource", "tailscale");
    }
  else if (connectable != NULL)
    {
      da_json_writer_string (writer, "easyPairingUrl", connectable);
      da_json_writer_string (writer, "easyPairingSource", "lan");
    }
}

void
da_operator_write_remote_server (DaJsonWriter *writer,
                                 const char   *name,
                                 DaEngine     *engine)
{
  DaRemoteAccess *remote = da_engine_get_remote_access (engine);
  DaSettings *settings = da_engine_get_settings (engine);
  const DaTailnet *tailnet = da_tailscale_peek (engine);
  gboolean running = da_remote_access_get_state (remote) == DA_REMOTE_RUNNING;
  const char *bind = running ? da_remote_access_get_bind (remote)
                             : da_settings_get_string (settings, "remoteServerBindAddress");
  const char *connectable = running ? da_remote_access_get_connectable_url (remote) : NULL;
  gint64 port = running ? da_remote_access_get_port (remote)
                        : da_settings_get_int (settings, "remoteServerPort");
  g_autofree char *tailnet_url = NULL;

  if (tailnet->running && tailnet->ipv4 != NULL)
    tailnet_url = g_strdup_printf ("http://%s:%" G_GINT64_FORMAT "/v1", tailnet->ipv4, port);

  da_json_writer_begin_object (writer, name);
  da_json_writer_boolean (writer, "running", running);
  da_json_writer_string (writer, "bind", bind != NULL ? bind : "");
  da_json_writer_int (writer, "port", port);
  if (running)
    da_json_writer_opt_string (writer, "url", da_remote_access_get_url (remote));
  da_json_writer_opt_string (writer, "connectableUrl", connectable);
  write_easy_pairing (writer, tailnet, running ? tailnet_url : NULL, bind, connectable);
  da_json_writer_begin_object (writer, "tailscale");
  da_json_writer_boolean (writer, "available", tailnet->available);
  da_json_writer_boolean (writer, "running", tailnet->running);
  da_json_writer_opt_string (writer, "hostName", tailnet->host_name);
  da_json_writer_opt_string (writer, "dnsName", tailnet->dns_name);
  da_json_writer_opt_string (writer, "ipv4", tailnet->ipv4);
  da_json_writer_opt_string (writer, "baseUrl", tailnet_url);
  da_json_writer_opt_string (writer, "error", tailnet->error);
  da_json_writer_end_object (writer);
  da_json_writer_opt_string (writer, "lastError", da_remote_access_get_last_error (remote));
  da_json_writer_end_object (writer);
}

typedef enum { CHECK_PASS, CHECK_WARNING, CHECK_FAIL } CheckStatus;

static const char *const check_names[] = { "pass", "warning", "fail" };
static const char *const overall_names[] = { "healthy", "warning", "critical" };

static void
write_check (DaJsonWriter *writer,
             CheckStatus  *worst,
             const char   *id,
             CheckStatus   status,
             const char   *message)
{
  da_json_writer_begin_object (writer, id);
  da_json_writer_string (writer, "status", check_names[status]);
  da_json_writer_string (writer, "message", message);
  da_json_writer_end_object (writer);
  *worst = MAX (*worst, status);
}

static void
write_recent_errors_check (DaJsonWriter *writer,
                           CheckStatus  *worst)
{
  guint n = da_log_count_errors (ERROR_WINDOW_MS);
  g_autofree char *message = NULL;

  message = n == 0 ? g_strdup ("No errors in the last five minutes")
                   : g_strdup_printf ("%u %s in the last five minutes", n,
                                      n == 1 ? "error" : "errors");
  write_check (writer, worst, "recentErrors",
               n == 0 ? CHECK_PASS : n < ERRORS_THAT_FAIL ? CHECK_WARNING : CHECK_FAIL, message);
}

static void
write_provider_check (DaJsonWriter *writer,
                      CheckStatus  *worst,
                      DaEngine     *engine)
{
  g_autofree char *message = NULL;

  if (g_strcmp0 (da_engine_get_provider_id (engine), "offline") == 0)
    {
      write_check (writer, worst, "modelProvider", CHECK_WARNING,
                   "No model provider is set up; the offline responder answers");
      return;
    }
  message = g_strdup_printf ("%s answers with %s", da_engine_get_provider_name (engine),
                             da_engine_get_model (engine));
  write_check (writer, worst, "modelProvider", CHECK_PASS, message);
}

void
da_operator_write_health (DaJsonWriter *writer,
                          const char   *name,
                          DaEngine     *engine)
{
  CheckStatus worst = CHECK_PASS;

  da_json_writer_begin_object (writer, name);
  da_json_writer_int (writer, "checkedAt", da_clock_now_ms ());
  da_json_writer_begin_object (writer, "checks");
  write_check (writer, &worst, "mcpService", CHECK_WARNING, "No tools are available");
  write_recent_errors_check (writer, &worst);
  write_check (writer, &worst, "configuration", CHECK_WARNING, "No MCP servers are configured");
  write_provider_check (writer, &worst, engine);
  da_json_writer_end_object (writer);
  da_json_writer_string (writer, "overall", overall_names[worst]);
  da_json_writer_end_object (writer);
}

/* (nullable): the words clients know for a processor, or what the kernel says. */
static const char *
architecture (const struct utsname *system)
{
  if (g_str_equal (system->machine, "x86_64"))
    return "x64";
  if (g_str_equal (system->machine, "aarch64"))
    return "arm64";
  return system->machine;
}

/* "MemTotal:  16384 kB" of /proc/meminfo, in MiB. */
static gint64
memory_line (const char *text,
             const char *label)
{
  const char *line = text != NULL ? strstr (text, label) : NULL;

  return line != NULL ? g_ascii_strtoll (line + strlen (label), NULL, 10) / 1024 : 0;
}

static void
write_own_memory (DaJsonWriter *writer)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) pages = NULL;
  double page = (double) sysconf (_SC_PAGESIZE) / MEBIBYTE;
  double resident = 0, shared = 0, data = 0;

  /* size resident shared text lib data dt, in pages */
  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    pages = g_strsplit (text, " ", 7);
  if (pages != NULL && g_strv_length (pages) >= 6)
    {
      resident = g_ascii_strtod (pages[1], NULL) * page;
      shared = g_ascii_strtod (pages[2], NULL) * page;
      data = g_ascii_strtod (pages[5], NULL) * page;
    }
  da_json_writer_begin_object (writer, "memoryUsage");
  da_json_writer_double (writer, "heapUsedMB", (double) (gint64) ((resident - shared) * 100) / 100);
  da_json_writer_double (writer, "heapTotalMB", (double) (gint64) (data * 100) / 100);
  da_json_writer_double (writer, "rssMB", (double) (gint64) (resident * 100) / 100);
  da_json_writer_end_object (writer);
}

void
da_operator_write_system (DaJsonWriter *writer,
                          const char   *name,
                          DaEngine     *engine)
{
  g_autofree char *memory = NULL;
  g_autofree char *uptime = NULL;
  g_autofree char *runtime = NULL;
  struct utsname system = { 0 };
  gint64 process_ms = da_clock_now_ms () - da_engine_get_start_time (engine);

  uname (&system);
  if (!g_file_get_contents ("/proc/meminfo", &memory, NULL, NULL))
    memory = NULL;
  if (!g_file_get_contents ("/proc/uptime", &uptime, NULL, NULL))
    uptime = NULL;
  /* Clients want the key; there is no Node here. */
  runtime = g_strdup_printf ("GLib %u.%u.%u", glib_major_version, glib_minor_version,
                             glib_micro_version);

  da_json_writer_begin_object (writer, name);
  da_json_writer_string (writer, "platform", "linux");
  da_json_writer_string (writer, "arch", architecture (&system));
  da_json_writer_string (writer, "nodeVersion", runtime);
  da_json_writer_string (writer, "appVersion", DA_VERSION);
  da_json_writer_int (writer, "uptimeSeconds",
                      uptime != NULL ? (gint64) g_ascii_strtod (uptime, NULL) : 0);
  da_json_writer_int (writer, "processUptimeSeconds", MAX (process_ms, 0) / 1000);
  write_own_memory (writer);
  da_json_writer_int (writer, "cpuCount", g_get_num_processors ());
  da_json_writer_int (writer, "totalMemoryMB", memory_line (memory, "MemTotal:"));
  da_json_writer_int (writer, "freeMemoryMB", memory_line (memory, "MemAvailable:"));
  da_json_writer_string (writer, "hostname", g_get_host_name ());
  da_json_writer_end_object (writer);
}

void
da_operator_write_sessions (DaJsonWriter *writer,
                            const char   *name,
                            DaEngine     *engine)
{
  g_autoptr(GPtrArray) active = NULL;
  g_autoptr(GPtrArray) finished = NULL;
  guint n_recent;

  da_shape_split_sessions (engine, &active, &finished);
  n_recent = MIN (finished->len, RECENT_SESSIONS_MAX);
  da_json_writer_begin_object (writer, name);
  da_json_writer_int (writer, "activeSessions", active->len);
  da_json_writer_int (writer, "recentSessions", n_recent);
  da_json_writer_begin_array (writer, "activeSessionDetails");
  for (guint i = 0; i < active->len; i++)
    da_shape_session (writer, g_ptr_array_index (active, i));
  da_json_writer_end_array (writer);
  da_json_writer_begin_array (writer, "recentSessionDetails");
  for (guint i = 0; i < n_recent; i++)
    da_shape_session (writer, g_ptr_array_index (finished, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
}
