/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Staying without a window, and starting at login, as a sandbox allows it: asked of the desktop's
 * Background portal (org.freedesktop.portal.Background). */

/* TRUE in a sandbox. Outside of one nobody has to be asked, and the portal would take away the
 * entry that da_autostart_set() has written. */
gboolean da_background_is_needed      (void);
/* @autostart: also start at the next login; FALSE takes that back. Where no portal answers, nothing
 * was asked and all is allowed. */
void     da_background_request_async  (GDBusConnection      *connection,
                                       const char           *reason,
                                       gboolean              autostart,
                                       GCancellable         *cancellable,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);
/* FALSE without error: the person, or the system for him, said no. */
gboolean da_background_request_finish (GAsyncResult         *result,
                                       GError              **error);

G_END_DECLS
