/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * DaJsonWriter:
 *
 * Writes one JSON document straight into a buffer: no tree, one allocation that grows. Every reply
 * and every stream frame is written with it. Commas are its business; a wrong nesting is a
 * programming error and asserts. Strings that are not valid UTF-8 are repaired with U+FFFD.
 * U+2028/2029 and control characters are escaped, so a document without indentation is one line.
 * A NULL string writes null in da_json_writer_string(), and writes nothing in the
 * da_json_writer_opt_*() forms (which drop the whole member).
 */
typedef struct _DaJsonWriter DaJsonWriter;

DaJsonWriter *da_json_writer_new          (gsize          reserve);
/* Appends to a buffer of the caller (borrowed until freed). */
DaJsonWriter *da_json_writer_new_on       (GString       *buffer);
void          da_json_writer_free         (DaJsonWriter  *self);
/* (transfer full): the bytes; frees the writer. */
GBytes       *da_json_writer_free_to_bytes  (DaJsonWriter *self);
char         *da_json_writer_free_to_string (DaJsonWriter *self);

/* Every call takes the member name inside an object and NULL inside an array or at the root. */
void          da_json_writer_begin_object (DaJsonWriter  *self,
                                           const char    *name);
void          da_json_writer_end_object   (DaJsonWriter  *self);
void          da_json_writer_begin_array  (DaJsonWriter  *self,
                                           const char    *name);
void          da_json_writer_end_array    (DaJsonWriter  *self);
void          da_json_writer_string       (DaJsonWriter  *self,
                                           const char    *name,
                                           const char    *value);
void          da_json_writer_string_len   (DaJsonWriter  *self,
                                           const char    *name,
                                           const char    *value,
                                           gssize         length);
void          da_json_writer_int          (DaJsonWriter  *self,
                                           const char    *name,
                                           gint64         value);
void          da_json_writer_double       (DaJsonWriter  *self,
                                           const char    *name,
                                           double         value);
void          da_json_writer_boolean      (DaJsonWriter  *self,
                                           const char    *name,
                                           gboolean       value);
void          da_json_writer_null         (DaJsonWriter  *self,
                                           const char    *name);
void          da_json_writer_node         (DaJsonWriter  *self,
                                           const char    *name,
                                           JsonNode      *node);
/* @json is trusted, already serialised JSON (for instance tool calls as stored). */
void          da_json_writer_raw          (DaJsonWriter  *self,
                                           const char    *name,
                                           const char    *json);
void          da_json_writer_strv         (DaJsonWriter  *self,
                                           const char    *name,
                                           const char   *const *values);
void          da_json_writer_opt_string   (DaJsonWriter  *self,
                                           const char    *name,
                                           const char    *value);
void          da_json_writer_opt_raw      (DaJsonWriter  *self,
                                           const char    *name,
                                           const char    *json);

/* Appends @text as a quoted JSON string; the hot path of the delta frames. */
void          da_json_append_quoted       (GString       *buffer,
                                           const char    *text,
                                           gssize         length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaJsonWriter, da_json_writer_free)

G_END_DECLS
