/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

#include "da-secret-id.h"

G_BEGIN_DECLS

typedef enum {
  DA_SECRETS_KIND_KEYRING,   /* the desktop's secret service */
  DA_SECRETS_KIND_FILE,      /* a 0600 file; the settings page says so plainly */
  DA_SECRETS_KIND_MEMORY,    /* tests and throw-away runs */
} DaSecretsKind;

/**
 * DaSecrets:
 *
 * Where keys and tokens live. Abstract. Values of the environment (DOTAGENTS_API_KEY,
 * OPENAI_API_KEY and friends) win over stored ones and are never stored. Looked-up values are
 * registered with DaRedact. A locked keyring asks the person once per program run; after a refusal
 * every call fails with DA_ERROR_LOCKED until da_secrets_unlock_async() is called by a person's
 * click. A question that nobody answers within two minutes counts as refused. Main thread only;
 * everything asynchronous. Returned secrets are freed with da_secret_free().
 *
 * Property "locked" (boolean, notify): the last answer was that it is locked; false again as soon
 * as a secret could be read, written or unlocked.
 *
 * A backend's operations never ask: they fail with DA_ERROR_LOCKED, and only unlock_async() may
 * show a dialog. unlock_async() may be left out by a backend without a lock.
 *
 * Errors besides DA_ERROR_LOCKED: DA_ERROR_UNAVAILABLE (the keyring does not answer, or it cannot
 * keep the secret beyond this login), DA_ERROR_CORRUPT (the file cannot be read; nothing is lost),
 * DA_ERROR_NO_SPACE, DA_ERROR_CONFLICT (given by the environment), DA_ERROR_INVALID and
 * DA_ERROR_TOO_LARGE for what cannot be a secret, G_IO_ERROR for the file system.
 */
#define DA_TYPE_SECRETS (da_secrets_get_type ())
G_DECLARE_DERIVABLE_TYPE (DaSecrets, da_secrets, DA, SECRETS, GObject)

struct _DaSecretsClass {
  GObjectClass parent_class;

  DaSecretsKind (*get_kind)      (DaSecrets *self);
  void          (*lookup_async)  (DaSecrets *self, const char *id, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
  char         *(*lookup_finish) (DaSecrets *self, GAsyncResult *result, GError **error);
  void          (*store_async)   (DaSecrets *self, const char *id, const char *label,
                                  const char *secret, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
  gboolean      (*store_finish)  (DaSecrets *self, GAsyncResult *result, GError **error);
  void          (*clear_async)   (DaSecrets *self, const char *id, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
  gboolean      (*clear_finish)  (DaSecrets *self, GAsyncResult *result, GError **error);
  void          (*unlock_async)  (DaSecrets *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
  gboolean      (*unlock_finish) (DaSecrets *self, GAsyncResult *result, GError **error);
};

/**
 * da_secrets_open_async:
 * @file: path of the fallback file
 * @allow_keyring: FALSE skips the secret service (dotagentsd without a session bus)
 *
 * Chooses the backend: the secret service when a session bus exists and one answers within two
 * seconds, else the file. Completes with a new DaSecrets.
 */
void           da_secrets_open_async    (const char          *file,
                                         gboolean             allow_keyring,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
DaSecrets     *da_secrets_open_finish   (GAsyncResult        *result,
                                         GError             **error);

DaSecrets     *da_secrets_new_memory    (void);
DaSecrets     *da_secrets_new_file      (const char          *path);
DaSecrets     *da_secrets_new_keyring   (void);

DaSecretsKind  da_secrets_get_kind      (DaSecrets           *self);
/* (transfer full) (nullable): NULL without error means "there is none". */
void           da_secrets_lookup_async  (DaSecrets           *self,
                                         const char          *id,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
char          *da_secrets_lookup_finish (DaSecrets           *self,
                                         GAsyncResult        *result,
                                         GError             **error);
/* @label is what a keyring manager shows. Storing "" clears. DA_ERROR_CONFLICT when the environment
 * gives @id: a stored value would not take effect. */
void           da_secrets_store_async   (DaSecrets           *self,
                                         const char          *id,
                                         const char          *label,
                                         const char          *secret,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean       da_secrets_store_finish  (DaSecrets           *self,
                                         GAsyncResult        *result,
                                         GError             **error);
void           da_secrets_clear_async   (DaSecrets           *self,
                                         const char          *id,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean       da_secrets_clear_finish  (DaSecrets           *self,
                                         GAsyncResult        *result,
                                         GError             **error);
void           da_secrets_unlock_async  (DaSecrets           *self,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean       da_secrets_unlock_finish (DaSecrets           *self,
                                         GAsyncResult        *result,
                                         GError             **error);
gboolean       da_secrets_get_locked    (DaSecrets           *self);
/* TRUE when @id is given by the environment, so storing would not take effect. */
gboolean       da_secrets_is_environment (DaSecrets          *self,
                                          const char         *id);

/* Where secrets were kept before: what @self does not have is looked for in @older, and what is
   stored
 * or cleared in @self is cleared there. da_secrets_open_async() does this for the file when there
 * is a keyring now. */
void           da_secrets_set_older     (DaSecrets           *self,
                                         DaSecrets           *older);

G_END_DECLS
