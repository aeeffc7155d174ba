/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-store-private.h"

G_BEGIN_DECLS

/* Opens @self->database, setting a damaged file aside first. Blocking; database thread. */
gboolean da_store_recovery_open          (DaStore  *self,
                                          GError  **error);
/* Closes it and leaves the mark that spares the next start its check. Blocking; database thread. */
void     da_store_recovery_close         (DaStore  *self);
/* Starts the check of a large file, when the last end was unclean. Main thread, after open. */
void     da_store_recovery_start_check   (DaStore  *self);
/* Ends it early. Main thread. */
void     da_store_recovery_stop_check    (DaStore  *self);
/* Has the next start check the file, whatever its size. Any thread. */
void     da_store_recovery_doubt         (DaStore  *self);
/* Ends the runs that were going on when the program died. Database thread, in a transaction. */
gboolean da_store_recovery_end_runs      (DaStore  *self,
                                          GError  **error);

G_END_DECLS
