/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All secrets and ids come from getrandom(2); a failing kernel source aborts, it never weakens. */
void      da_random_bytes            (void       *buffer,
                                      gsize       length);
/* (transfer full): 2 * @n_bytes lower-case hex digits. An API key is da_random_hex (32). */
char     *da_random_hex              (gsize       n_bytes);
/* (transfer full): "<prefix>_<ms>_<rand>" as contract 10 4.1 has it, with 26 base-36 characters
 * (>= 128 bits) of randomness, so that an id cannot be guessed (SEC-12). */
char     *da_random_id               (const char *prefix);
/* Uniform in [0, bound). */
guint32   da_random_uint             (guint32     bound);

/* Compares SHA-256 digests in constant time; lengths are not revealed. NULL never equals. */
gboolean  da_secret_equal            (const char *a,
                                      const char *b);
/* (transfer full): lower-case hex SHA-256 of @text, the stored form of a device key. */
char     *da_secret_digest           (const char *text);
/* Wipes and frees. */
void      da_secret_free             (char       *secret);
/* (transfer full): "abcd...wxyz", or "***" when 8 characters or fewer (contract 10 1.10). */
char     *da_secret_preview          (const char *secret);

G_END_DECLS
