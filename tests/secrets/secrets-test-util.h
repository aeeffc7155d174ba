/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-secrets.h"

G_BEGIN_DECLS

/* One asynchronous call as a test sees it. Zero-initialised, cleared by answer_clear(). */
typedef struct {
  gboolean  done;
  gboolean  success;            /* of store, clear, unlock */
  char     *secret;             /* of look-up */
  DaSecrets *secrets;           /* of open */
  GError   *error;
} Answer;

void     answer_clear       (Answer *answer);
/* Runs the main loop until the call is answered; a minute without is a failed test. */
void     answer_wait        (Answer *answer);

/* Start a call and return at once. */
void     begin_lookup       (DaSecrets *secrets, const char *id, GCancellable *cancellable,
                             Answer *answer);
void     begin_store        (DaSecrets *secrets, const char *id, const char *value, Answer *answer);
void     begin_clear        (DaSecrets *secrets, const char *id, Answer *answer);
void     begin_unlock       (DaSecrets *secrets, Answer *answer);
void     begin_open         (const char *file, gboolean allow_keyring, GCancellable *cancellable,
                             Answer *answer);

/* Do a call to its end. */
void     assert_secret      (DaSecrets *secrets, const char *id, const char *expected);
void     assert_store       (DaSecrets *secrets, const char *id, const char *value);
void     assert_clear       (DaSecrets *secrets, const char *id);
void     assert_lookup_error (DaSecrets *secrets, const char *id, GQuark domain, int code);
void     assert_store_error (DaSecrets *secrets, const char *id, const char *value, GQuark domain,
                             int code);

/* Drops the last reference (transfer full), waits until the object is gone. */
void     assert_finalized   (DaSecrets *secrets);
/* (transfer full): a fresh folder beneath the test's own. */
char    *make_folder        (void);

G_END_DECLS
