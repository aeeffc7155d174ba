/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-json-writer.h"
#include "da-request.h"

G_BEGIN_DECLS

/* The one answer of a request. A second one asserts. All add CORS, nosniff and no-store headers. */

/* Takes the writer. 200/201/... with "application/json; charset=utf-8". */
void da_reply_json        (DaRequest     *request,
                           guint          status,
                           DaJsonWriter  *writer);
/* The same with a document that was written before, for an answer that is asked for again and
 * again. (transfer none) */
void da_reply_json_bytes  (DaRequest     *request,
                           guint          status,
                           GBytes        *json);
/* {"error": text}. */
void da_reply_error       (DaRequest     *request,
                           guint          status,
                           const char    *format,
                           ...) G_GNUC_PRINTF (3, 4);
/* By the one table from error to status (DaError, DA_JSON_ERROR, DA_LLM_ERROR, G_IO_ERROR); a
 * cancelled error answers nothing. The text of internal errors is logged, not sent. (transfer
 * none). */
void da_reply_gerror      (DaRequest     *request,
                           const GError  *error);
/* contract 30 0.3: {success, action, message, error?, details?}; @details_json NULL: none. */
void da_reply_action      (DaRequest     *request,
                           const char    *action,
                           gboolean       success,
                           const char    *message,
                           const char    *details_json);
/* With a strong ETag: answers 304 when If-None-Match has it. Takes the writer. */
void da_reply_json_etag   (DaRequest     *request,
                           const char    *etag,
                           DaJsonWriter  *writer);
/* TRUE (and answered 304) when the client already has @etag: saves building the body. */
gboolean da_reply_not_modified (DaRequest *request,
                                const char *etag);
/* A file in pieces read off the main thread, with Range, 206/416 (contract 10 4.5), back-pressure.
   */
void da_reply_file        (DaRequest     *request,
                           const char    *path,
                           const char    *content_type);

G_END_DECLS
