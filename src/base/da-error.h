/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * DaError:
 *
 * The kinds of failure that some caller tells apart. The server maps each to one HTTP status
 * (da-reply.c), the window to one sentence. A failure nobody decides on stays a G_IO_ERROR.
 */
typedef enum {
  DA_ERROR_INVALID,        /* the request is wrong: 400 */
  DA_ERROR_NOT_FOUND,      /* 404 */
  DA_ERROR_CONFLICT,       /* the thing is in a state that forbids this: 409 */
  DA_ERROR_TOO_LARGE,      /* 413 */
  DA_ERROR_NO_SPACE,       /* the disk is full, nothing was written: 507 */
  DA_ERROR_BUSY,           /* try again shortly: 503 */
  DA_ERROR_UNAVAILABLE,    /* the feature or a program it needs is not there: 501 */
  DA_ERROR_LOCKED,         /* the keyring is locked: 503 */
  DA_ERROR_CORRUPT,        /* stored data cannot be read: 500 */
  DA_ERROR_UPSTREAM,       /* the model provider failed: 502 */
  DA_ERROR_INTERNAL,       /* a fault of ours: 500 */
} DaError;

#define DA_ERROR (da_error_quark ())
GQuark da_error_quark (void);

G_END_DECLS
