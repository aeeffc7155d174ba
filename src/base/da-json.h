/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Deepest nesting accepted. json-glib recurses per level and overflows an 8 MiB stack near
 * 100,000; the limit is counted before its parser sees a byte. */
#define DA_JSON_MAX_DEPTH 64

/* Most values in one text, and most members in one object. A value costs about 100 bytes of tree,
 * so a text of 50 MiB that is all "0," would otherwise cost gigabytes; and GHashTable can be made
 * quadratic by chosen names, so one object stays small. Beyond: DA_JSON_ERROR_SIZE. Names that
 * plainly were chosen to collide are refused with DA_JSON_ERROR_KEY. */
#define DA_JSON_MAX_VALUES  500000
#define DA_JSON_MAX_MEMBERS 4096

/* Larger texts are parsed on the worker by da_json_parse_async(). */
#define DA_JSON_INLINE_BYTES (128 * 1024)

/**
 * DaJsonError: why the door refused a text, or a field of it.
 */
typedef enum {
  DA_JSON_ERROR_SIZE,      /* longer than allowed, or too many values */
  DA_JSON_ERROR_ENCODING,  /* not UTF-8, or a NUL or lone surrogate in a string */
  DA_JSON_ERROR_DEPTH,     /* nested deeper than DA_JSON_MAX_DEPTH */
  DA_JSON_ERROR_SYNTAX,    /* not exactly one strict RFC 8259 document */
  DA_JSON_ERROR_RANGE,     /* a number that does not fit (integers: int64) */
  DA_JSON_ERROR_KEY,       /* a "__proto__", duplicate or colliding member */
  DA_JSON_ERROR_FIELD,     /* a field is missing or of the wrong type; the message names it */
} DaJsonError;

#define DA_JSON_ERROR (da_json_error_quark ())
GQuark da_json_error_quark (void);

/**
 * da_json_parse:
 * @text: bytes, need not be NUL-terminated
 * @length: number of bytes
 * @max_bytes: refuse more than this
 *
 * The only door for JSON that this program did not write a moment ago (lint: json_parser_ occurs
 * nowhere else). Strict: RFC 8259, one document, a leading UTF-8 BOM tolerated (contract 20 0.1),
 * no comments, no single quotes, no trailing commas, every integer fits int64.
 * Thread-safe.
 *
 * Returns: (transfer full): a sealed (immutable) node, or %NULL with @error (DA_JSON_ERROR) set
 */
JsonNode   *da_json_parse               (const char           *text,
                                         gsize                 length,
                                         gsize                 max_bytes,
                                         GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * da_json_parse_async:
 * @bytes: (transfer none): the text, kept until done
 *
 * As da_json_parse(), but texts above DA_JSON_INLINE_BYTES are parsed on the slow worker
 * (da_worker_get_slow()) so the main loop never waits for a large body. Always completes
 * from the main loop, never before returning.
 */
void        da_json_parse_async         (GBytes               *bytes,
                                         gsize                 max_bytes,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
JsonNode   *da_json_parse_finish        (GAsyncResult         *result,
                                         GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Typed getters. "need" fails (DA_JSON_ERROR_FIELD, naming the field) when the member is absent,
 * null or of another type. "take" leaves *out alone when absent or null and fails only on a wrong
 * type. Strings and nodes are borrowed from @object. Integers refuse fractions. */
JsonObject *da_json_need_object         (JsonNode             *root,
                                         GError              **error);
gboolean    da_json_need_string         (JsonObject           *object,
                                         const char           *name,
                                         const char          **out,
                                         GError              **error);
gboolean    da_json_need_boolean        (JsonObject           *object,
                                         const char           *name,
                                         gboolean             *out,
                                         GError              **error);
gboolean    da_json_need_int            (JsonObject           *object,
                                         const char           *name,
                                         gint64                minimum,
                                         gint64                maximum,
                                         gint64               *out,
                                         GError              **error);
gboolean    da_json_need_array          (JsonObject           *object,
                                         const char           *name,
                                         JsonArray           **out,
                                         GError              **error);
gboolean    da_json_take_string         (JsonObject           *object,
                                         const char           *name,
                                         const char          **out,
                                         GError              **error);
gboolean    da_json_take_boolean        (JsonObject           *object,
                                         const char           *name,
                                         gboolean             *out,
                                         GError              **error);
gboolean    da_json_take_int            (JsonObject           *object,
                                         const char           *name,
                                         gint64                minimum,
                                         gint64                maximum,
                                         gint64               *out,
                                         GError              **error);
gboolean    da_json_take_array          (JsonObject           *object,
                                         const char           *name,
                                         JsonArray           **out,
                                         GError              **error);
gboolean    da_json_take_object         (JsonObject           *object,
                                         const char           *name,
                                         JsonObject          **out,
                                         GError              **error);

/* Lenient getters for data of foreign programs (providers, shared files): a wrong type is absent,
 * and so is everything in a NULL object or array. */
const char *da_json_get_string          (JsonObject           *object,
                                         const char           *name);
gint64      da_json_get_int             (JsonObject           *object,
                                         const char           *name,
                                         gint64                fallback);
double      da_json_get_double          (JsonObject           *object,
                                         const char           *name,
                                         double                fallback);
gboolean    da_json_get_boolean         (JsonObject           *object,
                                         const char           *name,
                                         gboolean              fallback);
JsonObject *da_json_get_object          (JsonObject           *object,
                                         const char           *name);
JsonArray  *da_json_get_array           (JsonObject           *object,
                                         const char           *name);
JsonObject *da_json_array_get_object    (JsonArray            *array,
                                         guint                 index);

/* (transfer full): compact, or with two-space indentation when @pretty (no trailing newline). */
char       *da_json_to_string           (JsonNode             *node,
                                         gboolean              pretty);

G_END_DECLS
