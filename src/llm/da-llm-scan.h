/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaLlmScan:
 *
 * A strict pull reader for the chunks of a model's stream, and for nothing else: everything that is
 * not one of thousands of deltas goes through da_json_parse(). It exists for two reasons that the
 * one JSON door cannot serve: a json-glib tree costs 20 microseconds for every token (the budget P8
 * has 50 for the whole program), and providers split an emoji between two chunks, each of which the
 * door rightly refuses as not being text. It builds nothing and borrows the caller's bytes.
 * The first error sticks: every later call answers "nothing", so callers check once at the end.
 */
typedef struct {
  const char *cursor;
  const char *end;
  guint       depth;
  gboolean    failed;
} DaLlmScan;

/* The inside of a JSON string, still escaped, or any value's own text. */
typedef struct {
  const char *text;
  gsize       length;
  gboolean    escaped;
} DaLlmSpan;

typedef enum {
  DA_LLM_SCAN_FAILED,
  DA_LLM_SCAN_STRING,
  DA_LLM_SCAN_NUMBER,
  DA_LLM_SCAN_WORD,       /* true, false, null */
  DA_LLM_SCAN_OBJECT,
  DA_LLM_SCAN_ARRAY,
} DaLlmScanKind;

void          da_llm_scan_init         (DaLlmScan  *self,
                                        const char *text,
                                        gsize       length);
DaLlmScanKind da_llm_scan_peek         (DaLlmScan  *self);

/* After entering, call the next function until it answers FALSE; consume one value each time. */
gboolean      da_llm_scan_enter_object (DaLlmScan  *self);
gboolean      da_llm_scan_next_member  (DaLlmScan  *self,
                                        DaLlmSpan  *name);
gboolean      da_llm_scan_enter_array  (DaLlmScan  *self);
gboolean      da_llm_scan_next_element (DaLlmScan  *self);

/* FALSE when the value is of another kind, which is then skipped. */
gboolean      da_llm_scan_string       (DaLlmScan  *self,
                                        DaLlmSpan  *out);
gboolean      da_llm_scan_int          (DaLlmScan  *self,
                                        gint64     *out);
/* Any value; @out (nullable) gets its text. */
void          da_llm_scan_skip         (DaLlmScan  *self,
                                        DaLlmSpan  *out);
/* TRUE when exactly one document was read without error. */
gboolean      da_llm_scan_finish       (DaLlmScan  *self);

gboolean      da_llm_span_is           (const DaLlmSpan *self,
                                        const char      *text);

/**
 * DaLlmText:
 *
 * Joins the pieces of one text that arrive in several JSON strings. Half an emoji (the first of two
 * surrogates, or the first bytes of a code point) waits for the next piece; what never becomes
 * whole turns into U+FFFD. What it appends is always valid UTF-8.
 */
typedef struct {
  guint16  surrogate;     /* a waiting high surrogate, or 0 */
  char     bytes[4];      /* waiting first bytes of a code point */
  guint8   n_bytes;
} DaLlmText;

void          da_llm_text_append       (DaLlmText       *self,
                                        GString         *out,
                                        const DaLlmSpan *piece);
/* The text is over: what still waits is given up. */
void          da_llm_text_finish       (DaLlmText       *self,
                                        GString         *out);
/* (transfer full): one string by itself. */
char         *da_llm_span_dup          (const DaLlmSpan *self);

G_END_DECLS
