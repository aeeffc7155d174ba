/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-audit"

#include "da-audit-rules.h"

#include "da-clock.h"

/* Beyond, addresses share one count; an attacker with many must not fill our memory. */
#define MAX_ADDRESSES 1024
#define MAX_SEEN 1024
#define OTHERS "other addresses"

typedef struct {
  gint64   window_start;
  guint    written;
  guint    counted;
  gboolean is_device;    /* the key of the table is a device, not an address */
} Window;

struct _DaAuditRules {
  DaAuditLog *log;         /* owned */
  GHashTable *refusals;    /* owned: address or device -> Window */
  GHashTable *seen;        /* owned: who and address -> gint64 */
  Window      all;
  guint       flush_source;
};

DaAuditRules *
da_audit_rules_new (DaAuditLog *log)
{
  DaAuditRules *self = g_new0 (DaAuditRules, 1);

  self->log = g_object_ref (log);
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

static gboolean
is_over (const Window *window,
         gint64        now_us)
{
  return now_us - window->window_start >= (gint64) DA_AUDIT_WINDOW_SECONDS * G_USEC_PER_SEC;
}

static void
write_count (DaAuditRules *self,
             const char   *bucket,
             const Window *window)
{
  DaAuditEntry *entry = da_audit_entry_new (window->is_device ? "access-denied"
                                                              : "authentication", "-", FALSE);

  if (window->is_device)
    entry->device_id = g_strdup (bucket);
  else
    entry->ip = g_strdup (bucket);
  entry->details = g_strdup_printf ("{\"refusals\":%u}", window->counted);
  entry->failure_reason = g_strdup_printf ("%u more were refused", window->counted);
  da_audit_log_append (self->log, entry);
}

void
da_audit_rules_flush (DaAuditRules *self,
                      gint64        now_us)
{
  GHashTableIter iter;
  gpointer address, value;

  g_hash_table_iter_init (&iter, self->refusals);
  while (g_hash_table_iter_next (&iter, &address, &value))
    {
      Window *window = value;

      if (!is_over (window, now_us))
        continue;
      if (window->counted > 0)
        write_count (self, address, window);
      g_hash_table_iter_remove (&iter);
    }
}

void
da_audit_rules_free (DaAuditRules *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->flush_source, g_source_remove);
  da_audit_rules_flush (self, G_MAXINT64);
  g_hash_table_unref (self->refusals);
  g_hash_table_unref (self->seen);
  g_object_unref (self->log);
  g_free (self);
}

static gboolean
on_flush_due (gpointer user_data)
{
  DaAuditRules *self = user_data;

  da_audit_rules_flush (self, da_clock_monotonic_us ());
  if (g_hash_table_size (self->refusals) > 0)
    return G_SOURCE_CONTINUE;
  self->flush_source = 0;
  return G_SOURCE_REMOVE;
}

static Window *
get_window (DaAuditRules *self,
            const char   *address,
            gint64        now_us)
{
  Window *window = g_hash_table_lookup (self->refusals, address);

  if (window == NULL && g_hash_table_size (self->refusals) >= MAX_ADDRESSES)
    {
      address = OTHERS;
      window = g_hash_table_lookup (self->refusals, address);
    }
  if (window == NULL)
    {
      window = g_new0 (Window, 1);
      window->window_start = now_us;
      g_hash_table_insert (self->refusals, g_strdup (address), window);
    }
  if (self->flush_source == 0)
    self->flush_source = g_timeout_add_seconds (DA_AUDIT_WINDOW_SECONDS, on_flush_due, self);
  return window;
}

void
da_audit_rules_add_refusal (DaAuditRules *self,
                            DaAuditEntry *entry,
                            gint64        now_us)
{
  g_autoptr (DaAuditEntry) owned = entry;
  /* A stranger who knocks from the same network must not hide what a known device tries. */
  const char *bucket = entry->device_id != NULL ? entry->device_id
                       : entry->ip != NULL ? entry->ip : "-";
  Window *window = get_window (self, bucket, now_us);

  if (is_over (window, now_us))
    {
      if (window->counted > 0)
        write_count (self, bucket, window);
      *window = (Window) { .window_start = now_us };
    }
  window->is_device = entry->device_id != NULL;
  if (is_over (&self->all, now_us) || self->all.window_start == 0)
    self->all = (Window) { .window_start = now_us };

  if (window->written >= DA_AUDIT_REFUSALS_ADDRESS || self->all.written >= DA_AUDIT_REFUSALS_ALL)
    {
      window->counted++;
      return;
    }
  window->written++;
  self->all.written++;
  da_audit_log_append (self->log, g_steal_pointer (&owned));
}

static gboolean
is_old (gpointer key,
        gpointer value,
        gpointer user_data)
{
  return *(gint64 *) user_data - *(gint64 *) value
         >= (gint64) DA_AUDIT_SUCCESS_SECONDS * G_USEC_PER_SEC;
}

gboolean
da_audit_rules_is_news (DaAuditRules *self,
                        const char   *who,
                        const char   *address,
                        gint64        now_us)
{
  char key[256];
  gint64 *last;

  /* On the stack: this is asked for every request. */
  g_snprintf (key, sizeof key, "%s\n%s", who, address);
  last = g_hash_table_lookup (self->seen, key);
  if (last != NULL && !is_old (NULL, last, &now_us))
    return FALSE;

  if (g_hash_table_size (self->seen) >= MAX_SEEN)
    g_hash_table_foreach_remove (self->seen, is_old, &now_us);
  if (g_hash_table_size (self->seen) >= MAX_SEEN)
    g_hash_table_remove_all (self->seen);
  last = g_new (gint64, 1);
  *last = now_us;
  g_hash_table_insert (self->seen, g_strdup (key), last);
  return TRUE;
}
