/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-audit-log"

#include "config.h"

#include "da-audit-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "da-clock.h"
#include "da-error.h"
#include "da-json-writer.h"
#include "da-json.h"
#include "da-worker.h"

#define MAX_FILES 9
#define MAX_LINE_BYTES (16 * 1024)
#define FIRST_HASH "0000000000000000000000000000000000000000000000000000000000000000"

struct _DaAuditLog {
  GObject parent_instance;

  char *folder;
  GQueue recent;            /* DaAuditEntry, newest at the head */
  GPtrArray *unwritten;     /* char *: lines without hash and newline, in order */
  gboolean writing;

  /* The slow worker's, between jobs nobody's: */
  char *last_hash;          /* NULL until the file was read */
};

G_DEFINE_FINAL_TYPE (DaAuditLog, da_audit_log, G_TYPE_OBJECT)

DaAuditEntry *
da_audit_entry_new (const char *action,
                    const char *path,
                    gboolean    success)
{
  DaAuditEntry *entry = g_new0 (DaAuditEntry, 1);

  entry->timestamp = da_clock_now_ms ();
  entry->action = g_strdup (action);
  entry->path = g_strdup (path);
  entry->success = success;
  return entry;
}

void
da_audit_entry_free (DaAuditEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->action);
  g_free (entry->path);
  g_free (entry->device_id);
  g_free (entry->device_name);
  g_free (entry->ip);
  g_free (entry->origin);
  g_free (entry->user_agent);
  g_free (entry->details);
  g_free (entry->failure_reason);
  g_free (entry);
}

static void
da_audit_log_finalize (GObject *object)
{
  DaAuditLog *self = DA_AUDIT_LOG (object);

  g_queue_clear_full (&self->recent, (GDestroyNotify) da_audit_entry_free);
  g_ptr_array_unref (self->unwritten);
  g_free (self->last_hash);
  g_free (self->folder);
  G_OBJECT_CLASS (da_audit_log_parent_class)->finalize (object);
}

static void
da_audit_log_class_init (DaAuditLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_audit_log_finalize;
}

static void
da_audit_log_init (DaAuditLog *self)
{
  g_queue_init (&self->recent);
  self->unwritten = g_ptr_array_new_with_free_func (g_free);
}

DaAuditLog *
da_audit_log_new (const char *folder)
{
  DaAuditLog *self = g_object_new (DA_TYPE_AUDIT_LOG, NULL);

  self->folder = g_strdup (folder);
  return self;
}

/* Lines */

static char *
clean (const char *text, glong max_chars)
{
  g_autofree char *valid = NULL;
  char *cut;

  if (text == NULL || *text == '\0')
    return NULL;
  valid = g_utf8_make_valid (text, -1);
  for (char *p = valid; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  cut = g_utf8_strlen (valid, -1) > max_chars ? g_utf8_substring (valid, 0, max_chars)
                                              : g_steal_pointer (&valid);
  return g_strstrip (cut);
}

static void
clean_field (char **field, glong max_chars)
{
  char *cleaned = clean (*field, max_chars);

  g_free (*field);
  *field = cleaned;
}

static void
clean_entry (DaAuditEntry *entry)
{
  clean_field (&entry->action, 80);
  clean_field (&entry->path, 200);
  clean_field (&entry->device_id, 80);
  clean_field (&entry->device_name, 80);
  clean_field (&entry->ip, 80);
  clean_field (&entry->origin, 160);
  clean_field (&entry->user_agent, 160);
  clean_field (&entry->failure_reason, 120);
  if (entry->details != NULL && strlen (entry->details) > MAX_LINE_BYTES / 2)
    g_clear_pointer (&entry->details, g_free);
}

static void
write_entry (DaJsonWriter *writer, const DaAuditEntry *entry)
{
  da_json_writer_int (writer, "timestamp", entry->timestamp);
  da_json_writer_string (writer, "action", entry->action != NULL ? entry->action : "");
  da_json_writer_string (writer, "path", entry->path != NULL ? entry->path : "");
  da_json_writer_boolean (writer, "success", entry->success);
  if (entry->status != 0)
    da_json_writer_int (writer, "status", entry->status);
  da_json_writer_opt_string (writer, "deviceId", entry->device_id);
  da_json_writer_opt_string (writer, "deviceName", entry->device_name);
  if (entry->ip != NULL || entry->origin != NULL || entry->user_agent != NULL)
    {
      da_json_writer_begin_object (writer, "source");
      da_json_writer_opt_string (writer, "ip", entry->ip);
      da_json_writer_opt_string (writer, "origin", entry->origin);
      da_json_writer_opt_string (writer, "userAgent", entry->user_agent);
      da_json_writer_end_object (writer);
    }
  da_json_writer_opt_raw (writer, "details", entry->details);
  da_json_writer_opt_string (writer, "failureReason", entry->failure_reason);
}

/* {"prev":"<hash>", ...}: the hash is put in front by the worker, which knows the line before. */
static char *
entry_to_line (const DaAuditEntry *entry)
{
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);

  da_json_writer_begin_object (writer, NULL);
  write_entry (writer, entry);
  da_json_writer_end_object (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

static char *
hash_line (const char *line, gssize length)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, line, length);
}

static char *
file_name (const char *folder, guint number)
{
  g_autofree char *name = number == 0 ? g_strdup ("audit.jsonl")
                                      : g_strdup_printf ("audit-%u.jsonl", number);

  return g_build_filename (folder, name, NULL);
}

/* Reading */

static DaAuditEntry *
parse_line (const char *line, gsize length)
{
  g_autoptr(JsonNode) node = da_json_parse (line, length, MAX_LINE_BYTES, NULL);
  JsonObject *object;
  JsonObject *source;
  DaAuditEntry *entry;
  JsonObject *details;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  object = json_node_get_object (node);
  if (da_json_get_string (object, "action") == NULL || da_json_get_string (object, "path") == NULL
      || da_json_get_int (object, "timestamp", 0) == 0)
    return NULL;
  entry = da_audit_entry_new (da_json_get_string (object, "action"),
                              da_json_get_string (object, "path"),
                              da_json_get_boolean (object, "success", FALSE));
  entry->timestamp = da_json_get_int (object, "timestamp", 0);
  entry->status = (int) da_json_get_int (object, "status", 0);
  entry->device_id = g_strdup (da_json_get_string (object, "deviceId"));
  entry->device_name = g_strdup (da_json_get_string (object, "deviceName"));
  entry->failure_reason = g_strdup (da_json_get_string (object, "failureReason"));
  source = da_json_get_object (object, "source");
  if (source != NULL)
    {
      entry->ip = g_strdup (da_json_get_string (source, "ip"));
      entry->origin = g_strdup (da_json_get_string (source, "origin"));
      entry->user_agent = g_strdup (da_json_get_string (source, "userAgent"));
    }
  details = da_json_get_object (object, "details");
  if (details != NULL)
    entry->details = da_json_to_string (json_object_get_member (object, "details"), FALSE);
  return entry;
}

/* Worker thread: the newest entries and the hash of the last line. */
static void
load_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  DaAuditLog *self = source;
  g_autofree char *path = file_name (self->folder, 0);
  g_autofree char *text = NULL;
  gsize length = 0;
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) da_audit_entry_free);
  g_auto(GStrv) lines = NULL;
  guint n;

  if (!g_file_get_contents (path, &text, &length, NULL))
    {
      g_autofree char *older = file_name (self->folder, 1);

      g_file_get_contents (older, &text, &length, NULL);
    }
  lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  n = g_strv_length (lines);
  self->last_hash = g_strdup (FIRST_HASH);
  for (guint i = n; i > 0; i--)
    {
      if (*lines[i - 1] == '\0')
        continue;
      if (entries->len == 0)
        {
          g_free (self->last_hash);
          self->last_hash = hash_line (lines[i - 1], -1);
        }
      if (entries->len < DA_AUDIT_RECENT)
        {
          DaAuditEntry *entry = parse_line (lines[i - 1], strlen (lines[i - 1]));

          if (entry != NULL)
            g_ptr_array_add (entries, entry);
        }
    }
  g_task_return_pointer (task, entries, (GDestroyNotify) g_ptr_array_unref);
}

static void write_more (DaAuditLog *self);

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DaAuditLog *self = DA_AUDIT_LOG (source);
  g_autoptr(GTask) task = user_data;
  g_autoptr(GPtrArray) entries = g_task_propagate_pointer (G_TASK (result), NULL);

  self->writing = FALSE;
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    g_queue_push_tail (&self->recent, g_steal_pointer (&entries->pdata[i]));
  write_more (self);
  g_task_return_boolean (task, TRUE);
}

void
da_audit_log_load_async (DaAuditLog          *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GTask) job = g_task_new (self, NULL, loaded_cb, task);

  g_task_set_source_tag (task, da_audit_log_load_async);
  g_task_set_source_tag (job, da_audit_log_load_async);
  self->writing = TRUE;
  da_worker_push (da_worker_get_slow (), job, load_job);
}

gboolean
da_audit_log_load_finish (DaAuditLog    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Writing */

static void
rotate (const char *folder)
{
  for (guint number = MAX_FILES; number > 0; number--)
    {
      g_autofree char *from = file_name (folder, number - 1);
      g_autofree char *to = file_name (folder, number);

      if (rename (from, to) != 0 && errno != ENOENT)
        g_warning ("%s cannot be renamed: %s", from, g_strerror (errno));
    }
}

static gboolean
write_all (int fd, const char *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      bytes += n;
      length -= n;
    }
  return TRUE;
}

/* Worker thread. All or nothing: a part that was written is cut off again, so the chain stays
 * whole. */
static void
write_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  DaAuditLog *self = source;
  GPtrArray *lines = data;
  g_autofree char *path = file_name (self->folder, 0);
  g_autofree char *hash = g_strdup (self->last_hash);
  g_autoptr(GString) out = g_string_new (NULL);
  struct stat info;
  int fd;

  for (guint i = 0; i < lines->len; i++)
    {
      gsize start = out->len;
      const char *line = lines->pdata[i];

      g_string_append_printf (out, "{\"prev\":\"%s\",%s", hash, line + 1);
      g_free (hash);
      hash = hash_line (out->str + start, (gssize) (out->len - start));
      g_string_append_c (out, '\n');
    }
  if (stat (path, &info) == 0 && info.st_size > DA_AUDIT_FILE_BYTES)
    rotate (self->folder);
  fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 || fstat (fd, &info) != 0 || !write_all (fd, out->str, out->len))
    {
      int code = errno;

      if (fd >= 0)
        {
          if (ftruncate (fd, info.st_size) != 0)
            g_warning ("a half-written line stays in %s", path);
          close (fd);
        }
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
                               g_strerror (code));
      return;
    }
  close (fd);
  g_free (self->last_hash);
  self->last_hash = g_steal_pointer (&hash);
  g_task_return_boolean (task, TRUE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DaAuditLog *self = DA_AUDIT_LOG (source);
  g_autoptr(GError) error = NULL;
  GPtrArray *lines = g_task_get_task_data (G_TASK (result));

  self->writing = FALSE;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      write_more (self);
      return;
    }
  g_warning ("the audit log cannot be written: %s", error->message);
  /* They wait for the next entry, in front of it; beyond the screen's worth the oldest are lost. */
  for (guint i = lines->len; i > 0 && self->unwritten->len < 10 * DA_AUDIT_RECENT; i--)
    g_ptr_array_insert (self->unwritten, 0, g_steal_pointer (&lines->pdata[i - 1]));
}

static void
write_more (DaAuditLog *self)
{
  g_autoptr(GTask) task = NULL;
  GPtrArray *lines;

  if (self->writing || self->unwritten->len == 0)
    return;
  self->writing = TRUE;
  lines = g_steal_pointer (&self->unwritten);
  self->unwritten = g_ptr_array_new_with_free_func (g_free);
  task = g_task_new (self, NULL, written_cb, NULL);
  g_task_set_source_tag (task, write_more);
  g_task_set_task_data (task, lines, (GDestroyNotify) g_ptr_array_unref);
  da_worker_push (da_worker_get_slow (), task, write_job);
}

void
da_audit_log_append (DaAuditLog   *self,
                     DaAuditEntry *entry)
{
  clean_entry (entry);
  g_ptr_array_add (self->unwritten, entry_to_line (entry));
  g_queue_push_head (&self->recent, entry);
  while (self->recent.length > DA_AUDIT_RECENT)
    da_audit_entry_free (g_queue_pop_tail (&self->recent));
  write_more (self);
}

GPtrArray *
da_audit_log_get_recent (DaAuditLog *self,
                         guint       max)
{
  GPtrArray *out = g_ptr_array_new ();

  for (GList *link = self->recent.head; link != NULL && out->len < max; link = link->next)
    g_ptr_array_add (out, link->data);
  return out;
}

/* Verifying */

static gboolean
verify_file (const char *path, char **hash, guint64 *n_lines, GError **error)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr(JsonNode) node = NULL;
      const char *prev = NULL;

      if (*lines[i] == '\0')
        continue;
      node = da_json_parse (lines[i], strlen (lines[i]), MAX_LINE_BYTES, NULL);
      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        prev = da_json_get_string (json_node_get_object (node), "prev");
      /* The oldest file may have been dropped: the first line of all is taken as it is. */
      if (prev == NULL || (*hash != NULL && g_strcmp0 (prev, *hash) != 0))
        {
          g_set_error (error, DA_ERROR, DA_ERROR_CORRUPT, _("%s, line %u: the chain is broken"),
                       path, i + 1);
          return FALSE;
        }
      g_free (*hash);
      *hash = hash_line (lines[i], -1);
      ++*n_lines;
    }
  return TRUE;
}

gboolean
da_audit_log_verify (const char  *folder,
                     guint64     *n_lines,
                     GError     **error)
{
  g_autofree char *hash = NULL;

  *n_lines = 0;
  for (guint number = MAX_FILES + 1; number > 0; number--)
    {
      g_autofree char *path = file_name (folder, number - 1);

      if (!verify_file (path, &hash, n_lines, error))
        return FALSE;
    }
  return TRUE;
}
