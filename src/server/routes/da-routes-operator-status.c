/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Contract 30 E.2 to E.6, reading: what the operations screen and the session list poll. None of it
 * waits for another program or the network; see da-operator-shapes.c and da-tailscale.c.
 */

#define G_LOG_DOMAIN "da-server-operator"

#include "config.h"

#include "da-routes.h"

#include "da-audit-log.h"
#include "da-clock.h"
#include "da-engine-conversations.h"
#include "da-log.h"
#include "da-operator-shapes.h"
#include "da-reply.h"
#include "da-request.h"
#include "da-routes-absent.h"

#define DIAGNOSTICS_MAX 100           /* entries that clients are told of (contract 30 E.5) */
#define ERROR_WINDOW_MS (5 * 60 * 1000)
#define PREVIEW_CHARACTERS 200

/* What clients know as a diagnostics entry; debug lines are for developers. */
static gboolean
is_shown (const DaLogEntry *entry)
{
  return !g_str_equal (entry->level, "debug");
}

static gboolean
is_trouble (const DaLogEntry *entry)
{
  return g_str_equal (entry->level, "error") || g_str_equal (entry->level, "warning");
}

typedef gboolean (*EntryFilter) (const DaLogEntry *entry);

/* (transfer full): the newest @count entries that pass, oldest first. */
static GPtrArray *
newest_entries (EntryFilter filter,
                guint       count)
{
  g_autoptr(GPtrArray) all = da_log_dup_entries (DA_LOG_RING_SIZE);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) da_log_entry_free);

  g_ptr_array_set_free_func (all, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      DaLogEntry *entry = g_ptr_array_index (all, i);

      if (filter (entry))
        g_ptr_array_add (found, entry);
      else
        da_log_entry_free (entry);
    }
  if (found->len > count)
    g_ptr_array_remove_range (found, 0, found->len - count);
  return found;
}

void
da_operator_write_log_entry (DaJsonWriter     *writer,
                             const DaLogEntry *entry)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "timestamp", entry->time_ms);
  da_json_writer_string (writer, "level", entry->level);
  da_json_writer_string (writer, "component", entry->component);
  da_json_writer_string (writer, "message", entry->message);
  da_json_writer_end_object (writer);
}

static void
write_recent_errors (DaJsonWriter *writer,
                     const char   *name)
{
  g_autoptr(GPtrArray) entries = newest_entries (is_trouble, DIAGNOSTICS_MAX);

  da_json_writer_begin_object (writer, name);
  da_json_writer_int (writer, "total", entries->len);
  da_json_writer_int (writer, "errorsInLastFiveMinutes", da_log_count_errors (ERROR_WINDOW_MS));
  da_json_writer_end_object (writer);
}

static void
status (DaRequest *request)
{
  DaEngine *engine = da_request_get_engine (request);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (4096);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "timestamp", da_clock_now_ms ());
  da_operator_write_remote_server (writer, "remoteServer", engine);
  da_operator_write_health (writer, "health", engine);
  da_json_writer_raw (writer, "tunnel", DA_ABSENT_TUNNEL);
  da_json_writer_raw (writer, "integrations", DA_ABSENT_INTEGRATIONS);
  da_json_writer_raw (writer, "updater", DA_ABSENT_UPDATER);
  da_operator_write_system (writer, "system", engine);
  da_operator_write_sessions (writer, "sessions", engine);
  write_recent_errors (writer, "recentErrors");
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
health (DaRequest *request)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (512);

  da_operator_write_health (writer, NULL, da_request_get_engine (request));
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
remote_server (DaRequest *request)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (512);

  da_operator_write_remote_server (writer, NULL, da_request_get_engine (request));
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
errors (DaRequest *request)
{
  guint count = da_request_get_count (request, "count", 10, 50);
  g_autoptr(GPtrArray) entries = newest_entries (is_trouble, count);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (1024);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "count", entries->len);
  da_json_writer_begin_array (writer, "errors");
  for (guint i = 0; i < entries->len; i++)
    da_operator_write_log_entry (writer, g_ptr_array_index (entries, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
clear_errors (DaRequest *request)
{
  da_log_clear ();
  da_reply_action (request, "operator-errors-clear", TRUE, "Errors and logs were cleared", NULL);
}

/* (nullable): a level clients may ask for; another word is ignored (contract 30 E.5). */
static const char *
wanted_level (DaRequest *request)
{
  const char *level = da_request_get_query (request, "level");

  if (level == NULL)
    return NULL;
  return g_str_equal (level, "error") || g_str_equal (level, "warning")
         || g_str_equal (level, "info") ? level : NULL;
}

static void
logs (DaRequest *request)
{
  guint count = da_request_get_count (request, "count", 20, 100);
  const char *level = wanted_level (request);
  g_autoptr(GPtrArray) entries = newest_entries (is_shown, count);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (2048);
  guint n = 0;

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_begin_array (writer, "logs");
  for (guint i = 0; i < entries->len; i++)
    {
      const DaLogEntry *entry = g_ptr_array_index (entries, i);

      if (level != NULL && !g_str_equal (entry->level, level))
        continue;
      da_operator_write_log_entry (writer, entry);
      n++;
    }
  da_json_writer_end_array (writer);
  da_json_writer_int (writer, "count", n);
  da_json_writer_opt_string (writer, "level", level);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
write_audit_entry (DaJsonWriter       *writer,
                   const DaAuditEntry *entry)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "timestamp", entry->timestamp);
  da_json_writer_string (writer, "action", entry->action);
  da_json_writer_string (writer, "path", entry->path);
  da_json_writer_boolean (writer, "success", entry->success);
  if (entry->status != 0)
    da_json_writer_int (writer, "status", entry->status);
  da_json_writer_opt_string (writer, "deviceId", entry->device_id);
  da_json_writer_opt_string (writer, "deviceName", entry->device_name);
  da_json_writer_begin_object (writer, "source");
  da_json_writer_opt_string (writer, "ip", entry->ip);
  da_json_writer_opt_string (writer, "origin", entry->origin);
  da_json_writer_opt_string (writer, "userAgent", entry->user_agent);
  da_json_writer_end_object (writer);
  da_json_writer_opt_raw (writer, "details", entry->details);
  da_json_writer_opt_string (writer, "failureReason", entry->failure_reason);
  da_json_writer_end_object (writer);
}

static void
audit (DaRequest *request)
{
  DaAuditLog *log = da_engine_get_audit_log (da_request_get_engine (request));
  guint count = da_request_get_count (request, "count", 20, 100);
  g_autoptr(GPtrArray) entries = da_audit_log_get_recent (log, count);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (4096);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "count", entries->len);
  da_json_writer_begin_array (writer, "entries");
  for (guint i = 0; i < entries->len; i++)
    write_audit_entry (writer, g_ptr_array_index (entries, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
write_recent_conversation (DaJsonWriter   *writer,
                           DaConversation *conversation)
{
  const char *preview = conversation->preview != NULL ? conversation->preview : "";
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (preview, -1) > PREVIEW_CHARACTERS)
    {
      g_autofree char *head = g_utf8_substring (preview, 0, PREVIEW_CHARACTERS);

      cut = g_strconcat (head, "\342\200\246", NULL);
    }
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", conversation->id);
  da_json_writer_string (writer, "title", conversation->title);
  da_json_writer_int (writer, "createdAt", conversation->created_at);
  da_json_writer_int (writer, "updatedAt", conversation->updated_at);
  da_json_writer_int (writer, "messageCount", conversation->message_count);
  da_json_writer_string (writer, "preview", cut != NULL ? cut : preview);
  da_json_writer_end_object (writer);
}

static void
on_conversations (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(DaRequest) request = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) items = NULL;
  g_autoptr(DaJsonWriter) writer = NULL;

  items = da_engine_list_conversations_finish (DA_ENGINE (source), result, &error);
  if (items == NULL)
    {
      da_reply_gerror (request, error);
      return;
    }
  writer = da_json_writer_new (64 + items->len * 512);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "count", items->len);
  da_json_writer_begin_array (writer, "conversations");
  for (guint i = 0; i < items->len; i++)
    write_recent_conversation (writer, g_ptr_array_index (items, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

static void
conversations (DaRequest *request)
{
  DaConversationFilter filter = { 0 };

  filter.limit = da_request_get_count (request, "count", 10, 50);
  da_engine_list_conversations_async (da_request_get_engine (request), &filter,
                                      da_request_get_cancellable (request), on_conversations,
                                      da_request_ref (request));
}

/* Live state, not the test connections the contract describes: there is nothing to wait for. */
void
da_operator_write_report (DaJsonWriter *writer,
                          DaEngine     *engine)
{
  g_autoptr(GPtrArray) entries = newest_entries (is_trouble, DIAGNOSTICS_MAX);

  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "timestamp", da_clock_now_ms ());
  da_operator_write_system (writer, "system", engine);
  da_json_writer_raw (writer, "config", "{\"mcpServersCount\":0}");
  da_json_writer_raw (writer, "mcp", "{\"availableTools\":0,\"serverStatus\":{}}");
  da_json_writer_begin_array (writer, "errors");
  for (guint i = 0; i < entries->len; i++)
    da_operator_write_log_entry (writer, g_ptr_array_index (entries, i));
  da_json_writer_end_array (writer);
  da_json_writer_end_object (writer);
}

static void
diagnostics_report (DaRequest *request)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (4096);

  da_operator_write_report (writer, da_request_get_engine (request));
  da_reply_json (request, SOUP_STATUS_OK, g_steal_pointer (&writer));
}

#define READ(pattern, handler) \
  { "GET", "/v1/operator/" pattern, DA_SCOPE_OPERATOR, 0, DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES, \
    handler }

const DaRoute da_routes_operator_status[] = {
  READ ("status", status),
  READ ("health", health),
  READ ("remote-server", remote_server),
  READ ("errors", errors),
  READ ("logs", logs),
  READ ("audit", audit),
  READ ("conversations", conversations),
  READ ("diagnostics/report", diagnostics_report),
  { "POST", "/v1/operator/errors/clear", DA_SCOPE_OPERATOR, 0,
    DA_ROUTE_NO_BODY | DA_ROUTE_DEVICES | DA_ROUTE_AUDIT, clear_errors },
  { NULL },
};
