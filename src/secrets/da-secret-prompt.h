/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * da_secret_prompt_async:
 * @owner: unique name of the secret service
 * @method: "Unlock" or "CreateCollection" of org.freedesktop.Secret.Service
 * @arguments: (transfer floating): its arguments
 *
 * Calls the method and, when the service wants to ask the person, runs its dialog to the end.
 * Cancelling takes the dialog away and answers at once; so does the death of the service. Our own
 * and not libsecret's, which in 0.20 never answers when the service dies with its dialog open.
 */
void     da_secret_prompt_async  (GDBusConnection      *bus,
                                  const char           *owner,
                                  const char           *method,
                                  GVariant             *arguments,
                                  GCancellable         *cancellable,
                                  GAsyncReadyCallback   callback,
                                  gpointer              user_data);
/* TRUE when it was done. DA_ERROR_LOCKED when the person refused, DA_ERROR_UNAVAILABLE when the
 * service went away, G_IO_ERROR_CANCELLED, or the service's own error. */
gboolean da_secret_prompt_finish (GAsyncResult         *result,
                                  GError              **error);

G_END_DECLS
