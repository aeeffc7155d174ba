/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* White modules around the code, as the standard wants. */
#define DA_QR_QUIET_ZONE 4

/**
 * DaQrPaintable:
 *
 * A QR code (error correction M) that is drawn at whatever size it gets: every module is the same
 * whole number of pixels, the rest becomes margin. Dark on light whatever the theme is, because
 * scanners expect that.
 */
#define DA_TYPE_QR_PAINTABLE (da_qr_paintable_get_type ())
G_DECLARE_FINAL_TYPE (DaQrPaintable, da_qr_paintable, DA, QR_PAINTABLE, GObject)

/* (transfer full) (nullable): NULL when @text is empty or too long for a code. */
DaQrPaintable *da_qr_paintable_new         (const char    *text);
/* Modules on one side, without the quiet zone. */
int            da_qr_paintable_get_modules (DaQrPaintable *self);

G_END_DECLS
