/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A paired device as it is stored. All strings owned. */
typedef struct {
  char    *id;            /* "device_..." */
  char    *digest;        /* lower-case hex SHA-256 of its key */
  char    *name;
  unsigned scopes;        /* DaScope bits */
  gint64   revoked_at;    /* Unix ms; 0: valid */
  gint64   first_seen;    /* Unix ms */
  gint64   last_seen;     /* Unix ms */
  char    *address;       /* (nullable) */
  char    *user_agent;    /* (nullable) */
  /* (nullable) x-dotagents-device-id: what it calls itself, never trusted */
  char    *client_id;
} DaDeviceRecord;

DaDeviceRecord *da_device_record_new  (void);
DaDeviceRecord *da_device_record_copy (const DaDeviceRecord *record);
void            da_device_record_free (DaDeviceRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaDeviceRecord, da_device_record_free)

/* (transfer full): what to call a device that has no name yet, from its User-Agent: "Android
 * phone", "iPhone", "Firefox on Linux", ... */
char           *da_device_name_from   (const char *user_agent);

G_END_DECLS
