/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 E.6: the diagnostics report as a file. And, of our own, the log as a stream for a
 * terminal that follows it.
 */

#define G_LOG_DOMAIN "da-server-operator-logs"

#include "da-routes.h"

#include <string.h>

#include "da-atomic-file.h"
#include "da-clock.h"
#include "da-json.h"
#include "da-log.h"
#include "da-operator-shapes.h"
#include "da-path.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-sse-writer.h"

/* What a terminal that does not read may cost. */
#define PENDING_BYTES (256 * 1024)

/* The report */

typedef struct {
  DaRequest *request;
  char      *path;
} Save;

static void
save_free (Save *save)
{
  da_request_unref (save->request);
  g_free (save->path);
  g_free (save);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Save, save_free)

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(Save) save = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *message = NULL;
  DaJsonWriter *writer;

  if (!da_atomic_file_write_finish (result, &error))
    {
      da_request_audit (save->request, "diagnostic-report-save-error", NULL, error->message);
      da_reply_gerror (save->request, error);
      return;
    }
  da_request_audit (save->request, "diagnostic-report-save", NULL, NULL);
  message = g_strdup_printf ("The report is in %s", save->path);
  writer = da_json_writer_new (256);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_boolean (writer, "success", TRUE);
  da_json_writer_string (writer, "action", "diagnostic-report-save");
  da_json_writer_string (writer, "message", message);
  da_json_writer_string (writer, "filePath", save->path);
  da_json_writer_end_object (writer);
  da_reply_json (save->request, 200, writer);
}

/* (transfer full) (nullable): in the folder of the state and nowhere else, whatever a client names;
 * a name without a folder is welcome. */
static char *
choose_path (DaRequest  *request,
             const char *wanted)
{
  const char *folder = da_engine_get_state_dir (da_request_get_engine (request));
  g_autofree char *time = g_strdelimit (da_clock_format_iso (da_clock_now_ms ()), ":.", '-');
  g_autofree char *usual = g_strdup_printf ("diagnostic-report-%s.json", time);
  g_autoptr(GError) error = NULL;
  char *path;

  if (wanted == NULL)
    return g_build_filename (folder, usual, NULL);
  if (strchr (wanted, '/') != NULL || !g_str_has_prefix (wanted, "diagnostic-")
      || !g_str_has_suffix (wanted, ".json"))
    {
      da_reply_error (request, 400,
                      "The report goes into the state folder, as diagnostic-NAME.json");
      return NULL;
    }
  path = da_path_resolve_beneath (folder, wanted, &error);
  if (path == NULL)
    da_reply_gerror (request, error);
  return path;
}

static void
save_report (DaRequest *request)
{
  JsonNode *node = da_request_get_json (request);
  JsonObject *body = NULL;
  const char *wanted = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  DaJsonWriter *writer;
  g_autofree char *path = NULL;
  Save *save;

  if (node != NULL && (body = da_request_need_object (request)) == NULL)
    return;
  if (body != NULL && !da_json_take_string (body, "filePath", &wanted, &error))
    {
      da_reply_gerror (request, error);
      return;
    }
  path = choose_path (request, wanted);
  if (path == NULL)
    return;
  writer = da_json_writer_new (4096);
  da_operator_write_report (writer, da_request_get_engine (request));
  bytes = da_json_writer_free_to_bytes (writer);
  save = g_new0 (Save, 1);
  save->request = da_request_ref (request);
  save->path = g_steal_pointer (&path);
  da_atomic_file_write_async (save->path, bytes, 0600, NULL, saved_cb, save);
}

/* The stream */

typedef struct {
  DaSseWriter *writer;
  GString     *pending;
  guint        watch;
  guint        lost;
} LogStream;

static void
append_entry (GString          *out,
              const DaLogEntry *entry)
{
  g_autoptr(DaJsonWriter) writer = NULL;

  g_string_append (out, "data: ");
  writer = da_json_writer_new_on (out);
  da_operator_write_log_entry (writer, entry);
  g_string_append (out, "\n\n");
}

/* Developers' lines stay out: writing one here would make another. */
static gboolean
is_shown (const DaLogEntry *entry)
{
  return strcmp (entry->level, "debug") != 0;
}

static void
on_entry (const DaLogEntry *entry,
          gpointer          user_data)
{
  LogStream *self = user_data;

  if (!is_shown (entry))
    return;
  if (self->pending->len > PENDING_BYTES)
    self->lost++;
  else
    append_entry (self->pending, entry);
  if (self->writer != NULL)
    da_sse_writer_wake (self->writer);
}

static void
on_pull (DaSseWriter *writer,
         GString     *out,
         gpointer     user_data)
{
  LogStream *self = user_data;

  g_string_append_len (out, self->pending->str, (gssize) self->pending->len);
  g_string_truncate (self->pending, 0);
  if (self->lost > 0)
    g_string_append_printf (out, "event: lost\ndata: {\"count\":%u}\n\n", self->lost);
  self->lost = 0;
}

static void
on_heartbeat (GString  *out,
              gpointer  user_data)
{
  g_string_append (out, ": here\n\n");
}

static void
on_ended (gpointer user_data,
          gboolean complete)
{
  LogStream *self = user_data;

  da_log_unwatch (self->watch);
  g_string_free (self->pending, TRUE);
  g_free (self);
}

static const DaSseFuncs log_funcs = {
  .pull = on_pull,
  .heartbeat = on_heartbeat,
  .ended = on_ended,
};

static void
stream_logs (DaRequest *request)
{
  g_autoptr(GPtrArray) entries = da_log_dup_entries (DA_LOG_RING_SIZE);
  guint count = da_request_get_count (request, "count", 20, 100);
  LogStream *self = g_new0 (LogStream, 1);
  guint first = entries->len;

  for (guint n = 0; first > 0 && n < count; first--)
    if (is_shown (entries->pdata[first - 1]))
      n++;
  self->pending = g_string_new (NULL);
  for (guint i = first; i < entries->len; i++)
    if (is_shown (entries->pdata[i]))
      append_entry (self->pending, entries->pdata[i]);
  self->watch = da_log_watch (on_entry, self);
  self->writer = da_sse_writer_open (request, &log_funcs, self);
  if (self->writer == NULL)
    on_ended (self, FALSE);
  else
    da_sse_writer_wake (self->writer);
}

const DaRoute da_routes_operator_logs[] = {
  { "GET", "/v1/operator/logs/stream", DA_SCOPE_OPERATOR, 0, DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES,
    stream_logs },
  { "POST", "/v1/operator/diagnostics/report/save", DA_SCOPE_OPERATOR, 64 * 1024,
    DA_ROUTE_DEVICES | DA_ROUTE_AUDIT, save_report },
  { NULL },
};
