/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Checks what a person typed before it goes into a list the server compares with. Pure.
 * (transfer full) (nullable): it as the server compares it; NULL: @problem says what is wrong. */
typedef char *(*DaStrvCheck) (const char *text, const char **problem);

/* An origin: scheme, name and port of web pages; "*" and "null" are ones, too. */
char *da_strv_check_origin (const char *text, const char **problem);
/* A host name or an address, with or without a port. */
char *da_strv_check_host   (const char *text, const char **problem);

G_END_DECLS
