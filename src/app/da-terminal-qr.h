/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Light modules around the code that a reader needs (ISO/IEC 18004: four). */
#define DA_QR_QUIET 4

/**
 * DaQr: the modules of a QR code, level M.
 */
typedef struct {
  guint   width;
  guint8 *modules;   /* width * width, row by row; 1: dark */
} DaQr;

DaQr     *da_qr_new               (const char  *text,
                                   GError     **error);
void      da_qr_free              (DaQr        *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaQr, da_qr_free)

/* Columns and lines that the code takes in a terminal, quiet zone and all. */
guint     da_terminal_qr_columns  (const DaQr  *qr);
guint     da_terminal_qr_lines    (const DaQr  *qr);

/**
 * da_terminal_qr_render:
 * @color: with escape sequences that make it black on white whatever the terminal's colours are;
 *   else light modules are blocks, for a dark terminal
 * @beside: (nullable): lines to put beside the code, from its middle on
 *
 * Returns: (transfer full): two modules a character, one above the other; ends with a newline
 */
char     *da_terminal_qr_render   (const DaQr        *qr,
                                   gboolean           color,
                                   const char *const *beside);

/* What a pairing code is printed with. All borrowed. */
typedef struct {
  const char *link;
  const char *base_url;
  const char *reason;        /* (nullable) */
  const char *key_preview;
  gint64      expires_at;    /* Unix ms */
} DaTerminalPairing;

/* How large the terminal is and what it can do; 0 columns or lines: endless. */
typedef struct {
  guint    columns;
  guint    lines;
  gboolean color;
} DaTerminal;

/* Of standard output. */
DaTerminal da_terminal_get            (void);
/* (transfer full): the code with its address beside or below it; where it does not fit, that it
 * does not and the link instead. */
char      *da_terminal_pairing_render (const DaTerminalPairing *pairing,
                                       DaTerminal               terminal);

G_END_DECLS
