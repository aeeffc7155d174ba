/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "da-setting-spec.h"

G_BEGIN_DECLS

typedef enum {
  DA_SETTING_ORIGIN_DEFAULT,
  DA_SETTING_ORIGIN_GLOBAL,       /* ~/.agents */
  DA_SETTING_ORIGIN_WORKSPACE,    /* $DOTAGENTS_WORKSPACE_DIR/.agents */
  DA_SETTING_ORIGIN_LOCAL,        /* the private file */
  DA_SETTING_ORIGIN_ENVIRONMENT,
  DA_SETTING_ORIGIN_COMMAND_LINE,
} DaSettingOrigin;

const char *da_setting_origin_to_string (DaSettingOrigin origin);

/**
 * DaSettings:
 *
 * The layered settings (contract 20 A.1, A.3, A.6, A.7, A.12): built-in defaults, global .agents,
 * workspace .agents, the private local file, environment, command line; the later wins. Unknown
 * keys of a file are kept byte for byte in meaning and written back; only changed keys are written,
 * to the layer file they belong to; a foreign change on disk is picked up live (250 ms debounce),
 * our own writes are not. A value that does not fit its row is reported (name, file, what is
 * allowed) and the next lower layer's value is used. Secrets are not here: see DaSecrets.
 * Main thread only; files are read synchronously once in da_settings_load() and written on the
 * slow worker.
 *
 * Signals: "changed" (detail: setting name; argument: const DaSettingSpec *) after a value changed.
 */
#define DA_TYPE_SETTINGS (da_settings_get_type ())
G_DECLARE_FINAL_TYPE (DaSettings, da_settings, DA, SETTINGS, GObject)

/* @agents_dir is the global layer folder. @workspace_dir is the value of DOTAGENTS_WORKSPACE_DIR:
 * the folder that holds the workspace's .agents; NULL, blank or leading to @agents_dir: no layer.
 * @local_file may be NULL. Relative paths start at the working directory. */
DaSettings      *da_settings_new             (const char           *agents_dir,
                                              const char           *workspace_dir,
                                              const char           *local_file);
/* "name=value": value is JSON, or a bare string where JSON does not parse. Before load. */
gboolean         da_settings_override        (DaSettings           *self,
                                              const char           *assignment,
                                              GError              **error);
/* Reads all layers, recovers corrupt files from their backups; never fails: what was wrong is in
 * da_settings_get_problems(). */
void             da_settings_load            (DaSettings           *self);
/* Reads all layers again on the worker, for SIGHUP; what another program writes into the shared
 * folders is picked up without it. Never fails but when the program is about to end. */
void             da_settings_reload_async    (DaSettings           *self,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
gboolean         da_settings_reload_finish   (DaSettings           *self,
                                              GAsyncResult         *result,
                                              GError              **error);
/* (transfer none): sentences, each naming key, file and what is allowed. */
const char *const *da_settings_get_problems  (DaSettings           *self);

/* The name must be a row of the table and of the asked type: anything else asserts. */
gboolean         da_settings_get_boolean     (DaSettings           *self,
                                              const char           *name);
gint64           da_settings_get_int         (DaSettings           *self,
                                              const char           *name);
double           da_settings_get_number      (DaSettings           *self,
                                              const char           *name);
/* (transfer none) (nullable): valid until the next change of the setting. */
const char      *da_settings_get_string      (DaSettings           *self,
                                              const char           *name);
/* (transfer none): NULL-terminated, never NULL. */
const char *const *da_settings_get_strv      (DaSettings           *self,
                                              const char           *name);
/* (transfer none) (nullable): the effective value of a row of any type but SECRET. */
JsonNode        *da_settings_peek            (DaSettings           *self,
                                              const char           *name);
DaSettingOrigin  da_settings_get_origin      (DaSettings           *self,
                                              const char           *name);
/* (transfer none) (nullable): the file the value comes from; NULL when it is from none. */
const char      *da_settings_get_file        (DaSettings           *self,
                                              const char           *name);

/* A key of a file that is no row of the table (for instance "loops"), or a secret row: the
 * plain-text key that another program left in models.json or dotagents-settings.json. It is never
 * written by us, and may be a reference (da-secret-reference.h).
 * (transfer none) (nullable), valid until the main loop runs again */
JsonNode        *da_settings_peek_foreign    (DaSettings           *self,
                                              const char           *name);

/* Checks one value against its row and returns the normalised value (trimmed, floored, duplicates
 * dropped), or NULL with an error that says what is allowed. A JSON null as result stands for
 * "remove the stored value" ("" in a row with DA_SETTING_EMPTY_UNSETS). (transfer full) */
JsonNode        *da_settings_check           (const DaSettingSpec  *spec,
                                              JsonNode             *value,
                                              GError              **error);
/**
 * da_settings_apply_async:
 * @values: (element-type utf8 JsonNode): new values by name; %NULL value (or a JSON null): reset
 *
 * Sets all of them or none: checked first, written durably, then made effective with ::changed.
 * Of two names kept equal both are written; when @values has both, the agentX one counts.
 * A key goes to the global layer, unless a higher file layer (workspace, private file) has it: then
 * to that one, because the change would not take effect otherwise. A reset removes it everywhere.
 * A key that sat in the wrong file of its layer is moved. What would not change is not written.
 * A value overridden by environment or command line is stored but not effective until then.
 * Errors: DA_ERROR_INVALID (names the key), DA_ERROR_NO_SPACE, G_IO_ERROR.
 */
void             da_settings_apply_async     (DaSettings           *self,
                                              GHashTable           *values,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
gboolean         da_settings_apply_finish    (DaSettings           *self,
                                              GAsyncResult         *result,
                                              GError              **error);
/* For the window: applies in the background, logs a failure. @value: (transfer full). */
void             da_settings_set             (DaSettings           *self,
                                              const char           *name,
                                              JsonNode             *value);
/* Waits for writes in flight; for shutdown. */
void             da_settings_flush_async     (DaSettings           *self,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
gboolean         da_settings_flush_finish    (DaSettings           *self,
                                              GAsyncResult         *result,
                                              GError              **error);

/* (transfer full): the text of --print-settings: name, value, origin, allowed, summary; secrets
 * masked. */
char            *da_settings_print           (DaSettings           *self);
const char      *da_settings_get_agents_dir  (DaSettings           *self);
const char      *da_settings_get_workspace_dir (DaSettings         *self);

G_END_DECLS
