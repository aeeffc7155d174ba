/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a key may do. A route's row names the scope it needs (decisions.md, "The server"). */
typedef enum {
  DA_SCOPE_NONE     = 0,
  DA_SCOPE_CHAT     = 1 << 0,   /* chat, models, conversations, media, push, approvals */
  DA_SCOPE_MANAGE   = 1 << 1,   /* agents, skills, notes, loops, MCP, settings, bundles */
  DA_SCOPE_OPERATOR = 1 << 2,   /* operator routes, emergency stop */
  DA_SCOPE_ALL      = DA_SCOPE_CHAT | DA_SCOPE_MANAGE | DA_SCOPE_OPERATOR,
} DaScope;

typedef enum {
  DA_IDENTITY_API_KEY,   /* the one key for scripts */
  DA_IDENTITY_DEVICE,    /* a paired device's own key */
  DA_IDENTITY_LOCAL,     /* the person's own UNIX socket */
} DaIdentityKind;

/**
 * DaIdentity: who a request comes from, for as long as it lasts. Refcounted; immutable but for the
 * cancellable, which fires when the key is revoked or rotated, so that open streams end.
 */
typedef struct {
  DaIdentityKind kind;
  char          *device_id;    /* (nullable) for DA_IDENTITY_DEVICE */
  /* for logs and the window: "API key", a device's name, "this computer" */
  char          *name;
  unsigned       scopes;       /* DaScope bits */
  GCancellable  *revoked;
} DaIdentity;

DaIdentity *da_identity_ref        (DaIdentity *self);
void        da_identity_unref      (DaIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaIdentity, da_identity_unref)

/**
 * DaAccess:
 *
 * Knows the API key (and the paired devices' keys) as SHA-256 digests and answers, in constant
 * time, whose a key is. Owned by the engine. Main thread.
 *
 * Properties: "has-key" (boolean). Signals: "changed"; "device-paired" (DaDevice): a code was
 * used for the first time. The devices are in da-access-devices.h.
 */
#define DA_TYPE_ACCESS (da_access_get_type ())
G_DECLARE_FINAL_TYPE (DaAccess, da_access, DA, ACCESS, GObject)

/* (transfer full) (nullable): NULL: no such key. @hint and @address describe the caller, for a
 * device's "last seen". */
DaIdentity *da_access_authenticate (DaAccess    *self,
                                    const char  *key,
                                    const char  *address,
                                    const char  *user_agent);
/* (transfer full): for requests that came over the person's own UNIX socket. */
DaIdentity *da_access_local        (DaAccess    *self);
gboolean    da_access_has_key      (DaAccess    *self);
/* (transfer full) (nullable): the API key in clear, for showing to the person; free with
 * da_secret_free. */
char       *da_access_dup_api_key  (DaAccess    *self);
/* TRUE when the key comes from the environment and cannot be rotated. */
gboolean    da_access_is_fixed     (DaAccess    *self);
/* Makes and stores a new API key (32 random bytes, 64 hex). Completes with the key (transfer
 * full). */
void        da_access_rotate_async (DaAccess    *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
char       *da_access_rotate_finish (DaAccess   *self, GAsyncResult *result, GError **error);
/* Stores a key a person chose (PATCH remoteServerApiKey). */
void        da_access_set_api_key_async  (DaAccess *self, const char *key,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
gboolean    da_access_set_api_key_finish (DaAccess *self, GAsyncResult *result, GError **error);

G_END_DECLS
