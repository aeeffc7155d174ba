/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A file of the form {"secrets": {"<id>": "<value>"}}: our own fallback file and the shared
 * secrets.local.json have it. Everything here blocks: worker jobs only. */

/* More is not a file of secrets; a full one of ours has a few KiB. */
#define DA_SECRET_DOCUMENT_MAX_BYTES (1024 * 1024)

/**
 * da_secret_document_load:
 * @make_private: take away the permissions of group and others before reading, and say so in the
 *   log; a file that keeps them is refused
 * @out: (out) (transfer full) (nullable): the "secrets" document, NULL when there is no file
 *
 * DA_ERROR_CORRUPT when the file is not of this form (the message names the file and quotes
 * nothing of it), G_IO_ERROR when it cannot be read.
 */
gboolean    da_secret_document_load     (const char  *path,
                                         gboolean     make_private,
                                         JsonNode   **out,
                                         GError     **error);
/* (transfer none) (nullable): the value when it is a non-empty string. */
const char *da_secret_document_get      (JsonNode    *document,
                                         const char  *id);
/* (transfer full): a new document in which @id has @value, or is gone when @value is NULL. Members
 * that are not ours are kept. @document may be NULL (empty). */
JsonNode   *da_secret_document_with     (JsonNode    *document,
                                         const char  *id,
                                         const char  *value);
/* Atomically, mode 0600. */
gboolean    da_secret_document_save     (const char  *path,
                                         JsonNode    *document,
                                         GError     **error);
/* (transfer full): copies the unreadable file at @path to a dated name next to it and returns that
 * name, so that writing a new one loses nothing. */
char       *da_secret_document_set_aside (const char  *path,
                                          GError     **error);

G_END_DECLS
