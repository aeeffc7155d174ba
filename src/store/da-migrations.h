/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-database.h"

G_BEGIN_DECLS

/* Brings the schema to the newest version: the resources sql/NNNN-name.sql in order, each in one
 * transaction with its number in user_version. DA_ERROR_CONFLICT when a newer program wrote the
 * file, DA_ERROR_CORRUPT when it is some other program's database. */
gboolean da_migrations_apply   (DaDatabase  *database,
                                GError     **error);
/* The version this program knows. */
gint64   da_migrations_newest  (void);

G_END_DECLS
