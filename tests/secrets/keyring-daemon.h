/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A real gnome-keyring-daemon on the test's private bus, with folders of its own. The person who
 * answers its dialogs is one of:
 *   the counter      a prompter of ours that counts dialogs and refuses or ignores each
 *   the mock person  libgcr's own mock, which types what it is told to expect */
typedef struct {
  GSubprocess *process;
  char        *home;
  char        *control;
} KeyringDaemon;

#define KEYRING_PASSWORD "test-password"

/* --- dialogs --- */
/* The bus name to give as @prompter; dialogs counted since the last call of prompter_reset(). */
const char *prompter_get_name    (void);
guint       prompter_get_count   (void);
void        prompter_reset       (gboolean ignore);

/* The bus name of libgcr's mock; aborts the test when the library is not there. */
const char *mock_person_get_name (void);
void        mock_person_types    (const char *password);
void        mock_person_closes   (void);
/* TRUE while something that was announced has not been asked for. */
gboolean    mock_person_waits    (void);

/* --- the daemon --- */
/* @home: where its keyrings are; reuse it to start the same one again. @unlock: with the password,
 * as a log-in does (this also makes the login keyring). Returns when it owns its name. */
KeyringDaemon *keyring_start     (const char *home, const char *prompter, gboolean unlock);
void           keyring_kill      (KeyringDaemon *self);
void           keyring_pause     (KeyringDaemon *self, gboolean pause);
/* As a screen lock does, and as a log-in does. */
void           keyring_lock      (KeyringDaemon *self);
void           keyring_log_in    (KeyringDaemon *self);
/* How many entries of ours there are, locked or not. */
guint          keyring_count     (KeyringDaemon *self);
/* (transfer full): the object path behind an alias. */
char          *keyring_get_alias (KeyringDaemon *self, const char *alias);
void           keyring_free      (KeyringDaemon *self);

G_END_DECLS
