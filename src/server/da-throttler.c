/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-throttler"

#include "da-throttler.h"

#include <arpa/inet.h>
#include <string.h>

#include "da-limits.h"

/* An attacker with many addresses must not fill our memory; 4096 entries are some 300 KiB. */
#define MAX_ADDRESSES 4096

typedef struct {
  gint64 window_start;
  guint  failures;
} Entry;

struct _DaThrottler {
  GHashTable *entries;   /* owned: address or /64 prefix -> Entry */
  gint64      cleaned;   /* when old entries were last looked for: that is a walk over all */
};

DaThrottler *
da_throttler_new (void)
{
  DaThrottler *self = g_new0 (DaThrottler, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
da_throttler_free (DaThrottler *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* One IPv6 subscriber owns a whole /64. */
static void
make_key (const char *address,
          char       *out,
          gsize       size)
{
  guint8 bytes[16];

  g_strlcpy (out, address, size);
  if (strchr (address, ':') != NULL && inet_pton (AF_INET6, address, bytes) == 1)
    {
      memset (bytes + 8, 0, 8);
      inet_ntop (AF_INET6, bytes, out, (socklen_t) size);
    }
}

static gboolean
is_over (const Entry *entry,
         gint64       now_us)
{
  return now_us - entry->window_start >= (gint64) DA_LIMIT_AUTH_WINDOW_SECONDS * G_USEC_PER_SEC;
}

static gboolean
entry_is_over (gpointer key,
               gpointer value,
               gpointer user_data)
{
  return is_over (value, *(gint64 *) user_data);
}

static void
make_room (DaThrottler *self,
           gint64       now_us)
{
  GHashTableIter iter;

  if (g_hash_table_size (self->entries) < MAX_ADDRESSES)
    return;
  if (now_us - self->cleaned >= G_USEC_PER_SEC)
    {
      self->cleaned = now_us;
      g_hash_table_foreach_remove (self->entries, entry_is_over, &now_us);
    }
  if (g_hash_table_size (self->entries) < MAX_ADDRESSES)
    return;

  /* All of them recent: any one goes. A flood of addresses cannot be throttled by address. */
  g_hash_table_iter_init (&iter, self->entries);
  if (g_hash_table_iter_next (&iter, NULL, NULL))
    g_hash_table_iter_remove (&iter);
}

guint
da_throttler_locked (DaThrottler *self,
                     const char  *address,
                     gint64       now_us)
{
  char key[INET6_ADDRSTRLEN + 16];
  Entry *entry;
  gint64 left;

  /* The common case must cost nothing: no failures anywhere. */
  if (g_hash_table_size (self->entries) == 0)
    return 0;

  make_key (address, key, sizeof key);
  entry = g_hash_table_lookup (self->entries, key);
  if (entry == NULL)
    return 0;
  if (is_over (entry, now_us))
    {
      g_hash_table_remove (self->entries, key);
      return 0;
    }
  if (entry->failures < DA_LIMIT_AUTH_FAILURES)
    return 0;

  left = entry->window_start + (gint64) DA_LIMIT_AUTH_WINDOW_SECONDS * G_USEC_PER_SEC - now_us;
  return (guint) MAX (1, (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

void
da_throttler_failed (DaThrottler *self,
                     const char  *address,
                     gint64       now_us)
{
  char key[INET6_ADDRSTRLEN + 16];
  Entry *entry;

  make_key (address, key, sizeof key);
  entry = g_hash_table_lookup (self->entries, key);
  if (entry == NULL)
    {
      make_room (self, now_us);
      entry = g_new0 (Entry, 1);
      entry->window_start = now_us;
      g_hash_table_insert (self->entries, g_strdup (key), entry);
    }
  else if (is_over (entry, now_us))
    {
      entry->window_start = now_us;
      entry->failures = 0;
    }

  entry->failures++;
}

guint
da_throttler_size (DaThrottler *self)
{
  return g_hash_table_size (self->entries);
}
