/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The desktop program: owns the engine, the server and the windows, and stops them in order. The
 * one place that knows both window and server. */
#define DA_TYPE_APPLICATION (da_application_get_type ())
G_DECLARE_FINAL_TYPE (DaApplication, da_application, DA, APPLICATION, AdwApplication)

DaApplication *da_application_new (void);

G_END_DECLS
